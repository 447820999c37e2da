"""Reads who is on a list that an operator brings, such as one of opt-outs; it keeps nobody."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from waheal.campaign.campaign_file import CampaignFile, open_campaign_file
from waheal.campaign.choices import Choices
from waheal.campaign.phone_cells import Unreadable
from waheal.campaign.phones import NumberReader
from waheal.campaign.reading import Broken
from waheal.findings import Problem
from waheal.identity import Lid, is_lid
from waheal.model import Phone

_SEVERAL = re.compile(r"[;,|&\n/]|\b(?:or|and)\b", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_CELLS = re.compile(r"[\r\n;,|\t\"]+")
_NOBODY = Problem(None, None, "there is no number in the row")


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on the list."""

    row: int
    who: Phone | Lid


def read_list(path: Path, choices: Choices) -> Iterator[Listed | Problem]:
    """Give whoever a list names, and each row that names nobody who can be told.

    The file may be whatever a campaign file may be. Without a phone column, and without any header,
    every cell that is a number counts; a column `lid` counts where the phone is empty.

    Raises: OSError.
    """
    file = open_campaign_file(path, replace(choices, message="-"))  # that it lacks is no matter
    named = choices.phone_column is not None
    if not file.header or (file.phone is None and named):
        yield from (each for each in file.findings if isinstance(each, Problem))
        return
    reader, anybody = _ListReader(file, choices), False
    for record in file.raw_records():
        if isinstance(record, Broken):
            anybody = True
            yield from reader.broken(record)
        elif any(map(str.strip, record.cells)):
            for found in reader.row(record.row, record.cells):
                anybody = True
                yield found
    if not anybody:
        yield Problem(None, None, "there is no number in the file", "give one a line")


class _ListReader:
    """Reads the rows of a list whose header is known."""

    def __init__(self, file: CampaignFile, choices: Choices) -> None:
        self._numbers = NumberReader(choices.region, international=choices.international)
        self._phone = file.phone
        self._header_row = file.header_row
        self._title = "" if file.phone is None else file.header[file.phone]
        lids = (i for i, name in enumerate(file.header) if name.strip().casefold() == "lid")
        self._lid = next(lids, None)

    def row(self, row: int, cells: Sequence[str]) -> Iterator[Listed | Problem]:
        """Give who stands in a row, or that nobody does."""
        if self._phone is None:
            if row == self._header_row and not _DIGIT.search("".join(cells)):
                return  # the columns' names
            found = list(self._anybody(row, cells))
            yield from found
            if not found:
                yield replace(_NOBODY, row=row)
        elif row > self._header_row:
            cell = _cell(cells, self._phone) or _cell(cells, self._lid)
            if cell != self._title.strip():  # else the header stands there once more
                yield from self._those(row, cell)

    def broken(self, record: Broken) -> Iterator[Listed | Problem]:
        """Name a row that has no cells, and give whoever stands in it all the same."""
        yield Problem(record.row, None, record.problem, record.hint)
        yield from self._anybody(record.row, _CELLS.split(record.raw))

    def _anybody(self, row: int, cells: Sequence[str]) -> Iterator[Listed]:
        for cell in cells:
            found = self._those(row, cell.strip()) if cell.strip() else ()
            yield from (each for each in found if isinstance(each, Listed))

    def _those(self, row: int, cell: str) -> Iterator[Listed | Problem]:
        """Give whom a cell names: one, or several with something between them."""
        one = self._read(cell)
        several = [self._read(part.strip()) for part in _SEVERAL.split(cell)]
        if isinstance(one, Unreadable) and len(several) > 1:
            found = [each for each in several if not isinstance(each, Unreadable)]
            if len(found) == len(several):
                yield from (Listed(row, each) for each in found)
                return
        if isinstance(one, Unreadable):
            yield Problem(row, self._title or None, one.problem, one.hint)
        else:
            yield Listed(row, one)

    def _read(self, text: str) -> Phone | Lid | Unreadable:
        if is_lid(text):
            return Lid(text)
        found = self._numbers.read(text)
        return found if isinstance(found, Unreadable) else found.phone


def _cell(cells: Sequence[str], column: int | None) -> str:
    return "" if column is None or column >= len(cells) else cells[column].strip()
