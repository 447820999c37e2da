"""Steers a run along its course: the operator's word and bounds, pauses, the end; sends nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from shlex import quote

from waheal.engine.claims import Claims
from waheal.engine.course import Course, Phase, Step
from waheal.engine.flights import Flights
from waheal.engine.hearing import Hearing
from waheal.engine.hosts import Asked, Message
from waheal.engine.ports import CampaignBook
from waheal.engine.recycling import Recycling
from waheal.engine.roster import Roster
from waheal.engine.settings import RunSettings
from waheal.engine.standstill import Diagnosis
from waheal.engine.suspects import Suspects
from waheal.events import DeviceQuarantined, Event, NextAt, Paused, Settled
from waheal.model import ExitCode, Quarantine, State
from waheal.policy.breaker import ErrorShare
from waheal.policy.pacing import DAY, HOUR, MINUTE
from waheal.records import (
    OUTDATED,
    UPGRADE,
)
from waheal.waits import GOES_ON, Standstill

_GO_ON = "go on with the rest: run the same command again"
_PUT_BACK = "put the file back, or run the same command again: the rest get it as it is then"
_SEE_FAILED = "see who failed and why with `waheal report {}`, then run the same command again"
_SEE_NETWORK = "see what is in the way with `waheal doctor --connect`, then run it again"
_WENT_BACK = (
    "the ledger was put back to an earlier state, and what these machines sent since is not known"
    " yet: {}"
)
_LET_THEM_TELL = (
    "run `waheal sync` on each of them; one that is gone for good is given up with"
    " `waheal cluster retire NAME`"
)
_WORTH_TELLING = 3.0  # seconds; a shorter wait is pace, not a pause
_IN_MINUTES = 2 * HOUR  # a longer wait is told in hours
_WAITED_OUT = 3 * DAY  # nobody leaves a run waiting for longer
_LONG_PACE = 60.0  # likewise, where a pace keeps messages apart


class Helm:
    """Looks at what a turn left, and takes the steps that follow from it."""

    def __init__(
        self,
        campaigns: CampaignBook,
        campaign: int,
        settings: RunSettings,
        roster: Roster,
        claims: Claims,
        flights: Flights,
        hearing: Hearing,
        recycling: Recycling,
        suspects: Suspects,
        diagnosis: Diagnosis,
        monotonic: Callable[[], float],
        now: float,
    ) -> None:
        self._campaigns = campaigns
        self._campaign = campaign
        self._settings = settings
        self._roster = roster
        self._claims = claims
        self._flights = flights
        self._hearing = hearing
        self._recycling = recycling
        self._suspects = suspects
        self._monotonic = monotonic
        self._diagnosis = diagnosis
        self._ends = _ends(settings, now)
        self.errors = ErrorShare(settings.pause_after_errors)
        self._parts_at: float | None = None  # monotonic: until when it listens
        self._next_at: float | None = None  # told
        self._awaits: float | None = None  # others, since then
        self._told_of: float | None = None  # the next try, in an outage
        self._stop: Standstill | None = None  # why it claims nothing more
        self.course = Course()

    def heed(self, messages: Sequence[Message]) -> None:
        """Do as the operator asks."""
        for message in messages:
            if isinstance(message, Asked):
                self._take(Step.ABANDON if message.at_once else Step.ASK, message.reason)

    def fail(self, code: ExitCode) -> None:
        """End for a fault that has this code."""
        self.course = self.course.failed(code)

    def wait_for_start(self, now: float) -> list[Event]:
        """Wait where it is not to begin yet, and there is somebody to write to."""
        start = self._settings.start
        if start is None or start <= now or not self.course.claims or not self._pending():
            return []
        self._take(Step.PAUSE)
        at = datetime.fromtimestamp(start).astimezone()
        return [Paused(f"it begins on {at:%Y-%m-%d} at {at:%H:%M}, by --start", start, GOES_ON)]

    def look_ahead(self, now: float) -> None:
        """End before any host is started, where there is nothing to do or nobody to do it."""
        if self.course.claims and not self._pending():
            self._take(Step.EXHAUST, "everything is settled")
        elif self.course.claims and not self._roster.scheduler.any_usable():
            back = self._roster.next_return()
            if back is None or back - now > self._longest_wait(now):
                self._no_way_on(now, back)
        self.mind_the_end()

    def count_errors(self, told: Sequence[Event]) -> list[Event]:
        """Claim nothing more where too many have failed."""
        ended = [event.state for event in told if isinstance(event, Settled)]
        for state in ended:
            self.errors.note(state)
        if (shared := self._settings.shared) is not None and self.errors.counts:
            if any(map(self.errors.is_settled, ended)):
                shared.note(
                    settled=sum(map(self.errors.is_settled, ended)),
                    failed=ended.count(State.FAILED),
                )
            self.errors.are(*shared.ended())
        reason = self.errors.tripped
        if reason is None or not self.course.claims:
            return []
        self._take(Step.TRIP, reason)
        return [Paused(reason, way_out=_SEE_FAILED.format(quote(self._settings.campaign)))]

    @property
    def last_word(self) -> Paused | None:
        """Why it ended with something left, unless that was told before, or is what was asked."""
        why, stop = self.course.untold, self._stop
        if why is None:
            return None
        if stop is None or stop.reason != why:
            return Paused(why)
        return Paused(why, stop.until, stop.way_out)

    @property
    def stop(self) -> Standstill | None:
        """Why it claims nothing more, whoever was told; None where nothing held it up."""
        why, stop = self.course.why, self._stop
        if why is None or (stop is not None and stop.reason == why):
            return stop
        return Standstill(why)

    def mind_the_version(self, told: Sequence[Event]) -> list[Event]:
        """Claim nothing more where the library's version is refused: so it is for all devices."""
        refused = any(
            isinstance(event, DeviceQuarantined) and event.reason is Quarantine.OUTDATED
            for event in told
        )
        if not refused or not self.course.claims:
            return []
        self._take(Step.AGE, OUTDATED)
        return [Paused(OUTDATED, way_out=UPGRADE)]

    def resume(self) -> bool:
        """Note that something was claimed; tells whether that ends a pause."""
        if self.course.phase is not Phase.WAITING or self._roster.outage.since is not None:
            return False
        self._told_of = None
        self._take(Step.RESUME)
        return True

    def mind_outage(self, now: float, awaited: Sequence[str] = ()) -> list[Event]:
        """Tell when WhatsApp is not reached, or machines are `awaited`; end where that lasts."""
        if awaited or self._awaits is not None:
            return self._mind_the_others(awaited, now)
        outage = self._roster.outage
        if outage.since is None or not self.course.claims:
            return []
        if now >= outage.gives_up:
            told = f"no device can send: WhatsApp unreachable since {_clock(outage.since)}"
            self._stop_for(Step.LOSE, Standstill(told, _SEE_NETWORK))
            return []
        if self._told_of == outage.next_try:
            return []
        self._told_of = outage.next_try
        if self.course.phase is Phase.RUNNING:
            self._take(Step.PAUSE)
        ends = f"next try {_clock(outage.next_try)}; gives up {_clock(outage.gives_up)}"
        return [Paused(f"WhatsApp unreachable since {_clock(outage.since)}; {ends}", None, GOES_ON)]

    def _mind_the_others(self, awaited: Sequence[str], now: float) -> list[Event]:
        """Wait for machines that may have sent what a ledger forgot; end where that lasts."""
        if not awaited or not self.course.claims:
            self._awaits = None
            return []
        if not self._pending():
            self._take(Step.EXHAUST, "everything is settled")
            return []
        why = _WENT_BACK.format(", ".join(awaited))
        if self._awaits is None:
            self._awaits = now
            if self.course.phase is Phase.RUNNING:
                self._take(Step.PAUSE)
            return [Paused(why, None, _LET_THEM_TELL)]
        if now - self._awaits > self._settings.max_wait:
            self._stop_for(Step.EXHAUST, Standstill(why, _LET_THEM_TELL))
        return []

    def mind_bounds(self, now: float) -> None:
        """Claim nothing more where one of the operator's bounds is reached."""
        if self.course.claims and self._ends is not None and now >= self._ends[0]:
            self._stop_for(Step.BOUND, Standstill(self._ends[1], _GO_ON))
        elif self.course.claims and self._hearing.spoilt is not None:
            self._stop_for(Step.BOUND, Standstill(self._hearing.spoilt, _PUT_BACK))
        elif self.course.claims and self._claims.used_up:
            reached = f"--limit {self._settings.limit} is reached"
            self._stop_for(Step.BOUND, Standstill(reached, _GO_ON))

    def wait_or_end(self, now: float) -> list[Event]:
        """Where nothing is in flight either, wait for a moment or end: nothing was claimed."""
        if not self.course.claims or self._flights or self._claims.more:
            return []
        if not self._pending():
            self._take(Step.EXHAUST, "everything is settled")
            return []
        next_host = self._recycling.under_way or self._suspects.under_way
        if next_host or self._roster.outage.since is not None:
            return []  # that host's devices go on, or `mind_outage` has the word
        moment = self._claims.next_moment(now)
        loose = self._flights.loose_since()
        if moment is None and loose is not None and loose < self._settings.max_wait:
            return []  # its device may have no other under way
        if moment is None or moment - now > self._longest_wait(now):
            self._no_way_on(now, moment)
        elif self.course.phase is Phase.RUNNING and self._worth_telling(moment - now, now):
            self._take(Step.PAUSE)
            return [Paused(self._diagnosis.of(now).reason, moment, GOES_ON)]
        return []

    def mind_the_pace(self, now: float) -> list[Event]:
        """Tell when the next message may go, where nothing but the pace holds them for a moment."""
        if self.course.phase is not Phase.RUNNING or self._flights or self._claims.more:
            return []
        moment = self._claims.next_moment(now)
        if moment is None or moment <= now or moment == self._next_at:
            return []
        self._next_at = moment
        return [NextAt(moment)]

    def _worth_telling(self, wait: float, now: float) -> bool:
        return wait > _LONG_PACE or (wait > _WORTH_TELLING and not self._claims.paced(now))

    def mind_the_end(self) -> None:
        """Land once nothing is in flight; then stay a moment: a message may be asked for again."""
        if self.course.phase is Phase.DRAINING and not self._flights:
            self._take(Step.LAND)
        if self.course.phase is not Phase.LISTENING:
            return
        if self._parts_at is None:
            self._parts_at = self._monotonic() + self._settings.drain_window
        if not self._hearing.unanswered or self._monotonic() >= self._parts_at:
            self._take(Step.PART)

    def _take(self, step: Step, why: str | None = None) -> None:
        self.course = self.course.after(step, why)

    def _pending(self) -> bool:
        return self._campaigns.anything_pending(self._campaign)

    def _longest_wait(self, now: float) -> float:
        """Seconds that a pause may last; without a device, counted from when one was last up."""
        longest = self._settings.max_wait
        if self._roster.scheduler.any_usable():
            return longest
        return min(longest, self._settings.no_device_wait) - (now - self._roster.outage.last_sign)

    def _no_way_on(self, now: float, moment: float | None = None) -> None:
        stop = self._diagnosis.of(now)
        usable = self._roster.scheduler.any_usable()
        if moment is not None and moment > now:
            stop = replace(stop, until=moment, way_out=_or_wait(stop.way_out, moment - now))
        self._stop_for(Step.EXHAUST if usable else Step.STRAND, stop)

    def _stop_for(self, step: Step, stop: Standstill) -> None:
        self._stop = self._stop or stop
        self._take(step, stop.reason)


def _clock(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment).astimezone():%H:%M:%S}"


def _or_wait(way_out: str | None, seconds: float) -> str:
    """Add that a run may wait longer."""
    if seconds > _WAITED_OUT:
        return f"{way_out}"
    unit, name = (MINUTE, "m") if seconds <= _IN_MINUTES else (HOUR, "h")
    return f"{way_out}; or let a run wait with --max-wait {-(-seconds // unit):.0f}{name}"


def _ends(settings: RunSettings, now: float) -> tuple[float, str] | None:
    """When the run's time is over (Unix s), by whichever bound comes first, and which that is."""
    ends = list[tuple[float, str]]()
    if settings.max_runtime is not None:
        begins = max(now, settings.start or 0.0)
        ends.append((begins + settings.max_runtime, "the time of --max-runtime is over"))
    if settings.until is not None:
        at = datetime.fromtimestamp(settings.until).astimezone()
        # An order's is one moment, whichever of the two it comes of.
        what = "--until" if settings.shared is None else "the order's --until or --max-runtime"
        ends.append((settings.until, f"{what} has come: {at:%Y-%m-%d %H:%M}"))
    return min(ends, default=None)
