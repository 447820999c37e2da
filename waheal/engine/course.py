"""Where a run stands, why it ends, and the exit code that says so; knows no ledger and no time.

Theory of operation. A run is in one phase, and each thing that matters for its end is a step: what
the operator asks, a bound that is reached, the last message that lands, a fault. The table below
says which phase follows which step; any other step is refused. The steps taken are kept, because
several may hold at the end: the strongest of them is the exit code.

::

    running ──pause──► waiting ──resume──► running
    running, waiting ──ask, bound, trip, lose, age──► draining ──land──► listening ──part──► over
    running, waiting ──exhaust, strand──► listening
    draining ──ask──► draining
    listening ──ask──► listening
    running, waiting, draining, listening, over ──abandon, fail──► over ──ask──► over
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from waheal.model import EXIT_PRECEDENCE, ExitCode, State
from waheal.records import Tally


class Phase(StrEnum):
    """What a run does."""

    RUNNING = "running"
    WAITING = "waiting"  # for a moment from which something may be claimed again
    DRAINING = "draining"  # claims nothing more; messages are in flight
    LISTENING = "listening"  # nothing is in flight; a recipient may ask for a message again
    OVER = "over"


class Step(StrEnum):
    """What moves a run on."""

    PAUSE = "pause"  # nothing may be sent for a while
    RESUME = "resume"  # something was claimed after a pause
    ASK = "ask"  # the operator wants it to end
    BOUND = "bound"  # its time is over, or its limit reached
    TRIP = "trip"  # too many recipients failed
    LOSE = "lose"  # WhatsApp is not reached, through no device, and has been waited for
    AGE = "age"  # WhatsApp refuses the library's version, so no device can log in
    EXHAUST = "exhaust"  # nothing is in flight, and nothing can be claimed
    STRAND = "strand"  # likewise, for want of a device
    LAND = "land"  # the last message in flight has ended
    PART = "part"  # nobody is waited for any more
    ABANDON = "abandon"  # the operator does not want to wait
    FAIL = "fail"  # a fault of the machine's or of waheal's own


_CLAIMING: Mapping[Step, Phase] = MappingProxyType(
    {
        Step.ASK: Phase.DRAINING,
        Step.BOUND: Phase.DRAINING,
        Step.TRIP: Phase.DRAINING,
        Step.LOSE: Phase.DRAINING,
        Step.AGE: Phase.DRAINING,
        Step.EXHAUST: Phase.LISTENING,
        Step.STRAND: Phase.LISTENING,
    }
)
_ANYWHERE: Mapping[Step, Phase] = MappingProxyType(
    {Step.ABANDON: Phase.OVER, Step.FAIL: Phase.OVER}
)

TRANSITIONS: Mapping[Phase, Mapping[Step, Phase]] = MappingProxyType(
    {
        Phase.RUNNING: {Step.PAUSE: Phase.WAITING, **_CLAIMING, **_ANYWHERE},
        Phase.WAITING: {Step.RESUME: Phase.RUNNING, **_CLAIMING, **_ANYWHERE},
        Phase.DRAINING: {Step.LAND: Phase.LISTENING, Step.ASK: Phase.DRAINING, **_ANYWHERE},
        Phase.LISTENING: {Step.PART: Phase.OVER, Step.ASK: Phase.LISTENING, **_ANYWHERE},
        Phase.OVER: {Step.ASK: Phase.OVER, **_ANYWHERE},
    }
)
"""Which phase follows a step; a step that a phase lacks is refused there."""

_TOLD = frozenset({Step.ASK, Step.ABANDON, Step.TRIP, Step.AGE})

_DEVICELESS = frozenset({Step.STRAND, Step.LOSE, Step.AGE})


@dataclass(frozen=True, slots=True)
class Course:
    """A run's way so far. `why`: why it claims nothing more, in words; the first reason stays."""

    phase: Phase = Phase.RUNNING
    why: str | None = None
    taken: frozenset[Step] = frozenset()
    faults: frozenset[ExitCode] = frozenset()

    def after(self, step: Step, why: str | None = None) -> "Course":
        """Give the course after one more step.

        Raises: ValueError: the table has no such step here.
        """
        if step not in TRANSITIONS[self.phase]:
            raise ValueError(f"a run that is {self.phase} takes no step {step.value!r}")
        return replace(
            self,
            phase=TRANSITIONS[self.phase][step],
            why=why if self.why is None else self.why,
            taken=self.taken | {step},
        )

    def failed(self, code: ExitCode) -> "Course":
        """Give the course after a fault that ends with this code."""
        return replace(self.after(Step.FAIL), faults=self.faults | {code})

    @property
    def claims(self) -> bool:
        """Whether more may be claimed."""
        return self.phase in {Phase.RUNNING, Phase.WAITING}

    @property
    def over(self) -> bool:
        """Whether nothing more happens."""
        return self.phase is Phase.OVER

    @property
    def abandoned(self) -> bool:
        """Whether hosts end by force, with what they have in flight."""
        return Step.ABANDON in self.taken

    @property
    def untold(self) -> str | None:
        """Why it ended, unless it was told before, or is the operator's own wish."""
        return None if self.taken & _TOLD else self.why

    def exit_code(self, tally: Tally, *, late_fails: bool = False) -> ExitCode:
        """Tell the strongest of what holds; `late_fails`: whose time went by counts as failed."""
        holds = {
            ExitCode.INTERRUPTED: bool(self.taken & {Step.ASK, Step.ABANDON}),
            ExitCode.NO_DEVICE: bool(self.taken & _DEVICELESS) and tally[State.PENDING] > 0,
            ExitCode.LEFT_OVER: tally.left > 0,
            ExitCode.SOME_FAILED: tally[State.FAILED] + late_fails * tally[State.EXPIRED] > 0,
            ExitCode.OK: True,
        }
        codes = {code for code, held in holds.items() if held} | self.faults
        return next(code for code in EXIT_PRECEDENCE if code in codes)
