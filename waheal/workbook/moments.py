"""Writes a day and a time by the letters of a format code; it does not know other numbers."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from waheal.workbook.format_code import Is, Piece
from waheal.workbook.serials import Moment, elapsed, moment

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_NOON = 12
_SHORT, _INITIAL = 3, 5  # mmm: Jan, mmmmm: J


def by_letters(serial: Decimal, pieces: Sequence[Piece], *, since_1904: bool) -> str | None:
    """Write the moment of a serial number, None where a spreadsheet has none.

    Digits among the letters are parts of a second, as in `mm:ss.0`.
    """
    places = sum(piece.kind is Is.DIGIT for piece in pieces)
    then = moment(serial, places, since_1904=since_1904)
    if then is None:
        return None
    past = elapsed(serial, places)
    halves = any(piece.kind is Is.HALF for piece in pieces)
    parts = iter(f"{then.seconds % 1:.{places}f}"[2:])
    return "".join(_written(piece, then, past, parts, halves=halves) for piece in pieces)


def _written(
    piece: Piece, then: Moment, past: Decimal, parts: Iterator[str], *, halves: bool
) -> str:
    match piece.kind:
        case Is.DIGIT:
            return next(parts)
        case Is.HALF:
            return _half(piece.text, then)
        case Is.CLOCK:
            return _clock(piece.text, past)
        case Is.MINUTE:
            return _padded(int(then.seconds) // 60 % 60, piece.text)
        case Is.DATE:
            timed = piece.text[0] in "hs"
            return _time(piece.text, then, halves=halves) if timed else _date(piece.text, then)
        case _:
            return piece.text


def _date(letters: str, then: Moment) -> str:
    match letters[0], len(letters):
        case "y", 1 | 2:
            return f"{then.year % 100:02}"
        case "y", _:
            return f"{then.year:04}"
        case "m", 1 | 2:
            return _padded(then.month, letters)
        case "m", length:
            name = _MONTHS[then.month - 1]
            return name[:3] if length == _SHORT else name[:1] if length == _INITIAL else name
        case _, 1 | 2:
            return _padded(then.day, letters)
        case _, length:
            name = _DAYS[then.weekday]
            return name[:3] if length == _SHORT else name


def _time(letters: str, then: Moment, *, halves: bool) -> str:
    if letters[0] == "s":
        return _padded(int(then.seconds) % 60, letters)
    hour = int(then.seconds) // 3600
    return _padded((hour - 1) % _NOON + 1 if halves else hour, letters)


def _half(letters: str, then: Moment) -> str:
    before, _, after = (letters.upper() if len(letters) > _SHORT else letters).partition("/")
    return before if then.seconds < _NOON * 3600 else after


def _clock(letters: str, past: Decimal) -> str:
    unit = {"h": 3600, "m": 60, "s": 1}[letters[0]]
    return str(int(past // unit)).zfill(len(letters))


def _padded(number: int, letters: str) -> str:
    return f"{number:02}" if len(letters) > 1 else str(number)
