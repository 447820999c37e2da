"""In which encoding a file's bytes are written, by evidence; it does not know what they say.

A byte order mark says it outright. Without one, NUL in every other place means UTF-16. What is
valid UTF-8 throughout is UTF-8: other encodings' text passes that test by accident only. The
rest is UTF-8 that was damaged, where most of its lines are: the damage is the row's problem
instead of everybody's garbled name. Else it is a guess, and told as one.
"""

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from waheal.campaign.guessing import LINES, guess
from waheal.campaign.plain_file import PlainFile
from waheal.campaign.strangers import HEAD, Stranger, directory_at, stranger, writing

_CHUNK = 1 << 20
_LINE_ENDS = re.compile(rb"[\r\n]+")
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_MOST_STRAY = 4  # one in so many of a line's: more are no damage
_HIGH = bytes(range(0x80, 0x100))
_MARKS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NEED_MARK = ("utf-16", "utf-32")  # their codecs read nothing without one
_WINDOWS = re.compile(r"\Awin(?:dows)?-?(?=[0-9])")
_ALSO_CALLED = {
    "ansi": "cp1252", "western": "cp1252", "excel": "cp1252", "latin": "cp1252",
    "mac": "mac-roman", "macintosh": "mac-roman", "macosroman": "mac-roman", "gb": "gb18030",
    "chinese": "gb18030", "cp936": "gb18030", "936": "gb18030", "big5": "cp950", "euc-kr": "cp949",
    "gbk": "gb18030", "gb2312": "gb18030", "unicode": "utf-16", "latin-1": "cp1252",
    "shift-jis": "cp932", "sjis": "cp932", "ms932": "cp932", "dos": "cp850",
    "iso-8859-1": "cp1252", "latin1": "cp1252",
}  # fmt: skip
"""Names that codecs do not go by, and those whose files are mostly a larger encoding's."""
_NOT_OF_FILES = ("idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "utf-7")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # .xlsx, .xls
# UTF-8 that was taken for Windows-1252 and saved as UTF-8 has at least one of these.
_MANGLED = re.compile(rb"\xc3[\x82\x83\x90\x91\xa2]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec, and the error handler that turns bytes it can't read into lone surrogates.

    A lone surrogate is then found, and named with its row and column, as a control character is.
    `guessed`: nothing in the file proves it. `mangled`: it may hold text that was read in a wrong
    encoding before it was saved in this one.
    """

    codec: str
    errors: str
    guessed: bool = False
    mangled: bool = False


_WORKBOOK = Encoding("", "")


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a file's bytes told: `sha256` in hex.

    `encoding` is None for a workbook. `identity` is the file's, as it was opened. `stranger`: what
    the file is instead of a list; `writing`: what it is if it has no column of numbers.
    """

    encoding: Encoding | None
    sha256: str
    identity: tuple[int, ...]
    stranger: Stranger | None = None
    writing: Stranger | None = None


def scan(path: Path, codec: str | None = None) -> Scan:
    """Read the file, in bounded memory. A `codec` that is given is taken as it is.

    Raises: OSError.
    """
    digest = hashlib.sha256()
    valid, mangled = _Utf8(), False
    head = b""
    with PlainFile(path) as file:
        for chunk in _chunks(file):
            head = head or chunk[:HEAD]
            digest.update(chunk)
            valid.take(chunk)
            mangled = mangled or _MANGLED.search(chunk) is not None
        settled = _settled(head, codec)
        if settled is None:
            settled = Encoding("utf-8", "") if valid.so_far else _judged(_chunks(file))
        found = stranger(head, _rest(file, head))
        encoding = None if settled is _WORKBOOK else _handled(settled, mangled=mangled)
        return Scan(encoding, digest.hexdigest(), file.identity, found, writing(head))


def _rest(file: PlainFile, head: bytes) -> bytes:
    """Read what tells a file's kind beside its head: its end, and what it lists elsewhere."""
    listed = b""
    if (place := directory_at(head)) is not None and place < file.size:
        file.seek(place)
        listed = file.read(HEAD)
    file.seek(max(0, file.size - HEAD))
    return listed + file.read(HEAD)


def encoding_of(data: bytes) -> Encoding | None:
    """Tell the encoding of bytes at hand; None for a workbook."""
    valid = _Utf8()
    valid.take(data)
    settled = _settled(data, None)
    if settled is None:
        settled = Encoding("utf-8", "") if valid.so_far else _judged([data])
    return None if settled is _WORKBOOK else _handled(settled, mangled=False)


def _settled(head: bytes, codec: str | None) -> Encoding | None:
    """Tell what needs no look at the rest."""
    if head.startswith(_WORKBOOKS):
        return _WORKBOOK
    mark = _by_mark(head)
    if codec is not None:
        # What is named stands, and its mark is no part of the first name.
        if mark and mark.startswith(codec):
            return Encoding(mark, "")
        if codec in _NEED_MARK:
            return Encoding(_by_nuls(head) or f"{codec}-le", "")  # as Windows writes it
        return Encoding(codec, "")
    found = mark or _by_nuls(head)
    return None if found is None else Encoding(found, "")


def codec_of(name: str) -> str | None:
    """Give the codec of an encoding, by any of its names; None where it is none of texts."""
    plain = name.strip().lower().replace("_", "-").removeprefix("x-")
    plain = _WINDOWS.sub("cp", plain)
    try:
        info = codecs.lookup(_ALSO_CALLED.get(plain, plain))
        text = b"a\0\0\0".decode(info.name)  # what is no encoding of texts is refused
    except (LookupError, ValueError, UnicodeError):
        return None
    return info.name if text and info.name not in _NOT_OF_FILES else None


def _handled(found: Encoding, *, mangled: bool) -> Encoding:
    # surrogateescape keeps stray bytes of one-byte units; UTF-16 and UTF-32 have none.
    wide = found.codec.startswith(("utf-16", "utf-32"))
    return replace(found, errors="surrogatepass" if wide else "surrogateescape", mangled=mangled)


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


def _judged(chunks: Iterable[bytes]) -> Encoding:
    """Judge what is not UTF-8 throughout, by its lines with bytes above ASCII."""
    sample = list[bytes]()
    utf8 = other = 0
    for line in _high_lines(chunks):
        high = len(line) - len(line.translate(None, _HIGH))
        stray = high - _in_sequences(line)
        if stray * _MOST_STRAY <= high:
            utf8, other = utf8 + high - stray, other + stray
        else:
            other += high
            if len(sample) < LINES:
                sample.append(line)
    return Encoding("utf-8", "") if utf8 >= other else Encoding(guess(sample), "", guessed=True)


def _high_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = _LINE_ENDS.split(rest[:_CHUNK] + chunk)
        yield from (line for line in lines if not line.isascii())
    if not rest.isascii():
        yield rest


def _in_sequences(line: bytes) -> int:
    """Count the bytes that are part of UTF-8's sequences."""
    return sum(map(len, _SEQUENCE.findall(line)))


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
