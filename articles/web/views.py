"""The readers' pages: each shows what its visitor may see, and is the same for every stranger."""

from abc import abstractmethod
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.core import paginator
from django.db.models import Count, DateField, QuerySet, Value
from django.db.models.functions import Coalesce, Lower, NullIf, TruncMonth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.http import http_date
from django.views.generic import DetailView, ListView, TemplateView

from accounts.models import User
from articles.models import Article, Page, Series, Tag, authors, tally, with_articles, with_live
from articles.models.article import ArticleQuerySet
from articles.models.tally import EVERYTHING, Kind, Span, Stream
from articles.models.translation import with_translated
from articles.web import head, history, order, reading, translations
from articles.web.feeds.guesses import ALIASES
from articles.web.head import Head
from articles.web.middleware import SiteRequest
from articles.web.paging import Listed, PagedView
from articles.web.redirects import moved


class Listing(PagedView[Article]):
    """Live articles, the newest first, a page at a time."""

    request: SiteRequest
    context_object_name = "articles"

    @abstractmethod
    def get_queryset(self) -> Listed: ...  # type: ignore[override]  # a page of them is a slice, as of a queryset

    def get_paginate_by(self, queryset: QuerySet[Article]) -> int:
        return self.request.site.articles_per_page

    @abstractmethod
    def get_head(self, page: paginator.Page[Article]) -> Head: ...

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {"head": self.get_head(context["page_obj"]), **context}


class Home(Listing):
    template_name = "articles/home.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Where WordPress has its feeds too: /?feed=rss2"""
        if feed := ALIASES.get(f"feed/{request.GET.get('feed', '').lower()}"):
            return redirect(f"articles:{feed}", permanent=True)
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Listed:  # type: ignore[override]
        return Listed(EVERYTHING)

    def get_head(self, page: paginator.Page[Article]) -> Head:
        return head.home(self.request, page)


class TagPage(Listing):
    template_name = "articles/tag.html"

    def get_queryset(self) -> Listed:  # type: ignore[override]
        self.tag = reading.tag(self.kwargs["slug"])
        return Listed(Stream(Kind.TAG, self.tag.pk), self.tag.article_count)

    def get_head(self, page: paginator.Page[Article]) -> Head:
        return head.tag(self.request, self.tag, page)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(tag=self.tag, **kwargs)


class Parts(Listed):
    """The articles of a series, in its order."""

    def __init__(self, series: Series) -> None:
        super().__init__(Stream(Kind.SERIES, series.pk))
        self.series = series

    def __getitem__(self, which: slice) -> list[Article]:
        live = Article.objects.live().for_listing()
        return list(live.filter(series=self.series).order_by(*order.IN_SERIES)[which])


class SeriesPage(Listing):
    template_name = "articles/series.html"

    def get_queryset(self) -> Listed:  # type: ignore[override]
        self.series = get_object_or_404(with_live(Series.objects.all(), "series"), slug=self.kwargs["slug"])
        return Parts(self.series)

    def get_head(self, page: paginator.Page[Article]) -> Head:
        return head.series(self.request, self.series, page)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(series=self.series, **kwargs)


class AuthorPage(Listing):
    template_name = "articles/author.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        username = kwargs["username"]
        self.author = get_object_or_404(authors(), username__lower=username.lower())
        if self.author.username != username:
            return moved(request, reverse("articles:author", args=[self.author.username]))
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Listed:  # type: ignore[override]
        return Listed(Stream(Kind.AUTHOR, self.author.pk))

    def get_head(self, page: paginator.Page[Article]) -> Head:
        return head.author(self.request, self.author, page)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(author=self.author, **kwargs)


class Year(Listing):
    template_name = "articles/archive_year.html"
    allow_empty = False

    @cached_property
    def months(self) -> list[tally.Month]:
        return tally.months(timezone.get_current_timezone(), self.kwargs["year"])

    def get_queryset(self) -> Listed:  # type: ignore[override]
        year = self.kwargs["year"]
        return Listed(Span(_beginning(year), _beginning(year + 1)), sum(each["count"] for each in self.months))

    def get_head(self, page: paginator.Page[Article]) -> Head:
        return head.year(self.request, self.kwargs["year"], page)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(year=self.kwargs["year"], months=self.months, **kwargs)


class Month(Year):
    template_name = "articles/archive_month.html"

    def get_queryset(self) -> Listed:  # type: ignore[override]
        year, month = self.kwargs["year"], self.kwargs["month"]
        span = Span(_beginning(year, month), _beginning(year + month // 12, month % 12 + 1))
        return Listed(span, sum(each["count"] for each in self.months if each["month"] == self.month))

    @property
    def month(self) -> date:
        return date(self.kwargs["year"], self.kwargs["month"], 1)

    def get_head(self, page: paginator.Page[Article]) -> Head:
        return head.month(self.request, self.month, page)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(month=self.month, **kwargs)


def _beginning(year: int, month: int = 1) -> datetime:
    """Of a month, on the site's clock."""
    return datetime(year, month, 1, tzinfo=timezone.get_current_timezone())


class Archive(TemplateView):
    template_name = "articles/archive.html"
    request: SiteRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = tally.months(timezone.get_current_timezone())
        total = sum(month["count"] for month in found)
        return super().get_context_data(months=found, head=head.archive(self.request, total), **kwargs)


def months(articles: QuerySet[Article]) -> QuerySet[Article, Any]:
    """Each month that has some of these articles, the latest first, and how many. Months of the site's time zone."""
    month = TruncMonth("published_at", output_field=DateField())
    return articles.order_by().values(month=month).annotate(count=Count("pk")).order_by("-month")


class Tags(ListView[Tag]):
    template_name = "articles/tags.html"
    context_object_name = "tags"
    request: SiteRequest

    def get_queryset(self) -> QuerySet[Tag]:
        return Tag.objects.in_use().order_by(Lower("name"), "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {"head": head.tags(self.request, context["tags"]), **context}


class Authors(ListView[User]):
    template_name = "articles/authors.html"
    context_object_name = "authors"
    request: SiteRequest

    def get_queryset(self) -> QuerySet[User]:
        return with_articles(User.objects.all()).order_by(Lower(Coalesce(NullIf("name", Value("")), "username")), "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(head=head.authors(self.request), **kwargs)


class AllSeries(ListView[Series]):
    template_name = "articles/all_series.html"
    context_object_name = "all_series"
    request: SiteRequest

    def get_queryset(self) -> QuerySet[Series]:
        return with_articles(Series.objects.all()).order_by(Lower("title"), "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(head=head.all_series(self.request), **kwargs)


class StandingPage(DetailView[Article]):
    """A page such as About: one text, at its own address."""

    model: type[Article] = Page
    template_name = "articles/page.html"
    context_object_name = "article"
    request: SiteRequest

    def get_queryset(self) -> ArticleQuerySet:
        return with_translated(self.model.objects.viewable_by(self.request.user).for_reading())

    def get_object(self, queryset: Any = None) -> Article:
        """By its slug, or an earlier one. What strangers see is what is live."""
        if self.request.user.is_authenticated:
            return get_object_or_404(self.get_queryset(), slugs__slug=self.kwargs["slug"])
        return reading.article(self.model, self.kwargs["slug"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        if self.object.slug != kwargs["slug"]:
            return moved(request, self.object.get_absolute_url())
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        article, user = self.object, self.request.user
        return super().get_context_data(
            head=head.article(self.request, article),
            may_change=user.is_authenticated and user.has_perm(f"articles.change_{article.kind}", article),
            corrections=history.corrections(article),
            translations=translations.of(self.request, article),
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        article = self.object
        if self.request.user.is_authenticated:
            add_never_cache_headers(response)  # says more than strangers may see
        elif article.published_at:
            # For crawlers, which ask by date alone. Browsers send the ETag too: it goes first and knows the whole page.
            response["Last-Modified"] = http_date(article.modified_at.timestamp())
        return response


class ArticlePage(StandingPage):
    """One article, with what it stands among."""

    model = Article
    template_name = "articles/article.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**order.around(self.object)._asdict(), **kwargs)
