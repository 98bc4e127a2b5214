"""What every page says of itself to programs."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import Role
from articles.models import Image, SiteSettings
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture
from articles.tests.web.reading import Read

pytestmark = pytest.mark.django_db

ABOUT = {
    "/": ("Hives · Honest honey.", "Honest honey."),
    "/tags/": ("Tags · Hives", "The articles on Hives by subject: Bees."),
    "/tags/bees/": ("Bees · Hives", "3 articles about Bees on Hives."),
    "/series/garden/": ("Garden · Hives", "“Garden”, a series in 3 parts on Hives."),
    "/authors/Ada/": ("Ada Lovelace · Hives", "3 articles by Ada Lovelace on Hives."),
    "/archive/": ("Archive · Hives", "All 3 articles on Hives, by year and month."),
    "/archive/2026/": ("2026 · Hives", "3 articles of 2026 on Hives."),
    "/archive/2026/3/": ("March 2026 · Hives", "3 articles of March 2026 on Hives."),
    "/articles/first/": ("First & <last> · Hives", "A paragraph that is long enough to be an article."),
}
PAGED = [page for page in ABOUT if page not in {"/tags/", "/archive/", "/articles/first/"}]


@pytest.fixture
def read(client):
    return lambda page: Read(client.get(page).text)


@pytest.fixture
def site():
    SiteSettings(title="Hives", tagline="Honest honey.", articles_per_page=2).save()
    filed = {
        "author": UserFactory(username="Ada", name="Ada Lovelace"),
        "series": SeriesFactory(title="Garden"),
        "tags": [TagFactory(name="Bees")],
    }
    for day, title in enumerate(["First & <last>", "Second", "Third"], start=1):
        ArticleFactory(title=title, slug=title.lower()[:5], published_at=f"2026-03-0{day}T12:00Z", **filed)


@pytest.fixture
def image():
    def make(width, height):
        return Image.objects.create(
            file=picture(width, height), alt='A "teal" sea', width=width, height=height, digest=f"{width:064}"
        )

    return make


@pytest.mark.parametrize("page", ABOUT)
def test_it_has_a_title_and_says_what_it_is_about(read, site, page):
    head = read(page)
    assert (head.title, head.said("description")) == ABOUT[page]
    assert head.said("og:description") == head.said("description")
    assert head.said("og:title") == ABOUT[page][0].partition(" · ")[0]


@pytest.mark.parametrize("page", PAGED)
def test_further_pages_say_which_they_are(read, site, page):
    head = read(f"{page}?page=2")
    assert (head.title, head.said("description")) == tuple(f"{said} · Page 2" for said in ABOUT[page])
    assert head.said("og:title").endswith(" · Page 2")


def test_no_two_pages_call_themselves_the_same(read, site):
    heads = [read(page) for page in [*ABOUT, *(f"{page}?page=2" for page in PAGED)]]
    assert len({head.title for head in heads}) == len({head.said("description") for head in heads}) == len(heads)


@pytest.mark.parametrize("page", ABOUT)
def test_it_speaks_the_language_of_the_site(client, read, site, page):
    SiteSettings.objects.update(language="pt-br")
    assert read(page).said("og:locale") == "pt_BR"


@pytest.mark.parametrize(("language", "locale"), [("en", "en_US"), ("de", "de_DE"), ("zh-hant", "zh_TW")])
def test_networks_are_told_the_language_with_a_country(read, language, locale):
    SiteSettings(language=language).save()
    assert read("/").said("og:locale") == locale


@pytest.mark.parametrize("page", ABOUT)
def test_it_has_one_address_whatever_was_asked_besides(read, site, page):
    head = read(f"{page}?utm_source=x&page=1")
    assert head.address("canonical") == head.said("og:url") == f"http://testserver{page}"


@pytest.mark.parametrize("page", PAGED)
def test_pages_of_a_list_name_the_one_before_and_the_one_after(read, site, page):
    SiteSettings.objects.update(articles_per_page=1)
    here = f"http://testserver{page}"
    for number, previous, following in [("1", None, "?page=2"), ("2", "", "?page=3"), ("3", "?page=2", None)]:
        head = read(f"{page}?page={number}&x=y")
        assert head.address("prev") == (previous if previous is None else here + previous)
        assert head.address("next") == (following if following is None else here + following)
        assert head.address("canonical") == (here if number == "1" else f"{here}?page={number}")


def test_a_month_written_with_a_zero_is_known_by_the_address_without(read, site):
    assert read("/archive/2026/03/").address("canonical") == "http://testserver/archive/2026/3/"


def test_what_was_written_about_it_describes_it(read, site):
    tag, series = TagFactory(description="On\n\nbees."), SeriesFactory(description="A year.")
    author = UserFactory(bio="Keeps bees. " * 50)
    ArticleFactory(live=True, tags=[tag], series=series, author=author)
    assert read(tag.get_absolute_url()).said("description") == "On bees."
    assert read(series.get_absolute_url()).said("description") == "A year."
    bio = read(f"/authors/{author.username}/").said("description")
    assert bio.startswith("Keeps bees. Keeps")
    assert len(bio) == 300


def test_the_page_of_all_tags_names_the_most_used(read):
    for number in range(12):
        tag = TagFactory(name=f"T{number:02}")
        for _ in range(number):
            ArticleFactory(live=True, tags=[tag])
    subjects = ", ".join(f"T{number:02}" for number in range(11, 1, -1))
    assert read("/tags/").said("description") == f"The articles on blogsite by subject: {subjects}."


@pytest.mark.parametrize("page", ["/", "/tags/", "/archive/"])
def test_a_site_without_articles_describes_itself_too(read, page):
    assert read(page).said("description")


@pytest.mark.parametrize("page", [page for page in ABOUT if not page.startswith("/articles/")])
def test_it_is_shared_with_the_icon_of_the_site(read, site, page):
    head = read(page)
    assert head.said("og:image") == "http://testserver/static/img/icon-512.png"
    assert (head.said("og:image:width"), head.said("og:image:height")) == ("512", "512")
    assert head.said("og:image:alt") == "Hives"
    assert head.said("twitter:card") == "summary"


def test_an_article_is_shared_with_its_cover(read, image):
    cover = image(640, 480)
    head = read(ArticleFactory(live=True, cover=cover).get_absolute_url())
    assert head.said("og:image") == f"http://testserver{cover.url}"
    assert (head.said("og:image:width"), head.said("og:image:height")) == ("640", "480")
    assert head.said("og:image:alt") == 'A "teal" sea'
    assert head.said("twitter:card") == "summary_large_image"


def test_an_article_without_a_cover_is_shared_with_its_first_large_picture(read, image):
    small, large, later = image(100, 300), image(400, 300), image(500, 300)
    shown = "".join(f'![A "hive" <3]({each.url})\n\n' for each in (small, large, later))
    article = ArticleFactory(live=True, content=f"![away](https://example.org/a.png)\n\n{shown}")
    head = read(article.get_absolute_url())
    assert head.said("og:image") == f"http://testserver{large.url}"
    assert (head.said("og:image:width"), head.said("og:image:alt")) == ("400", 'A "hive" <3')


def test_what_a_text_says_of_the_size_of_a_picture_elsewhere_is_not_believed(read):
    article = ArticleFactory(live=True, content='<img src="http://[" width="400" height="400"> is no picture of ours.')
    assert read(article.get_absolute_url()).said("og:image").endswith("/icon-512.png")


def test_an_author_is_shared_with_their_picture(read):
    avatar = SimpleUploadedFile("ada.png", picture().read(), "image/png")
    author = ArticleFactory(live=True, author=UserFactory(avatar=avatar)).author
    head = read(f"/authors/{author.username}/")
    assert (head.said("og:type"), head.said("og:image")) == ("profile", f"http://testserver{author.avatar.url}")
    assert "og:image:width" not in head.meta


def test_an_article_names_its_author_dates_and_tags(read):
    author = UserFactory(username="Ada", name="Ada Lovelace")
    article = ArticleFactory(
        author=author, tags=[TagFactory(name="Bees"), TagFactory(name="R & S")], published_at="2026-03-15T12:00:00Z"
    )
    head = read(article.get_absolute_url())
    assert (head.said("author"), head.said("article:author")) == ("Ada Lovelace", "http://testserver/authors/Ada/")
    assert head.said("article:published_time") == "2026-03-15T12:00:00+00:00"
    assert head.meta["article:tag"] == ["Bees", "R & S"]
    assert head.said("og:type") == "article"


def test_an_article_leads_to_its_markdown(read, client):
    head = read(ArticleFactory(live=True).get_absolute_url())
    [markdown] = [link for link in head.links["alternate"] if link["type"] == "text/markdown"]
    assert client.get(markdown["href"]).status_code == 200


def test_an_article_first_published_elsewhere_is_shared_from_here(read):
    head = read(ArticleFactory(live=True, slug="here", canonical_url="https://example.org/first").get_absolute_url())
    assert head.address("canonical") == "https://example.org/first"
    assert head.said("og:url") == "http://testserver/articles/here/"


def test_only_what_is_live_may_be_indexed(client, read):
    client.force_login(UserFactory(role=Role.EDITOR))
    assert read(ArticleFactory().get_absolute_url()).said("robots") == "noindex"
    assert "robots" not in read(ArticleFactory(live=True).get_absolute_url()).meta


def test_an_answer_to_a_search_says_what_was_asked(read, site):
    SiteSettings.objects.update(articles_per_page=1)
    head = read("/search/?q=paragraph+%22long+enough%22&page=2&x=y")
    assert head.title == 'paragraph "long enough" · Search · Hives · Page 2'
    assert head.address("canonical") == "http://testserver/search/?q=paragraph+%22long+enough%22&page=2"
    assert head.address("prev") == "http://testserver/search/?q=paragraph+%22long+enough%22"
    assert head.said("robots") == "noindex"


def test_the_page_to_search_from_may_be_indexed(read, site):
    head = read("/search/?q=")
    assert (head.title, head.address("canonical")) == ("Search · Hives", "http://testserver/search/")
    assert head.said("description") == "Find articles on Hives by their words, subjects and authors."
    assert "robots" not in head.meta


def test_an_error_has_a_title_and_says_what_it_is(read, site):
    head = read("/nothing/")
    assert head.title == "Page not found · Hives"
    assert head.said("description")
    assert "canonical" not in head.links
