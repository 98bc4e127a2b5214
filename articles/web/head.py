"""What a page says of itself in its head: its title, what it is about, its one address, and a picture to share it by.

Search engines, feed readers, messengers and assistants each want it in words of their own. So it is put together here
once; the template articles/parts/head.html and articles.web.structured say it in all of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Page
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from articles.models import Article, Series, Tag
from articles.paths import path_to
from articles.web import structured
from articles.web.addresses import absolute, join, origin
from articles.web.middleware import SiteRequest

DESCRIPTION_MAX_LENGTH = 300  # characters; search engines show about the first 160
SHARED_MIN_SIZE = 200  # pixels; networks show no smaller picture with a link
TAGS_NAMED = 10  # in the description of the page of all tags
ICON = ("img/icon-512.png", 512)

_IMAGE = re.compile(r"<img\b[^>]*>")
_ATTRIBUTE = re.compile(r' (src|alt|width|height)="([^"]*)"')  # the sanitizer writes all of them so
# Open Graph names a country with each language. For most languages it is called like the language.
_COUNTRIES = {
    "ar": "AR",
    "cs": "CZ",
    "da": "DK",
    "el": "GR",
    "en": "US",
    "fa": "IR",
    "he": "IL",
    "hi": "IN",
    "ja": "JP",
    "ko": "KR",
    "nb": "NO",
    "sv": "SE",
    "uk": "UA",
    "vi": "VN",
    "zh-hans": "CN",
    "zh-hant": "TW",
}


class Crumb(NamedTuple):
    """A page on the way from the home page to another."""

    name: str
    path: str


class Picture(NamedTuple):
    url: str
    width: int | None
    height: int | None
    alt: str


@dataclass(frozen=True, kw_only=True)
class Head:
    request: SiteRequest
    title: str
    path: str
    question: str = ""  # that the page answers, such as q=bees
    about: str
    suffix: str
    kind: str = "website"  # in the words of Open Graph
    way: Sequence[Crumb] = ()  # to this page, without the home page
    page: Page[Any] | None = None
    article: Article | None = None
    person: User | None = None
    picture: Picture | None = None
    found: bool = True  # by search engines

    @property
    def site(self) -> Any:
        return self.request.site

    @cached_property
    def name(self) -> str:
        """The title alone, as where the site is named beside it."""
        return " · ".join(filter(None, [self.title, self._which]))

    @cached_property
    def full_title(self) -> str:
        return " · ".join(filter(None, [self.title, self.suffix, self._which]))

    @cached_property
    def description(self) -> str:
        about = Truncator(" ".join(self.about.split())).chars(DESCRIPTION_MAX_LENGTH)
        return " · ".join(filter(None, [about, self._which]))

    @cached_property
    def address(self) -> str:
        return self._of_page(self.page.number if self.page else 1)

    @cached_property
    def canonical(self) -> str:
        return (self.article and self.article.canonical_url) or self.address

    @cached_property
    def previous(self) -> str | None:
        return self._of_page(self.page.number - 1) if self.page and self.page.has_previous() else None

    @cached_property
    def next(self) -> str | None:
        return self._of_page(self.page.number + 1) if self.page and self.page.has_next() else None

    @cached_property
    def icon(self) -> Picture:
        name, size = ICON
        return Picture(self.absolute(static(name)), size, size, self.site.title)

    @cached_property
    def image(self) -> Picture:
        return self.picture or self.icon

    @cached_property
    def card(self) -> str:
        """What Twitter calls the two ways to show a link: a line beside a small picture, or below a large one."""
        return "summary_large_image" if self.article and self.picture else "summary"

    @cached_property
    def language(self) -> str:
        return (self.article and self.article.language) or self.site.language

    @cached_property
    def author(self) -> str | None:
        """The address of the page of the article's author."""
        return self.author_address(self.article.author) if self.article else None

    @cached_property
    def locale(self) -> str:
        language, _dash, country = self.language.partition("-")
        return f"{language}_{_COUNTRIES.get(self.language, country or language).upper()}"

    @cached_property
    def indexed(self) -> bool:
        return self.found and (self.article is None or self.article.is_live)

    @cached_property
    def is_home(self) -> bool:
        return self.path == path_to("articles:home")

    @cached_property
    def structured(self) -> str:
        return structured.script(self) if self.indexed else ""

    def author_address(self, person: User) -> str:
        return self.absolute(path_to("articles:author", person.username))

    def absolute(self, path: str) -> str:
        return join(self._origin, path)

    @cached_property
    def _origin(self) -> str:
        return origin(self.request)

    @cached_property
    def _which(self) -> str:
        """Of several pages, which one; the first needs no number."""
        number = self.page.number if self.page else 1
        return _("Page %(number)s") % {"number": number} if number > 1 else ""

    def _of_page(self, number: int) -> str:
        asked = "&".join(filter(None, [self.question, f"page={number}" if number > 1 else ""]))
        return self.absolute(f"{self.path}?{asked}" if asked else self.path)


def home(request: SiteRequest, page: Page[Article]) -> Head:
    site = request.site
    about = site.description or site.tagline or _("The newest articles on %(site)s.") % {"site": site.title}
    return Head(
        request=request,
        title=site.title,
        suffix=site.tagline,
        path=path_to("articles:home"),
        about=about,
        page=page,
    )


def of(request: SiteRequest, title: str, path: str, about: str, **more: Any) -> Head:
    """Of any page that is about one thing. With `way=`, what comes before it between the home page and itself."""
    return Head(request=request, title=title, path=path, about=about, suffix=request.site.title, **more)


def article(request: SiteRequest, article: Article) -> Head:
    series = [Crumb(article.series.title, article.series.get_absolute_url())] if article.series else []
    return of(
        request,
        article.title,
        article.get_absolute_url(),
        article.excerpt,
        kind="article" if article.kind == Article.Kind.ARTICLE else "website",
        way=series,
        article=article,
        picture=_picture(request, article),
    )


def history(request: SiteRequest, article: Article, page: Page[Any]) -> Head:
    title = _("History of “%(title)s”") % {"title": article.title}
    about = _("What changed in “%(title)s” since it was published.") % {"title": article.title}
    path = path_to("articles:history", article.slug)
    return of(request, title, path, about, page=page, found=False)


def comparison(request: SiteRequest, article: Article, number: int) -> Head:
    title = _("What changed in “%(title)s” with version %(number)s") % {"title": article.title, "number": number}
    path = path_to("articles:comparison", article.slug, number)
    return of(request, title, path, title, found=False)


def tag(request: SiteRequest, tag: Tag, page: Page[Article]) -> Head:
    about = ngettext(
        "%(count)s article about %(subject)s on %(site)s.",
        "%(count)s articles about %(subject)s on %(site)s.",
        page.paginator.count,
    ) % {"count": page.paginator.count, "subject": tag.name, "site": request.site.title}
    way = [Crumb(_("Tags"), path_to("articles:tags"))]
    return of(request, tag.name, tag.get_absolute_url(), tag.description or about, way=way, page=page)


def series(request: SiteRequest, series: Series, page: Page[Article]) -> Head:
    about = ngettext(
        "“%(subject)s”, a series in %(count)s part on %(site)s.",
        "“%(subject)s”, a series in %(count)s parts on %(site)s.",
        page.paginator.count,
    ) % {"count": page.paginator.count, "subject": series.title, "site": request.site.title}
    return of(request, series.title, series.get_absolute_url(), series.description or about, page=page)


def author(request: SiteRequest, author: User, page: Page[Article]) -> Head:
    about = ngettext(
        "%(count)s article by %(subject)s on %(site)s.",
        "%(count)s articles by %(subject)s on %(site)s.",
        page.paginator.count,
    ) % {"count": page.paginator.count, "subject": author.display_name, "site": request.site.title}
    path = path_to("articles:author", author.username)
    avatar = Picture(absolute(request, author.avatar.url), None, None, author.display_name) if author.avatar else None
    return of(
        request,
        author.display_name,
        path,
        author.bio or about,
        kind="profile",
        page=page,
        person=author,
        picture=avatar,
    )


def archive(request: SiteRequest, count: int) -> Head:
    about = ngettext(
        "%(count)s article on %(site)s, by year and month.",
        "All %(count)s articles on %(site)s, by year and month.",
        count,
    ) % {"count": count, "site": request.site.title}
    return of(request, _("Archive"), path_to("articles:archive"), about)


def year(request: SiteRequest, year: int, page: Page[Article]) -> Head:
    path = path_to("articles:archive_year", year)
    return of(request, str(year), path, _of_time(request, str(year), page), way=[_archive()], page=page)


def month(request: SiteRequest, month: Any, page: Page[Article]) -> Head:
    """`month` is its first day."""
    name = date_format(month, "YEAR_MONTH_FORMAT")
    path = path_to("articles:archive_month", month.year, month.month)
    way = [_archive(), Crumb(str(month.year), path_to("articles:archive_year", month.year))]
    return of(request, capfirst(name), path, _of_time(request, name, page), way=way, page=page)


def tags(request: SiteRequest, tags: Sequence[Tag]) -> Head:
    first = sorted(tags, key=lambda tag: -getattr(tag, "article_count", 0))[:TAGS_NAMED]
    about = _("The articles on %(site)s by subject: %(subjects)s.") % {
        "site": request.site.title,
        "subjects": pgettext("between the names of a list", ", ").join(tag.name for tag in first),
    }
    return of(request, _("Tags"), path_to("articles:tags"), about if first else _("No article has a tag yet."))


def search(request: SiteRequest, asked: str, page: Page[Any]) -> Head:
    about = _("Find articles on %(site)s by their words, subjects and authors.") % {"site": request.site.title}
    search = Crumb(_("Search"), path_to("articles:search"))
    if not asked:
        return of(request, *search, about)
    question = urlencode({"q": asked})
    return of(request, f"{asked} · {search.name}", search.path, about, question=question, page=page, found=False)


def authors(request: SiteRequest) -> Head:
    about = _("Everyone who has written for %(site)s.") % {"site": request.site.title}
    return of(request, _("Authors"), path_to("articles:authors"), about)


def all_series(request: SiteRequest) -> Head:
    about = _("The series of articles on %(site)s.") % {"site": request.site.title}
    return of(request, pgettext("several", "Series"), path_to("articles:all_series"), about)


def _archive() -> Crumb:
    return Crumb(_("Archive"), path_to("articles:archive"))


def _of_time(request: SiteRequest, when: str, page: Page[Article]) -> str:
    return ngettext(
        "%(count)s article of %(when)s on %(site)s.",
        "%(count)s articles of %(when)s on %(site)s.",
        page.paginator.count,
    ) % {"count": page.paginator.count, "when": when, "site": request.site.title}


def _picture(request: SiteRequest, article: Article) -> Picture | None:
    """The cover, or the first picture of the library in the text that is large enough to be shown with a link."""
    cover = article.cover
    if cover:
        return Picture(absolute(request, cover.url), cover.width, cover.height, cover.alt or article.title)
    shown = (dict(_ATTRIBUTE.findall(image[0])) for image in _IMAGE.finditer(article.content_html))
    first = next((image for image in shown if _shareable(image)), None)
    if first is None:
        return None
    address = absolute(request, unescape(first["src"]))
    return Picture(address, int(first["width"]), int(first["height"]), unescape(first.get("alt", "")) or article.title)


def _shareable(image: dict[str, str]) -> bool:
    sizes = [image.get("width", ""), image.get("height", "")]
    large = all(re.fullmatch("[0-9]{3,5}", size) and int(size) >= SHARED_MIN_SIZE for size in sizes)
    return large and image.get("src", "").startswith(settings.MEDIA_URL)
