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
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec, and the error handler that turns bytes it can't read into lone surrogates.

    A lone surrogate is then found, and named with its row and column, as a control character is.
    """

    codec: str
    errors: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a file's bytes told: `sha256` in hex, `size` in bytes.

    `encoding` is None for a workbook (a zip file).
    """

    encoding: Encoding | None
    sha256: str
    size: int


def scan(path: Path) -> Scan:
    """Read the file once, in bounded memory.

    Raises: OSError.
    """
    digest = hashlib.sha256()
    size = 0
    evidence = _Evidence()
    for chunk in _chunks(path):
        digest.update(chunk)
        evidence.take(chunk, first=size == 0)
        size += len(chunk)
    return Scan(evidence.verdict(), digest.hexdigest(), size)


def encoding_of(data: bytes) -> Encoding | None:
    """Tell the encoding of bytes at hand; None for a workbook."""
    evidence = _Evidence()
    evidence.take(data, first=True)
    return evidence.verdict()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


class _Evidence:
    """Collects what speaks for an encoding, chunk by chunk."""

    def __init__(self) -> None:
        self._settled: str | None = None
        self._workbook = False
        self._utf8 = codecs.getincrementaldecoder("utf-8")("strict")
        self._valid = True
        self._multibyte = 0
        self._stray = 0

    def take(self, chunk: bytes, *, first: bool) -> None:
        if first:
            self._workbook = chunk.startswith(_ZIP)
            self._settled = _by_mark(chunk) or _by_nuls(chunk)
        if self._settled is None and not self._workbook:
            self._weigh(chunk)

    def _weigh(self, chunk: bytes) -> None:
        if self._valid:
            try:
                self._utf8.decode(chunk)
            except UnicodeDecodeError:
                self._valid = False
        if chunk.isascii():
            return
        sequences = _MULTIBYTE.findall(chunk)
        self._multibyte += len(sequences)
        self._stray += len(chunk) - len(chunk.translate(None, _HIGH)) - _total(sequences)

    def verdict(self) -> Encoding | None:
        if self._workbook:
            return None
        if self._settled is not None:
            errors = "surrogateescape" if self._settled == "utf-8-sig" else "surrogatepass"
            return Encoding(self._settled, errors)
        if self._valid or self._multibyte > self._stray:
            return Encoding("utf-8", "surrogateescape")
        return Encoding("cp1252", "surrogateescape")


def _total(sequences: Iterable[bytes]) -> int:
    return sum(map(len, sequences))


def _by_mark(head: bytes) -> str | None:
    return next((codec for mark, codec in _MARKS if head.startswith(mark)), None)


def _by_nuls(head: bytes) -> str | None:
    """Tell UTF-16 without a mark: separators, digits and line ends leave NULs in one half only."""
    head = head[: 4096 - 4096 % 2]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd * 4 > len(head) // 2 and even * 8 < odd:
        return "utf-16-le"
    if even * 4 > len(head) // 2 and odd * 8 < even:
        return "utf-16-be"
    return None
