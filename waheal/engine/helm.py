"""Steers a run along its course: the operator's word and bounds, pauses, the end; sends nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime

from waheal.engine.claims import Claims
from waheal.engine.course import Course, Phase, Step
from waheal.engine.flights import Flights
from waheal.engine.hearing import Hearing
from waheal.engine.hosts import Asked, Message
from waheal.engine.ports import CampaignBook
from waheal.engine.recycling import Recycling
from waheal.engine.roster import Roster
from waheal.engine.settings import RunSettings
from waheal.engine.suspects import Suspects
from waheal.events import DeviceQuarantined, Event, Paused, Settled
from waheal.model import ExitCode, Quarantine
from waheal.policy.breaker import ErrorShare

OUTDATED = (
    "WhatsApp takes this version from no device any more (405): upgrade waheal, with"
    " `pip install --upgrade waheal`, and run this again"
)

_WORTH_TELLING = 3.0  # seconds; a shorter wait is pace, not a pause


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
        self._ends = _ends(settings, now)
        self._errors = ErrorShare(settings.pause_after_errors)
        self._parts_at: float | None = None  # monotonic: until when it listens
        self.course = Course()

    def heed(self, messages: Sequence[Message]) -> None:
        """Do as the operator asks."""
        for message in messages:
            if isinstance(message, Asked):
                self._take(Step.ABANDON if message.at_once else Step.ASK, message.reason)

    def fail(self, code: ExitCode) -> None:
        """End for a fault that has this code."""
        self.course = self.course.failed(code)

    def look_ahead(self, now: float) -> None:
        """End before any host is started, where there is nothing to do or nobody to do it."""
        if self.course.claims and not self._pending():
            self._take(Step.EXHAUST, "everything is settled")
        elif self.course.claims and not self._roster.scheduler.any_usable():
            back = self._roster.next_return()
            if back is None or back - now > self._longest_wait(now):
                self._no_way_on(now)
        self.mind_the_end()

    def count_errors(self, told: Sequence[Event]) -> list[Event]:
        """Claim nothing more where too many have failed."""
        for event in told:
            if isinstance(event, Settled):
                self._errors.note(event.state)
        reason = self._errors.tripped
        if reason is None or not self.course.claims:
            return []
        self._take(Step.TRIP, reason)
        return [Paused(reason)]

    def mind_the_version(self, told: Sequence[Event]) -> list[Event]:
        """Claim nothing more where the library's version is refused: so it is for all devices."""
        refused = any(
            isinstance(event, DeviceQuarantined) and event.reason is Quarantine.OUTDATED
            for event in told
        )
        if not refused or not self.course.claims:
            return []
        self._take(Step.AGE, OUTDATED)
        return [Paused(OUTDATED)]

    def resume(self) -> bool:
        """Note that something was claimed; tells whether that ends a pause."""
        if self.course.phase is not Phase.WAITING:
            return False
        self._take(Step.RESUME)
        return True

    def mind_bounds(self, now: float) -> None:
        """Claim nothing more where one of the operator's bounds is reached."""
        if self.course.claims and self._ends is not None and now >= self._ends:
            self._take(Step.BOUND, "its time is over")
        elif self.course.claims and self._claims.used_up:
            self._take(Step.BOUND, "its limit is reached")

    def wait_or_end(self, now: float) -> list[Event]:
        """Where nothing is in flight either, wait for a moment or end: nothing was claimed."""
        if not self.course.claims or self._flights or self._claims.more:
            return []
        if not self._pending():
            self._take(Step.EXHAUST, "everything is settled")
            return []
        if self._recycling.under_way or self._suspects.under_way:
            return []  # the next host's devices go on
        moment = self._claims.next_moment(now)
        if moment is None or moment - now > self._longest_wait(now):
            self._no_way_on(now, moment)
        elif moment - now > _WORTH_TELLING and self.course.phase is Phase.RUNNING:
            self._take(Step.PAUSE)
            return [Paused("nothing may be sent now", moment)]
        return []

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
        return min(longest, self._settings.no_device_wait) - (now - self._roster.last_online)

    def _no_way_on(self, now: float, moment: float | None = None) -> None:
        if not self._roster.scheduler.any_usable():
            self._take(Step.STRAND, "no device can send")
        elif moment is not None and moment > now:
            at = datetime.fromtimestamp(min(moment, 4e9)).astimezone()
            self._take(Step.EXHAUST, f"nothing may be sent before {at:%Y-%m-%d %H:%M}")
        else:
            self._take(Step.EXHAUST, "nothing is left that can be sent")


def _ends(settings: RunSettings, now: float) -> float | None:
    """When the run's time is over (Unix s), by whichever bound comes first."""
    longest = settings.max_runtime
    ends = [None if longest is None else now + longest, settings.until]
    return min((at for at in ends if at is not None), default=None)
