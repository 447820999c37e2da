"""How fast a device, a run or a recipient may be written to; knows no clock and no ledger.

N means N: in no rolling window, whatever the clock does, do more than N noted moments lie. The
Nth latest moment alone decides, so a moment in the future (the clock was set back) counts like
one of just now until the clock has passed it and the window: limits under-send.
"""

import re
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from waheal.errors import UsageError

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0

HISTORY_MARGIN = HOUR
"""History is loaded from this much earlier, so that a clock set back a little stalls nothing."""

Rate = tuple[int, float]
"""So many messages in so many seconds."""

_UNITS = {
    unit: seconds
    for seconds, units in (
        (MINUTE, ("min", "minute", "m")),
        (HOUR, ("h", "hour")),
        (DAY, ("d", "day")),
    )
    for unit in units
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator allows. None and 0: no limit.

    `gap` is seconds between two messages of one device, `jitter` the share of it that chance may
    add. `per_recipient` is N messages in so many seconds, over all campaigns.
    """

    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None
    gap: float = 0.0
    jitter: float = 0.0
    total_per_minute: int | None = None
    total_per_hour: int | None = None
    total_per_day: int | None = None
    per_recipient: Rate | None = None

    @property
    def device_rates(self) -> tuple[Rate, ...]:
        """The rolling windows of one device."""
        return _rates(self.per_minute, self.per_hour, self.per_day)

    @property
    def total_rates(self) -> tuple[Rate, ...]:
        """The rolling windows of all devices together."""
        return _rates(self.total_per_minute, self.total_per_hour, self.total_per_day)

    def history_since(self, now: float) -> float:
        """From which moment on the ledger's claims matter to `pace` and `total_pace`."""
        windows = [seconds for _, seconds in self.device_rates + self.total_rates]
        return now - max(windows, default=0.0) - self.gap - HISTORY_MARGIN

    def pace(self, history: Iterable[float], since: float = -inf) -> "Pace":
        """Pace one device whose claims since `since` are `history`."""
        return Pace(self.device_rates, self.gap, history, since=since)

    def total_pace(self, history: Iterable[float], since: float = -inf) -> "Pace":
        """Pace the whole run; every device's claims since `since` are `history`."""
        return Pace(self.total_rates, 0.0, history, since=since)

    def combined(self, other: "Limits") -> "Limits":
        """Hold both: the stricter of each; of two recipient limits the other's."""
        return Limits(
            per_minute=_stricter(self.per_minute, other.per_minute),
            per_hour=_stricter(self.per_hour, other.per_hour),
            per_day=_stricter(self.per_day, other.per_day),
            gap=max(self.gap, other.gap),
            jitter=max(self.jitter, other.jitter),
            total_per_minute=_stricter(self.total_per_minute, other.total_per_minute),
            total_per_hour=_stricter(self.total_per_hour, other.total_per_hour),
            total_per_day=_stricter(self.total_per_day, other.total_per_day),
            per_recipient=other.per_recipient or self.per_recipient,
        )


def _rates(minute: int | None, hour: int | None, day: int | None) -> tuple[Rate, ...]:
    pairs = ((minute, MINUTE), (hour, HOUR), (day, DAY))
    return tuple((count, seconds) for count, seconds in pairs if count is not None)


def _stricter(one: int | None, other: int | None) -> int | None:
    return min((count for count in (one, other) if count is not None), default=None)


class Pace:
    """When the next message may be claimed, by rolling windows and a gap.

    `history` must hold every noted moment from `since` on. What came before is not known, so a
    window that reaches further back counts as full. Not safe for several threads.
    """

    __slots__ = ("_gap", "_rates", "_since", "_stretch", "_times")

    def __init__(
        self,
        rates: tuple[Rate, ...],
        gap: float = 0.0,
        history: Iterable[float] = (),
        *,
        since: float = -inf,
    ) -> None:
        self._rates = rates
        self._gap = gap
        self._stretch = 0.0
        self._since = since
        self._times = array("d", sorted(history))  # never pruned: 8 bytes a message

    def allowed_at(self, now: float) -> float:
        """Tell the first moment at which one more may be noted; `now` itself if it is free."""
        due = self._latest(1) + self._gap + self._stretch if self._gap else -inf
        for count, seconds in self._rates:
            due = max(due, self.opens(count, seconds))
        return max(due, now)

    def opens(self, count: int, seconds: float) -> float:
        """Tell from when on fewer than `count` lie in the last so many seconds."""
        return self._latest(count) + seconds

    def note(self, now: float, jitter: float = 0.0) -> None:
        """Count a message claimed at `now`; `jitter` is the share of the gap that it adds, >= 0."""
        insort(self._times, now)
        self._stretch = self._gap * max(jitter, 0.0)

    def forget(self, at: float) -> None:
        """Give back the message noted at `at`: it surely was not sent. Unknown ones are ignored."""
        place = bisect_left(self._times, at)
        if place < len(self._times) and self._times[place] == at:
            del self._times[place]

    def shift(self, noted: float, settled: float) -> None:
        """Let the message noted at `noted` count from when it really left, if that is later."""
        if settled > noted:
            self.forget(noted)
            insort(self._times, settled)

    def count(self, since: float) -> int:
        """How many were noted after `since`."""
        return len(self._times) - bisect_right(self._times, since)

    def _latest(self, nth: int) -> float:
        return self._times[-nth] if len(self._times) >= nth else self._since


def parse_rate(text: str) -> Limits:
    """Read a device's limits: `20/min`, or several: `20/min,100/h,200/day`.

    Raises: UsageError.
    """
    limits = Limits()
    for part in text.split(","):
        count, seconds = _parse_part(part, text)
        limits = limits.combined(_device_limit(count, seconds))
    return limits


def parse_total_rate(text: str) -> Limits:
    """Read the limits of all devices together, written as for `parse_rate`.

    Raises: UsageError.
    """
    one = parse_rate(text)
    return Limits(
        total_per_minute=one.per_minute,
        total_per_hour=one.per_hour,
        total_per_day=one.per_day,
    )


def parse_frequency(text: str) -> Rate:
    """Read how often one recipient may be written to: `3/7d` is three in any seven days.

    Raises: UsageError.
    """
    match = re.fullmatch(r"(\d{1,9})/(\d{1,4})\s*(?:d|days?)", text.strip().casefold())
    if match is None or not int(match[1]) or not int(match[2]):
        raise UsageError(
            f"can't read the frequency {text!r}", hint="write it as 3/7d: three in any seven days"
        )
    return int(match[1]), int(match[2]) * DAY


def _parse_part(part: str, whole: str) -> Rate:
    match = re.fullmatch(r"(\d{1,9})\s*/\s*([a-z]+)", part.strip().casefold())
    seconds = _UNITS.get(match[2]) if match else None
    if match is None or seconds is None or not int(match[1]):
        raise UsageError(
            f"can't read the rate {whole!r}", hint="write it as 20/min, 100/h or 200/day"
        )
    return int(match[1]), seconds


def _device_limit(count: int, seconds: float) -> Limits:
    if seconds == MINUTE:
        return Limits(per_minute=count)
    if seconds == HOUR:
        return Limits(per_hour=count)
    return Limits(per_day=count)
