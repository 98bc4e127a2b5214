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
