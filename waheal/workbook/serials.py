"""Days as a spreadsheet counts them; it does not know how they are shown."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

_DAY = 86_400
_LAST = 2_958_466  # the day after 9999-12-31
_SINCE_1904 = 1_462
_LEAP = 60  # 1900-02-29, which was no day, and which Excel has after Lotus 1-2-3
_EXACT = Context(prec=300, rounding=ROUND_HALF_UP)


class Moment(NamedTuple):
    """A day and a time; `day` 0 where it is none, as with a time alone. `weekday`: Sunday is 0.

    `seconds` since midnight are rounded to what is to be shown of them.
    """

    year: int
    month: int
    day: int
    weekday: int
    seconds: Decimal


def elapsed(serial: Decimal, places: int) -> Decimal:
    """Give seconds, rounded to so many places."""
    return (serial * _DAY).quantize(Decimal(1).scaleb(-places), context=_EXACT)


def moment(serial: Decimal, places: int, *, since_1904: bool) -> Moment | None:
    """Tell the day and the time of a serial number, None where a spreadsheet has none.

    Source: ECMA-376 Part 1, 18.17.4 (dates and times)
    """
    if not -1 < serial < _LAST:
        return None
    days, seconds = divmod(elapsed(serial, places), _DAY)
    day = int(days) + _SINCE_1904 * since_1904
    if serial < 0 or day >= _LAST:
        return None
    if day in (0, _LEAP):
        return Moment(1900, 1 if day == 0 else 2, 0 if day == 0 else 29, (day - 1) % 7, seconds)
    then = date(1899, 12, 31 if day < _LEAP else 30) + timedelta(day)
    return Moment(then.year, then.month, then.day, (day - 1) % 7, seconds)


def iso(then: Moment) -> str:
    """Write it so that it can be read in one way only; midnight is left out, and day 0."""
    rest, second = divmod(int(then.seconds), 60)
    hour, minute = divmod(rest, 60)
    day = f"{then.year:04}-{then.month:02}-{then.day:02}"
    clock = f"{hour:02}:{minute:02}:{second:02}"
    if not then.day:
        return clock
    return f"{day} {clock}" if then.seconds else day
