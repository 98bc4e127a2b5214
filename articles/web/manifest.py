"""How the site is called and looks where a visitor puts it among their apps: https://www.w3.org/TR/appmanifest/"""

from django.http import JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language_bidi

from articles.web.middleware import SiteRequest

PAPER = "#fbfaf6"  # --paper of tokens.css in light; a manifest knows no other scheme
SHORT_NAME_MAX_LENGTH = 12  # characters; what fits below an icon
ICONS = [
    ("img/icon-192.png", 192, "any"),
    ("img/icon-512.png", 512, "any"),
    ("img/icon-maskable-512.png", 512, "maskable"),
]


def manifest(request: SiteRequest) -> JsonResponse:
    site, home = request.site, reverse("articles:home")
    said = {
        "id": home,
        "name": site.title,
        "short_name": site.title if len(site.title) <= SHORT_NAME_MAX_LENGTH else site.title.partition(" ")[0],
        "description": site.description or site.tagline,
        "lang": site.language,
        "dir": "rtl" if get_language_bidi() else "ltr",
        "start_url": home,
        "scope": home,
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for name, size, purpose in ICONS
        ],
    }
    return JsonResponse(said, content_type="application/manifest+json")
