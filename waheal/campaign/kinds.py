"""What each kind of message is made of: its columns, and judging their cells; it knows no row.

The columns of a kind are data and stay variables: a text may print them all the same. They are
found in any case, and with blanks or hyphens for `_`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from waheal.campaign.names import key
from waheal.campaign.nearest import nearest
from waheal.campaign.phone_cells import Unreadable
from waheal.campaign.phones import NumberReader
from waheal.model import Body, Card, Location, MessageKind, Phone, Poll

CELL_LIMIT = 256
"""Characters of a place's name, an address, a name or an organisation."""

FILES = frozenset({MessageKind.MEDIA, MessageKind.VOICE})
"""The kinds that are a file, from a media cell or `--media`."""

WORDLESS = frozenset({MessageKind.LOCATION, MessageKind.CARD})
"""The kinds that carry no text."""

LATITUDE, LONGITUDE, PLACE, ADDRESS = "latitude", "longitude", "place", "address"
CARD_NAME, CARD_PHONE, CARD_ORGANISATION, CARD_EMAIL = (
    "card_name", "card_phone", "card_organisation", "card_email",
)  # fmt: skip

OPTION, MOST_OPTIONS, LEAST_OPTIONS = "option_{}", 12, 2
"""The columns of a poll's options, from 1 on, and how many the apps take."""
ANSWERS = "answers"

QUESTION_LIMIT, OPTION_LIMIT = 255, 100
"""Characters of a poll's question and of an option, as the apps let one write."""

_DEGREES = re.compile(r"[+-]?\d{1,3}(?:[.,]\d+)?")
_EMAIL = re.compile(r"[^\s@<>\",;]+@[^\s@<>\",;]+\.[^\s@<>\",;]+")


class Flaw(NamedTuple):
    """What is wrong with a message's cells; `column` as it is called here."""

    column: str
    problem: str
    hint: str


@dataclass(slots=True)
class _Cells:
    """A row's cells by the names that a kind has for them, and what is wrong with them."""

    cells: Mapping[str, str]
    flaws: list[Flaw] = field(default_factory=list)

    def text(self, column: str) -> str:
        """Give a cell that may be empty."""
        found = self.cells.get(column, "").strip()
        if len(found) > CELL_LIMIT:
            self.flaw(column, f"it is longer than {CELL_LIMIT} characters", "shorten it")
        return found

    def needed(self, column: str, what: str, such_as: str) -> str:
        """Give a cell that may not."""
        found = self.text(column)
        if not found:
            missing = "the cell is empty" if column in self.cells else "there is no such column"
            self.flaw(column, f"{what} is missing: {missing}", f"write it, such as {such_as}")
        return found

    def flaw(self, column: str, problem: str, hint: str) -> None:
        """Note what is wrong."""
        self.flaws.append(Flaw(column, problem, hint))


def read_kind(cell: str) -> MessageKind | None:
    """Read the word for a kind; None for any other."""
    word = cell.strip().casefold()
    return MessageKind(word) if word in list(MessageKind) else None


def kind_hint(cell: str) -> str:
    """Name the words that there are, the one first that may have been meant."""
    near = nearest(cell.strip().casefold(), [kind.value for kind in MessageKind])
    meant = f"meant {near!r}? " if near else ""
    return f"{meant}a kind is one of {', '.join(MessageKind)}; other kinds have another column name"


def places(names: Sequence[str]) -> dict[str, int]:
    """Find the columns of all kinds in a header: position by the name that is used here."""
    found: dict[str, int] = {}
    for position, name in enumerate(names):
        plain = re.sub(r"[ -]", "_", key(name))
        if (column := _SPELT.get(plain)) is not None:
            found.setdefault(column, position)
    return found


def read_body(
    kind: MessageKind, cells: Mapping[str, str], numbers: NumberReader
) -> Body | Sequence[Flaw]:
    """Make what a kind without a file is made of, or say everything that is wrong with it."""
    found = _Cells(cells)
    body = _READERS[kind](found, numbers)
    return found.flaws if found.flaws or body is None else body


def _location(cells: _Cells, _: NumberReader) -> Body | None:
    latitude = _degrees(cells, LATITUDE, 90, "52.5200")
    longitude = _degrees(cells, LONGITUDE, 180, "13.4050")
    place, address = cells.text(PLACE), cells.text(ADDRESS)
    if latitude is None or longitude is None:
        return None
    if latitude == longitude == 0:
        cells.flaw(LATITUDE, "0, 0 lies in the sea and means that nobody knows", "give the place")
    return Location(latitude, longitude, place, address)


def _degrees(cells: _Cells, column: str, most: int, such_as: str) -> float | None:
    written = cells.needed(column, f"the {column}", such_as)
    if not written:
        return None
    if not _DEGREES.fullmatch(written):
        cells.flaw(
            column, f"{written[:40]!r} is no {column}", f"write decimal degrees, such as {such_as}"
        )
        return None
    degrees = float(written.replace(",", "."))
    if abs(degrees) > most:
        swapped = " (are the two swapped?)" if column == LATITUDE else ""
        cells.flaw(column, f"{written} is not between -{most} and {most}", f"see to it{swapped}")
    return degrees


def _card(cells: _Cells, numbers: NumberReader) -> Body | None:
    name = cells.needed(CARD_NAME, "the contact's name", "Ana Silva")
    organisation, email = cells.text(CARD_ORGANISATION), cells.text(CARD_EMAIL)
    phone = _number(cells, numbers)
    if email and not _EMAIL.fullmatch(email):
        cells.flaw(CARD_EMAIL, f"{email!r} is no email address", "such as ana@example.org")
    if not email and not cells.text(CARD_PHONE):
        column = CARD_PHONE if CARD_PHONE in cells.cells else CARD_NAME
        cells.flaw(column, "the contact has neither number nor email address", "give one of them")
    return Card(name, phone, organisation, email)


def _number(cells: _Cells, numbers: NumberReader) -> Phone | None:
    written = cells.text(CARD_PHONE)
    if not written:
        return None
    number = numbers.read(written)
    if isinstance(number, Unreadable):
        cells.flaw(CARD_PHONE, number.problem, number.hint)
        return None
    return number.phone


def _poll(cells: _Cells, _: NumberReader) -> Body | None:
    options: dict[str, str] = {}
    for number in range(1, MOST_OPTIONS + 2):
        column = OPTION.format(number)
        option = cells.text(column)
        if not option:
            continue
        if number > MOST_OPTIONS:
            cells.flaw(column, f"a poll has at most {MOST_OPTIONS} options", "leave some out")
        elif option in options:
            told = f"it is the same option as {options[option]!r}"
            cells.flaw(column, told, "nobody could tell the votes apart: leave one out")
        elif len(option) > OPTION_LIMIT or not option.isprintable():
            cells.flaw(column, f"an option is one line of {OPTION_LIMIT} characters", "shorten it")
        options.setdefault(option, column)
    if len(options) < LEAST_OPTIONS:
        first = OPTION.format(len(options) + 1)
        cells.flaw(first, f"a poll needs {LEAST_OPTIONS} options", "write them: option_1, option_2")
    return Poll(tuple(options), _answers(cells, len(options)))


def _answers(cells: _Cells, options: int) -> int:
    written = cells.text(ANSWERS).casefold()
    if written in ("", "1"):
        return 1
    if written == "any":
        return 0
    number = int(written) if written.isascii() and written.isdecimal() else 0
    if not 1 <= number <= options:
        cells.flaw(
            ANSWERS,
            f"{written[:40]!r} is no number of answers",
            "1, or how many, or any",
        )
    return number


_READERS: Mapping[MessageKind, Callable[[_Cells, NumberReader], Body | None]] = {
    MessageKind.LOCATION: _location,
    MessageKind.CARD: _card,
    MessageKind.POLL: _poll,
}

_COLUMNS = (
    LATITUDE, LONGITUDE, PLACE, ADDRESS,
    CARD_NAME, CARD_PHONE, CARD_ORGANISATION, CARD_EMAIL, ANSWERS,
    *(OPTION.format(number) for number in range(1, MOST_OPTIONS + 2)),
)  # fmt: skip

_SPELT = {name: name for name in _COLUMNS} | {
    "lat": LATITUDE,
    "lng": LONGITUDE,
    "lon": LONGITUDE,
    "card_organization": CARD_ORGANISATION,
    **{f"option{number}": OPTION.format(number) for number in range(1, MOST_OPTIONS + 2)},
}
