"""Reads a workbook's first sheet as the rows that its CSV would have; it judges no cell."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import dropwhile
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from waheal.campaign.reading import Record

_Cell = int | float | str | bool | time | date | datetime | timedelta
_WHOLE = 1e15


class WorkbookError(ValueError):
    """The file looks like a workbook and can't be read as one; the message says why."""


class Workbook:
    """A workbook, held in memory; only its first sheet is a campaign."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises: WorkbookError, OSError."""
        content = io.BytesIO(path.read_bytes())
        try:
            book = CalamineWorkbook.from_filelike(content)
            self.sheets = tuple(book.sheet_names)
            self._sheet = book.get_sheet_by_index(0) if self.sheets else None
        except CalamineError as error:
            raise WorkbookError(f"the workbook can't be read: {error}") from error
        except BaseException as error:
            # A panic of the Rust library is a BaseException without a public name.
            if type(error).__name__ != "PanicException":
                raise
            raise WorkbookError("the workbook can't be read: it is damaged") from error

    def records(self) -> Iterator[Record]:
        """Every row from the sheet's first, with the numbers that Excel shows."""
        if self._sheet is None or self._sheet.start is None:
            return
        above, left = self._sheet.start
        # Whether empty rows before the first used one are given differs between versions.
        used = dropwhile(lambda cells: not any(map(_text, cells)), self._sheet.iter_rows())
        for row, cells in enumerate(used, above + 1):
            yield Record(row, [""] * left + [_text(cell) for cell in cells], dirty=True)


def _text(cell: _Cell) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer() and abs(cell) < _WHOLE:
            return str(int(cell))
        case datetime() | date() | time():
            return _moment(cell)
        case _:
            return str(cell)


def _moment(cell: datetime | date | time) -> str:
    if isinstance(cell, datetime) and cell.time() != time():
        return cell.isoformat(" ")
    return cell.date().isoformat() if isinstance(cell, datetime) else cell.isoformat()
