"""What a page says of itself as JSON-LD, in the words of https://schema.org that search engines read."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson
from django.core.paginator import Page
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from articles.models import Article
from articles.paths import path_to

if TYPE_CHECKING:
    from articles.web.head import Head, Picture

Node = dict[str, Any]

# Signs that would end the script element or begin a comment in it, and two that some take for the end of a line
_ESCAPES = {sign: f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}


def script(head: "Head") -> SafeString:
    """All of it as one block of data."""
    said = {"@context": "https://schema.org", "@graph": list(_graph(head))}
    data = orjson.dumps(said).decode()
    for sign, escape in _ESCAPES.items():
        data = data.replace(sign, escape)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(data))  # noqa: S308  # see _ESCAPES


def _graph(head: "Head") -> Iterable[Node]:
    if head.is_home:
        yield _website(head)
    posting = head.article and head.article.kind == Article.Kind.ARTICLE
    yield _posting(head, head.article) if head.article and posting else _page(head)
    if not head.is_home:
        yield _breadcrumbs(head)


def _website(head: "Head") -> Node:
    return _node(
        "WebSite",
        **_site(head),
        name=head.site.title,
        alternateName=head.site.tagline,
        description=head.site.description,
        inLanguage=head.site.language,
        publisher=_publisher(head),
        potentialAction=_node(
            "SearchAction",
            target=_node("EntryPoint", urlTemplate=head.absolute(path_to("articles:search")) + "?q={search_term}"),
            **{"query-input": "required name=search_term"},
        ),
    )


def _posting(head: "Head", article: Article) -> Node:
    series = article.series and _node(
        "CreativeWorkSeries", name=article.series.title, url=head.absolute(article.series.get_absolute_url())
    )
    return _node(
        "BlogPosting",
        headline=article.title,
        description=head.description,
        url=head.address,
        mainEntityOfPage=head.canonical,
        datePublished=article.published_at and article.published_at.isoformat(),
        dateModified=article.revised_or_published and article.revised_or_published.isoformat(),
        author=_person(head, article.author),
        publisher=_publisher(head),
        image=head.picture and _image(head.picture),
        keywords=[tag.name for tag in article.tags.all()],
        wordCount=article.word_count,
        inLanguage=head.language,
        license=not article.canonical_url and head.site.license_url,  # what began elsewhere is not the site's to give
        isPartOf=[_node("WebSite", **_site(head)), *([series] if series else [])],
    )


def _page(head: "Head") -> Node:
    standing = "WebPage" if head.article else "CollectionPage"
    kind = "Blog" if head.is_home else "ProfilePage" if head.person else standing
    return _node(
        kind,
        url=head.address,
        name=head.name,
        description=head.description,
        inLanguage=head.language,
        isPartOf=_node("WebSite", **_site(head)),
        mainEntity=_person(head, head.person, whole=True)
        if head.person
        else _list(head, head.page)
        if head.page
        else None,
    )


def _list(head: "Head", page: Page[Article]) -> Node:
    return _node(
        "ItemList",
        itemListElement=[
            _node("ListItem", position=position, name=article.title, url=head.absolute(article.get_absolute_url()))
            for position, article in enumerate(page, start=page.start_index())
        ],
    )


def _breadcrumbs(head: "Head") -> Node:
    home = (head.site.title, path_to("articles:home"))
    return _node(
        "BreadcrumbList",
        itemListElement=[
            _node("ListItem", position=position, name=name, item=head.absolute(path))
            for position, (name, path) in enumerate([home, *head.way, (head.title, head.path)], start=1)
        ],
    )


def _person(head: "Head", person: User, *, whole: bool = False) -> Node:
    said = {"name": person.display_name, "url": head.author_address(person)}
    if not whole:
        return _node("Person", **said)
    image = head.picture and head.picture.url
    return _node("Person", **said, description=person.bio, image=image, sameAs=person.website)


def _publisher(head: "Head") -> Node:
    return _node("Organization", name=head.site.title, url=_site(head)["url"], logo=_image(head.icon))


def _site(head: "Head") -> Node:
    home = head.absolute(path_to("articles:home"))
    return {"@id": f"{home}#site", "url": home}


def _image(picture: "Picture") -> Node:
    return _node("ImageObject", url=picture.url, width=picture.width, height=picture.height, caption=picture.alt)


def _node(kind: str, **said: Any) -> Node:
    """Without what there is nothing to say of."""
    return {"@type": kind, **{name: value for name, value in said.items() if value not in (None, "", [], False)}}
