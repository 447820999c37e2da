"""What a cell's format code says, piece by piece; it does not know the number to be shown."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

CODE_LIMIT = 255
"""Characters in a format code; Excel's own limit."""

_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | _(?P<space>.) | \*(?P<filler>.)
    | \[(?P<elapsed>h+|m+|s+)\]
    | \[\$(?P<money>[^\]\-]*)(?:-(?P<place>[^\]]*))?\]
    | \[(?P<test>(?:<>|<=|>=|<|>|=)\s*-?[0-9.]+)\]
    | \[(?P<colour>[^\]]*)\]
    | (?P<general>General)
    | (?P<half>AM/PM|A/P)
    | (?P<exponent>E[+\-])
    | (?P<date>y+|m+|d+|h+|s+|e+|g+|b+)
    | (?P<digit>[0#?])
    | (?P<text>@)
    | (?P<sign>[.,%/])
    | (?P<other>.)
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


class Is(Enum):
    """What a piece of a format code stands for; `CLOCK` is a time that counts past its round."""

    LITERAL = auto()
    DIGIT = auto()
    POINT = auto()
    COMMA = auto()
    PERCENT = auto()
    SLASH = auto()
    GENERAL = auto()
    EXPONENT = auto()
    DATE = auto()
    MINUTE = auto()
    CLOCK = auto()
    HALF = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece, as it is written."""

    kind: Is
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One of a code's sections. `test` says for which numbers; `place` is a Windows locale.

    `foreign`: it shows what only the system knows: names of another language, its own long date.
    """

    pieces: tuple[Piece, ...]
    test: Callable[[Decimal], bool] | None = None
    foreign: bool = False

    def has(self, *kinds: Is) -> bool:
        """Tell whether one of its pieces is of these kinds."""
        return any(piece.kind in kinds for piece in self.pieces)


_TESTS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}
_SIGNS = {".": Is.POINT, ",": Is.COMMA, "%": Is.PERCENT, "/": Is.SLASH}
_BY_GROUP = {
    "general": Is.GENERAL,
    "half": Is.HALF,
    "exponent": Is.EXPONENT,
    "date": Is.DATE,
    "digit": Is.DIGIT,
    "text": Is.TEXT,
    "elapsed": Is.CLOCK,
}
_LITERAL = ("quoted", "escaped", "money", "other")
_ENGLISH = 0x09


def sections(code: str) -> tuple[Section, ...]:
    """Read a format code; one that is too long shows numbers as they are."""
    parted: list[list[re.Match[str]]] = [[]]
    for found in _TOKEN.finditer(code if len(code) <= CODE_LIMIT else "General"):
        if found["other"] == ";":
            parted.append([])
        else:
            parted[-1].append(found)
    return tuple(map(_section, parted))


def _section(tokens: list[re.Match[str]]) -> Section:
    pieces = [piece for found in tokens if (piece := _piece(found))]
    tests = [_test(found["test"]) for found in tokens if found["test"]]
    places = [found["place"] for found in tokens if found["place"]]
    return Section(
        tuple(_with_minutes(pieces)), next(iter(tests), None), _is_foreign(pieces, places)
    )


def _piece(found: re.Match[str]) -> Piece | None:
    """Give what a token shows; None where that is nothing: a colour, a space to fill."""
    for group, kind in _BY_GROUP.items():
        if (text := found[group]) is not None:
            return Piece(kind, text if kind is Is.HALF else text.lower())
    if (sign := found["sign"]) is not None:
        return Piece(_SIGNS[sign], sign)
    literal = next((found[group] for group in _LITERAL if found[group]), None)
    return Piece(Is.LITERAL, literal) if literal else None


def _test(told: str) -> Callable[[Decimal], bool] | None:
    sign = told[: 2 if told[1] in "=>" else 1]
    compare = _TESTS[sign]
    try:
        bound = Decimal(told[len(sign) :].strip())
    except ArithmeticError:
        return None
    return lambda value: compare(value, bound)


def _with_minutes(pieces: list[Piece]) -> Iterator[Piece]:
    """Tell minutes from months: they stand behind hours, or beside seconds."""
    dates = [piece for piece in pieces if piece.kind in (Is.DATE, Is.CLOCK)]
    place = 0
    for piece in pieces:
        if piece.kind not in (Is.DATE, Is.CLOCK):
            yield piece
            continue
        before = dates[place - 1].text[0] if place else ""
        after = dates[place + 1].text[0] if place + 1 < len(dates) else ""
        place += 1
        minutes = piece.kind is Is.DATE and piece.text in ("m", "mm")
        if minutes and (before in ("h", "s") or after == "s"):
            yield Piece(Is.MINUTE, piece.text)
        else:
            yield piece


def _is_foreign(pieces: list[Piece], places: list[str]) -> bool:
    dates = [piece.text for piece in pieces if piece.kind is Is.DATE]
    if any(text[0] in "egb" for text in dates):  # other calendars
        return True
    named = any(text[0] in "md" and len(text) > 2 for text in dates)  # noqa: PLR2004 - mm, dd
    return bool(dates) and any(_is_elsewhere(place, named=named) for place in places)


def _is_elsewhere(place: str, *, named: bool) -> bool:
    """Tell a locale that writes other names, or the system's own long date or time (F800, F400).

    Source: [MS-LCID] (the lower ten bits are the language)
    """
    try:
        code = int(place[-4:], 16)
    except ValueError:
        return named
    return code in (0xF800, 0xF400) or (named and code & 0x3FF != _ENGLISH)
