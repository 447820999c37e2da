"""Turns a file into numbered records of cells, as a spreadsheet shows them; it judges no cell.

A record is one spreadsheet row, so a quoted newline does not advance its number, and a blank
line does. Cells are kept character for character.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
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
_END_OF_FILE = "\x1a"  # DOS's, which some exports still write behind the last line
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
        with open_plain(self._path) as file, self._open(file) as stream:
            guessed = self.encoding.guessed
            marked = foreign_lines(self.encoding.codec, self.encoding.errors) if guessed else None
            lines = _Lines(stream, marked)
            if self.dialect.declared:
                stream.readline()
            yield from _records(lines, self.dialect)


def _sample(stream: TextIOWrapper) -> str:
    try:
        return stream.read(_SAMPLE)
    except UnicodeDecodeError:
        return ""  # the rows will tell where


class _Lines:
    """A file's physical lines, and what is known of those of the record being read."""

    def __init__(self, stream: TextIOWrapper, marked: Callable[[str], str] | None) -> None:
        self._stream = stream
        self._marked = marked
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
        readline, search, marked = self._stream.readline, _UNFIT.search, self._marked
        while line := readline(_ROW_LIMIT):
            self.raw.append(line)
            self.length += len(line)
            if self.length >= _ROW_LIMIT:
                raise csv.Error("no row ends here")
            if marked is not None:
                line = marked(line)
            if search(line):
                if line.endswith(_END_OF_FILE) and not (line := line.rstrip(_END_OF_FILE)):
                    continue
                self.dirty = search(line) is not None or self.dirty
            yield line
        self.ended = True


def _records(lines: _Lines, dialect: Dialect) -> Iterator[Record | Broken]:
    # The limit is the csv module's own and process-wide; this is its only user.
    csv.field_size_limit(CELL_LIMIT)
    reader = dialect.reader(lines, strict=True)
    row = 0
    while True:
        row += 1
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
