"""The ledger lost in mid-run, and found again; judges no message.

Theory of operation. A reconnect is a restart that keeps its hosts. Whatever a turn had in hand when
the link was lost may be committed, or not. So nothing that it did counts until that is known:

::

    linked ──a turn begins──► writing ──committed──► linked
    linked, writing ──LedgerLostError──► lost ──relinked──► linked, and the turn is done again
                                         lost ──given up──► the run ends with 12

Lost: nothing is claimed; the hosts withhold what has not left; calls end, and what is said of them
is kept, on file too (`unwritten.py`). Relinked: whatever the old connection had begun is over. Then
own attempts that are open and not in a host's hands were never dispatched, for the commit that held
them was the one without an answer: they are pending. What was made of the ledger (lanes, paces, who
is next) is made of it again. And the turn's reports are written once more. Each ending is fenced by
its attempt and its state, so it takes once, whether that turn was committed or not; what is told of
it is told once, for the server says which it was.

A ledger in a file has no link to lose: there nothing of it happens.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from waheal.engine.claims import Claims
from waheal.engine.clocks import by_the_ledgers
from waheal.engine.course import Step
from waheal.engine.flights import Flights
from waheal.engine.helm import Helm
from waheal.engine.hosts import Asked, Died, Heard, Message
from waheal.engine.link import Link
from waheal.engine.ports import RemoteLedger
from waheal.errors import LedgerLostError
from waheal.events import Claimed, Event, Paused, Resumed
from waheal.model import State
from waheal.policy.reconnect import Reconnect
from waheal.waits import GOES_ON
from waheal.wire import Revoke

ANSWERS_WITHIN = 10.0
"""Seconds in which a turn's statement is answered, or the link is taken for lost."""

LEASE = 60.0
"""Seconds after its claim in which a message leaves, where the claims' ledger may be lost."""

_LOOK = 0.5  # seconds between looks at what hosts and operators say meanwhile
_NEVER_LEFT = "the link to the ledger was lost before it was given to a host"


@dataclass(eq=False)
class Turn:
    """What one turn writes, and what is told of it once that is committed.

    `repeated`: it was committed before, and has been told.
    """

    reports: Sequence[Heard | Died]
    told: list[Event] = field(default_factory=list)
    repeated: bool = False


class Reconnecting:
    """Keeps what no turn has written for sure, and bridges the time without the ledger.

    `renew` makes again what was made of the ledger, within a transaction, at that moment.
    """

    def __init__(
        self,
        ledger: RemoteLedger,
        link: Link,
        flights: Flights,
        claims: Claims,
        helm: Helm,
        *,
        renew: Callable[[float], None],
        withhold: Callable[[Revoke], None],
        patience: float,
        now: Callable[[], float],
        monotonic: Callable[[], float],
        random: Random,
    ) -> None:
        self._ledger = ledger
        self._link = link
        self._flights = flights
        self._claims = claims
        self._helm = helm
        self._make_again = renew
        self._patience = patience
        self._withhold = withhold
        self._now = now
        self._monotonic = monotonic
        self._random = random
        self._heard: list[Heard | Died] = []  # and in no turn yet
        self._turn: Turn | None = None  # begun, and not written for sure
        self._uncount: Callable[[], None] = _nothing  # the turn's failures
        self._take_back: tuple[Callable[[], None], ...] = ()  # what else it did to the run

    @property
    def owes(self) -> bool:
        """Whether something was heard that no turn has written."""
        return self._turn is not None or bool(self._heard)

    def heard(self, messages: Iterable[Message]) -> None:
        """Keep what is to be written, by the ledger's clock."""
        ahead = self._ledger.ahead
        told = (each for each in messages if not isinstance(each, Asked))
        self._heard += [by_the_ledgers(each, ahead) for each in told]

    def begin(self) -> Turn:
        """Begin a turn: with all that was heard, or with what an earlier one could not write."""
        if self._turn is None:
            self._turn = Turn(self._heard)
            self._heard = []
        self._turn.told = []
        if self._ledger.remote:
            self._uncount = self._helm.errors.mark()
            self._take_back = self._flights.in_hand.mark(), self._claims.mark()
        return self._turn

    def written(self) -> None:
        """Let go of the turn's reports: the ledger has them."""
        self._turn = None
        if not self._heard:
            self._link.written()

    def lasting(self, step: Callable[[], Iterator[Event]]) -> Iterator[Event]:
        """Do a step, and do it again where the ledger was lost and is back.

        Raises: LedgerLostError: it does not come back, or is not waited for.
        """
        while True:
            try:
                yield from step()
            except LedgerLostError as lost:
                yield from self._reconnected(lost)
            else:
                return

    def _reconnected(self, lost: LedgerLostError) -> Iterator[Event]:
        begun = trying = Reconnect.begun(self._monotonic(), self._patience)
        if self._turn is not None:
            for take_back in self._take_back:
                take_back()
        self._withhold(Revoke(everything=True))
        until = datetime.fromtimestamp(self._now() + self._patience).astimezone()
        told = f"{lost.message}; nothing is sent, and it is tried again until {until:%H:%M:%S}"
        yield Paused(told, None, GOES_ON)
        outcome: bool | None = None
        while True:
            try:
                self._see_it_may(lost)
                whole = self._ledger.relink()
                outcome = whole if outcome is None else outcome
                self._renew()
                break
            except LedgerLostError as error:
                lost = error
            trying = trying.failed(self._monotonic(), self._random.random())
            if trying.over(self._monotonic()):
                raise lost
            trying = self._wait(trying, lost)
        yield Resumed(f"the ledger is back after {self._monotonic() - begun.since:.1f} s")
        yield from self._counted(committed=outcome)

    def _counted(self, *, committed: bool) -> list[Event]:
        """Give what is told of the turn that was under way, where it was committed."""
        turn = self._turn
        if turn is None or turn.repeated:
            return []
        if not committed:
            self._uncount()
            return []
        turn.repeated = True
        return [each for each in turn.told if not isinstance(each, Claimed)]

    def _wait(self, trying: Reconnect, lost: LedgerLostError) -> Reconnect:
        """Hear hosts and operators until the next try is due."""
        while (left := trying.next_try - self._monotonic()) > 0.0:
            self._see_it_may(lost)
            messages = self._link.hear(min(left, _LOOK))
            self._helm.heed(messages)
            self.heard(messages)
            if any(isinstance(each, Asked) for each in messages):
                trying = trying.asked_to_end(self._monotonic())
        return trying

    def _see_it_may(self, lost: LedgerLostError) -> None:
        """Go on, unless the operator does not want to wait."""
        if Step.ABANDON in self._helm.course.taken:
            raise lost

    def _renew(self) -> None:
        now = self._now()
        with self._ledger.transaction():
            for each in self._ledger.doubts.open(State.SENDING):
                of_this_run = each.origin.stamp == self._claims.stamp
                if of_this_run and self._flights.find(each.delivery, each.attempt) is None:
                    self._ledger.outcomes.settle(
                        each.delivery, each.attempt, State.PENDING,
                        now=now, reason=_NEVER_LEFT, due=now,
                    )  # fmt: skip
            self._make_again(now)
        if self._turn is not None:  # it is done again, and so is this
            self._ledger.outcomes.take_early()


def _nothing() -> None:
    """Undo nothing."""
