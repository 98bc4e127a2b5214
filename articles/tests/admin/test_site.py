import re

from articles.models import SiteSettings
from articles.tests.admin.browser import fields


def test_the_settings_are_one_form_even_before_anybody_saved_them(administrator):
    assert not SiteSettings.objects.exists()
    form = administrator.open("sitesettings", page="changelist").url
    assert administrator.open("sitesettings", page="add").url == form
    administrator.post(form, fields(administrator.get(form)) | {"title": "The Daily Planet"})
    assert SiteSettings.objects.get().title == "The Daily Planet"


def test_the_settings_are_not_for_editors_and_nobody_deletes_them(editor, administrator):
    assert editor.open("sitesettings", 1).status_code == 403
    assert editor.send("sitesettings", {"title": "Mine"}, 1).status_code == 403
    assert administrator.send("sitesettings", {"post": "yes"}, 1, page="delete").status_code == 403


def test_the_licence_and_the_public_history_are_settings(administrator):
    form = administrator.open("sitesettings", page="changelist").url
    typed = fields(administrator.get(form)) | {"license_name": "CC BY 4.0", "license_url": "example.org/by"}
    del typed["public_history"]
    administrator.post(form, typed)
    site = SiteSettings.objects.get()
    assert (site.license_name, site.license_url) == ("CC BY 4.0", "https://example.org/by")
    assert not site.public_history


def test_the_languages_that_the_whole_site_speaks_come_first(administrator):
    text = administrator.open("sitesettings", 1).text
    whole, others = text.split('<optgroup label="')[1:3]
    assert re.findall('value="([^"]+)"', whole) == ["ar", "de", "en", "es", "fr", "ja"]
    assert 'value="nl"' in others


def test_languages_are_named_in_the_language_of_the_site(administrator):
    SiteSettings(language="de").save()
    text = administrator.open("sitesettings", 1).text
    assert '<option value="de" selected>Deutsch</option>' in text
    assert '<option value="nl">Niederländisch</option>' in text


def test_a_change_of_the_language_is_seen_at_once(administrator):
    form = administrator.open("sitesettings", page="changelist").url
    administrator.post(form, fields(administrator.get(form)) | {"language": "fr"})
    text = administrator.get(form).text
    assert '<html lang="fr"' in text
    assert "Réglages du site" in text
