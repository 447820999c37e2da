"""When a recipient may be written to, by the hours and days of their own zone; reads no clock.

A window that runs over midnight belongs to the day on which it begins. Where a number has
several zones, it is open when it is open in all of them, unless the recipient's own is known. By
phonenumbers' data; numbers that are bound to no place (most mobile ones, in some countries) have
every zone of their country.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, PhoneNumberType
from phonenumbers.phonenumberutil import (
    is_number_type_geographical,
    number_type,
    region_code_for_number,
)
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from waheal.errors import UsageError
from waheal.model import Phone

MIDNIGHT = 24 * 60
"""The end of a day, in minutes."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOOK_BACK = timedelta(days=3)
_LOOK_AHEAD = timedelta(days=17)
_REFRESH = timedelta(days=8).total_seconds()  # leaves every weekday at least once ahead
_LONGEST = timedelta(days=7).total_seconds()  # what closes at all closes once a week
_MOST_KEPT = 50_000  # number blocks; a miss costs some 20 microseconds

Span = tuple[float, float]
"""From a Unix time until before another."""


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of the day from `start` until before `end`, on these days (0 is Monday; None: all).

    Where `end` is not after `start` it is on the next day.
    """

    start: int = 0
    end: int = MIDNIGHT
    days: frozenset[int] | None = None

    def __str__(self) -> str:
        """Write it as an operator would: `09:00-18:00 mon,tue`."""
        hours = "-".join(f"{at // 60:02}:{at % 60:02}" for at in (self.start, self.end))
        days = ",".join(_DAYS[day] for day in sorted(self.days or ()))
        return f"{hours} {days}".rstrip()


def parse_window(text: str, days: frozenset[int] | None = None) -> Window:
    """Read `09:00-18:00`, or `22:00-02:00` over midnight.

    Raises: UsageError.
    """
    match = re.fullmatch(r"(\d{1,2}):(\d\d)\s*[-\u2013]\s*(\d{1,2}):(\d\d)", text.strip())
    minutes = [int(part) for part in match.groups()] if match else [0, 60, 0, 60]
    start, end = minutes[0] * 60 + minutes[1], minutes[2] * 60 + minutes[3]
    if max(minutes[1], minutes[3]) > 59 or start >= MIDNIGHT or end > MIDNIGHT or start == end:  # noqa: PLR2004 - minutes of an hour
        raise UsageError(
            f"can't read the window {text!r}", hint="write it as 09:00-18:00, or 00:00-24:00"
        )
    return Window(start, end, days)


def parse_days(text: str) -> frozenset[int]:
    """Read `mon-fri`, `sat,sun` or `fri-mon,wed`; 0 is Monday.

    Raises: UsageError.
    """
    days: set[int] = set()
    for part in text.casefold().split(","):
        ends = [_parse_day(name, text) for name in part.split("-", 1)]
        days.update((ends[0] + step) % 7 for step in range((ends[-1] - ends[0]) % 7 + 1))
    return frozenset(days)


def _parse_day(name: str, whole: str) -> int:
    name = name.strip()
    full = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
    if name[:3] not in _DAYS or (len(name) != 3 and name not in full):  # noqa: PLR2004 - `mon`
        raise UsageError(f"can't read the days {whole!r}", hint="write them as mon-fri or sat,sun")
    return _DAYS.index(name[:3])


def window_of(hours: str | None, days: str | None) -> Window | None:
    """Make a window of the options `--window` and `--days`; None where neither is given.

    Raises: UsageError.
    """
    if hours is None and days is None:
        return None
    which = None if days is None else parse_days(days)
    return Window(days=which) if hours is None else parse_window(hours, which)


class Hours:
    """A window laid over every recipient's own clock; remembers what it worked out.

    `machine` is the zone of numbers whose own is not known. A `zone` that is given (IANA) is the
    recipient's own, whatever the number says. Not safe for several threads.
    """

    def __init__(self, window: Window, machine: ZoneInfo) -> None:
        self._window = window
        self._zones = Zones(machine)
        self._open: dict[tuple[str, ...], _Timeline] = {}

    def next_open(self, phone: Phone, now: float, zone: str | None = None) -> float:
        """Tell when `phone` may be written to: `now` if it may.

        Where the zones of a number never agree, that is a week from now, whenever it is asked.
        """
        span = self._span(phone, now, zone)
        return now + _LONGEST if span is None else max(span[0], now)

    def never(self, phone: Phone, now: float, zone: str | None = None) -> bool:
        """Whether there is no hour within the window in all zones that `phone` may be in."""
        return self._span(phone, now, zone) is None

    def closes(self, phone: Phone, now: float, zone: str | None = None) -> float | None:
        """Tell until before when it may be sent: `now` if it may not; None if that never ends."""
        span = self._span(phone, now, zone)
        if span is None or span[0] > now:
            return now
        return None if span[1] - span[0] > _LONGEST else span[1]

    def _span(self, phone: Phone, now: float, zone: str | None) -> Span | None:
        zones = self._zones.of(phone) if zone is None else (zone,)
        known = self._open.get(zones)
        if known is None or not known.since <= now < known.since + _REFRESH:
            known = self._open[zones] = _Timeline(self._window, self._zones.infos(zones), now)
        return known.span(now)


class Zones:
    """The zones of a number, strictly: all that it may be in."""

    def __init__(self, machine: ZoneInfo) -> None:
        self._machine = machine
        self._unplaced: dict[str, str] = {}

    def of(self, phone: Phone) -> tuple[str, ...]:
        """Name the zones of `phone`; empty where they are not known."""
        if phone.startswith("+1"):  # its area codes tell the place or fall back to all of +1
            return _by_prefix(phone[1:])
        block = phone[:-4]  # one kind of number: numbering plans are given out in thousands
        code = self._unplaced.get(block)
        if code is None:
            if len(self._unplaced) >= _MOST_KEPT:
                self._unplaced.clear()
            code = self._unplaced[block] = _unplaced(phone)
        return _by_prefix(code or phone[1:])

    def infos(self, zones: tuple[str, ...]) -> list[ZoneInfo]:
        """Load them, or the machine's where there are none."""
        return [ZoneInfo(zone) for zone in zones] or [self._machine]


def _unplaced(phone: Phone) -> str:
    """Tell the calling code where no more than that tells the place, else nothing.

    What isn't a valid number still has the prefix of a place. So has one of a smaller country
    that shares its calling code: the zones of +7 are Russia's, a Kazakh mobile's are not.
    """
    number = _number(phone)
    if number is None or number.country_code is None:
        return ""
    kind, code = number_type(number), number.country_code
    if kind == PhoneNumberType.UNKNOWN or is_number_type_geographical(kind, code):
        return ""
    return str(code) if region_code_for_number(number) == _main_region(code) else ""


def _main_region(code: int) -> str:
    return COUNTRY_CODE_TO_REGION_CODE[code][0]


def _number(phone: Phone) -> PhoneNumber | None:
    # E.164 needs no parsing: no calling code begins another, so this is twice as fast.
    for length in (1, 2, 3):
        code, rest = phone[1 : 1 + length], phone[1 + length :]
        if int(code or 0) in COUNTRY_CODE_TO_REGION_CODE and rest:
            zeros = len(rest) - len(rest.lstrip("0"))
            return PhoneNumber(
                country_code=int(code),
                national_number=int(rest),
                italian_leading_zero=zeros > 0 or None,
                number_of_leading_zeros=zeros if zeros > 1 else None,
            )
    return None


def _by_prefix(digits: str) -> tuple[str, ...]:
    for length in range(TIMEZONE_LONGEST_PREFIX, 0, -1):
        zones = TIMEZONE_DATA.get(digits[:length])
        if zones:
            return zones
    return ()


class _Timeline:
    """When a window is open in all of some zones, worked out for the next two weeks."""

    def __init__(self, window: Window, zones: Iterable[ZoneInfo], now: float) -> None:
        self.since = now
        first = datetime.fromtimestamp(now, UTC).date() - _LOOK_BACK
        last = datetime.fromtimestamp(now, UTC).date() + _LOOK_AHEAD
        spans = [list(_joined(_spans(window, zone, first, last))) for zone in zones]
        self._spans = reduce(lambda one, other: list(_common(one, other)), spans)
        self._starts = [start for start, _ in self._spans]

    def span(self, now: float) -> Span | None:
        """Find the span that is open at `now`, or else the next one."""
        place = bisect_right(self._starts, now)
        if place and now < self._spans[place - 1][1]:
            return self._spans[place - 1]
        return self._spans[place] if place < len(self._spans) else None


def _spans(window: Window, zone: ZoneInfo, first: date, last: date) -> Iterator[Span]:
    for day in range((last - first).days):
        begins = first + timedelta(days=day)
        if window.days is None or begins.weekday() in window.days:
            ends = window.end if window.end > window.start else window.end + MIDNIGHT
            start = _moment(zone, begins, window.start, opens=True)
            stop = _moment(zone, begins, ends, opens=False)
            if start < stop:
                yield start, stop


def _moment(zone: ZoneInfo, day: date, minutes: int, *, opens: bool) -> float:
    """Find a wall clock's time; one that comes twice opens at the later, closes at the earlier."""
    days, minute = divmod(minutes, MIDNIGHT)
    clock = time(minute // 60, minute % 60, tzinfo=zone)
    at = datetime.combine(day + timedelta(days=days), clock)
    first, second = at.timestamp(), at.replace(fold=1).timestamp()
    if first > second:  # PEP 495: the clock skips this time
        return _skip(zone, second, first)
    return second if opens else first


def _skip(zone: ZoneInfo, before: float, after: float) -> float:
    """Find the moment between these two at which the clock is set forward."""
    offset = datetime.fromtimestamp(before, zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Join those that touch; they come in order."""
    held: Span | None = None
    for span in spans:
        if held and span[0] <= held[1]:
            held = held[0], max(held[1], span[1])
        else:
            if held:
                yield held
            held = span
    if held:
        yield held


def _common(one: list[Span], other: list[Span]) -> Iterator[Span]:
    """Yield what lies in a span of both."""
    mine, theirs = 0, 0
    while mine < len(one) and theirs < len(other):
        start = max(one[mine][0], other[theirs][0])
        stop = min(one[mine][1], other[theirs][1])
        if start < stop:
            yield start, stop
        if one[mine][1] < other[theirs][1]:
            mine += 1
        else:
            theirs += 1
