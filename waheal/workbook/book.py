"""A workbook, and the rows of one of its sheets as a spreadsheet shows them.

It is an Office Open XML file (ECMA-376): a zip file with a part for the list of sheets, one for
each sheet, one for the formats, and one for the texts that cells share.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from waheal.workbook.archive import Archive
from waheal.workbook.cells import CellTexts, SheetNotes
from waheal.workbook.compound import refuse_compound
from waheal.workbook.package import Sheet, parts_of
from waheal.workbook.refusal import damaged
from waheal.workbook.shared_strings import SharedStrings
from waheal.workbook.sheet import SheetReader, SheetRow
from waheal.workbook.styles import Styles

# What a part may hold: so much, and so much more for each byte that it takes in the file. In
# those that spreadsheets wrote, of 1,400 that were looked at, a byte holds 0.9 elements at most,
# and half a text.
_FREE = 300_000
_ELEMENTS = 3
_TEXTS = 1


class ShownRow(NamedTuple):
    """A row by the number that a spreadsheet shows; its texts by their columns, from 0."""

    number: int
    texts: dict[int, str]


class Book:
    """A workbook; `sheets` are those that have cells, in the order of their tabs."""

    def __init__(self, opened: Callable[[], BinaryIO]) -> None:
        """Read all but the sheets; each reading opens the file anew.

        Raises: WorkbookError, OSError.
        """
        self._opened = opened
        with opened() as file:
            refuse_compound(file)
        with self._archive() as archive:
            parts = parts_of(archive)
            self.sheets = parts.sheets
            self._styles = Styles(_stream(archive, parts.styles), since_1904=parts.since_1904)
            self._strings = SharedStrings(
                _stream(archive, parts.strings),
                texts=_most(archive, parts.strings, _TEXTS),
                elements=_most(archive, parts.strings, _ELEMENTS),
            )

    @contextmanager
    def _archive(self) -> Iterator[Archive]:
        """Open the file for a while. Raises: WorkbookError, OSError."""
        with self._opened() as file:
            yield Archive(file)

    def rows(
        self,
        sheet: Sheet,
        notes: SheetNotes,
        *,
        hidden: bool = False,
        exact: Container[int] = (),
    ) -> Iterator[ShownRow]:
        """Give each row of a sheet that shows something, in bounded memory.

        With `hidden` also the hidden ones. `exact` are the columns of which nothing is to be lost
        for the sake of its look.
        Raises: WorkbookError, OSError.
        """
        cells = CellTexts(self._strings, self._styles, notes)
        with self._archive() as archive:
            reader = SheetReader(_most(archive, sheet.part, _ELEMENTS), notes.hidden_columns)
            for row in reader.rows(archive.stream(sheet.part)):
                if row.hidden and not hidden:
                    if any(cell.text for cell in row.cells):
                        notes.hidden.note(row.number)
                elif texts := _texts(cells, row, exact):
                    yield ShownRow(row.number, texts)


def _texts(cells: CellTexts, row: SheetRow, exact: Container[int]) -> dict[int, str]:
    texts: dict[int, str] = {}
    for cell in row.cells:
        text = cells.text(row.number, cell, exact=cell.column in exact)
        if text and texts.setdefault(cell.column, text) is not text:
            raise damaged(f"row {row.number} has two cells in one column")
    return texts


def _stream(archive: Archive, part: str | None) -> Iterable[bytes]:
    return () if part is None else archive.stream(part)


def _most(archive: Archive, part: str | None, each: int) -> int:
    return _FREE + each * (0 if part is None else archive.packed(part))
