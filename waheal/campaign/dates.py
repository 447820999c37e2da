"""Reads a date cell as people and Excel write it; it does not know what the date is for."""

import re
from datetime import date, datetime, time, timedelta, tzinfo

_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}(?:[T ].*)?", re.ASCII)
_BEGINNING = re.compile(
    r"(?P<y>\d{4})[/.](?P<m>\d{1,2})[/.](?P<d>\d{1,2})"
    r"|(?P<y6>\d{4}) ?[年년] ?(?P<m6>\d{1,2}) ?[月월] ?(?P<d6>\d{1,2}) ?[日일]"
    r"|(?P<d2>\d{1,2})\.(?P<m2>\d{1,2})\.(?P<y2>\d{4})"
    r"|(?P<a>\d{1,2})[/-](?P<b>\d{1,2})[/-](?P<y3>\d{4})"
    r"|(?P<d4>\d{1,2})[ -](?P<name>[A-Za-z]{3,9})\.?,?[ -](?P<y4>\d{4})"
    r"|(?P<name5>[A-Za-z]{3,9})\.? (?P<d5>\d{1,2}),? (?P<y5>\d{4})",
    re.ASCII,
)
_TIME = re.compile(
    r"[T ,]*(?:um |at |kl\.? ?|à |a las |ore |às )?"
    r"(\d{1,2})(?:[:.,h](\d{2})(?:[:.m](\d{2})(?:[.,]\d+)?s?)?| ?h| Uhr(?= *$)|(?= *[ap]\.?m))"
    r" *([ap]\.?m\.?)? *(?:Uhr|hrs?|h)? *(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(r"[T ](\d{2})(\d{2})?(\d{2})?(Z|[+-]\d{2}:?\d{2})?")
_LONGEST = 100
_WEEKDAY = re.compile(r"[^\W\d_]{2,10}\.?(?:,\s*|\s+)(?=\d|[A-Za-z]{3,9}\.? \d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NOON = 12


class NotADateError(ValueError):
    """The cell holds no date; the message says what is wrong with it."""


def parse_date(text: str, zone: tzinfo | None, *, end_of_day: bool = False) -> float:
    """Give the moment in Unix seconds.

    `zone` is that of dates without an offset, None for the machine's own. A date without a time
    means its first moment, or with `end_of_day` the moment it is over.
    Raises: NotADateError.
    """
    text = text.strip()
    try:
        moment, whole_day = _read(text)
        if whole_day and end_of_day:
            moment += timedelta(days=1)
        if moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=zone)
        return moment.timestamp()
    except NotADateError:
        raise
    except (ValueError, OverflowError, OSError) as error:
        raise NotADateError(f"{text[:40]!r} is not a date") from error


def _read(text: str) -> tuple[datetime, bool]:
    if len(text) > _LONGEST:
        raise ValueError(text)
    if _ISO.fullmatch(text):
        return _read_iso(text)
    beginning = _BEGINNING.match(text)
    if beginning is None and (weekday := _WEEKDAY.match(text)):
        text = text[weekday.end() :]
        beginning = _BEGINNING.match(text)
    if beginning is None:
        raise ValueError(text)
    day = _day(beginning)
    rest = text[beginning.end() :]
    if not rest:
        return datetime.combine(day, time()), True
    return datetime.combine(day, _time(rest)), False


def _read_iso(text: str) -> tuple[datetime, bool]:
    day = date.fromisoformat(text[: 10 if "-" in text[:5] else 8])
    rest = text[10:] if "-" in text[:5] else text[8:]
    if not rest:
        return datetime.combine(day, time()), True
    if _TIME.fullmatch(rest):
        return datetime.combine(day, _time(rest)), False
    if _COMPACT.fullmatch(rest):  # nothing else: a comma would begin a fraction of an hour
        return datetime.fromisoformat(text), False
    raise ValueError(text)


def _day(found: re.Match[str]) -> date:
    part = {name: value for name, value in found.groupdict().items() if value is not None}
    if "a" in part:
        return _slashed(int(part["a"]), int(part["b"]), int(part["y3"]))
    year, day = (
        next(part[k] for k in keys if k in part)
        for keys in (("y", "y2", "y4", "y5", "y6"), ("d", "d2", "d4", "d5", "d6"))
    )
    name = part.get("name") or part.get("name5")
    month = (
        _MONTHS.index(name[:3].lower()) + 1
        if name
        else int(part.get("m") or part.get("m2") or part["m6"])
    )
    return date(int(year), month, int(day))


def _slashed(first: int, second: int, year: int) -> date:
    """Read 24/12 and 12/24, but never guess at 01/12."""
    if first <= _NOON and second <= _NOON and first != second:
        raise NotADateError("day and month can't be told apart")
    return date(year, second, first) if first > second else date(year, first, second)


def _time(text: str) -> time:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hours, minutes, seconds, half, offset = found.groups()
    hour = int(hours)
    if half:
        if not 1 <= hour <= _NOON:
            raise ValueError(text)
        hour = hour % _NOON + (_NOON if half[0] in "pP" else 0)
    clock = time(hour, int(minutes or 0), int(seconds or 0))
    if offset is None:
        return clock
    if not offset.startswith(("+", "-")):
        offset = "+00:00"
    return clock.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00{offset}").tzinfo)
