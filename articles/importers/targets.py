"""What the links of a post lead to here: another post's new address, a picture in the media library."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin

from django.core.exceptions import ValidationError

from articles.importers.folder import Folder
from articles.importers.ledger import Notes
from articles.importers.links import Link
from articles.importers.posts import Post
from articles.models import Article, Image, Page
from articles.models.redirect import normalize

PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".bmp", ".tif", ".tiff"}
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#|\?|$|.*(\{\{|\{%)", re.IGNORECASE)  # other sites, this page, templates
QUERY_OR_FRAGMENT = re.compile(r"[?#].*", re.DOTALL)
FILE_FORMS = ("{}", "{}.md", "{}/index.md")  # a link may name a post's file without saying all of it


@dataclass(frozen=True)
class Site:
    """The site that comes in, as far as links need to know it."""

    folder: Folder
    store: Callable[[Path, str], Image | None]  # takes a picture in, with its description; None in a dry run
    slugs: dict[str, str] = field(default_factory=dict)  # of each file's article, those to come included
    pages: set[str] = field(default_factory=set)  # the files of standing ones
    files: dict[str, str] = field(default_factory=dict)  # at each old address


@dataclass(frozen=True)
class Targets:
    """Those of one post. What isn't found is noted."""

    site: Site
    file: str
    post: Post
    notes: Notes

    def cover(self) -> Image | None:
        return self._picture(self.post.cover, self.post.cover_alt) if self.post.cover else None

    def new(self, link: Link) -> str | None:
        """What a link's target is to become; None where it stays."""
        if ELSEWHERE.match(link.target):
            return None
        path = QUERY_OR_FRAGMENT.sub("", link.target)
        if link.is_picture or PurePosixPath(path).suffix.lower() in PICTURES:
            image = self._picture(link.target, link.alt)
            return image.url if image else None
        for file in self._posts_at(path):
            self.notes.links_rewritten.append({"file": self.file, "target": link.target, "post": file})
            model = Page if file in self.site.pages else Article
            return model(slug=self.site.slugs[file]).get_absolute_url() + link.target.removeprefix(path)
        self.notes.links_not_found.append({"file": self.file, "target": link.target, "reason": "no post was there"})
        return None

    def _picture(self, target: str, alt: str) -> Image | None:
        file = self.site.folder.file(self._inside(QUERY_OR_FRAGMENT.sub("", target)))
        reason = "there is no such file"
        if file:
            try:
                image = self.site.store(file, alt)
                self.notes.pictures_found += 1
                return image
            except ValidationError as fault:
                reason = " ".join(fault.messages)
        self.notes.pictures_not_found.append({"file": self.file, "target": target, "reason": reason})
        return None

    def _posts_at(self, path: str) -> Iterator[str]:
        """The files of the posts that a path may mean: one by its file, or one by its old address."""
        inside = self._inside(path)
        yield from (file for form in FILE_FORMS if (file := form.format(inside)) in self.site.slugs)
        for here in self.post.addresses[:1] or ["/"]:
            for base in (f"{here}/", here):  # its old site may have put a slash at the end or not
                address = normalize(unquote(urljoin(base, path)))
                if address in self.site.files:
                    yield self.site.files[address]

    def _inside(self, path: str) -> str:
        """The path in the folder that one in the post means: from the folder's top, or from beside the post."""
        if path.startswith(("/", "@/")):  # Zola writes @/
            return posixpath.normpath(unquote(path.removeprefix("@"))).lstrip("/")
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.file), unquote(path)))
