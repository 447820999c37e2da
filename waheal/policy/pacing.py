"""How fast a device, a run or a recipient may be written to; knows no clock and no ledger.

N means N: in no rolling window, whatever the clock does, do more than N messages leave. The Nth
latest moment alone decides, so a moment in the future (the clock was set back) counts like one of
just now until the clock has passed it and the window: limits under-send.
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

SPREAD_BY = 0.25
"""The share by which chance lengthens or shortens the time between messages that are spread."""

_CATCH_UP = 1.0  # seconds; what a spread is late by so much, or by one message, is made up for
_APART = 1.0  # seconds; where a device's messages are closer, it may have the next one ready

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
    add. `per_recipient` is N messages in so many seconds, over all campaigns. `burst`: a window's N
    may go at once, where they would be spread over it.
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
    burst: bool = False

    @property
    def device_rates(self) -> tuple[Rate, ...]:
        """The rolling windows of one device."""
        return _rates(self.per_minute, self.per_hour, self.per_day)

    @property
    def total_rates(self) -> tuple[Rate, ...]:
        """The rolling windows of all devices together."""
        return _rates(self.total_per_minute, self.total_per_hour, self.total_per_day)

    def history_since(self, now: float) -> float:
        """From which moment on the ledger's messages matter to `pace` and `total_pace`."""
        windows = [seconds for _, seconds in self.device_rates + self.total_rates]
        return now - max(windows, default=0.0) - self.gap - HISTORY_MARGIN

    def pace(self, history: Iterable[float], since: float = -inf, longest: float = inf) -> "Pace":
        """Pace one device whose messages since `since` left at `history`."""
        return Pace(
            self.device_rates,
            self.gap,
            history,
            since=since,
            jitter=self.jitter,
            spread=not self.burst,
            longest=longest,
            alone=True,
        )

    def total_pace(
        self, history: Iterable[float], since: float = -inf, longest: float = inf
    ) -> "Pace":
        """Pace the whole run; every device's messages since `since` left at `history`."""
        spread = not self.burst
        return Pace(self.total_rates, 0.0, history, since=since, spread=spread, longest=longest)

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
            burst=self.burst or other.burst,
        )


def _rates(minute: int | None, hour: int | None, day: int | None) -> tuple[Rate, ...]:
    pairs = ((minute, MINUTE), (hour, HOUR), (day, DAY))
    return tuple((count, seconds) for count, seconds in pairs if count is not None)


def _stricter(one: int | None, other: int | None) -> int | None:
    return min((count for count in (one, other) if count is not None), default=None)


class Moments:
    """When messages were sent; what came before `since` is not known, and counts as sent then.

    Not safe for several threads.
    """

    __slots__ = ("_since", "_times")

    def __init__(self, history: Iterable[float] = (), since: float = -inf) -> None:
        self._since = since
        self._times = array("d", sorted(history))  # never pruned: 8 bytes a message

    def note(self, at: float) -> None:
        """Count a message."""
        insort(self._times, at)

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

    def latest(self, nth: int = 1) -> float:
        """Tell when the nth latest was sent."""
        return self._times[-nth] if len(self._times) >= nth else self._since

    def opens(self, count: int, seconds: float) -> float:
        """Tell from when on fewer than `count` lie in the last so many seconds."""
        return self.latest(count) + seconds

    def count(self, since: float) -> int:
        """How many were sent after `since`."""
        return len(self._times) - bisect_right(self._times, since)


class Pace:
    """When the next message may be claimed: by rolling windows, a gap, and evenly spread.

    Theory of operation. A claim is not a message: it waits for a connect, and nobody knows when it
    left until its call is over. So windows and gap, which are promises, take a message that is
    under way for one that is yet to leave, and one that is over for one that left when it was over.
    Where messages of a device are seconds apart, one is under way at a time.

    Spreading is only a way to hold less than the promise. A window's N are `seconds / N` apart, a
    quarter more or less by chance, counted from claim to claim, so that what answers take is made
    up for; but never less than three quarters after the last one was handed to the library. A
    day's are spread over what is left of the hours in which they may go out, where that is known.

    `history` must hold every message that left from `since` on. `longest`: the spread makes nobody
    wait longer than that (seconds). `alone`: it is one device's. Not safe for several threads.
    """

    __slots__ = (
        "_alone", "_apart", "_days", "_gap", "_interval", "_jitter", "_longest", "_not_before",
        "_rates", "_sent", "_stretch", "_turn", "_under_way",
    )  # fmt: skip

    def __init__(
        self,
        rates: tuple[Rate, ...],
        gap: float = 0.0,
        history: Iterable[float] = (),
        *,
        since: float = -inf,
        jitter: float = 0.0,
        spread: bool = False,
        longest: float = inf,
        alone: bool = False,
    ) -> None:
        self._rates = rates
        self._gap = gap
        self._jitter = jitter
        self._longest = longest / (1.0 + SPREAD_BY)
        spans = [seconds / count for count, seconds in rates if seconds < DAY] if spread else []
        self._interval = min(max(spans, default=0.0), self._longest)
        self._days = [count for count, seconds in rates if seconds == DAY] if spread else []
        self._apart = self._interval  # what the last one asks for
        self._alone = alone
        self._sent = Moments(history, since)
        self._under_way: list[tuple[float, float]] = []  # when claimed; what it added to `_turn`
        self._stretch = gap * jitter
        self._turn = self._sent.latest() + self._interval if self._interval else -inf
        self._not_before = -inf

    def allowed_at(self, now: float) -> float:
        """Tell the first moment at which one more may be claimed; `now` itself if it is free.

        Infinity: when one that is under way is over.
        """
        due = self._spaced_until()
        for count, seconds in self._rates:
            due = max(due, self._latest(count) + seconds)
        return max(due, now)

    def held_by(self, now: float) -> Rate | None:
        """Tell the rate that is used up and holds the next one longest.

        None where nothing does, or only the time between two messages.
        """
        held = [(self._latest(rate[0]) + rate[1], rate) for rate in self._rates]
        late, rate = max(held, default=(-inf, None))
        return rate if late > max(self._spaced_until(), now) else None

    @property
    def spaced(self) -> bool:
        """Whether it keeps messages apart, so that a wait is nothing special."""
        return self._gap > 0.0 or self._apart > 0.0

    @property
    def latest(self) -> float | None:
        """The last moment that was noted."""
        known = max([self._sent.latest(), *(claimed for claimed, _ in self._under_way)])
        return None if known == -inf else known

    def note(self, now: float, chance: float = 0.5, closes: float | None = None) -> None:
        """Count a message that is claimed now, and is under way from now on.

        `chance`, from 0 to 1, is how far the next one is put off within what is left to chance.
        `closes`: until when messages may go out (Unix s), where an end is known.
        """
        self._stretch = self._gap * self._jitter * chance
        before = max(self._turn, now - max(self._interval, _CATCH_UP))
        part = 1.0 + SPREAD_BY * (2.0 * chance - 1.0)
        of_the_day = self._of_the_day(now, closes)
        self._apart = max(self._interval, of_the_day)
        self._turn = before + self._interval * part
        if of_the_day:
            self._turn = max(self._turn, now + of_the_day * part)
        self._under_way.append((now, self._turn - before))

    def landed(self, claimed: float, over: float, handed: float | None = None) -> None:
        """Count the message claimed at `claimed` as one that left by `over`, when its call ended.

        `handed`: before when it can't have left: the library was given it then.
        """
        if self._pop(claimed) is None:
            return
        self._sent.note(max(claimed, over))
        if self._one_at_a_time:
            left = over if handed is None else min(max(claimed, handed), over)
            self._not_before = left + self._apart * (1.0 - SPREAD_BY)

    def forget(self, claimed: float) -> None:
        """Give back the message claimed at `claimed`: it surely did not leave."""
        if (added := self._pop(claimed)) is not None:
            self._turn -= added

    def _pop(self, claimed: float) -> float | None:
        for place, (at, added) in enumerate(self._under_way):
            if at == claimed:
                del self._under_way[place]
                return added
        return None

    @property
    def _one_at_a_time(self) -> bool:
        return self._alone and (self._gap > 0.0 or self._apart >= _APART)

    def _spaced_until(self) -> float:
        if self._under_way and self._one_at_a_time:
            return inf
        gap = self._latest(1) + self._gap + self._stretch if self._gap else -inf
        return max(gap, self._turn, self._not_before)

    def _of_the_day(self, now: float, closes: float | None) -> float:
        """Tell how far apart (seconds) messages are that are to last until the hours are over.

        By then the day's N are those since the same time of the day before, this one among them.
        One place is left free at the end, so that chance pushes nobody out of the hours. 0: those
        that are left, if any, need not wait for each other.
        """
        if closes is None or not now < closes <= now + DAY:
            return 0.0
        gone = self._sent.count(closes - DAY) + len(self._under_way)
        left = min((count - gone for count in self._days), default=0)
        return min((closes - now) / left, self._longest) if left > 1 else 0.0

    def _latest(self, nth: int) -> float:
        """Tell when the nth latest left; infinity for one of which nobody knows yet."""
        under_way = len(self._under_way)
        return inf if nth <= under_way else self._sent.latest(nth - under_way)


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
