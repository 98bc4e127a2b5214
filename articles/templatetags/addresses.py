from urllib.parse import quote

from django import template

from articles.models import SiteSettings
from articles.paths import path_to

register = template.Library()
register.simple_tag(path_to, name="path")


@register.filter
def if_in_menu(path: str, site: SiteSettings) -> str:
    """The address of a page that the menu has. "" for all others, as the menu is the same on them."""
    return path if any(page["address"] == quote(path) for page in site.menu_now) else ""
