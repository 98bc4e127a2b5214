from django.urls import re_path
from rest_framework.routers import SimpleRouter

from articles.api import views, viewsets

router = SimpleRouter()
router.trailing_slash = "/?"  # both forms answer: a redirect would lose the body of a POST
router.register("articles", viewsets.ArticleViewSet, basename="article")
router.register("tags", viewsets.TagViewSet, basename="tag")
router.register("authors", viewsets.AuthorViewSet, basename="author")
router.register("images", viewsets.ImageViewSet, basename="image")

urlpatterns = [
    re_path(r"^search/?$", views.Search.as_view(), name="search"),
    re_path(r"^articles/export/?$", views.Export.as_view(), name="export"),  # Article.can_stand_at keeps it free
    *router.urls,
]
