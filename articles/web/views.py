"""The readers' pages: each shows what its visitor may see, and is the same for every stranger."""

from datetime import date
from typing import Any

from django.db.models import Count, DateField, QuerySet
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import add_never_cache_headers
from django.utils.http import http_date
from django.views import defaults
from django.views.generic import DetailView, ListView, TemplateView

from articles.models import Article, Series, Tag, authors
from articles.models.article import ArticleQuerySet
from articles.web import order
from articles.web.middleware import SiteRequest, activate

READING = ["get", "head"]


class Listing(ListView[Article]):
    """Live articles, the newest first, a page at a time."""

    http_method_names = READING
    request: SiteRequest
    context_object_name = "articles"

    def get_queryset(self) -> ArticleQuerySet:
        return Article.objects.live().newest().for_listing()

    def get_paginate_by(self, queryset: QuerySet[Article]) -> int:
        return self.request.site.articles_per_page


class Home(Listing):
    template_name = "articles/home.html"


class TagPage(Listing):
    template_name = "articles/tag.html"
    allow_empty = False  # a tag that only drafts have is not to be known of

    def get_queryset(self) -> ArticleQuerySet:
        self.tag = get_object_or_404(Tag, slug=self.kwargs["slug"])
        return super().get_queryset().filter(tags=self.tag)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(tag=self.tag, **kwargs)


class SeriesPage(Listing):
    template_name = "articles/series.html"
    allow_empty = False

    def get_queryset(self) -> ArticleQuerySet:
        self.series = get_object_or_404(Series, slug=self.kwargs["slug"])
        return super().get_queryset().filter(series=self.series).order_by(*order.IN_SERIES)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(series=self.series, **kwargs)


class AuthorPage(Listing):
    template_name = "articles/author.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        username = kwargs["username"]
        self.author = get_object_or_404(authors(), username__lower=username.lower())
        if self.author.username != username:
            return redirect("articles:author", self.author.username, permanent=True)
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> ArticleQuerySet:
        return super().get_queryset().filter(author=self.author)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(author=self.author, **kwargs)


class Year(Listing):
    template_name = "articles/archive_year.html"
    allow_empty = False

    def get_queryset(self) -> ArticleQuerySet:
        return super().get_queryset().filter(published_at__year=self.kwargs["year"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        year = self.kwargs["year"]
        of_year = Article.objects.live().filter(published_at__year=year)
        return super().get_context_data(year=year, months=months(of_year), **kwargs)


class Month(Year):
    template_name = "articles/archive_month.html"

    def get_queryset(self) -> ArticleQuerySet:
        return super().get_queryset().filter(published_at__month=self.kwargs["month"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(month=date(self.kwargs["year"], self.kwargs["month"], 1), **kwargs)


class Archive(TemplateView):
    template_name = "articles/archive.html"
    http_method_names = READING

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(months=months(Article.objects.live()), **kwargs)


def months(articles: QuerySet[Article]) -> QuerySet[Article, Any]:
    """Each month that has some of these articles, the latest first, and how many. Months of the site's time zone."""
    month = TruncMonth("published_at", output_field=DateField())
    return articles.order_by().values(month=month).annotate(count=Count("pk")).order_by("-month")


class Tags(ListView[Tag]):
    template_name = "articles/tags.html"
    http_method_names = READING
    context_object_name = "tags"

    def get_queryset(self) -> QuerySet[Tag]:
        return Tag.objects.in_use()


class ArticlePage(DetailView[Article]):
    template_name = "articles/article.html"
    http_method_names = READING
    context_object_name = "article"

    def get_queryset(self) -> ArticleQuerySet:
        return Article.objects.viewable_by(self.request.user).for_reading()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            renamed = get_object_or_404(self.get_queryset(), slugs__slug=kwargs["slug"])
            return redirect(renamed, permanent=True)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        article, absolute = self.object, self.request.build_absolute_uri
        return super().get_context_data(
            address=absolute(article.get_absolute_url()),
            cover_address=article.cover and absolute(article.cover.url),
            may_change=self.request.user.has_perm("articles.change_article", article),
            place=order.place_in_series(article),
            **order.neighbours(article),
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


def not_found(request: SiteRequest, exception: Exception) -> HttpResponse:
    """The 404 page, in the site's language for addresses that lead to no view too."""
    activate(request.site)
    return defaults.page_not_found(request, exception)
