"""Which column means what; it does not know the rows under them."""

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from waheal.campaign.names import Rank, key, rank, visible, weakness
from waheal.findings import Caution, Problem


class Known(StrEnum):
    """The columns with a meaning of their own; every other one is a variable."""

    MESSAGE = "message"
    DEVICE = "device"
    KIND = "kind"
    MEDIA = "media"
    CAPTION = "caption"
    SEND_AFTER = "send_after"
    EXPIRES = "expires"
    CONSENT = "consent"
    ZONE = "zone"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns that the operator names: of the numbers, and of the texts.

    Without `own_texts` a column called message is a variable like any other. `proven` is the
    position of a column that holds the numbers by its cells, where no name says which one does.
    """

    phone: str | None = None
    message: str | None = None
    own_texts: bool = True
    proven: int | None = None


_ANY = Wanted()
_LISTED = 300  # characters of the columns that are told
_SENTENCE = 15  # words, of which no column's name is made


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
        return frozenset(visible(name) for i, name in enumerate(self.names) if i in taken)


def find_phone(names: Sequence[str], wanted: str | None) -> int | None:
    """Position of the phone column, None if there is none."""
    return next(iter(phone_columns(names, wanted)), None)


def phone_columns(names: Sequence[str], wanted: str | None = None) -> list[int]:
    """Positions of the columns that could hold the number to write to, the best first.

    That is WhatsApp's, then a mobile one, then any telephone. Names that mean one only where
    nothing else does come last, and only where nothing else is there.
    """
    if wanted is not None:
        named = _named(names, wanted)
        return [] if named is None else [named]
    ranks = {i: found for i, name in enumerate(names) if (found := rank(name)) is not None}
    if strong := [i for i, found in ranks.items() if found is not Rank.WEAK]:
        return sorted(strong, key=lambda i: (ranks[i], key(names[i]) != "phone"))
    return sorted(ranks, key=lambda i: weakness(names[i]))


def read_header(row: int, names: Sequence[str], wanted: Wanted = _ANY) -> Header:
    """Give every column its meaning, and say what is wrong with them."""
    phones = phone_columns(names, wanted.phone) or _proven(wanted)
    phone = phones[0] if phones else None
    known = _known(names, phone, wanted)
    taken = {phone, *known.values()}
    others = [i for i, name in enumerate(names) if key(name) and i not in taken]
    counts = Counter(visible(names[i]) for i in others)
    variables: dict[str, int] = {}
    for i in others:
        variables.setdefault(visible(names[i]), i)
    ambiguous = frozenset(name for name, times in counts.items() if times > 1)
    return Header(
        row=row,
        names=tuple(names),
        phone=phone,
        known=known,
        variables=variables,
        ambiguous=ambiguous,
        findings=(
            *_no_phone(row, names, phone, wanted.phone),
            *_no_message(row, names, known, wanted.message),
            *_known_twice(row, names, [*known.values(), *_unsure(names, phone, wanted.phone)]),
            *_candidates(row, names, phones),
            *_by_its_cells(row, names, wanted.proven),
            *_twice(row, ambiguous),
            *_unnamed(row, names),
        ),
    )


def _proven(wanted: Wanted) -> list[int]:
    return [] if wanted.proven is None else [wanted.proven]


def _known(names: Sequence[str], phone: int | None, wanted: Wanted) -> dict[Known, int]:
    places = {column: _position(names, column) for column in Known}
    if wanted.message is not None:
        places[Known.MESSAGE] = _named(names, wanted.message)
    elif not wanted.own_texts:
        places[Known.MESSAGE] = None
    return {
        column: place for column, place in places.items() if place is not None and place != phone
    }


def _named(names: Sequence[str], wanted: str) -> int | None:
    """Position of a column that the operator names: as it stands there, or in any case."""
    return names.index(wanted) if wanted in names else _position(names, key(wanted))


def _position(names: Sequence[str], wanted: str) -> int | None:
    return next((i for i, name in enumerate(names) if key(name) == wanted), None)


def _unsure(names: Sequence[str], phone: int | None, wanted: str | None) -> list[int]:
    """Position of a phone column that has a namesake which could have been meant."""
    named_exactly = wanted is not None and names.count(wanted) == 1
    return [] if phone is None or named_exactly else [phone]


def _no_phone(
    row: int, names: Sequence[str], phone: int | None, wanted: str | None
) -> Iterator[Problem]:
    if phone is not None:
        return
    if wanted is not None:
        yield _no_such(row, names, wanted, "--phone-column")
        return
    if _is_prose(names):
        yield Problem(
            row,
            None,
            "there is no phone column: the first row reads like a text, not like names of columns",
            "name a CSV or .xlsx file; a text for everybody is given with --template FILE",
            skippable=False,
        )
        return
    hint = f"call one of them phone, or name it with --phone-column: {_listed(names)}"
    yield Problem(row, None, "there is no phone column", hint, skippable=False)


def _is_prose(names: Sequence[str]) -> bool:
    """Whether they are the parts of a sentence, rather than what columns are called.

    A survey's columns are questions, and `Tel. no.` ends with a full stop, too.
    """
    lengths = [len(name.split()) for name in names]
    ends = names[-1].rstrip().endswith((".", "!", "…"))
    return max(lengths) > _SENTENCE or (ends and min(lengths) > 1)


def _no_message(
    row: int, names: Sequence[str], known: dict[Known, int], wanted: str | None
) -> Iterator[Problem]:
    if wanted is not None and Known.MESSAGE not in known:
        yield _no_such(row, names, wanted, "--message-column")


def _no_such(row: int, names: Sequence[str], wanted: str, option: str) -> Problem:
    near = difflib.get_close_matches(wanted, names, n=1)
    meant = f"meant {near[0]!r}? " if near else ""
    return Problem(
        row,
        None,
        f"there is no column {wanted!r}",
        f"{meant}{option} names a column of the header: {_listed(names)}",
        skippable=False,
    )


def _listed(names: Sequence[str]) -> str:
    told = ", ".join(repr(name) for name in names if key(name))
    return told if len(told) <= _LISTED else f"{told[:_LISTED]}…"


def _candidates(row: int, names: Sequence[str], phones: Sequence[int]) -> Iterator[Caution]:
    if len(phones) < 2:  # noqa: PLR2004 - nothing to choose from
        return
    first, *others = (names[i] for i in phones)
    if all(key(each) == key(first) for each in others):
        return  # a problem already
    yield Caution(
        row,
        first,
        f"the numbers are taken from {first!r}, not from {_listed(others)}",
        "--phone-column names another one",
        whole=True,
    )


def _by_its_cells(row: int, names: Sequence[str], proven: int | None) -> Iterator[Caution]:
    if proven is not None:
        told = (
            f"the numbers are taken from {names[proven]!r}, since its cells are telephone numbers"
        )
        yield Caution(row, names[proven], told, "--phone-column names another one", whole=True)


def _known_twice(row: int, names: Sequence[str], positions: Sequence[int]) -> Iterator[Problem]:
    for position in positions:
        own = key(names[position])
        again = [i for i, name in enumerate(names) if key(name) == own and i != position]
        if again:
            yield Problem(
                row,
                names[again[0]],
                f"there are two {own!r} columns",
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
        if not key(name):
            yield Caution(row, None, f"column {i} has no name and is left out", "name it")
