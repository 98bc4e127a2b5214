"""The page that finds."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet

from articles.search.query import Results, search
from articles.search.question import MAX_LENGTH
from articles.web import head
from articles.web.middleware import SiteRequest
from articles.web.paging import PagedView


class Search(PagedView[Any]):
    template_name = "articles/search.html"
    context_object_name = "results"
    request: SiteRequest

    def get_queryset(self) -> Results:  # type: ignore[override]  # a page of them is a slice, as of a queryset
        self.asked = self.request.GET.get("q", "")[:MAX_LENGTH]
        return search(self.asked)

    def get_paginate_by(self, queryset: QuerySet[Any]) -> int:
        return self.request.site.articles_per_page

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        question = urlencode({"q": self.asked})
        context = super().get_context_data(
            asked=self.asked,
            found=self.object_list,
            question=f"{question}&",
            first_page=f"{self.request.path}?{question}",
            **kwargs,
        )
        return {"head": head.search(self.request, self.asked, context["page_obj"]), **context}
