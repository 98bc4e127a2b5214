"""The site for language models, as https://llmstxt.org has it: what it is, and where its texts lie as Markdown."""

import re
from collections.abc import Iterable, Iterator

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from articles.models import Article, Page, Series, Tag, with_live
from articles.web.addresses import absolute
from articles.web.middleware import SiteRequest

NEWEST = 100  # articles
LISTED = 50  # of everything else at most, so that it stays small enough to be read whole
_SPECIAL = re.compile(r"([\\`*_\[\]<>#])")

Link = tuple[str, str, str]  # a name, a path, and what is there


def llms(request: SiteRequest) -> HttpResponse:
    site = request.site
    about = site.description or site.tagline
    lines = [f"# {_plain(site.title)}", *([f"> {_plain(about)}"] if about else [])]
    for heading, links in _sections():
        items = [
            f"- [{_plain(name)}]({absolute(request, path)}){f': {_plain(there)}' if there else ''}"
            for name, path, there in links
        ]
        if items:
            lines += [f"## {heading}", "\n".join(items)]
    return HttpResponse("\n\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _sections() -> Iterator[tuple[str, Iterable[Link]]]:
    newest = Article.objects.live().newest().only("title", "slug", "excerpt")[:NEWEST]
    yield _("Newest articles"), ((a.title, a.markdown_url, a.excerpt) for a in newest)
    pages = Page.objects.live().order_by("title", "pk").only("title", "slug", "excerpt")[:LISTED]
    yield _("Pages"), ((page.title, page.markdown_url, page.excerpt) for page in pages)
    series = with_live(Series.objects.all(), "series").order_by("title", "pk")[:LISTED]
    yield pgettext("several", "Series"), ((each.title, each.get_absolute_url(), each.description) for each in series)
    tags = Tag.objects.most_used()[:LISTED]
    yield _("Tags"), ((tag.name, tag.get_absolute_url(), tag.description or _counted(tag)) for tag in tags)
    more = [(_("All articles by date"), reverse("articles:archive"), ""), ("RSS", reverse("articles:rss"), "")]
    yield "Optional", more  # a word of the format: what may be left out where there is little room


def _counted(tag: Tag) -> str:
    count: int = tag.article_count  # type: ignore[attr-defined]  # most_used() counts them
    return ngettext("%(count)s article", "%(count)s articles", count) % {"count": count}


def _plain(text: str) -> str:
    """One line that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
