"""Turns a file into numbered records of cells, as a spreadsheet shows them; it judges no cell.

A record is one spreadsheet row, so a quoted newline does not advance its number, and a blank
line does. Cells are kept character for character.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import count
from pathlib import Path
from typing import BinaryIO, NamedTuple

from waheal.campaign.dialect import Dialect, detect
from waheal.campaign.encoding import Encoding
from waheal.campaign.mixture import foreign_lines
from waheal.campaign.plain_file import open_plain
from waheal.campaign.top import IsHeader

COLUMN_LIMIT = 16_384
"""Columns in a file, which is Excel's own limit."""

NAME_LIMIT = 1_000
"""Characters in a column's name, which each problem of its cells tells."""

CELL_LIMIT = 1 << 20
"""Characters in a cell; Excel itself stops at 32,767."""

_ROW_LIMIT = 1 << 22
_SAMPLE = 1 << 16
_BLOCK = 1 << 16  # bytes
_END_OF_FILE = "\x1a"  # DOS's, which some exports still write behind the last line
_CONTROLS = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_LATER_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")
_OVERRIDES = re.compile(rb"\xe2\x80[\xad\xae]")
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff]")


class Record(NamedTuple):
    """One spreadsheet row. `dirty`: some cell of it may hold characters that no text should."""

    row: int
    cells: list[str]
    dirty: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """A spreadsheet row that has no readable cells; `raw` is what stands there in the file.

    `column` counts from 0, None where it can't be told. `cuts`: it swallows rows after it.
    """

    row: int
    problem: str
    hint: str
    raw: str
    column: int | None = None
    cuts: bool = False


def unfit(text: str) -> str | None:
    """Name the first character that no text should hold, None if there is none.

    NUL and control characters other than tab and newline (which may be CRLF, LF or CR),
    direction overrides, which make a text read as what it is not, and lone surrogates, which stand
    for bytes that the file's encoding does not have.
    """
    found = _UNFIT.search(text)
    if found is None:
        return None
    code = ord(found.group())
    if code >= 0xD800:  # noqa: PLR2004 - where surrogates begin
        return "bytes that its encoding does not have"
    if code > 0xFF:  # noqa: PLR2004 - where control characters have ended
        return f"the direction override U+{code:04X}"
    return "a NUL character" if code == 0 else f"the control character U+{code:04X}"


class CsvFile:
    """A text file of cells, opened once to learn its dialect; each pass reads it anew."""

    def __init__(self, path: Path, encoding: Encoding, is_header: IsHeader) -> None:
        self._path = path
        self.encoding = encoding
        with self._open(open_plain(path)) as stream:
            sample = _sample(stream)
            whole = len(sample) < _SAMPLE
            self.dialect: Dialect = detect(sample, is_header, whole=whole)

    def _open(self, file: BinaryIO) -> TextIOWrapper:
        return TextIOWrapper(
            file, encoding=self.encoding.codec, errors=self.encoding.errors, newline=""
        )

    def records(self) -> Iterator[Record | Broken]:
        """Every record, blank ones too, in bounded memory.

        Raises: OSError.
        """
        with open_plain(self._path) as file:
            yield from _records(_Lines(file, self.encoding), self.dialect)


def _sample(stream: TextIOWrapper) -> str:
    try:
        return stream.read(_SAMPLE)
    except UnicodeDecodeError:
        return ""  # the rows will tell where


class _Lines:
    """A file's physical lines, and what is known of those of the record being read."""

    def __init__(self, file: BinaryIO, encoding: Encoding) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding.codec)(encoding.errors)
        self._marked = foreign_lines(encoding.codec, encoding.errors) if encoding.guessed else None
        self.raw: list[str] = []
        self.length = 0
        self.dirty = False
        self.ended = False

    def begin(self) -> None:
        """Forget the last record."""
        self.raw.clear()
        self.length = 0
        self.dirty = False

    def __iter__(self) -> Iterator[str]:
        marked = self._marked
        for block in self._blocks():
            sure = marked is None and _surely_fit(block)
            for line in io.StringIO(block, newline=""):
                self.raw.append(line)
                self.length += len(line)
                if self.length >= _ROW_LIMIT:
                    raise csv.Error("no row ends here")
                if sure:
                    yield line
                    continue
                told = line if marked is None else marked(line)
                if _UNFIT.search(told):
                    if told.endswith(_END_OF_FILE) and not (told := told.rstrip(_END_OF_FILE)):
                        continue
                    self.dirty = _UNFIT.search(told) is not None or self.dirty
                yield told
        self.ended = True

    def _blocks(self) -> Iterator[str]:
        """Give whole lines, many at once; of one that is too long no more than shows it."""
        rest = ""
        while data := self._file.read(_BLOCK):
            text = rest + self._decoder.decode(data)
            # A CR at the very end may be half of a CRLF.
            end = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
            if end:
                yield text[:end]
            rest = text[end:]
            if len(rest) >= _ROW_LIMIT:
                yield rest
        yield rest + self._decoder.decode(b"", final=True)


def _surely_fit(block: str) -> bool:
    """Whether `unfit` finds nothing in it: it takes a tenth of the time, since most have nothing.

    A control character is one byte in UTF-8, or two behind C2; the overrides are behind E2 80.
    """
    try:
        raw = block.encode()
    except UnicodeEncodeError:  # there are lone surrogates
        return False
    return len(raw.translate(None, _CONTROLS)) == len(raw) and not (
        _LATER_CONTROLS.search(raw) or _OVERRIDES.search(raw)
    )


def _records(lines: _Lines, dialect: Dialect) -> Iterator[Record | Broken]:
    # The limit is the csv module's own and process-wide; this is its only user.
    csv.field_size_limit(CELL_LIMIT)
    each_line = iter(lines)
    if dialect.declared:
        next(each_line, None)
    reader = dialect.reader(each_line, strict=True)
    for row in count(1):
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError:
            yield _broken(row, lines, "the file ends in the middle of a character", cuts=True)
            return
        except csv.Error:
            yield _faulty(row, lines, dialect)
            if _past_mending(lines):
                return
        else:
            yield Record(row, cells, lines.dirty)


def _past_mending(lines: _Lines) -> bool:
    return lines.ended or lines.length > CELL_LIMIT


def _faulty(row: int, lines: _Lines, dialect: Dialect) -> Broken:
    if lines.ended:
        problem = f"a quote is opened and never closed{_swallowed(len(lines.raw) - 1)}"
        return _broken(row, lines, problem, _last_cell(lines.raw, dialect), cuts=len(lines.raw) > 1)
    if lines.length >= _ROW_LIMIT:
        problem = f"the row is longer than {_ROW_LIMIT:,} characters; nothing after it was read"
        return _broken(row, lines, problem, cuts=True)
    if _past_mending(lines):
        return _broken(
            row,
            lines,
            f"a cell is longer than {CELL_LIMIT:,} characters, or a quote is opened and never"
            " closed; nothing after it was read",
            cuts=True,
        )
    problem = "text follows a closing quote, so cells can't be told apart"
    return _broken(row, lines, problem, cuts=len(lines.raw) > 1)


def _last_cell(raw: list[str], dialect: Dialect) -> int | None:
    """Position of the cell in which an unclosed record ends."""
    try:
        return len(next(dialect.reader(raw, strict=False))) - 1
    except csv.Error:
        return None


def _swallowed(lines: int) -> str:
    match lines:
        case 0:
            return ""
        case 1:
            return "; the line after it is swallowed"
        case _:
            return f"; the {lines:,} lines after it are swallowed"


def _broken(
    row: int, lines: _Lines, problem: str, column: int | None = None, *, cuts: bool = False
) -> Broken:
    hint = 'close the quote; a quote within a quoted cell is written twice: ""'
    return Broken(row, problem, hint, "".join(lines.raw), column, cuts)
