"""What comes into the media library: checked to be a picture, freed of what it tells about its maker, kept once."""

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import PurePath
from typing import IO

import PIL.Image
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from PIL import ImageOps

from accounts.models import User
from articles import access
from articles.media import containers, renditions
from articles.models import Image
from articles.models.media import FOLDER

SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp", "AVIF": ".avif"}
KEPT = {"icc_profile", "transparency", "loop"}
# Pillow's names, for all formats. What is not among them may tell something, as EXIF, XMP, comments, texts of a PNG do.
HARMLESS = {
    *KEPT,
    *("adobe", "adobe_transform", "aspect", "chromaticity", "dpi", "gamma", "srgb"),  # how it looks
    *("background", "bbox", "blend", "default_image", "disposal", "duration", "timestamp"),  # how it moves
    *("extension", "interlace", "progression", "progressive", "version"),  # how it is written
    *("jfif", "jfif_density", "jfif_unit", "jfif_version"),
}
DAMAGE = (OSError, EOFError, SyntaxError, ValueError, RuntimeError, struct.error)  # as Pillow's readers complain of it
MAX_PIXELS = 50_000_000  # decoded, 4 bytes each: 200 MB of memory


class TooManyPixels(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("The picture has more than %(limit)s pixels."), params={"limit": MAX_PIXELS})


class InUse(PermissionDenied):
    """It is one's own, and an article shows it."""


def store(file: IO[bytes], *, by: User, alt: str = "", name: str = "", copies: bool = True) -> Image:
    """Take a picture into the library, or find it there already. Raises ValidationError for what is no picture.

    Without `copies`, those for smaller screens are left to be made by render_again.
    """
    if not by.has_perm("articles.add_image"):
        raise PermissionDenied
    picture, data = read(file)
    with _damage_refused():  # of an animation, it may lie behind the first frame
        data, size = _without_metadata(picture, data)
    digest = sha256(data).hexdigest()
    width, height = size
    image = Image(digest=digest, width=width, height=height, uploaded_by=by)
    image.alt, image.original_name = alt, PurePath(name).name[:255]
    return _add(image, data, digest + SUFFIXES[picture.format or ""], copies=copies)


def read(file: IO[bytes]) -> tuple[PIL.Image.Image, bytes]:
    """The picture in a file, and its bytes. Raises ValidationError for what is no picture."""
    data = file.read(settings.UPLOAD_MAX_BYTES + 1)
    if len(data) > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(
            _("The file is larger than %(limit)s bytes."), params={"limit": settings.UPLOAD_MAX_BYTES}
        )
    return _picture(data), data


@transaction.atomic
def remove(image: Image, *, by: User) -> None:
    """Delete a picture, and its files once that is certain. Raises Image.DoesNotExist if somebody else has, and InUse
    where nothing but an article that shows it keeps `by` from deleting it.
    """
    image = Image.objects.select_for_update().get(pk=image.pk)
    if not by.has_perm("articles.delete_image", image):
        raise InUse if image.uploaded_by_id == by.pk and access.writes(by, "image") else PermissionDenied
    image.delete()
    transaction.on_commit(partial(_delete_files, image))


@transaction.atomic
def _delete_files(image: Image) -> None:
    """Unless the same picture has come in again by now: they are its files."""
    _alone_with(image.digest)
    if not Image.objects.filter(digest=image.digest).exists():
        for name in (str(image.file), *image.copies):
            image.file.storage.delete(name)


def _alone_with(digest: str) -> None:
    """Nobody else adds or deletes files of this picture until the transaction ends; on SQLite, none that writes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [digest])


@contextmanager
def _damage_refused() -> Iterator[None]:
    try:
        yield
    except DAMAGE:
        raise ValidationError(_("This is no picture that can be read: give a JPEG, PNG, GIF, WebP or AVIF.")) from None


def _picture(data: bytes) -> PIL.Image.Image:
    try:
        with _damage_refused(), warnings.catch_warnings():
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            picture = PIL.Image.open(BytesIO(data), formats=list(SUFFIXES))
            if picture.width * picture.height > MAX_PIXELS:
                raise TooManyPixels
            picture.load()
    except (PIL.Image.DecompressionBombWarning, PIL.Image.DecompressionBombError):
        raise TooManyPixels from None
    if picture.format == "MPO":
        picture.format = "JPEG"  # as many phones make them, with another picture behind: the first one counts
    return picture


def _without_metadata(picture: PIL.Image.Image, data: bytes) -> tuple[bytes, tuple[int, int]]:
    """The bytes without what a camera adds (a place, a name), turned upright; as they came where nothing was added."""
    if picture.info.keys() <= HARMLESS and containers.is_bare(picture.format or "", data):
        return data, picture.size
    options = {key: value for key, value in picture.info.items() if key in KEPT}
    if picture.format in {"JPEG", "WEBP", "AVIF"}:
        options["quality"] = 92
    if picture.format != "JPEG" and getattr(picture, "is_animated", False):
        upright = picture
        options |= {"save_all": True, "duration": _durations(picture)}
    else:
        upright = _upright(picture)
    upright.info = {}
    out = BytesIO()
    upright.save(out, picture.format, **options)
    return out.getvalue(), upright.size


def _upright(picture: PIL.Image.Image) -> PIL.Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except DAMAGE:  # an EXIF that is none says nothing of how it was held
        return picture


def _durations(picture: PIL.Image.Image) -> list[int]:
    """How long each frame of an animation stays, in milliseconds. Writing it anew holds all frames in memory."""
    frames: int = getattr(picture, "n_frames", 1)
    if picture.width * picture.height * frames > MAX_PIXELS:
        raise TooManyPixels
    durations = []
    for number in range(frames):
        picture.seek(number)
        picture.load()
        durations.append(round(picture.info.get("duration", 0)))
    picture.seek(0)
    return durations


@transaction.atomic
def _add(image: Image, data: bytes, filename: str, *, copies: bool) -> Image:
    _alone_with(image.digest)
    found = (
        Image.objects.select_for_update(no_key=True).filter(digest=image.digest).first()
    )  # not if it is being deleted
    if found:
        return found
    image.file.name = f"{FOLDER}{filename}"
    renditions.put(image.file.name, data)
    if copies:
        renditions.make(image, data)
    image.save()
    renditions.outdate(image)  # of what shows it: it was in the library before
    return image
