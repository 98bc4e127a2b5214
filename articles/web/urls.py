"""The readers' addresses."""

from django.urls import include, path, register_converter

from articles.models import Page
from articles.slugs import SlugConverter
from articles.web import converters, history, llms, manifest, markdown, search, sitemaps, views

register_converter(SlugConverter, "slug_any")
register_converter(converters.UsernameConverter, "username")
register_converter(converters.YearConverter, "year")
register_converter(converters.MonthConverter, "month")

app_name = "articles"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("articles/<slug_any:slug>/", views.ArticlePage.as_view(), name="article"),
    path("articles/<slug_any:slug>/history/", history.History.as_view(), name="history"),
    path("articles/<slug_any:slug>/history/<int:number>/", history.Comparison.as_view(), name="comparison"),
    path("tags/", views.Tags.as_view(), name="tags"),
    path("tags/<slug_any:slug>/", views.TagPage.as_view(), name="tag"),
    path("series/", views.AllSeries.as_view(), name="all_series"),
    path("series/<slug_any:slug>/", views.SeriesPage.as_view(), name="series"),
    path("authors/", views.Authors.as_view(), name="authors"),
    path("authors/<username:username>/", views.AuthorPage.as_view(), name="author"),
    path("archive/", views.Archive.as_view(), name="archive"),
    path("archive/<year:year>/", views.Year.as_view(), name="archive_year"),
    path("archive/<year:year>/<month:month>/", views.Month.as_view(), name="archive_month"),
    path("search/", search.Search.as_view(), name="search"),
    path("articles/<slug_any:slug>.md", markdown.source, name="article_markdown"),
    path("", include("articles.web.feeds.urls")),
    path("sitemap.xml", sitemaps.index, name="sitemaps"),
    path("sitemap-<slug:section>.xml", sitemaps.section, name="sitemap"),
    path("site.webmanifest", manifest.manifest, name="manifest"),
    path("llms.txt", llms.llms, name="llms"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("<slug_any:slug>.md", markdown.source, {"model": Page}, name="page_markdown"),
    # last, for it answers what no other does
    path("<slug_any:slug>/", views.StandingPage.as_view(), name="page"),
]
