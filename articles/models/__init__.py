from articles.models.article import Article, SlugHistory, authors
from articles.models.imported import ImportedFile
from articles.models.media import Image
from articles.models.redirect import Redirect
from articles.models.revision import Revision
from articles.models.site import SiteSettings
from articles.models.taxonomy import Series, Tag

__all__ = [
    "Article",
    "Image",
    "ImportedFile",
    "Redirect",
    "Revision",
    "Series",
    "SiteSettings",
    "SlugHistory",
    "Tag",
    "authors",
]
