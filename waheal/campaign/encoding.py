"""In which encoding a file's bytes are written, by evidence; it does not know what they say.

A byte order mark says it outright. Without one, NUL in every other place means UTF-16. What is
valid UTF-8 throughout is UTF-8: other encodings' text passes that test by accident only. The
rest is Windows-1252, unless valid UTF-8 sequences outnumber the broken bytes: then it is UTF-8
that was damaged, and the damage is the row's problem instead of everybody's garbled name.
"""

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from waheal.campaign.plain_file import PlainFile

_CHUNK = 1 << 20
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = bytes(range(0x80, 0x100))
_MARKS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # .xlsx, .xls
_WORKBOOK = "workbook"


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec, and the error handler that turns bytes it can't read into lone surrogates.

    A lone surrogate is then found, and named with its row and column, as a control character is.
    `guessed`: nothing in the file proves it.
    """

    codec: str
    errors: str
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a file's bytes told: `sha256` in hex.

    `encoding` is None for a workbook. `identity` is the file's, as it was opened.
    """

    encoding: Encoding | None
    sha256: str
    identity: tuple[int, ...]


def scan(path: Path) -> Scan:
    """Read the file, in bounded memory.

    Raises: OSError.
    """
    digest = hashlib.sha256()
    valid = _Utf8()
    settled: str | None = None
    with PlainFile(path) as file:
        for number, chunk in enumerate(_chunks(file)):
            if number == 0:
                settled = _workbook(chunk) or _by_mark(chunk) or _by_nuls(chunk)
            digest.update(chunk)
            if settled is None:
                valid.take(chunk)
        if settled is None:
            settled = "utf-8" if valid.so_far or _mostly_utf8(_chunks(file)) else "cp1252"
        return Scan(_encoding(settled), digest.hexdigest(), file.identity)


def encoding_of(data: bytes) -> Encoding | None:
    """Tell the encoding of bytes at hand; None for a workbook."""
    valid = _Utf8()
    valid.take(data)
    settled = _workbook(data) or _by_mark(data) or _by_nuls(data)
    if settled is None:
        settled = "utf-8" if valid.so_far or _mostly_utf8([data]) else "cp1252"
    return _encoding(settled)


def _encoding(codec: str) -> Encoding | None:
    if codec == _WORKBOOK:
        return None
    # surrogateescape keeps stray bytes of one-byte units; UTF-16 and UTF-32 have none.
    wide = codec.startswith(("utf-16", "utf-32"))
    return Encoding(codec, "surrogatepass" if wide else "surrogateescape")


def _chunks(file: PlainFile) -> Iterator[bytes]:
    file.seek(0)
    buffer = bytearray(_CHUNK)
    while length := file.readinto(buffer):
        yield bytes(buffer[:length])


class _Utf8:
    """Whether the chunks so far are UTF-8; a character that the last one cuts off is forgiven."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self.so_far = True

    def take(self, chunk: bytes) -> None:
        if self.so_far:
            try:
                self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self.so_far = False


def _mostly_utf8(chunks: Iterable[bytes]) -> bool:
    valid = stray = 0
    for chunk in chunks:
        sequences = _MULTIBYTE.findall(chunk)
        valid += len(sequences)
        stray += len(chunk) - len(chunk.translate(None, _HIGH)) - sum(map(len, sequences))
    return valid > stray


def _workbook(head: bytes) -> str | None:
    return _WORKBOOK if head.startswith(_WORKBOOKS) else None


def _by_mark(head: bytes) -> str | None:
    return next((codec for mark, codec in _MARKS if head.startswith(mark)), None)


def _by_nuls(head: bytes) -> str | None:
    """Tell UTF-16 without a mark: separators, digits and line ends leave NULs in one half only."""
    head = head[: 4096 - 4096 % 2]
    even, odd = head[::2].count(0), head[1::2].count(0)
    few = max(3, len(head) // 2 * 15 // 100)  # a damaged file may hold a NUL or two
    if odd > few and even * 8 < odd:
        return "utf-16-le"
    if even > few and odd * 8 < even:
        return "utf-16-be"
    return None
