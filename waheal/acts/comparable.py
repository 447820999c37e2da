"""Reads a column of a campaign's file again: the ledger keeps what is sent, and no columns.

A recipient is found by the row that the ledger has of them, and only while the number that stands
there is theirs: who was taken out of the file since, or moved in it, gets no neighbour's value.
"""

from collections.abc import Iterator
from pathlib import Path

from waheal.acts.orders import Reading
from waheal.campaign.campaign_file import CampaignFile, open_campaign_file
from waheal.campaign.names import key
from waheal.campaign.nearest import listed, nearest
from waheal.campaign.phone_cells import digits_of
from waheal.campaign.reading import Record
from waheal.errors import UsageError
from waheal.findings import Problem
from waheal.model import Phone
from waheal.reckoning.variants import MOST_VALUES
from waheal.records import Campaign, Recipient

_TELLING = 6  # last digits, which every way to write a number has


class Column:
    """One column of the campaign's file, for recipients in the file's order."""

    def __init__(self, campaign: Campaign, name: str, reading: Reading, home: Path) -> None:
        """Open the file.

        Raises:
            UsageError: it can't be read, or has no such column.
        """
        file = open_campaign_file(Path(campaign.path), reading.options(None, home))
        if file.phone is None:
            problem = next(each for each in file.findings if isinstance(each, Problem))
            raise UsageError(
                f"--by needs the campaign's file {campaign.path}: {problem.problem}",
                hint=problem.hint or "the ledger keeps no columns; put the file back",
            )
        self.name, self._place = _found(file, name)
        self._phone = file.phone
        self._records = _whole(file)
        self._record = next(self._records, None)
        self._values: set[str] = set()

    def value_of(self, recipient: Recipient) -> str | None:
        """Give the recipient's cell; None where the file has them no more.

        Raises:
            UsageError: there are too many values to compare.
        """
        while self._record is not None and self._record.row < recipient.row:
            self._record = next(self._records, None)
        if self._record is None or self._record.row != recipient.row:
            return None
        cells = self._record.cells
        if not _is_theirs(_cell(cells, self._phone), recipient.phone):
            return None
        value = _cell(cells, self._place).strip()
        self._values.add(value)
        if len(self._values) > MOST_VALUES:
            raise UsageError(
                f"column {self.name!r} has more than {MOST_VALUES} values, which are no variants",
                hint="--by takes a column that says which of a few each recipient was given",
            )
        return value


def _found(file: CampaignFile, name: str) -> tuple[str, int]:
    """Find a column by its name, in any case; not that of the numbers."""
    names = file.header
    places = [place for place, each in enumerate(names) if each == name] or [
        place for place, each in enumerate(names) if key(each) == key(name)
    ]
    if places and places[0] != file.phone:
        return names[places[0]], places[0]
    others = [each for place, each in enumerate(names) if place != file.phone and key(each)]
    near = nearest(name, others)
    meant = f"meant {near!r}? " if near is not None else ""
    raise UsageError(
        f"{file.path} has no column {name!r} to compare by",
        hint=f"{meant}its columns are {listed(others)}",
    )


def _whole(file: CampaignFile) -> Iterator[Record]:
    try:
        yield from (each for each in file.raw_records(listed=True) if isinstance(each, Record))
    except OSError as error:
        raise UsageError(
            f"{file.path} can't be read: {error.strerror}", hint="see that the path is right"
        ) from error


def _cell(cells: list[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _is_theirs(cell: str, phone: Phone) -> bool:
    digits = digits_of(cell)
    return isinstance(digits, str) and digits[-_TELLING:] == phone[-_TELLING:]
