"""Which of a file's first records is its header; it gives no column a meaning."""

import re
from collections.abc import Callable, Sequence

LOOKED_AT = 30
"""Records among which a header may stand."""

IsHeader = Callable[[Sequence[str]], bool]
"""Whether a record names a phone column, and names it well enough to stand below others."""

_NUMBER = re.compile(r"[\s'(]*(?:\+|00)?[\s(]*[0-9][0-9 ()./\-]{5,}[0-9]\s*")
_MOMENT = re.compile(r"[0-9]{1,4}([-./])[0-9]{1,2}\1[0-9]{1,4}(?:\s.*)?")
_DIGITS = range(8, 16)
_LONGEST_NUMBER = 60  # with all that may stand between its digits


def header_at(records: Sequence[Sequence[str]], is_header: IsHeader) -> int:
    """Find the header among the first records that aren't blank: mostly the first of them.

    Lines above it are a title, or say where the list is from: they hold no number, and fewer cells
    than it has.
    """
    if not records or is_header(records[0]):
        return 0
    for place, record in enumerate(records[:LOOKED_AT]):
        if is_header(record):
            return place if all(_above(each, record) for each in records[:place]) else 0
        if holds_number(record):
            return 0
    return 0


def holds_number(cells: Sequence[str]) -> bool:
    """Whether some cell is a telephone number and nothing else, as no header's is."""
    return any(map(_is_number, cells))


def _above(title: Sequence[str], header: Sequence[str]) -> bool:
    filled = _filled(title)
    return filled == 1 or filled < _filled(header)


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _is_number(cell: str) -> bool:
    return (
        len(cell) <= _LONGEST_NUMBER
        and _NUMBER.fullmatch(cell) is not None
        and sum(map(str.isdigit, cell)) in _DIGITS
        and _MOMENT.fullmatch(cell.strip()) is None
    )
