"""What a cell shows, as text; it does not know where in a list the cell stands."""

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal

from waheal.workbook.gathering import unescaped
from waheal.workbook.shared_strings import SharedStrings
from waheal.workbook.sheet import Raw
from waheal.workbook.styles import Styles

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DIGITS = 15
_LONGEST = 340  # characters of a number; its exponent may reach 308
_KEPT = Context(prec=_DIGITS, rounding=ROUND_HALF_UP)
_REMEMBERED = 10_000  # numbers: prices and days come again and again
_LARGEST = Decimal(10) ** _DIGITS


@dataclass(slots=True)
class Noted:
    """How many cells or rows something is true of, and the first: its row, and column from 0."""

    count: int = 0
    row: int = 0
    column: int = 0

    def note(self, row: int, column: int = 0) -> None:
        """Count one more."""
        if not self.count:
            self.row, self.column = row, column
        self.count += 1


@dataclass(frozen=True, slots=True)
class SheetNotes:
    """What is to be said of a sheet once it was read.

    `hidden` are rows that were left out. `unreckoned` are cells whose formula has no result,
    `overlong` those with a number of more digits than a spreadsheet keeps. `hidden_columns` are
    spans of columns from 0.
    """

    hidden: Noted = field(default_factory=Noted)
    unreckoned: Noted = field(default_factory=Noted)
    overlong: Noted = field(default_factory=Noted)
    hidden_columns: list[range] = field(default_factory=list)


class CellTexts:
    """Turns cells to text, with what the workbook keeps for all of them."""

    def __init__(self, strings: SharedStrings, styles: Styles, notes: SheetNotes) -> None:
        self._strings = strings
        self._styles = styles
        self._notes = notes
        self._known: dict[tuple[str, str, bool], str] = {}

    def text(self, row: int, cell: Raw, *, exact: bool = False) -> str:
        """Give what the cell shows; `exact`: so that nothing of a number or a moment is lost.

        Raises: WorkbookError.
        """
        if not cell.text:
            if cell.formula and cell.kind != "str":
                self._notes.unreckoned.note(row, cell.column)
            return ""
        if cell.kind == "n":
            return self._number(row, cell, exact=exact)
        return self._other(cell)

    def _other(self, cell: Raw) -> str:
        match cell.kind:
            case "s":
                return self._worded(self._strings.looked_up(cell.text), cell)
            case "inlineStr" | "str":
                return self._worded(unescaped(cell.text), cell)
            case "b":
                return "FALSE" if cell.text in ("0", "false") else "TRUE"
            case "d":
                return cell.text.replace("T", " ").removesuffix(" 00:00:00")
            case _:
                return cell.text

    def _worded(self, text: str, cell: Raw) -> str:
        return text if cell.style == "0" else self._styles[cell.style].text(text)

    def _number(self, row: int, cell: Raw, *, exact: bool) -> str:
        style, text = cell.style, cell.text
        # Most numbers of a list are short and whole, and their digits are shown as they are.
        if len(text) <= _DIGITS and text.isdecimal() and text[0] != "0":
            around = self._styles[style].around
            if around is not None:
                return around[0] + text + around[1]
        known = self._known.get((style, text, exact))
        if known is None:
            known = self._shown(row, cell, exact=exact)
            if len(self._known) == _REMEMBERED:
                self._known.clear()
            self._known[style, text, exact] = known
        return known

    def _shown(self, row: int, cell: Raw, *, exact: bool) -> str:
        text = cell.text
        if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
            return text
        value = Decimal(text)
        if value.adjusted() >= _LONGEST:
            return text
        if value != value.to_integral_value():
            value = _KEPT.plus(value)
        elif abs(value) >= _LARGEST:
            self._notes.overlong.note(row, cell.column)
        style = self._styles[cell.style]
        return style.exact(value) if exact else style.shown(value)
