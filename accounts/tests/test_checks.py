import pytest
from django.conf import settings as site
from django.core.checks import run_checks

from accounts.checks import REQUIRED


def complaints():
    return [error for error in run_checks(tags=["security"]) if (error.id or "").startswith("accounts.")]


def test_the_site_as_it_is_has_nothing_to_complain_of():
    assert complaints() == []


@pytest.mark.parametrize("name", REQUIRED)
def test_a_switch_that_was_turned_off_is_named(settings, name):
    settings.SIMPLE_JWT = {**site.SIMPLE_JWT, name: False}
    assert [error.id for error in complaints()] == ["accounts.E001"]
    assert name in complaints()[0].msg


def test_the_blacklist_has_to_be_installed(settings):
    settings.INSTALLED_APPS = [app for app in site.INSTALLED_APPS if "blacklist" not in app]
    assert [error.id for error in complaints()] == ["accounts.E002"]
