"""Reads the pages of an Ogg file (RFC 3533) and the head of an Opus stream in it (RFC 7845)."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_HEAD = 27  # bytes of a page before its table of segments
_UNKNOWN = -1  # the granule of a page on which no packet ends
_LACED = 255  # a segment of so many bytes is not its packet's last
_PAGES = 1_000_000  # of 16 MB, each with its head, there can't be more
_ONE_FRAME = 0  # RFC 6716, 3.1: the code in the last two bits of a packet's first byte


class OggPage(NamedTuple):
    """A page: its granule position, and the bytes of its first packet, where they are asked for."""

    granule: int
    first: bytes


class OggError(ValueError):
    """There is no page where one should be, or it ends too early."""


def pages(file: BinaryIO) -> Iterator[OggPage]:
    """Walk the pages from where the file stands to its end.

    Raises:
        OggError: it is cut short, or no Ogg.
    """
    for _ in range(_PAGES):
        head = file.read(_HEAD)
        if not head:
            return
        if len(head) < _HEAD or not head.startswith(b"OggS"):
            raise OggError
        table = file.read(head[26])
        body = file.read(sum(table))
        if len(table) < head[26] or len(body) < sum(table):
            raise OggError
        yield OggPage(int.from_bytes(head[6:14], "little", signed=True), _first(table, body))
    raise OggError


def refused_on_iphones(file: BinaryIO) -> str | None:
    """Say why iPhones do not play an Opus file as a voice note, if they do not.

    They take what phones record: one channel, several frames in each packet. Others are told as
    no longer available (https://github.com/WhiskeySockets/Baileys/pull/2648).
    """
    file.seek(0)
    walk = pages(file)
    head = next(walk)
    channels = head.first[9] if len(head.first) > 9 else 1  # noqa: PLR2004 - RFC 7845, 5.1
    if channels != 1:
        return f"it has {channels} channels"
    next(walk)  # the comments
    sound = next(page for page in walk if page.first)
    return "it has one frame in a packet" if sound.first[0] & 3 == _ONE_FRAME else None


def _first(table: bytes, body: bytes) -> bytes:
    length = 0
    for size in table:
        length += size
        if size < _LACED:
            break
    return body[:length]
