"""The readers' addresses."""

from django.urls import include, path, register_converter

from articles.models import Page
from articles.slugs import SlugConverter
from articles.web import converters, history, llms, manifest, markdown, search, sitemaps, views
from blogsite.pages.public import public

register_converter(SlugConverter, "slug_any")
register_converter(converters.UsernameConverter, "username")
register_converter(converters.YearConverter, "year")
register_converter(converters.MonthConverter, "month")

app_name = "articles"
urlpatterns = [
    path("", public(views.Home.as_view(), "page", "feed"), name="home"),
    path("articles/<slug_any:slug>/", public(views.ArticlePage.as_view()), name="article"),
    path("articles/<slug_any:slug>/history/", public(history.History.as_view(), "page"), name="history"),
    path("articles/<slug_any:slug>/history/<int:number>/", public(history.Comparison.as_view()), name="comparison"),
    path("tags/", public(views.Tags.as_view()), name="tags"),
    path("tags/<slug_any:slug>/", public(views.TagPage.as_view(), "page"), name="tag"),
    path("series/", public(views.AllSeries.as_view()), name="all_series"),
    path("series/<slug_any:slug>/", public(views.SeriesPage.as_view(), "page"), name="series"),
    path("authors/", public(views.Authors.as_view()), name="authors"),
    path("authors/<username:username>/", public(views.AuthorPage.as_view(), "page"), name="author"),
    path("archive/", public(views.Archive.as_view()), name="archive"),
    path("archive/<year:year>/", public(views.Year.as_view(), "page"), name="archive_year"),
    path("archive/<year:year>/<month:month>/", public(views.Month.as_view(), "page"), name="archive_month"),
    path("search/", public(search.Search.as_view(), "q", "page"), name="search"),
    path("articles/<slug_any:slug>.md", public(markdown.source), name="article_markdown"),
    path("", include("articles.web.feeds.urls")),
    path("sitemap.xml", public(sitemaps.index), name="sitemaps"),
    path("sitemap-<slug:section>.xml", public(sitemaps.section, "p"), name="sitemap"),
    path("site.webmanifest", public(manifest.manifest), name="manifest"),
    path("llms.txt", public(llms.llms), name="llms"),
    path("robots.txt", public(sitemaps.robots), name="robots"),
    path("<slug_any:slug>.md", public(markdown.source), {"model": Page}, name="page_markdown"),
    # last, for it answers what no other does
    path("<slug_any:slug>/", public(views.StandingPage.as_view()), name="page"),
]
