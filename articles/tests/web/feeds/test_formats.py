"""That each feed is one, whatever is written: by the rules of its format, and for feedparser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.models import Article, Image, SiteSettings
from articles.tests.factories import ArticleFactory, SeriesFactory, TagFactory, UserFactory, picture
from articles.tests.web.feeds.rules import broken
from articles.web.feeds.formats import FORMATS

pytestmark = pytest.mark.django_db
FILES = {"rss": "feeds/rss.xml", "atom": "feeds/atom.xml", "json": "feeds/feed.json"}
HOSTILE = [
    "a\x08b\x0b\uffffc]]>&<é🐝",
    "<script>alert(1)</script> <b>bold</b>",
    "‏مقال عن النحل‏",
    "蜂について",
    "&amp;amp; <![CDATA[ x ]]> <!-- y -->",
    "\u2028\u2029\ufeff",
    "x" * 90,
]


@pytest.fixture(params=FORMATS)
def format(request):
    return request.param


@pytest.mark.parametrize("articles", [0, 1, 3])
def test_a_plain_one_keeps_the_rules(client, format, articles):
    ArticleFactory.create_batch(articles, live=True)
    assert broken(client.get(f"/{FILES[format]}").text, format) == []


@pytest.mark.parametrize("bad", HOSTILE)
def test_whatever_is_written_the_rules_are_kept(client, format, bad):
    SiteSettings(title=bad, tagline=bad, language="ar", license_name=bad, license_url="https://example.org/?a&b").save()
    author, tag = UserFactory(username="ada", name=bad, bio=bad, avatar="avatars/a b.png"), TagFactory(name=bad)
    series = SeriesFactory(title=bad, description=bad)
    cover = Image.objects.create(file=picture(), width=8, height=6, digest="0" * 64, alt=bad)
    content = f"# {bad}\n\n{bad} `{bad}`\n\n[{bad}](/a?b=1&c=2 '{bad}') ![{bad}](<c d.png>)\n\n```html\n{bad}\n```\n"
    said = {"title": bad, "summary": bad, "content": content, "language": "ja"}
    ArticleFactory(live=True, **said, cover=cover, author=author, tags=[tag], series=series)
    for page in ("/", f"/tags/{tag.slug}/", "/authors/ada/", f"/series/{series.slug}/"):
        assert broken(client.get(f"{page}{FILES[format]}").text, format) == []


def test_an_article_without_any_words_is_an_entry(client, format):
    ArticleFactory(live=True, content="<!-- nothing here -->")
    assert broken(client.get(f"/{FILES[format]}").text, format) == []


def test_the_longest_article_is_an_entry(client, format):
    ArticleFactory(live=True, content="Bees & <bees>. 🐝\n\n" * 15_000)
    assert broken(client.get(f"/{FILES[format]}").text, format) == []


@given(st.text())
def test_no_text_is_in_the_way_of_xml(text):
    for kind in ("rss", "atom"):
        feed = FORMATS[kind](
            title=text,
            link="http://testserver/",
            description=text,
            subtitle=text,
            feed_url="http://testserver/feed",
            language="en",
            hub="",
            license_url="",
        )
        assert broken(feed.writeString("utf-8"), kind) == []


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        (
            '<picture><source type="image/webp" srcset="/a.webp 480w, /b.webp 960w" sizes="50vw">'
            '<img src="/a.png" alt="" srcset="c.png 1x"></picture>',
            '<picture><source type="image/webp" srcset="http://testserver/a.webp 480w, http://testserver/b.webp 960w" '
            'sizes="50vw"><img src="http://testserver/a.png" alt="" srcset="http://testserver/articles/x/c.png 1x">'
            "</picture>",
        ),
        (
            '<img src="/a.png" srcset="/a&amp;b.png">',
            '<img src="http://testserver/a.png" srcset="http://testserver/a&amp;b.png">',
        ),
        ('<code>srcset="/a.png"</code>', '<code>srcset="/a.png"</code>'),
    ],
)
def test_pictures_in_many_sizes_are_found_from_anywhere(client, format, written, whole):
    article = ArticleFactory(live=True, slug="x")
    Article.objects.filter(pk=article.pk).update(content_html=written)
    text = client.get(f"/{FILES[format]}").text
    encoded = whole.replace('"', '\\"') if format == "json" else whole.replace("&", "&amp;")
    assert (encoded if format == "json" else encoded.replace("<", "&lt;").replace(">", "&gt;")) in text
