"""How a flight ends: the host's answer or the evidence, written into the ledger."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import assert_never

from waheal.engine.flights import Flight, Flights
from waheal.engine.ports import Acquaintance, DoubtBook, Settling
from waheal.engine.reconciliation import Judged, Reconciler
from waheal.events import Settled
from waheal.model import Accepted, NotSent, Outcome, Rejected, State, Unknown
from waheal.policy.retry import Consequence, after
from waheal.records import Settlement


class Landing:
    """Writes into the ledger how a flight ended; call it inside a transaction."""

    def __init__(
        self,
        outcomes: Settling,
        doubts: DoubtBook,
        people: Acquaintance,
        reconciler: Reconciler,
        *,
        max_tries: int,
        random: Random,
    ) -> None:
        self._outcomes = outcomes
        self._doubts = doubts
        self._people = people
        self._reconciler = reconciler
        self._max_tries = max_tries
        self._random = random

    def land(self, answers: Sequence[tuple[Flight, Outcome]], now: float) -> list[Settled | None]:
        """Settle the deliveries; None in the place of one that the ledger had settled already.

        Those that were accepted for sure are written together.
        """
        found = [self._land(flight, outcome, now) for flight, outcome in answers]
        sure = [
            (flight, judged)
            for (flight, _), judged in zip(answers, found, strict=True)
            if isinstance(judged, Judged)
        ]
        endings = [Settlement(*flight.key, each.state, each.message_id) for flight, each in sure]
        took = iter(self._outcomes.settle_all(endings, now))
        return [
            (each.settled(flight.claim) if next(took) else None)
            if isinstance(each, Judged)
            else each
            for (flight, _), each in zip(answers, found, strict=True)
        ]

    def _land(self, flight: Flight, outcome: Outcome, now: float) -> Judged | Settled | None:
        """Settle one, or say as what it is to be settled."""
        match outcome:
            case Accepted(message_id):
                return self._accepted(flight, message_id, now)
            case Unknown(reason, running):
                self._outcomes.running(*flight.key, running=running, now=now)
                return self._in_doubt(flight, reason, now)
            case NotSent() | Rejected():
                return self._refused(flight, outcome, now)
            case other:
                assert_never(other)

    def lost(self, flight: Flight, cause: str, now: float) -> Settled | None:
        """Settle a flight whose host is reaped, by evidence."""
        self._outcomes.running(*flight.key, running=False, now=now)
        return self._in_doubt(flight, f"host {cause}", now)

    def leave(self, flights: Flights, why: str, now: float) -> list[Settled]:
        """Settle by evidence what hosts that are reaped have left behind."""
        told: list[Settled | None] = []
        for host in [each for each in flights.hosts() if each.wait(0.0)]:
            awaited, loose = flights.lost(host)
            told += [self.lost(flight, why, now) for flight in awaited]
            for flight in loose:
                self.lost(flight, why, now)  # told when it was cut loose
        return [each for each in told if each is not None]

    def returned(self, flight: Flight, outcome: Outcome, now: float) -> Settled | None:
        """Take the late end of a call that was cut loose: it may settle what was in doubt."""
        self._outcomes.running(*flight.key, running=False, now=now)
        return self.land([(flight, outcome)], now)[0]

    def _accepted(self, flight: Flight, message_id: str, now: float) -> Judged | Settled | None:
        """Believe an ok only with a Signal session: without one no ciphertext left."""
        meeting = self._reconciler.meeting(flight.claim)
        if meeting.lid is not None and flight.claim.lid is None:
            self._people.learn(flight.claim.phone, meeting.lid)  # a first contact
        if meeting.signal_session:
            return Judged(State.SENT, message_id, None)
        doubt = self._doubts.find(*flight.key)
        if doubt is None:  # settled meanwhile, so the fence would refuse ours
            return None
        judged = self._reconciler.judge(doubt, "accepted without a ciphertext", accepted=message_id)
        if judged.state is State.PENDING:
            return self._refused(flight, NotSent(judged.reason or "", counts=True), now)
        return self._settle(flight, judged, now)

    def _in_doubt(self, flight: Flight, why: str, now: float) -> Settled | None:
        doubt = self._doubts.find(*flight.key)
        if doubt is None:
            return None
        judged = self._reconciler.judge(doubt, why)
        if judged.state is State.PENDING:
            return self._refused(flight, NotSent(judged.reason or why), now)
        return self._settle(flight, judged, now)

    def _refused(self, flight: Flight, outcome: NotSent | Rejected, now: float) -> Settled | None:
        doubt = self._doubts.find(*flight.key)
        if doubt is not None and doubt.state is State.UNCERTAIN:
            return self._refused_late(flight, outcome, now)
        lid = flight.claim.lid
        if isinstance(outcome, NotSent) and outcome.lid is not None:
            lid = outcome.lid
            self._people.learn(flight.claim.phone, lid)
        step, refused = None, isinstance(outcome, NotSent) and outcome.refused_chat
        recalls = flight.claim.content.recalls
        if not recalls and self._people.is_suppressed(flight.claim.phone, lid):
            self._people.suppress_pending([flight.claim.phone], now)  # in other campaigns
            judged = Judged(State.SUPPRESSED, None, "opted out")
        elif flight.claim.expires is not None and flight.claim.expires <= now:
            judged = Judged(State.EXPIRED, None, "expired")
        else:
            step = self._step(flight, outcome, now)
            judged = Judged(step.state, None, step.reason)
        return self._settle(flight, judged, now, step, refused=refused)

    def _refused_late(
        self, flight: Flight, outcome: NotSent | Rejected, now: float
    ) -> Settled | None:
        """Take back what was uncertain: the next claim drops it, or is refused and settles it."""
        step = self._step(flight, outcome, now)
        judged = Judged(State.PENDING, None, outcome.reason)
        return self._settle(flight, judged, now, replace(step, due=step.due or now))

    def _step(self, flight: Flight, outcome: NotSent | Rejected, now: float) -> Consequence:
        return after(
            outcome,
            flight.tries,
            max_tries=self._max_tries,
            now=now,
            jitter=self._random.random(),
            attempt=flight.claim.attempt,
        )

    def _settle(
        self,
        flight: Flight,
        judged: Judged,
        now: float,
        step: Consequence | None = None,
        *,
        refused: bool = False,
    ) -> Settled | None:
        took = self._outcomes.settle(
            *flight.key,
            judged.state,
            now=now,
            message_id=judged.message_id,
            reason=judged.reason,
            due=step.due if step else now,
            counts=step.counts if step else False,
            refused=refused,
        )
        return judged.settled(flight.claim) if took else None
