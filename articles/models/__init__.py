from articles.models import ledger, menu, tally, translation
from articles.models.announcement import Announcement
from articles.models.article import Article, authors, with_articles, with_live
from articles.models.entry import Entry
from articles.models.imported import ImportedFile, ImportedRow
from articles.models.media import Image, Shown
from articles.models.page import Page
from articles.models.redirect import Redirect
from articles.models.related import Related, Term, Unrelated
from articles.models.revision import Revision
from articles.models.site import SiteSettings
from articles.models.slug_history import SlugHistory
from articles.models.tally import Tagged, Tally
from articles.models.taxonomy import Series, Tag
from articles.models.webhook import Attempt, Delivery, Webhook

__all__ = [
    "Announcement",
    "Article",
    "Attempt",
    "Delivery",
    "Entry",
    "Image",
    "ImportedFile",
    "ImportedRow",
    "Page",
    "Redirect",
    "Related",
    "Revision",
    "Series",
    "Shown",
    "SiteSettings",
    "SlugHistory",
    "Tag",
    "Tagged",
    "Tally",
    "Term",
    "Unrelated",
    "Webhook",
    "authors",
    "with_articles",
    "with_live",
    "ledger",
    "menu",
    "tally",
    "translation",
]
