"""The rows of one sheet as a stream of texts; it does not know what they are wanted for.

A row is given with the cells that hold something, however far apart they are. What a sheet holds
is bounded by what its packed size makes likely, so that a small file is read or refused quickly.
"""

from collections.abc import Iterator
from typing import NamedTuple

from waheal.workbook.gathering import Gathered
from waheal.workbook.markup import PartBounds, feed, parser, spelled
from waheal.workbook.refusal import damaged, too_much

ROWS = 1_048_576
COLUMNS = 16_384
"""Excel's own limits."""

_CELL = spelled("c", "v", "t", "is", "f", "r", "rPr")
_WORDS = {**_CELL, **spelled("row", "rPh", "col", "sheetData")}
_FLAT = frozenset({"0", "0.0"})
_TRUE = frozenset({"1", "true"})


class Raw(NamedTuple):
    """A cell as it stands in the sheet: its place from 0, its kind, its style's number, its text.

    `formula`: a formula stands there, too.
    """

    column: int
    kind: str
    style: str
    text: str
    formula: bool


class SheetRow(NamedTuple):
    """A row by the number that is shown, with its cells in the order in which they stand there."""

    number: int
    hidden: bool
    cells: list[Raw]


class SheetReader:
    """Reads a sheet once; it may have `most` elements, whatever they are.

    `hidden_columns` takes the spans that are hidden, from 0, before the first row is given.
    """

    def __init__(self, most: int, hidden_columns: list[range]) -> None:
        self._hidden_columns = hidden_columns
        self._bounds = PartBounds(most)
        self._gathered = Gathered()
        self._places: dict[str, int] = {}
        self._over = False
        self._rows: list[SheetRow] = []
        self._row = 0
        self._hidden = False
        self._cells: list[Raw] = []
        self._column = -1
        self._kind = "n"
        self._style = "0"
        self._formula = False
        self._parser = parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._gathered.take

    def rows(self, chunks: Iterator[bytes]) -> Iterator[SheetRow]:
        """Give each row that has cells.

        Raises: WorkbookError.
        """
        for _ in feed(self._parser, chunks):
            yield from self._rows
            self._rows.clear()
            if self._over:
                break
        for _ in chunks:
            pass  # what follows the cells is no list's, but it is to be whole

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._bounds.begin()
        match _WORDS.get(name):
            case "c":
                self._begin_cell(attributes)
            case "v" if self._kind != "inlineStr":  # some write both
                self._gathered.begin()
            case "t" if self._kind == "inlineStr":
                self._gathered.begin_run(attributes)
            case "row":
                self._begin_row(attributes)
            case "f":
                self._formula = True
            case "rPh":
                self._gathered.aside = True
            case "col":
                self._note_columns(attributes)
            case None:
                self._bounds.meet((name, *attributes))
            case _:
                pass

    def _end(self, name: str) -> None:
        self._bounds.end()
        match _WORDS.get(name):
            case "v" | "t":
                self._gathered.end()
            case "c":
                self._end_cell()
            case "row":
                self._end_row()
            case "rPh":
                self._gathered.aside = False
            case "sheetData":
                self._over = True
                self._parser.StartElementHandler = None
                self._parser.EndElementHandler = None
            case _:
                pass

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = attributes.pop("r", None)
        row = self._row + 1 if number is None else _number(number)
        if not self._row < row <= ROWS:
            raise damaged(f"row {number} can't follow row {self._row}")
        self._row = self._gathered.row = row
        self._column = -1
        self._hidden = False
        if attributes:
            self._hidden = attributes.get("hidden") in _TRUE or attributes.get("ht") in _FLAT
            self._bounds.meet(attributes)

    def _end_row(self) -> None:
        if self._cells:
            self._rows.append(SheetRow(self._row, self._hidden, self._cells))
            self._cells = []

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.pop("r", None)
        self._kind = attributes.pop("t", "n")
        self._style = attributes.pop("s", "0")
        self._column = self._column + 1 if place is None else self._place(place)
        if self._column >= COLUMNS:
            raise too_much(f"row {self._row} has more than {COLUMNS:,} columns")
        self._formula = False
        self._gathered.clear()
        if attributes:
            self._bounds.meet(attributes)

    def _end_cell(self) -> None:
        text = self._gathered.text()
        if text or self._formula:
            self._cells.append(Raw(self._column, self._kind, self._style, text, self._formula))

    def _place(self, place: str) -> int:
        """Tell the column of a cell such as AB12, from 0."""
        letters = place.rstrip("0123456789")
        column = self._places.get(letters)
        if column is None:
            column = self._places[letters] = column_of(letters)
        return column

    def _note_columns(self, attributes: dict[str, str]) -> None:
        """Take down a span of columns; spans follow each other, and one that does not is left."""
        if attributes.get("hidden") not in _TRUE:
            return
        first, last = _number(attributes.get("min", "")), _number(attributes.get("max", ""))
        before = self._hidden_columns[-1].stop if self._hidden_columns else 0
        if before < first <= last:
            self._hidden_columns.append(range(first - 1, min(last, COLUMNS)))


def column_of(letters: str) -> int:
    """Tell the place of a column from 0: A is 0, XFD the last. Raises: WorkbookError."""
    place = 0
    for letter in letters[:4]:
        if not "A" <= letter <= "Z":
            raise damaged(f"there is no column {letters[:20]!r}")
        place = place * 26 + ord(letter) - ord("A") + 1
    if not 0 < place <= COLUMNS:
        raise too_much(f"it has a column {letters[:20]!r}, and Excel's last one is XFD")
    return place - 1


def letters_of(column: int) -> str:
    """Name a column by its place from 0."""
    name = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        name = chr(ord("A") + letter) + name
        column -= 1
    return name


def _number(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) <= 10):  # noqa: PLR2004 - as uint32
        raise damaged(f"{text[:20]!r} stands where a number belongs")
    return int(text)
