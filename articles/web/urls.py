"""The readers' addresses."""

from django.urls import path, register_converter
from django.views.decorators.http import require_safe

from articles.slugs import SlugConverter
from articles.web import converters, feeds, markdown, sitemaps, views

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
    path("articles/<slug_any:slug>.md", markdown.source, name="markdown"),
    path("feeds/rss.xml", require_safe(feeds.SiteFeed(feeds.Rss)), name="rss"),
    path("feeds/atom.xml", require_safe(feeds.SiteFeed(feeds.Atom)), name="atom"),
    path("tags/<slug_any:slug>/feeds/rss.xml", require_safe(feeds.TagFeed(feeds.Rss)), name="tag_rss"),
    path("tags/<slug_any:slug>/feeds/atom.xml", require_safe(feeds.TagFeed(feeds.Atom)), name="tag_atom"),
    path("authors/<username:username>/feeds/rss.xml", require_safe(feeds.AuthorFeed(feeds.Rss)), name="author_rss"),
    path("authors/<username:username>/feeds/atom.xml", require_safe(feeds.AuthorFeed(feeds.Atom)), name="author_atom"),
    path("sitemap.xml", sitemaps.index, name="sitemaps"),
    path("sitemap-<slug:section>.xml", sitemaps.section, name="sitemap"),
    path("robots.txt", sitemaps.robots, name="robots"),
]
