"""Tells what a file holds by its bytes, and whether it is whole; it does not know its name."""

import re
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from waheal.campaign import ogg
from waheal.model import OPUS, MediaKind

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_HEAD = 64
_TAIL = 4096
_CHUNK = 1 << 16
_PARTS = 100_000  # of which a file is made up; a real one has some thousands


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file is to WhatsApp, and its media type."""

    kind: MediaKind
    mime: str


class CutShortError(ValueError):
    """The content ends too early, or is damaged."""


# What WhatsApp shows in place; the rest travels as a document.
# https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media (supported media types)
_SIGNATURES: tuple[tuple[re.Pattern[bytes], MediaKind, str], ...] = (
    (re.compile(re.escape(_PNG)), MediaKind.IMAGE, "image/png"),
    (re.compile(re.escape(_JPEG)), MediaKind.IMAGE, "image/jpeg"),
    (re.compile(rb"....ftyp(?:M4A|M4B)", re.DOTALL), MediaKind.AUDIO, "audio/mp4"),
    (re.compile(rb"....ftyp3g", re.DOTALL), MediaKind.VIDEO, "video/3gpp"),
    (re.compile(rb"....ftyp(?:heic|heix|mif1)", re.DOTALL), MediaKind.DOCUMENT, "image/heic"),
    (re.compile(rb"....ftypavif", re.DOTALL), MediaKind.DOCUMENT, "image/avif"),
    (re.compile(rb"....ftypqt", re.DOTALL), MediaKind.DOCUMENT, "video/quicktime"),
    (re.compile(rb"....ftyp", re.DOTALL), MediaKind.VIDEO, "video/mp4"),
    (re.compile(rb"OggS.{24}OpusHead", re.DOTALL), MediaKind.AUDIO, OPUS),
    (re.compile(rb"OggS"), MediaKind.DOCUMENT, "audio/ogg"),
    (re.compile(rb"#!AMR"), MediaKind.AUDIO, "audio/amr"),
    (re.compile(rb"ID3|\xff[\xfb\xf3\xf2\xfa]"), MediaKind.AUDIO, "audio/mpeg"),
    (re.compile(rb"\xff[\xf1\xf9]"), MediaKind.AUDIO, "audio/aac"),
    (re.compile(rb"%PDF-"), MediaKind.DOCUMENT, "application/pdf"),
    (re.compile(rb"GIF8[79]a"), MediaKind.DOCUMENT, "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), MediaKind.DOCUMENT, "image/webp"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), MediaKind.DOCUMENT, "audio/wav"),
    (re.compile(rb"BM.{8}[\x00-\xff]", re.DOTALL), MediaKind.DOCUMENT, "image/bmp"),
    (re.compile(rb"PK\x03\x04"), MediaKind.DOCUMENT, "application/zip"),
)


def recognise(file: BinaryIO) -> FileKind | None:
    """Tell what a file is by its first bytes, None if they say nothing."""
    file.seek(0)
    head = file.read(_HEAD)
    for pattern, kind, mime in _SIGNATURES:
        if pattern.match(head):
            return FileKind(kind, mime)
    return None


def verify(file: BinaryIO, mime: str, size: int) -> None:
    """Look whether the content is whole, as far as its format tells.

    Raises: CutShortError.
    """
    match mime:
        case "image/png":
            _verify_png(file)
        case "image/jpeg":
            if b"\xff\xd9" not in _tail(file, size):
                raise CutShortError("the JPEG ends too early")
        case "application/pdf":
            if b"%%EOF" not in _tail(file, size):
                raise CutShortError("the PDF ends too early")
        case "application/zip":
            if b"PK\x05\x06" not in _tail(file, size, 1 << 16):
                raise CutShortError("the archive ends too early")
        case "video/mp4" | "video/3gpp" | "audio/mp4":
            _verify_boxes(file, size)
        case "audio/ogg; codecs=opus" | "audio/ogg":
            _verify_ogg(file)
        case _:
            pass


def _verify_ogg(file: BinaryIO) -> None:
    file.seek(0)
    try:
        last = max((page.granule for page in ogg.pages(file)), default=0)
    except ogg.OggError as error:
        raise CutShortError("the recording ends too early") from error
    if last <= 0:
        raise CutShortError("the recording has no sound")


def _tail(file: BinaryIO, size: int, length: int = _TAIL) -> bytes:
    file.seek(max(0, size - length))
    return file.read(length)


def _verify_png(file: BinaryIO) -> None:
    """Walk the chunks and their checksums (https://www.w3.org/TR/png/#5Chunk-layout)."""
    file.seek(len(_PNG))
    for _ in range(_PARTS):
        head = file.read(8)
        length = int.from_bytes(head[:4])
        checksum = zlib.crc32(head[4:])
        while length > 0 and (data := file.read(min(length, _CHUNK))):
            checksum = zlib.crc32(data, checksum)
            length -= len(data)
        stored = file.read(4)
        if len(head) < 8 or length > 0 or len(stored) < 4:  # noqa: PLR2004 - a chunk's own layout
            raise CutShortError("the PNG ends too early")
        if int.from_bytes(stored) != checksum:
            raise CutShortError("the PNG is damaged: a checksum is wrong")
        if head[4:] == b"IEND":
            return
    raise CutShortError("the PNG has too many parts")


def _verify_boxes(file: BinaryIO, size: int) -> None:
    """Walk the top-level boxes (ISO/IEC 14496-12, 4.2)."""
    at = 0
    seen = set()
    for _ in range(_PARTS):
        if at >= size:
            break
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4])
        if length == 1:
            length = int.from_bytes(head[8:16])
        elif length == 0:
            length = size - at
        if len(head) < 8 or length < 8 or at + length > size:  # noqa: PLR2004 - a box's own layout
            raise CutShortError("the recording ends too early")
        seen.add(head[4:8])
        at += length
    if at < size:
        raise CutShortError("the recording has too many parts")
    if not seen & {b"moov", b"moof"}:
        raise CutShortError("the recording has no index")
