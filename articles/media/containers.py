"""Whether a file holds nothing but its picture. What readers of pictures pass over may tell something too: a note of
who made it and with what (C2PA), a text behind the last frame, a second picture behind the first.
"""

import re
from collections.abc import Callable, Iterable, Iterator

# A part is its name and its content. What makes up the picture, how it looks and how it moves:
PNG = frozenset(b"IHDR PLTE IDAT IEND tRNS bKGD cHRM gAMA iCCP sBIT sRGB cICP cLLI mDCV pHYs acTL fcTL fdAT".split())
WEBP = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])
AVIF = frozenset([b"ftyp", b"meta", b"mdat", b"moov"])
JPEG_SIGNED = {b"\xe0": b"JFIF\0", b"\xe2": b"ICC_PROFILE\0", b"\xee": b"Adobe"}  # others are notes, as a comment is
JPEG_NOTES = {bytes([marker]) for marker in (*range(0xE0, 0xF0), 0xFE)}
GIF_LOOPS = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")
JPEG_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")  # and no restart amid the picture's own data
JPEG_END, GIF_END = b"\xd9", b";"

Part = tuple[bytes, bytes]


def is_bare(kind: str, data: bytes) -> bool:
    """Whether a readable file of this kind, by Pillow's name, has no part that we don't know, nor more behind them."""
    parts, knows = KINDS[kind]
    try:
        return all(knows(*part) for part in parts(data))
    except IndexError:  # its end is missing, which Pillow forgives
        return False


def _png(data: bytes) -> Iterator[Part]:
    at = 8
    while at < len(data):
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        at += size + 12
        yield name, b""
        if name == b"IEND":
            break
    yield from _behind(data, at)


def _webp(data: bytes) -> Iterator[Part]:
    at = 12
    while at < len(data):
        yield data[at : at + 4], b""
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2


def _avif(data: bytes) -> Iterator[Part]:
    at = 0
    while at < len(data):
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        yield name, b""
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        at = at + size if size >= 8 else len(data)  # 0: the rest of the file


def _jpeg(data: bytes) -> Iterator[Part]:
    at = 2
    while found := JPEG_MARKER.search(data, at):
        at = found.end()
        if found[1] == JPEG_END:
            break
        size = int.from_bytes(data[at : at + 2])
        yield found[1], data[at + 2 : at + size]
        at += size
    yield from _behind(data, at)


def _gif(data: bytes) -> Iterator[Part]:
    at = 13 + _colours(data[10])
    while (name := data[at : at + 1]) not in (GIF_END, b""):
        kind = data[at + 1 : at + 2]  # of an extension
        at += 2
        if name == b",":  # a frame
            at += 8 + _colours(data[at + 7]) + 1
        yield name + kind if name == b"!" else name, data[at : at + 12]
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    yield from _behind(data, at + 1)


def _colours(flags: int) -> int:
    """The size of a GIF's table of colours, in bytes."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind(data: bytes, end: int) -> Iterator[Part]:
    if end != len(data):
        yield b"", data[end:]


def _among(names: frozenset[bytes]) -> Callable[[bytes, bytes], bool]:
    return lambda name, content: name in names


def _knows_of_jpeg(name: bytes, content: bytes) -> bool:
    if name in JPEG_NOTES:
        return name in JPEG_SIGNED and content.startswith(JPEG_SIGNED[name])
    return bool(name)


def _knows_of_gif(name: bytes, content: bytes) -> bool:
    return name in {b",", b"!\xf9"} or (name == b"!\xff" and content.startswith(GIF_LOOPS))


KINDS: dict[str, tuple[Callable[[bytes], Iterable[Part]], Callable[[bytes, bytes], bool]]] = {
    "PNG": (_png, _among(PNG)),
    "WEBP": (_webp, _among(WEBP)),
    "AVIF": (_avif, _among(AVIF)),
    "JPEG": (_jpeg, _knows_of_jpeg),
    "GIF": (_gif, _knows_of_gif),
}
