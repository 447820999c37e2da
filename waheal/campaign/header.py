"""Which column means what; it does not know the rows under them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from waheal.findings import Caution, Problem


class Known(StrEnum):
    """The columns with a meaning of their own; every other one is a variable."""

    MESSAGE = "message"
    DEVICE = "device"
    MEDIA = "media"
    CAPTION = "caption"
    SEND_AFTER = "send_after"
    EXPIRES = "expires"
    CONSENT = "consent"


PHONE_NAMES = ("phone", "number", "to", "msisdn", "whatsapp")


@dataclass(frozen=True, slots=True)
class Header:
    """`names` as they stand in the file; every position counts from 0."""

    row: int
    names: tuple[str, ...]
    phone: int | None
    known: dict[Known, int]
    variables: dict[str, int]
    ambiguous: frozenset[str]
    findings: tuple[Problem | Caution, ...]

    @property
    def own(self) -> frozenset[str]:
        """The names of the columns with a meaning of their own, which no text prints."""
        taken = {self.phone, *self.known.values()} - {None}
        return frozenset(_shown(name) for i, name in enumerate(self.names) if i in taken)


def find_phone(names: Sequence[str], wanted: str | None) -> int | None:
    """Position of the phone column, None if there is none."""
    if wanted is not None:
        if wanted in names:
            return names.index(wanted)
        return _position(names, _key(wanted))
    found = (_position(names, name) for name in PHONE_NAMES)
    return next((position for position in found if position is not None), None)


def read_header(row: int, names: Sequence[str], wanted_phone: str | None) -> Header:
    """Give every column its meaning, and say what is wrong with them."""
    phone = find_phone(names, wanted_phone)
    known = {
        column: position
        for column in Known
        if (position := _position(names, column)) is not None and position != phone
    }
    taken = {phone, *known.values()}
    others = [i for i, name in enumerate(names) if _key(name) and i not in taken]
    counts = Counter(_shown(names[i]) for i in others)
    variables: dict[str, int] = {}
    for i in others:
        variables.setdefault(_shown(names[i]), i)
    ambiguous = frozenset(name for name, times in counts.items() if times > 1)
    return Header(
        row=row,
        names=tuple(names),
        phone=phone,
        known=known,
        variables=variables,
        ambiguous=ambiguous,
        findings=(
            *_no_phone(row, phone, wanted_phone),
            *_known_twice(row, names, [*known.values(), *_unsure(names, phone, wanted_phone)]),
            *_twice(row, ambiguous),
            *_unnamed(row, names),
        ),
    )


def _shown(name: str) -> str:
    return name.strip()


def _key(name: str) -> str:
    return name.strip().casefold()


def _position(names: Sequence[str], key: str) -> int | None:
    return next((i for i, name in enumerate(names) if _key(name) == key), None)


def _unsure(names: Sequence[str], phone: int | None, wanted: str | None) -> list[int]:
    """Position of a phone column that has a namesake which could have been meant."""
    named_exactly = wanted is not None and names.count(wanted) == 1
    return [] if phone is None or named_exactly else [phone]


def _no_phone(row: int, phone: int | None, wanted: str | None) -> Iterator[Problem]:
    if phone is not None:
        return
    if wanted is not None:
        problem = f"there is no column {wanted!r}"
        hint = "--phone-column names a column of the header"
    else:
        problem = "there is no phone column"
        hint = f"call it {', '.join(PHONE_NAMES)}, or name it with --phone-column"
    yield Problem(row, None, problem, hint, skippable=False)


def _known_twice(row: int, names: Sequence[str], positions: Sequence[int]) -> Iterator[Problem]:
    for position in positions:
        key = _key(names[position])
        again = [i for i, name in enumerate(names) if _key(name) == key and i != position]
        if again:
            yield Problem(
                row,
                names[again[0]],
                f"there are two {key!r} columns",
                "rename or remove one of them",
                skippable=False,
            )


def _twice(row: int, ambiguous: frozenset[str]) -> Iterator[Caution]:
    for name in sorted(ambiguous):
        yield Caution(
            row,
            name,
            f"two columns are called {name!r}, so no text can use it",
            "rename one of them",
        )


def _unnamed(row: int, names: Sequence[str]) -> Iterator[Caution]:
    for i, name in enumerate(names, 1):
        if not _key(name):
            yield Caution(row, None, f"column {i} has no name and is left out", "name it")
