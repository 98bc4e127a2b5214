"""The readers' addresses."""

from django.urls import path, register_converter

from articles.slugs import SlugConverter
from articles.web import converters, views

register_converter(SlugConverter, "slug_any")
register_converter(converters.UsernameConverter, "username")
register_converter(converters.YearConverter, "year")
register_converter(converters.MonthConverter, "month")

app_name = "articles"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("articles/<slug_any:slug>/", views.ArticlePage.as_view(), name="article"),
    path("tags/", views.Tags.as_view(), name="tags"),
    path("tags/<slug_any:slug>/", views.TagPage.as_view(), name="tag"),
    path("series/<slug_any:slug>/", views.SeriesPage.as_view(), name="series"),
    path("authors/<username:username>/", views.AuthorPage.as_view(), name="author"),
    path("archive/", views.Archive.as_view(), name="archive"),
    path("archive/<year:year>/", views.Year.as_view(), name="archive_year"),
    path("archive/<year:year>/<month:month>/", views.Month.as_view(), name="archive_month"),
]
