"""The copies of a picture that fit smaller screens, made once: when it is uploaded, or by render_again.

They are WebP. Measured on two cores, all widths of a photo of 20 megapixels take 0.1 s as WebP and 1.3 s as AVIF, for a
tenth fewer bytes. A drawing, or a picture of a screen, is smaller as WebP without loss than as either with.
"""

from io import BytesIO
from pathlib import Path
from uuid import uuid4

import PIL.Image
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import ImageCms

from articles.models import Article, Image
from articles.models.article import ArticleQuerySet
from articles.models.media import FOLDER, WIDEST

VERSION = 2  # one more whenever other copies are to be made
WIDTHS = (320, 640, 960, 1280, WIDEST)  # pixels: from a teaser's to our page's on a screen twice as dense
QUALITY = 80
MAX_SIDE = 16_383  # pixels, of WebP
LOSSLESS = {"PNG", "GIF"}


def make(image: Image, data: bytes) -> None:
    """Put the copies of a picture into the storage, and note on the row, which isn't saved here, which there are.

    The original, which all browsers know, stays the one for those that don't know WebP; and the widest where it is WebP
    itself, or smaller than a copy as wide. None are made of an animation, and none that would be no smaller than a
    wider one.
    """
    picture = PIL.Image.open(BytesIO(data))
    copies = _copies(picture, len(data)) if _is_still(picture) else {}
    image.widths, image.made_by = sorted(copies), VERSION
    for width, copy in copies.items():
        put(image.copy(width), copy)


def wanting() -> list[int]:
    """The ids of pictures whose copies an earlier version has made, or none yet, or of which the storage lost one."""
    names = default_storage.listdir(FOLDER)[1] if default_storage.exists(FOLDER) else []
    there = {f"{FOLDER}{name}" for name in names}
    images = Image.objects.order_by("pk").only("digest", "widths", "made_by")
    return [image.pk for image in images.iterator() if image.made_by < VERSION or not there.issuperset(image.copies)]


@transaction.atomic
def make_again(pk: int) -> None:
    """Make the copies of a picture, and where there are others than before, let what shows it be rendered again."""
    for image in Image.objects.filter(pk=pk).select_for_update():
        before = image.widths
        with image.file.open() as file:
            make(image, file.read())
        image.save(update_fields=["widths", "made_by"])
        if image.widths != before:
            outdate(image)


def outdate(image: Image) -> None:
    """Let render_again make anew the articles and pages that show this picture."""
    ArticleQuerySet(Article).filter(images=image).update(rendered_by=0)


def _is_still(picture: PIL.Image.Image) -> bool:
    # 16 bits a colour have no WebP
    return not (getattr(picture, "is_animated", False) or picture.mode in {"I", "F"} or ";" in picture.mode)


def _copies(picture: PIL.Image.Image, size: int) -> dict[int, bytes]:
    """By width. `size` is the original's, in bytes."""
    kind, (full_width, full_height) = picture.format, picture.size
    own = () if kind == "WEBP" else (full_width,)
    widths = [width for width in WIDTHS if width < full_width] + [width for width in own if width <= WIDTHS[-1]]
    if not widths or full_height * widths[-1] > MAX_SIDE * full_width:
        return {}
    picture.draft("RGB", (widths[-1], 1))  # a JPEG is read no larger than it has to be
    copies, fits = {}, size
    picture = _in_srgb(picture)
    for width in reversed(widths):
        picture = _resized(picture, width, full_width / full_height)
        copy = _encoded(picture, lossless=kind in LOSSLESS and width == full_width)
        if len(copy) < fits:
            copies[width], fits = copy, len(copy)
    return copies


def _in_srgb(picture: PIL.Image.Image) -> PIL.Image.Image:
    """In the colours that a browser takes for granted, so that no copy has to carry a profile."""
    profile, mode = picture.info.get("icc_profile"), "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode not in {"RGB", "RGBA", "CMYK"}:
        picture = picture.convert(mode)
    try:
        if profile:
            given, wanted = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            picture = ImageCms.profileToProfile(picture, given, wanted, outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError):  # a profile of something else: the colours are what they are
        pass
    return picture.convert(mode)


def _resized(picture: PIL.Image.Image, width: int, shape: float) -> PIL.Image.Image:
    size = (width, max(1, round(width / shape)))
    return picture if size == picture.size else picture.resize(size, PIL.Image.Resampling.LANCZOS, reducing_gap=2.0)


def _encoded(picture: PIL.Image.Image, *, lossless: bool) -> bytes:
    """As WebP; of an original without loss in whichever way is smaller, with loss or without."""
    ways: list[dict[str, int]] = [{"quality": QUALITY}, {"lossless": True, "quality": 20}]
    made = []
    for options in ways[: 1 + lossless]:
        out = BytesIO()
        picture.save(out, "WEBP", method=2, **options)  # the slower methods win a twentieth
        made.append(out.getvalue())
    return min(made, key=len)


def put(name: str, data: bytes) -> None:
    """Store a file that is named by what it is made of: whole at once, however many do so, over what a crash left."""
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        part.write_bytes(data)
        part.chmod(0o644)  # as Django stores an upload, whatever the umask
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
