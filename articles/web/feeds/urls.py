"""The feeds lie under the page of what they are of. Readers guess at other addresses, which lead there."""

import re
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, register_converter

from articles.models.announcement import FEEDS
from articles.web.feeds import views
from articles.web.feeds.guesses import ALIASES
from articles.web.middleware import SiteRequest
from blogsite.pages.public import public

OF = {
    "": ("", views.SiteFeed),
    "tag_": ("tags/<slug_any:slug>/", views.TagFeed),
    "author_": ("authors/<username:username>/", views.AuthorFeed),
    "series_": ("series/<slug_any:slug>/", views.SeriesFeed),
}


class AliasConverter:
    regex = f"(?i:{'|'.join(map(re.escape, ALIASES))})/?"

    def to_python(self, value: str) -> str:
        return ALIASES[value.rstrip("/").lower()]

    def to_url(self, value: str) -> str:
        return value


register_converter(AliasConverter, "feed_alias")


def lead_on(request: HttpRequest, feed: str, name: str, **of: str) -> HttpResponse:
    """From a guess to the feed, if it is there: the feed itself says who may know of it."""
    OF[name][1](feed).get_object(cast(SiteRequest, request), **of)
    return redirect(f"articles:{name}{feed}", **of, permanent=True)


urlpatterns = [
    *(
        path(f"{page}{FEEDS[format]}", public(view(format)), name=f"{name}{format}")
        for name, (page, view) in OF.items()
        for format in FEEDS
    ),
    *(path(f"{page}<feed_alias:feed>", lead_on, {"name": name}) for name, (page, _) in OF.items()),
]
