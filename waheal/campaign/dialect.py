"""How a file's cells are told apart, by evidence; it does not know the rows to come."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from waheal.campaign.top import LOOKED_AT, IsHeader, header_at

_USUAL = (",", ";", "\t")
_SELDOM = ("|", "\uff0c", "\uff1b", "\u3001", ":", "\uff1a", "^", "~", "\u00a6", "\x1f", "\x01")
SEPARATORS = _USUAL + _SELDOM
"""What cells may be told apart by. For the seldom ones the header decides: texts have them."""

_NOTHING = " \u00a0,;\t|\uff0c\uff1b"  # what a blank line may have, whatever separates its cells
_SEP_LINE = re.compile(r'"?sep=([^\w\r\n"\'+])"?[,;\t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_SAMPLED_RECORDS = LOOKED_AT + 10
_LOOKED_AT = 10_000  # lines; a sample of blank ones has many more
_PADDED = re.compile(r"(?<! ) +\"")
_NULL = "\\N"
_ESCAPED = '\\"'


@dataclass(frozen=True, slots=True)
class Dialect:
    r"""`declared` is the file's own first line, such as `sep=;`, or empty.

    `padded`: blanks stand round quoted cells, and mean nothing. `nested`: each line is quoted as a
    whole once more, as some programs do with what they take for one cell. `escaped`: a backslash
    stands before a quote that is part of its cell. `nulls`: a cell `\N` is empty; MySQL writes
    both.
    """

    separator: str
    line_end: str
    declared: str = ""
    padded: bool = False
    escaped: bool = False
    nulls: bool = False
    nested: bool = False

    def reader(self, lines: Iterable[str], *, strict: bool) -> Iterator[list[str]]:
        """Split lines into records.

        Raises: csv.Error from the reader, where it is to be strict.
        """
        if self.nulls:
            lines = _without(_null(self.separator), lines)
        if self.padded:
            lines = _without(_blanks_behind(self.separator), lines)
        records = csv.reader(
            lines,
            delimiter=self.separator,
            escapechar="\\" if self.escaped else None,
            skipinitialspace=self.padded,
            strict=strict,
        )
        return self._unnested(records, strict=strict) if self.nested else records

    def _unnested(self, records: Iterable[list[str]], *, strict: bool) -> Iterator[list[str]]:
        for record in records:
            whole = len(record) == 1 and self.separator in record[0]
            if whole:
                yield next(csv.reader(record, delimiter=self.separator, strict=strict))
            else:
                yield record


def _without(pattern: str, lines: Iterable[str]) -> Iterator[str]:
    remove = re.compile(pattern).sub
    return (remove("", line) for line in lines)


def _null(separator: str) -> str:
    ends = re.escape(separator)
    return rf"(?:(?<={ends})|^)\\N(?={ends}|[\r\n]|$)"


def _padded(separator: str) -> str:
    """Match each cell of a file: the blanks before it, and what is quoted in it."""
    end = re.escape(separator)
    return rf'( *)("(?:[^"]|"")*+")?[^{end}\r\n]*+(?:{end}|[\r\n]+|\Z)'


def _blanks_behind(separator: str) -> str:
    end = re.escape(separator)  # a quote right behind it begins a cell
    return rf'(?<=[^"\s{end}]")[ ]+(?={end}|[\r\n]|$)'


def detect(sample: str, is_header: IsHeader, *, whole: bool = True) -> Dialect:
    """Tell the dialect from the file's beginning; without `whole` there is more of it.

    A `sep=` line decides. Otherwise the separator under which the header has a phone column
    (`is_header`), then the one that gives the most cells, then the one under which the records
    below are as wide.
    """
    end = _LINE_END.search(sample)
    line_end = end.group() if end else "\r\n"
    declared = _SEP_LINE.match(sample)
    if declared:
        found = Dialect(declared.group(1), line_end, declared.group())
        return _quoting(found, _lines(sample[declared.end() :]), whole=whole)
    lines = _lines(sample)

    def evidence(separator: str) -> tuple[bool, int, int]:
        records = _records(lines, Dialect(separator, line_end))
        if not records:
            return False, 0, 0
        place = header_at(records, is_header)
        header = records[place]
        named = is_header(header)
        width = len(header)
        alike = sum(len(record) == width for record in records[place:])
        if separator in _SELDOM and not (named and 2 * alike > len(records) - place):
            return False, 0, 0
        return named, width, alike

    chosen = Dialect(max(SEPARATORS, key=evidence), line_end)
    if not evidence(chosen.separator)[0]:
        chosen = _nested(lines, line_end, is_header) or chosen
    return _quoting(chosen, lines, whole=whole)


def _nested(lines: list[str], line_end: str, is_header: IsHeader) -> Dialect | None:
    """Tell whether there is a header once what is quoted as a whole is split again."""
    for separator in SEPARATORS:
        dialect = Dialect(separator, line_end, nested=True)
        records = _records(lines, dialect)
        if records and len(records[0]) > 1 and is_header(records[0]):
            return dialect
    return None


def _lines(sample: str) -> list[str]:
    return list(islice(io.StringIO(sample, newline=""), _LOOKED_AT))


def _quoting(found: Dialect, lines: list[str], *, whole: bool) -> Dialect:
    """Tell what stands round quotes."""
    if any(_PADDED.search(line) for line in lines):
        cells = re.finditer(_padded(found.separator), "".join(lines))
        found = replace(found, padded=any(cell[1] and cell[2] for cell in cells))
    behind = _blanks_behind(found.separator)
    if not found.padded and any(re.search(behind, line) for line in lines):
        padded = replace(found, padded=True)
        found = padded if _faults(lines, padded) < _faults(lines, found) else found
    null = _null(found.separator)
    if any(_NULL in line and re.search(null, line) for line in lines):
        found = replace(found, nulls=True)
    if any(_ESCAPED in line for line in lines):
        escaped = replace(found, escaped=True)
        lines = lines if whole else lines[:-1]
        if _faults(lines, escaped) < _faults(lines, found):
            return escaped
    return found


def _faults(lines: list[str], dialect: Dialect) -> int:
    """Count the records that are not as wide as the first; one that can't be read ends them."""
    width, faults = 0, 0
    reader = dialect.reader(lines, strict=True)
    try:
        for record in filter(None, reader):
            width = width or len(record)
            faults += len(record) != width
    except csv.Error:
        faults += len(lines)
    return faults


def _records(
    lines: list[str], dialect: Dialect, most: int = _SAMPLED_RECORDS
) -> list[Sequence[str]]:
    try:
        return list(islice(filter(_filled, dialect.reader(lines, strict=False)), most))
    except csv.Error:
        return []


def _filled(record: Sequence[str]) -> bool:
    return any(cell.strip(_NOTHING) for cell in record)
