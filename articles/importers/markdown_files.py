"""A folder of Markdown posts, taken in; a malformed file doesn't stop the others.

Each file is one transaction, in which an ImportedFile remembers what it was: a run that was killed is resumed by
running it again, and a second run changes nothing. A file that has changed since becomes a revision of its article,
which keeps its address here. One whose article was deleted here comes back, unless the file goes as well.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.text import Truncator, slugify

from accounts.models import User
from articles import markup, publishing, slugs
from articles.importers import links, posts
from articles.importers.folder import Folder
from articles.importers.front_matter import Malformed
from articles.importers.ledger import Entry, Ledger, Notes, Outcome
from articles.importers.posts import Post
from articles.importers.targets import Site, Targets
from articles.media import uploads
from articles.models import Article, Image, ImportedFile, Page, Redirect, Series, SiteSettings, SlugHistory
from articles.models.redirect import MAX_LENGTH, NOWHERE, is_kept
from articles.models.taxonomy import UNSTORABLE

FAULTS_OF_A_FILE = (ValidationError, ValueError, OSError, DataError, IntegrityError)
MAX_PATH = 500  # characters, of an ImportedFile


class Before(NamedTuple):
    """What an earlier run left of a file."""

    digest: str
    article: int
    slug: str
    kind: str


class Import:
    def __init__(
        self, folder: Path, *, by: User, source: str = "", dry_run: bool = False, later: timedelta = timedelta()
    ) -> None:
        self._site = Site(Folder(folder), self._store)
        self._by, self._dry_run = by, dry_run
        self._source = source or self._site.folder.root.name
        self._later = later  # by how much all dates are moved
        site = SiteSettings.load()
        self._zone, self._language = ZoneInfo(site.time_zone), site.language
        self._authors: dict[str, User] = {}
        imported = ImportedFile.objects.filter(source=self._source)
        fields = imported.values_list("path", "digest", "article", "article__slug", "article__kind")
        self._before = {path: Before(digest, article, slug, kind) for path, digest, article, slug, kind in fields}

    def run(self, progress: Callable[[list[str]], Iterable[str]] = iter) -> Ledger:
        files = self._site.folder.posts()
        ledger = Ledger(files=len(files))
        self._survey(files)
        for file in progress(files):
            try:
                ledger.record(*self._take(file))
            except FAULTS_OF_A_FILE as fault:
                ledger.skip(file.encode(errors="backslashreplace").decode(), _reason(fault))
        ledger.close()
        return ledger

    def _survey(self, files: list[str]) -> None:
        """Which address each post will have, so that those that come first can link to those that come last."""
        taken = {before.slug for before in self._before.values()}
        for file in files:
            try:
                post = self._read(file, *self._site.folder.read(file))
            except FAULTS_OF_A_FILE:
                continue  # is reported when its turn comes
            before = self._before.get(file)
            model = self._model(file, post)
            if model is Page:
                self._site.pages.add(file)
            self._site.slugs[file] = before.slug if before else _free_slug(post.name, taken, model)
            taken.add(self._site.slugs[file])
            for address in post.addresses:
                self._site.files.setdefault(address, file)

    def _take(self, file: str) -> tuple[Outcome, Notes]:
        data, changed_at = self._site.folder.read(file)
        digest, before = sha256(data).hexdigest(), self._before.get(file)
        if before and before.digest == digest:
            return "unchanged", Notes()
        post, notes = self._read(file, data, changed_at), Notes()
        with transaction.atomic():
            article = self._write(file, post, notes)
            notes.addresses_not_kept += self._redirect(file, post, article)
            if before:
                ImportedFile.objects.filter(source=self._source, path=file).update(digest=digest)
            else:
                ImportedFile.objects.create(source=self._source, path=file, digest=digest, article=article)
            if self._dry_run:
                transaction.set_rollback(True)
        return "updated" if before else "created", notes

    def _read(self, file: str, data: bytes, changed_at: datetime) -> Post:
        path = PurePosixPath(file)
        if UNSTORABLE.search(file) or len(file) > MAX_PATH:
            raise Malformed(f"its path is longer than {MAX_PATH} characters, or no UTF-8")
        if posts.is_section_index(path):
            raise Malformed("it is the index of a section, and no post")
        return posts.read(data, path, changed_at=changed_at, zone=self._zone)

    def _write(self, file: str, post: Post, notes: Notes) -> Article:
        _note_losses(file, post, notes)
        targets = Targets(self._site, file, post, notes)
        date = post.date + self._later
        fields: dict[str, Any] = {
            "title": post.title,
            "content": links.rewrite(post.content, targets.new),
            "summary": Truncator(post.summary).chars(markup.EXCERPT_MAX_LENGTH),
            "author": self._author(post.authors[0]) if post.authors else self._by,
            "cover": targets.cover(),
            "published_at": None if post.is_draft else date,
            "canonical_url": post.canonical_url,
            "language": "" if post.language == self._language else post.language,
        }
        model = self._model(file, post)
        if model is Page:
            fields["menu_position"] = post.menu_position
        else:
            fields["tags"] = post.tags
            fields["series"] = _series(post.series) if post.series else None
            fields["series_position"] = post.series_position if post.series else None
        if before := self._before.get(file):
            return publishing.revise(model.objects.get(pk=before.article), by=self._by, **fields)
        created_at = min(date, timezone.now())
        return publishing.create(by=self._by, model=model, created_at=created_at, slug=self._site.slugs[file], **fields)

    def _model(self, file: str, post: Post) -> type[Article]:
        """What it is here it stays, whatever its file says later."""
        before = self._before.get(file)
        is_page = before.kind == Article.Kind.PAGE if before else post.is_page
        return Page if is_page else Article

    def _author(self, name: str) -> User:
        """The account of this name, made where there is none yet."""
        if name not in self._authors:
            known = User.objects.filter(Q(username__lower=name.lower()) | Q(name__iexact=name))
            found = known.order_by("-is_active", "pk").first()
            if found is None:
                return _new_author(name)  # and not remembered before it is known to have been committed
            self._authors[name] = found
        return self._authors[name]

    def _redirect(self, file: str, post: Post, article: Article) -> list[Entry]:
        """Let the post's old addresses lead here. Answers those that can't, and why not."""
        refused = {address: reason for address in post.addresses if (reason := self._obstacle(address, file))}
        wanted = [address for address in dict.fromkeys(post.addresses) if address not in refused]
        known = Redirect.objects.filter(path__in=wanted)
        known.filter(**NOWHERE).update(article=article)  # of a post that was deleted here and comes again
        owners = dict(known.values_list("path", "article"))
        refused |= {address: "another article has it" for address, owner in owners.items() if owner != article.pk}
        Redirect.objects.bulk_create(Redirect(path=path, article=article) for path in wanted if path not in owners)
        return [{"file": file, "address": address, "reason": reason} for address, reason in refused.items()]

    def _obstacle(self, address: str, file: str) -> str:
        """What keeps an old address from leading to this file's article, "" where nothing does."""
        if not address or len(address) > MAX_LENGTH or UNSTORABLE.search(address):
            return "no address can be so"
        if is_kept(address) or is_kept(f"{address}/"):
            return "this site keeps it for itself"
        if _is_page(address):
            return "a page of this site is there"
        return "" if self._site.files.get(address, file) == file else "another article has it"

    def _store(self, file: Path, alt: str) -> Image | None:
        with file.open("rb") as picture:
            if self._dry_run:
                uploads.read(picture)
                return None
            # its copies take ten times as long as a post does: they come when all posts are there
            return uploads.store(picture, by=self._by, alt=alt[:500], name=file.name, copies=False)


def _free_slug(name: str, taken: set[str], model: type[Article]) -> str:
    """The first that neither another file of this import nor any article has or had."""
    wanted = slugs.candidates(slugs.make(name))
    candidates = (slug for slug in wanted if slug not in taken and model().can_stand_at(slug))
    return next(slug for slug in candidates if not SlugHistory.objects.filter(slug=slug).exists())


def _new_author(name: str) -> User:
    """An account that nobody can sign in to."""
    usernames = slugs.candidates(slugify(name)[:40].strip("-_") or "author")
    username = next(free for free in usernames if not User.objects.filter(username__lower=free).exists())
    author = User(username=username, email=f"{username}@imported.invalid", name=name, is_active=False)
    author.set_unusable_password()
    author.full_clean()
    author.save()
    return author


def _series(title: str) -> Series:
    if found := Series.objects.filter(title__iexact=title).first():
        return found
    series = Series(title=title)
    series.full_clean()
    series.save()
    return series


def _is_page(address: str) -> bool:
    """A page of this site's own stands there whatever is published: nobody would ever be led on."""
    for path in (address, f"{address}/"):
        with suppress(Resolver404):
            if not resolve(path).kwargs:
                return True
    return False


def _note_losses(file: str, post: Post, notes: Notes) -> None:
    """What an article has no place for."""
    if len(post.authors) > 1:
        notes.co_authors.append({"file": file, "names": ", ".join(post.authors[1:])})
    if len(post.summary) > markup.EXCERPT_MAX_LENGTH:
        notes.summaries_shortened.append({"file": file, "characters": len(post.summary)})
    if post.template_tags:
        notes.template_tags.append({"file": file, "tags": post.template_tags})
    notes.fields_left_behind.update(post.left_behind)


def _reason(fault: Exception) -> str:
    if isinstance(fault, ValidationError):
        named = getattr(fault, "message_dict", None)
        return " ".join(f"{name}: {' '.join(texts)}" for name, texts in named.items()) if named else fault.messages[0]
    return str(fault).partition("\n")[0] or type(fault).__name__
