"""What is answered, as the OpenAPI document shows it: by the name of its schema. A test compares them."""

from typing import Any

SITE = "https://blog.example.org"
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIzIn0.q8pPpZ1k5Yq7m0V2n4t6w8y0A2c4e6g8i0k2m4o6q8s"
MOMENT = "2026-05-04T09:30:00Z"

BYLINE = {"id": 3, "username": "ines", "name": "Ines Duarte", "url": f"{SITE}/authors/ines/"}
COVER = {
    "id": 7,
    "url": f"{SITE}/media/images/714f5c30ce371a0a.jpg",
    "alt": "A harbour at low tide",
    "width": 1600,
    "height": 900,
}
ARTICLE = {
    "id": 12,
    "title": "A street is a clock",
    "content": "Stand still and it *tells* the hour.",
    "published": True,
    "author_id": 3,
    "created_at": "2026-05-02T18:05:00.120344Z",
    "updated_at": MOMENT,
    "slug": "a-street-is-a-clock",
    "summary": "Stand still and it tells the hour.",
    "content_html": "<p>Stand still and it <em>tells</em> the hour.</p>\n",
    "status": "live",
    "published_at": MOMENT,
    "tags": ["Cities"],
    "cover": COVER,
    "author": BYLINE,
    "url": f"{SITE}/articles/a-street-is-a-clock/",
    "canonical_url": "",
    "language": "",
    "translation_of": None,
    "series": None,
    "series_position": None,
    "word_count": 7,
    "reading_minutes": 1,
    "version": 2,
}
REVISION = {"number": 2, "action": "published", "created_at": MOMENT, "by": BYLINE, "note": ""}
STATE = {
    "title": "A street is a clock",
    "slug": "a-street-is-a-clock",
    "content": "Stand still and it *tells* the hour.",
    "summary": "",
    "author": 3,
    "cover": 7,
    "series": None,
    "series_position": None,
    "published_at": MOMENT,
    "canonical_url": "",
    "language": "",
    "translation_of": None,
    "menu_position": None,
    "tags": ["Cities"],
}
TOKEN = {
    "id": 5,
    "name": "Nightly import",
    "scope": "write",
    "created_at": MOMENT,
    "expires_at": "2026-06-03T09:30:00Z",
    "last_used_at": None,
}

ANSWERS: dict[str, Any] = {
    "Account": {
        "id": 3,
        "username": "ines",
        "email": "ines@example.org",
        "name": "Ines Duarte",
        "bio": "Walks, and writes about it.",
        "website": "https://ines.example.org",
        "role": "author",
        "date_joined": "2026-01-15T08:00:00Z",
    },
    "Article": ARTICLE,
    "Author": {
        **BYLINE,
        "bio": "Walks, and writes about it.",
        "website": "https://ines.example.org",
        "avatar": None,
        "article_count": 8,
    },
    "Found": {**ARTICLE, "score": 0.61, "highlight": "Stand still and it tells the <mark>hour</mark>."},
    "Image": {**COVER, "original_name": "harbour.jpg", "created_at": MOMENT},
    "LoginAnswer": {"access_token": JWT, "token_type": "bearer", "refresh_token": JWT, "expires_in": 1800},
    "MadeToken": {**TOKEN, "token": "blogsite_pCSSOnFQwx383qu_4IjiXMdZ4kC-cDx_Z7BmO8lUAfA"},
    "PersonalToken": TOKEN,
    "Revision": REVISION,
    "Tag": {
        "id": 4,
        "name": "Cities",
        "slug": "cities",
        "description": "",
        "url": f"{SITE}/tags/cities/",
        "article_count": 21,
    },
    "TokenPair": {"access": JWT, "refresh": JWT},
    "WholeRevision": {**REVISION, "state": STATE},
}
