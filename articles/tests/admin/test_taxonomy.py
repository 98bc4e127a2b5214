from articles.models import Series, Tag
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory


def test_authors_make_tags_and_change_none(author):
    author.add("tag", name="Gardening")
    tag = Tag.objects.get()
    assert tag.slug == "gardening"
    assert author.send("tag", {"name": "Spoilt"}, tag.pk).status_code == 403
    assert author.send("tag", {"post": "yes"}, tag.pk, page="delete").status_code == 403


def test_contributors_manage_no_tags(contributor):
    assert contributor.open("tag", page="changelist").status_code == 403
    assert contributor.open("tag", page="add").status_code == 403


def test_editors_rename_and_delete_tags(editor):
    tag = TagFactory(name="Gardning")
    ArticleFactory(tags=[tag])
    editor.save(tag, name="Gardening")
    tag.refresh_from_db()
    assert tag.name == "Gardening"
    editor.send("tag", {"post": "yes"}, tag.pk, page="delete")
    assert not Tag.objects.exists()


def test_a_tag_of_the_same_name_in_another_case_is_refused(editor):
    TagFactory(name="Python")
    assert "already" in editor.add("tag", name="PYTHON").text
    assert Tag.objects.count() == 1


def test_only_editors_make_series(author, editor):
    assert author.open("series", page="add").status_code == 403
    editor.add("series", title="Writing well")
    assert Series.objects.get().slug == "writing-well"


def test_a_series_lists_its_articles_in_order_and_no_drafts_of_others(author, editor):
    series = SeriesFactory()
    last = ArticleFactory(series=series, live=True)
    second = ArticleFactory(series=series, series_position=2)
    first = ArticleFactory(series=series, series_position=1, live=True)
    assert list(editor.open("series", series.pk).context["articles"]) == [first, second, last]
    assert list(author.open("series", series.pk).context["articles"]) == [first, last]


def test_editors_merge_a_tag_into_another(editor, client):
    wrong, right = TagFactory(name="Gardning"), TagFactory(name="Gardening")
    live, draft = ArticleFactory(tags=[wrong], live=True), ArticleFactory(tags=[wrong, right])
    assert "Gardning" in editor.act("merge", wrong).text
    editor.act("merge", wrong, into=right.pk)
    assert list(Tag.objects.all()) == [right]
    assert [list(article.tags.all()) for article in (live, draft)] == [[right], [right]]
    assert [article.revisions.count() for article in (live, draft)] == [1, 1]
    assert client.get("/tags/gardning/")["Location"] == "/tags/gardening/"


def test_a_tag_is_not_merged_into_itself(editor):
    tag = TagFactory(name="Gardening")
    editor.act("merge", tag, into=tag.pk)
    assert Tag.objects.count() == 1


def test_authors_merge_no_tags(author):
    wrong, right = TagFactory(), TagFactory()
    author.act("merge", wrong, into=right.pk)
    assert Tag.objects.count() == 2
