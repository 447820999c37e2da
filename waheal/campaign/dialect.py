"""Which character separates a file's cells, by evidence; it does not know the rows to come."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

SEPARATORS = (",", ";", "\t")
_SEP_LINE = re.compile(r'"?sep=([^\w\r\n"\'+])"?[,;\t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_SAMPLED_RECORDS = 10


@dataclass(frozen=True, slots=True)
class Dialect:
    """`declared` is the file's own first line, such as `sep=;`, or empty."""

    separator: str
    line_end: str
    declared: str = ""


def detect(sample: str, is_header: Callable[[Sequence[str]], bool]) -> Dialect:
    """Tell the dialect from the file's beginning.

    A `sep=` line decides. Otherwise the separator under which the first record has a phone
    column (`is_header`), then the one that gives the most cells, then the one under which the
    next records are as wide.
    """
    end = _LINE_END.search(sample)
    line_end = end.group() if end else "\r\n"
    declared = _SEP_LINE.match(sample)
    if declared:
        return Dialect(declared.group(1), line_end, declared.group())
    lines = sample.splitlines(keepends=True)

    def evidence(separator: str) -> tuple[bool, int, int]:
        records = _records(lines, separator)
        if not records:
            return False, 0, 0
        header = records[0]
        return is_header(header), len(header), sum(len(r) == len(header) for r in records)

    return Dialect(max(SEPARATORS, key=evidence), line_end)


def _records(lines: list[str], separator: str) -> list[list[str]]:
    reader = csv.reader(lines, delimiter=separator)
    try:
        return list(islice(filter(None, reader), _SAMPLED_RECORDS))
    except csv.Error:
        return []
