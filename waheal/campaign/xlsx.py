"""A workbook's sheet as the records that its CSV would have; it judges no cell."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from waheal.campaign.plain_file import open_plain
from waheal.campaign.reading import Record
from waheal.findings import Caution
from waheal.workbook.book import Book
from waheal.workbook.cells import Noted, SheetNotes
from waheal.workbook.package import Sheet
from waheal.workbook.refusal import WorkbookError
from waheal.workbook.sheet import COLUMNS, letters_of

_TOLD = 12  # sheets, or columns


@dataclass(frozen=True, slots=True)
class ListLayout:
    """What the header tells of a list: how many columns it has, and how they are read.

    `exact` are those that are read rather than printed, so that nothing of a number or a moment
    may be lost for the sake of its look.
    """

    width: int
    exact: Container[int]


WHOLE = ListLayout(COLUMNS, range(COLUMNS))
"""Whatever stands in the sheet, and nothing lost for its look."""


@dataclass(frozen=True, slots=True)
class ListNotes:
    """What is to be said of a list once it was read; `beside`: cells right of its header."""

    sheet: SheetNotes = field(default_factory=SheetNotes)
    beside: Noted = field(default_factory=Noted)


class Workbook:
    """One sheet of a workbook: the one that is `wanted`, by its name or its place from 1.

    Else the first that is visible. Hidden rows are left out unless `hidden_rows`.
    """

    def __init__(self, path: Path, wanted: str | None = None, *, hidden_rows: bool = False) -> None:
        """Open it. Raises: WorkbookError, OSError."""
        self._hidden_rows = hidden_rows
        self._book = Book(lambda: open_plain(path))
        self.sheet = _chosen(self._book.sheets, wanted)
        self._named = wanted is not None

    @property
    def others(self) -> str:
        """The other sheets, as they are told; empty where there are none."""
        return _listed([sheet for sheet in self._book.sheets if sheet is not self.sheet])

    @property
    def hidden_sheets(self) -> int:
        """How many sheets were passed over because they are hidden."""
        return 0 if self._named else sum(sheet.hidden for sheet in self._book.sheets)

    def records(
        self, layout: ListLayout | None = None, notes: ListNotes | None = None
    ) -> Iterator[Record]:
        """Give every row that shows something, under its own number, in bounded memory.

        What stands beside the list, right of the header's last column, is no part of it.
        Raises: WorkbookError, OSError.
        """
        notes = notes or ListNotes()
        exact = layout.exact if layout else ()
        rows = self._book.rows(self.sheet, notes.sheet, hidden=self._hidden_rows, exact=exact)
        for number, texts in rows:
            if layout is not None and max(texts) >= layout.width:
                _set_apart(number, texts, layout.width, notes.beside)
            if texts:
                yield Record(number, _in_a_row(texts), dirty=True)

    def cautions(self, notes: ListNotes, names: Sequence[str]) -> Iterator[Caution]:
        """Say what an operator may not expect of the list, under a header of these names."""
        if others := self.others:
            hint = None if self._named else f"--sheet names another: {others}"
            yield Caution(None, None, f"the workbook has more sheets; {self._read()} is read", hint)
        yield from _hidden(notes.sheet, names)
        yield from _of_cells(notes.sheet)
        if notes.beside.count:
            yield _caution(
                notes.beside,
                "holds something beside the list, and is left out",
                "put a name above it, in the header, if it belongs to the list",
            )

    def _read(self) -> str:
        return f"only {self.sheet.name!r}"


def _chosen(sheets: Sequence[Sheet], wanted: str | None) -> Sheet:
    """Pick a sheet. Raises: WorkbookError, where it is not there; it names those that are."""
    if wanted is None:
        found = [sheet for sheet in sheets if not sheet.hidden]
    else:
        key = _key(wanted)
        found = [sheet for sheet in sheets if sheet.name == wanted]
        found = found or [sheet for sheet in sheets if _key(sheet.name) == key]
        found = found or [sheet for place, sheet in enumerate(sheets, 1) if key == str(place)]
    if found:
        return found[0]
    if not sheets:
        raise WorkbookError("the workbook has no sheet with cells")
    what = "no visible sheet" if wanted is None else f"no sheet {wanted[:100]!r}"
    raise WorkbookError(
        f"the workbook has {what}", f"--sheet names one of its sheets: {_listed(sheets)}"
    )


def _key(name: str) -> str:
    return name.strip().casefold()


def _listed(sheets: Sequence[Sheet]) -> str:
    told = [f"{sheet.name!r}{' (hidden)' * sheet.hidden}" for sheet in sheets[:_TOLD]]
    more = f" and {len(sheets) - _TOLD:,} more" if len(sheets) > _TOLD else ""
    return ", ".join(told) + more


def _set_apart(number: int, texts: dict[int, str], width: int, beside: Noted) -> None:
    """Take the cells out that are right of the list; those that hold blanks only do not count."""
    for column in [column for column in texts if column >= width]:
        if not texts.pop(column).isspace():
            beside.note(number, column)


def _in_a_row(texts: dict[int, str]) -> list[str]:
    cells = [""] * (max(texts) + 1)
    for column, text in texts.items():
        cells[column] = text
    return cells


def _hidden(notes: SheetNotes, names: Sequence[str]) -> Iterator[Caution]:
    if count := notes.hidden.count:
        what = "1 hidden row is" if count == 1 else f"{count:,} hidden rows are"
        hint = "--hidden-rows takes rows that are hidden or filtered out, too"
        yield Caution(notes.hidden.row, None, f"{what} left out, beginning with this one", hint)
    hidden = {place for span in notes.hidden_columns for place in span if place < len(names)}
    for place in sorted(hidden)[:_TOLD]:
        if names[place].strip():
            told = f"column {letters_of(place)} is hidden in the workbook, and is read all the same"
            yield Caution(None, names[place], told, "show it to see what is sent")


def _of_cells(notes: SheetNotes) -> Iterator[Caution]:
    if notes.unreckoned.count:
        yield _caution(
            notes.unreckoned,
            "holds a formula without a result, and counts as empty",
            "open the workbook in a spreadsheet and save it again",
        )
    if notes.overlong.count:
        yield _caution(
            notes.overlong,
            "holds a number of more than 15 digits, of which a spreadsheet keeps 15",
            "see that the last ones are right; a column of the kind Text keeps them all",
        )


def _caution(noted: Noted, what: str, hint: str) -> Caution:
    more = f" (and {noted.count - 1:,} more)" if noted.count > 1 else ""
    cell = f"{letters_of(noted.column)}{noted.row}"
    return Caution(noted.row, None, f"cell {cell}{more} {what}", hint)
