"""How attempts end: answers, later verdicts, calls cut loose; knows no receipts."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from waheal.model import DeviceId, Phone, State
from waheal.store.part import Part, may

# The attempt number fences off a sender that outlived its claim.
_CURRENT = """
SELECT d.state, d.phone, a.device, COALESCE(a.lid, d.lid)
  FROM deliveries d JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt
 WHERE d.id = ? AND d.attempt = ?
"""

_MOVE = """
UPDATE deliveries SET state = :state, reason = :reason, due = :due, tries = tries + :counts,
                      updated = :now
 WHERE id = :delivery AND attempt = :attempt AND state = :before
"""

_END = """
UPDATE attempts SET ended = :now, outcome = :state, reason = :reason,
                    counted = :counted, reached = :reached, accepted = :accepted
 WHERE delivery_id = :delivery AND attempt = :attempt AND ended IS NULL
"""

_LATER = """
UPDATE attempts SET settled = :now, verdict = :state,
                    counted = :counted, reached = :reached, accepted = :accepted
 WHERE delivery_id = :delivery AND attempt = :attempt AND settled IS NULL
"""

_NEVER_LEFT = frozenset({State.PENDING, State.SUPPRESSED, State.EXPIRED})
_TAKEN = frozenset({State.SENT, State.DELIVERED, State.READ})


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ends, or what is found out about it later."""

    state: State
    now: float
    message_id: str | None = None
    reason: str | None = None
    due: float | None = None
    counts: bool = False


class Endings(Part, ABC):
    """What becomes of claimed deliveries."""

    def settle(
        self,
        delivery: int,
        attempt: int,
        state: State,
        *,
        now: float,
        message_id: str | None = None,
        reason: str | None = None,
        due: float | None = None,
        counts: bool = False,
    ) -> bool:
        """End an attempt, or settle one that was uncertain.

        False where it was fenced off: another attempt is current, it is settled already, or the
        table of states forbids the step. `due`: when a pending one may be claimed again.
        `counts`: it used up one of the recipient's tries, and counts against the device's limits.
        Receipts that came before the answer are applied at once (see `take_early`).
        """
        ending = Ending(state, now, message_id, reason, due, counts)
        with self._db.transaction():
            rows = self._db.conn.execute(_CURRENT, (delivery, attempt)).fetchall()
            if not rows:
                return False
            before = State(rows[0][0])
            _, phone, device, lid = rows[0]
            took = before in {State.SENDING, State.UNCERTAIN} and may(before, state)
            if took:
                self._end(delivery, attempt, before, ending)
            if took and state in _TAKEN:
                self._accepted(phone, device, lid, now)
            if message_id is not None and (took or before is state is State.UNCERTAIN):
                self.set_message_id(delivery, attempt, message_id)
        return took

    def set_message_id(self, delivery: int, attempt: int, message_id: str) -> None:
        """Note the id that an attempt was sent under; receipts that waited for it are applied."""
        with self._db.transaction():
            self._db.conn.execute(
                "UPDATE attempts SET message_id = ?"
                " WHERE delivery_id = ? AND attempt = ? AND message_id IS NULL",
                (message_id, delivery, attempt),
            )
            for (device,) in self._db.all(
                "SELECT device FROM attempts WHERE delivery_id = ? AND attempt = ?",
                (delivery, attempt),
            ):
                self._apply_early(device, message_id)

    def _end(self, delivery: int, attempt: int, before: State, ending: Ending) -> None:
        never_left = ending.state in _NEVER_LEFT
        step = {
            "delivery": delivery,
            "attempt": attempt,
            "before": before.value,
            "state": ending.state.value,
            "now": ending.now,
            "reason": ending.reason,
            "due": ending.due if ending.due is not None and never_left else 0.0,
            "counts": ending.counts,
            "counted": ending.counts or not never_left,
            "reached": not never_left,
            "accepted": ending.state in _TAKEN,
        }
        self._db.conn.execute(_MOVE, step)
        self._db.conn.execute(_END if before is State.SENDING else _LATER, step)
        self._settled(delivery, ending.now)

    def _accepted(self, phone: Phone, device: DeviceId, lid: str | None, now: float) -> None:
        """Remember who writes to this person, and that the device works."""
        self._db.conn.execute(
            "INSERT INTO contacts (phone, lid, device, updated) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (phone) DO UPDATE SET lid = COALESCE(excluded.lid, lid),"
            " device = excluded.device, updated = excluded.updated",
            (phone, lid, device, now),
        )
        self._db.conn.execute(
            "UPDATE devices SET last_success = MAX(COALESCE(last_success, 0), ?) WHERE label = ?",
            (now, device),
        )

    @abstractmethod
    def _apply_early(self, device: DeviceId, message_id: str) -> None:
        """Apply the receipts that came before the id was known."""

    def running(self, delivery: int, attempt: int, running: bool) -> None:
        """Mark that the call was cut loose (it can't be claimed again), or that it is over."""
        self._db.run(
            "UPDATE deliveries SET running = ? WHERE id = ? AND attempt = ?",
            (running, delivery, attempt),
        )

    def clear_running(self) -> None:
        """Note that no host of an earlier run lives, and no call of theirs."""
        self._db.run("UPDATE deliveries SET running = 0 WHERE running = 1")
