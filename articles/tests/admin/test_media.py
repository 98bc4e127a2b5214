import pytest

from accounts.roles import Role
from articles import publishing
from articles.media import uploads
from articles.models import Article, Image
from articles.tests.factories import ArticleFactory, UserFactory, picture


@pytest.fixture
def image(db):
    return uploads.store(picture(), by=UserFactory(role=Role.AUTHOR), alt="A square", name="square.png")


def upload(desk, file, **typed):
    return desk.add("image", picture=file, **typed)


@pytest.mark.parametrize("desk", ["contributor", "author", "editor"])
def test_whoever_writes_uploads_pictures(request, desk):
    desk = request.getfixturevalue(desk)
    upload(desk, picture(), alt="A teal field")
    image = Image.objects.get()
    assert (image.alt, image.uploaded_by, image.original_name) == ("A teal field", desk.person, "picture.png")


def test_what_is_no_picture_is_refused_at_its_field(author):
    file = picture()
    file.file.write(b"<svg onload=alert(1)>")
    refused = upload(author, file, alt="Kept")
    assert "no picture" in str(refused.context["adminform"].form.errors["picture"])
    assert 'value="Kept"' in refused.text
    assert not Image.objects.exists()


def test_a_picture_that_is_there_already_is_found(author, image):
    found = upload(author, picture())
    assert Image.objects.count() == 1
    assert "in the library already" in author.get(found.url).text


def test_the_description_is_mended_by_editors_alone(author, editor, image):
    editor.save(image, alt="A better one")
    assert author.send("image", {"alt": "Spoilt"}, image.pk).status_code == 403
    image.refresh_from_db()
    assert image.alt == "A better one"


def test_own_pictures_are_deleted_while_no_article_shows_them(contributor):
    image = uploads.store(picture(), by=contributor.person)
    article = ArticleFactory(cover=image)
    assert contributor.send("image", {"post": "yes"}, image.pk, page="delete").status_code == 403
    article.delete()
    contributor.send("image", {"post": "yes"}, image.pk, page="delete")
    assert not Image.objects.exists()


def test_the_pictures_of_others_are_not_for_writers_to_delete(author, image):
    assert author.send("image", {"post": "yes"}, image.pk, page="delete").status_code == 403
    assert "You may not delete “A square”" in author.act("delete_selected", image).text
    assert Image.objects.exists()


def test_editors_are_told_which_articles_lose_a_picture(editor, image):
    publishing.create(by=editor.person, title="With it in the text", content=f"Look: ![]({image.url})")
    ArticleFactory(title="With it as its cover", cover=image)
    for page in editor.open("image", image.pk, page="delete"), editor.act("delete_selected", image):
        assert "With it in the text" in page.text
        assert "With it as its cover" in page.text
    editor.act("delete_selected", image, post="yes")
    assert (Image.objects.count(), Article.objects.count()) == (0, 2)


def test_where_a_picture_is_used_tells_no_writer_of_the_drafts_of_others(author, editor, image):
    ArticleFactory(title="A secret draft", cover=image)
    assert "A secret draft" in editor.open("image", image.pk).text
    assert "A secret draft" not in author.open("image", image.pk).text
