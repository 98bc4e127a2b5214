"""An article or a page as it was written, under a head that import_markdown, Jekyll and Hugo read."""

from typing import Any

import yaml
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import add_never_cache_headers
from django.utils.encoding import iri_to_uri
from django.utils.http import http_date

from articles.models import Article
from articles.web.addresses import absolute
from articles.web.redirects import moved


def source(request: HttpRequest, slug: str, model: type[Article] = Article) -> HttpResponseBase:
    readable = model.objects.viewable_by(request.user).for_reading().defer(None).defer("content_html")
    article = get_object_or_404(readable, slugs__slug=slug)  # its present slug is one of them
    if article.slug != slug:
        return moved(request, article.markdown_url)
    canonical = iri_to_uri(article.canonical_url) or absolute(request, article.get_absolute_url())
    cover = absolute(request, article.cover.url) if article.cover else None
    text = f"---\n{_head(article, cover=cover)}---\n\n{article.content}\n"
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    response["Link"] = f'<{canonical}>; rel="canonical"'
    if article.is_live:
        response["Last-Modified"] = http_date(article.modified_at.timestamp())
    else:
        add_never_cache_headers(response)
    return response


def _head(article: Article, *, cover: str | None) -> str:
    is_page = article.kind == Article.Kind.PAGE
    fields: dict[str, Any] = {
        "title": article.title,
        "type": "page" if is_page else None,
        "slug": article.slug,
        "date": article.published_at,
        "draft": article.published_at is None or None,
        "authors": [] if is_page else [article.author.display_name],  # its page names none either
        "tags": [tag.name for tag in article.tags.all()],
        "description": article.summary,
        "series": article.series and article.series.title,
        "series_position": article.series_position,
        "image": cover,
        "image_alt": article.cover and article.cover.alt,
        "canonical_url": article.canonical_url,
        "lang": article.language,
    }
    said = {name: value for name, value in fields.items() if value not in (None, "", [])}
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=float("inf"))
