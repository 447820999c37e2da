"""What becomes of claimed deliveries: answers, later verdicts, receipts; knows no hosts.

Receipts are matched by device (its label, or its login) and message id, never by number. A receipt
may overtake the answer that tells its id: then it is kept, and applied as soon as the id is known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from waheal.model import DeviceId, Phone, ReceiptKind, State
from waheal.records import Confirmation, ReceiptEffect, Settlement
from waheal.store.common_sql import LOCKED
from waheal.store.database import Ask, Connection, Row, Value
from waheal.store.part import CHUNK, Part, may, note_settled

_CURRENT = f"""
WITH told (delivery) AS ({{given}})
SELECT d.id, d.attempt, d.state, d.phone, a.device, COALESCE(a.lid, d.lid), d.campaign_id, d.target
  FROM told t CROSS JOIN deliveries d CROSS JOIN attempts a
 WHERE d.id = t.delivery AND a.delivery_id = d.id AND a.attempt = d.attempt {LOCKED}
"""  # noqa: S608 - constants

_EARLY = """
WITH told (message) AS ({given})
SELECT e.message_id, e.device, e.kind, e.at
  FROM told t CROSS JOIN early_receipts e WHERE e.message_id = t.message
"""

_MOVE = """
UPDATE deliveries SET state = :state, reason = :reason, due = :due, tries = tries + :counts,
                      updated = :now
 WHERE id = :delivery AND attempt = :attempt AND state = :before
"""

_END = """
UPDATE attempts SET ended = :now, outcome = :state, reason = :reason,
                    counted = :counted, reached = :reached, accepted = :accepted,
                    refused = :refused
 WHERE delivery_id = :delivery AND attempt = :attempt AND ended IS NULL
"""

# What was answered for when it was cut loose ends when its call is over.
_OVER = """
UPDATE attempts SET ended = :now
 WHERE delivery_id = :delivery AND attempt = :attempt AND ended < :now
"""

_CLEAR_RUNNING = """
UPDATE deliveries SET running = 0
 WHERE running = 1
   AND EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = deliveries.id
                  AND a.attempt = deliveries.attempt AND a.machine = ?)
RETURNING id, attempt
"""

_LATER = """
UPDATE attempts SET settled = :now, verdict = :state,
                    counted = :counted, reached = :reached, accepted = :accepted,
                    refused = :refused
 WHERE delivery_id = :delivery AND attempt = :attempt AND settled IS NULL
"""

# The login may have another label by now: it was removed here and taken over again.
_MATCH = f"""
WITH seen (place, device, message) AS ({{given}})
SELECT s.place, a.id, a.delivery_id, d.campaign_id, d.phone, a.attempt, d.attempt, d.state,
       a.device, COALESCE(a.lid, d.lid), d.target
  FROM seen s CROSS JOIN attempts a CROSS JOIN deliveries d
 WHERE a.message_id = s.message AND d.id = a.delivery_id
   AND (a.device = s.device OR a.jid = (SELECT jid FROM devices WHERE label = s.device)) {LOCKED}
"""  # noqa: S608 - constants
_TOGETHER = 256  # receipts in one statement, three values each

_NEVER_LEFT = frozenset({State.PENDING, State.SUPPRESSED, State.EXPIRED})
_TAKEN = frozenset({State.SENT, State.DELIVERED, State.READ})

_PROVES = {
    ReceiptKind.DELIVERED: State.DELIVERED,
    ReceiptKind.READ: State.READ,
    ReceiptKind.RETRY: State.SENT,
}

# What a receipt of each kind may move. Failed ones are the operator's to resolve; a retry says
# nothing about a message whose answer is still awaited.
_OPEN = {
    ReceiptKind.DELIVERED: frozenset(
        {State.PENDING, State.SENDING, State.UNCERTAIN, State.SENT},
    ),
    ReceiptKind.READ: frozenset(
        {State.PENDING, State.SENDING, State.UNCERTAIN, State.SENT, State.DELIVERED},
    ),
    ReceiptKind.RETRY: frozenset({State.UNCERTAIN}),
}

# What an earlier attempt's receipt settles too: the recipient has the message, whatever became
# of the newer one.
_OPEN_LATER = frozenset({State.PENDING, State.UNCERTAIN})

# What the operator or the evidence said of it before stays on record.
_ARRIVED = """
UPDATE attempts SET counted = 1, reached = 1, accepted = 1,
                    settled = COALESCE(settled, :now), verdict = COALESCE(verdict, :state)
 WHERE id = :attempt
"""


@dataclass(frozen=True, slots=True)
class _Current:
    """A delivery's current attempt, as it stands."""

    delivery: int
    attempt: int
    state: State
    phone: Phone
    device: DeviceId
    lid: str | None
    campaign: int
    target: int  # the attempt whose message an errand is about; 0: it is none


@dataclass(frozen=True, slots=True)
class _Met:
    """The attempt that a receipt is for, as it stands."""

    id: int
    delivery: int
    campaign: int
    phone: Phone
    attempt: int
    current: int  # the delivery's latest attempt
    state: str
    device: DeviceId
    lid: str | None
    target: int

    def as_current(self, state: State) -> _Current:
        return _Current(
            self.delivery, self.attempt, state, self.phone, self.device, self.lid, self.campaign,
            self.target,
        )  # fmt: skip


class Outcomes(Part):
    """How attempts end, and what recipients' phones confirm."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._early: list[ReceiptEffect] = []  # guarded by the ledger's lock

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
        refused: bool = False,
    ) -> bool:
        """Settle one; see `settle_all`."""
        ending = Settlement(
            delivery, attempt, state, message_id, reason, due, counts=counts, refused=refused
        )
        return self.settle_all([ending], now)[0]

    def settle_all(self, endings: Sequence[Settlement], now: float) -> list[bool]:
        """End attempts, or settle those that were uncertain; tell of each whether it took.

        It does not where it is fenced off: another attempt is current, it is settled already, or
        the table of states forbids the step.
        Receipts that came before an answer are applied at once (see `take_early`).
        """
        taken: list[tuple[_Current, Settlement]] = []
        named: list[tuple[_Current, str]] = []
        took: list[bool] = []
        with self._db.transaction():
            current, early = self._current(endings)
            for ending in endings:
                row = current.get(ending.delivery)
                # The attempt number fences off a sender that outlived its claim.
                if row is None or row.attempt != ending.attempt:
                    took.append(False)
                    continue
                before, state = row.state, ending.state
                took.append(before in {State.SENDING, State.UNCERTAIN} and may(before, state))
                if took[-1]:
                    taken.append((row, ending))
                    current[ending.delivery] = replace(row, state=state)
                if ending.message_id is not None and (
                    took[-1] or before is state is State.UNCERTAIN
                ):
                    named.append((row, ending.message_id))
            for some in _once_each(taken):
                self._end(some, now)
            self._learn_ids(named, early)
        return took

    def running(self, delivery: int, attempt: int, running: bool, now: float) -> None:
        """Mark that the call was cut loose (it can't be claimed again), or that it is over.

        Until then its message may have left.
        """
        step = {"delivery": delivery, "attempt": attempt, "running": running, "now": now}
        self._db.many(
            "UPDATE deliveries SET running = :running WHERE id = :delivery AND attempt = :attempt",
            [step],
        )
        if not running:
            self._db.many(_OVER, [step])

    def clear_running(self, now: float) -> None:
        """Note that no host of an earlier run of this machine's lives, and no call of theirs."""
        with self._db.transaction():
            over = self._db.all(_CLEAR_RUNNING, (self._db.machine,))
            self._db.many(_OVER, [{"delivery": id_, "attempt": n, "now": now} for id_, n in over])

    def receipt(
        self,
        device: DeviceId,
        message_ids: Sequence[str],
        kind: ReceiptKind,
        now: float,
    ) -> list[ReceiptEffect]:
        """Take one in, and return what it moved; see `receipts`."""
        seen = [Confirmation(device, each, kind) for each in message_ids]
        return self.receipts(seen, now)

    def receipts(self, seen: Sequence[Confirmation], now: float) -> list[ReceiptEffect]:
        """Take receipts in, and return what they moved, in their order.

        A retry settles an uncertain message as sent, never as delivered. It marks a sent one as
        unreadable, until a phone of theirs has opened it: the library answers a phone that asks
        again as long as the process that sent lives, and tells nobody whether its answer left. A
        receipt of an id that isn't known yet is kept until it is. One for an earlier attempt
        settles what is to be sent again, or is in doubt: it has arrived.
        """
        moved: dict[int, list[ReceiptEffect]] = {}
        left = list(range(len(seen)))
        with self._db.transaction():
            while left:
                found = self._match(seen, left)
                writes, busy, again = _Writes(), set[int](), list[int]()
                for place in left:
                    met = found.get(place, ())
                    if not busy.isdisjoint(each.delivery for each in met):
                        again.append(place)  # read anew, once what came before it is written
                        continue
                    busy.update(each.delivery for each in met)
                    moved[place] = [
                        effect for each in met for effect in _apply(each, seen[place], writes)
                    ]
                    if not met:
                        writes.kept.append(seen[place])
                self._write(writes, now)
                left = again
        return [effect for place in sorted(moved) for effect in moved[place]]

    def take_early(self) -> list[ReceiptEffect]:
        """Return what kept receipts have moved since the last call, when their id became known."""
        with self._db.lock:
            effects, self._early = self._early, []
        return effects

    def _current(self, endings: Sequence[Settlement]) -> tuple[dict[int, _Current], list[Row]]:
        """Read their deliveries as they stand, and receipts that came before their ids."""
        found: dict[int, _Current] = {}
        early: list[Row] = []
        for start in range(0, len(endings), CHUNK):
            some = endings[start : start + CHUNK]
            ids = {(each.message_id,) for each in some if each.message_id is not None}
            current, kept = self._db.ask(
                Ask(_CURRENT, given=sorted({(each.delivery,) for each in some})),
                Ask(_EARLY, given=[*ids]),
            )
            for delivery, attempt, state, *rest in current:
                found[delivery] = _Current(delivery, attempt, State(state), *rest)
            early += kept
        return found, early

    def _learn_ids(self, named: Sequence[tuple[_Current, str]], early: Sequence[Row]) -> None:
        """Note the ids that were sent under; receipts that waited for them are applied."""
        if not named:
            return
        ids = {row.delivery: (message_id, row.attempt) for row, message_id in reversed(named)}
        self._db.many(
            "UPDATE attempts SET message_id = ?"
            " WHERE delivery_id = ? AND attempt = ? AND message_id IS NULL",
            [(message_id, delivery, attempt) for delivery, (message_id, attempt) in ids.items()],
        )
        if not early:
            return
        theirs = {(message_id, row.device) for row, message_id in named}
        waited = [each for each in early if (each[0], each[1]) in theirs]
        self._db.many(
            "DELETE FROM early_receipts WHERE message_id = ? AND device = ?",
            {(message_id, device) for message_id, device, *_ in waited},
        )
        for message_id, device, kind, at in sorted(waited, key=lambda each: float(each[3])):
            self._early += self.receipt(DeviceId(device), [message_id], ReceiptKind(kind), at)

    def _end(self, taken: Sequence[tuple[_Current, Settlement]], now: float) -> None:
        steps = [(row.state, _step(row, ending, now)) for row, ending in taken]
        self._db.many(_MOVE, [step for _, step in steps])
        self._db.many(_END, [step for before, step in steps if before is State.SENDING])
        self._db.many(_LATER, [step for before, step in steps if before is not State.SENDING])
        note_settled(self._db, {row.campaign for row, _ in taken}, now)
        self._accepted([row for row, ending in taken if ending.state in _TAKEN], now)

    def _accepted(self, rows: Sequence["_Current | _Met"], now: float) -> None:
        """Remember who writes to these people, but for errands, and that the devices work."""
        self._db.many(
            "INSERT INTO contacts (phone, lid, device, updated) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (phone) DO UPDATE SET lid = COALESCE(excluded.lid, contacts.lid),"
            " device = excluded.device, updated = excluded.updated",
            {
                row.phone: (row.phone, row.lid, row.device, now) for row in rows if not row.target
            }.values(),
            last=True,
        )
        self._db.many(
            "UPDATE devices SET last_success = :now"
            " WHERE label = :device AND (last_success IS NULL OR last_success < :now)",
            [{"now": now, "device": device} for device in {row.device for row in rows}],
        )

    def _match(
        self, seen: Sequence[Confirmation], places: Sequence[int]
    ) -> dict[int, list["_Met"]]:
        """Find the attempts that some receipts are for, by their place."""
        found: dict[int, list[_Met]] = {}
        for start in range(0, len(places), _TOGETHER):
            some = places[start : start + _TOGETHER]
            asked = [(each, seen[each].device, seen[each].message_id) for each in some]
            (rows,) = self._db.ask(Ask(_MATCH, given=asked))
            for place, *met in rows:
                found.setdefault(place, []).append(_Met(*met))
        return found

    def _write(self, writes: "_Writes", now: float) -> None:
        """Write what receipts have moved; those of one attempt after another."""
        for column, attempts in writes.stamped.items():
            self._db.many(
                f"UPDATE attempts SET {column} = ? WHERE id = ? AND {column} IS NULL",  # noqa: S608 - one of two words
                [(now, attempt) for attempt in attempts],
            )
        self._db.many(
            _ARRIVED,
            [
                {"attempt": met.id, "state": after.value, "now": now}
                for met, after in writes.arrived
            ],
        )
        self._end(writes.ended, now)
        # Whatever was delivered was opened, by some phone of theirs: not unreadable any more.
        self._db.many(
            "UPDATE deliveries SET state = ?, reason = NULL, due = 0, unreadable = 0, updated = ?"
            " WHERE id = ?",
            [(after.value, now, met.delivery) for met, after in (*writes.arrived, *writes.forward)],
        )
        self._accepted([met for met, _ in writes.arrived], now)
        note_settled(self._db, {met.campaign for met, _ in writes.arrived}, now)
        self._db.many(
            "UPDATE deliveries SET unreadable = 1 WHERE id = ? AND state = 'sent'",
            [(delivery,) for delivery in writes.unreadable],
        )
        self._db.many(
            "INSERT INTO early_receipts (device, message_id, kind, at)"
            " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(each.device, each.message_id, each.kind.value, now) for each in writes.kept],
        )


@dataclass(frozen=True, slots=True)
class _Writes:
    """What receipts move, each delivery once."""

    stamped: dict[str, list[int]] = field(default_factory=lambda: {"delivered": [], "read": []})
    ended: list[tuple[_Current, Settlement]] = field(default_factory=list)
    arrived: list[tuple[_Met, State]] = field(default_factory=list)
    forward: list[tuple[_Met, State]] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    kept: list[Confirmation] = field(default_factory=list)


def _apply(met: _Met, told: Confirmation, writes: _Writes) -> list[ReceiptEffect]:
    """Decide what a receipt moves."""
    kind, message_id = told.kind, told.message_id
    if kind is not ReceiptKind.RETRY:
        writes.stamped[kind.value].append(met.id)
    before, after = State(met.state), _PROVES[kind]
    earlier = met.attempt != met.current
    if earlier and kind is ReceiptKind.RETRY:
        return []
    if earlier and before is State.SENDING:
        return [_effect(met, message_id, before, before)]
    moves = may(before, after) and before in (_OPEN_LATER if earlier else _OPEN[kind])
    if moves and (earlier or before is State.PENDING):
        # It settles what was to be sent again, or is in doubt, though it had ended.
        writes.arrived.append((met, after))
    elif moves and before in {State.SENDING, State.UNCERTAIN}:
        ending = Settlement(met.delivery, met.attempt, after)
        writes.ended.append((met.as_current(before), ending))
    elif moves:
        writes.forward.append((met, after))
    if kind is ReceiptKind.RETRY:
        writes.unreadable.append(met.delivery)
    return [_effect(met, message_id, before, after)] if moves else []


def _once_each(
    taken: Sequence[tuple[_Current, Settlement]],
) -> Iterator[Sequence[tuple[_Current, Settlement]]]:
    """Split endings into lists with each delivery once: what ends twice does so in order."""
    left = taken
    while left:
        first = {each[0].delivery: each for each in reversed(left)}
        if len(first) == len(left):
            yield left
            return
        yield list(first.values())
        left = [each for each in left if first[each[0].delivery] is not each]


def _step(row: _Current, ending: Settlement, now: float) -> dict[str, Value]:
    """Make the values of the statements that end an attempt."""
    never_left = ending.state in _NEVER_LEFT
    return {
        "delivery": ending.delivery,
        "attempt": ending.attempt,
        "before": row.state.value,
        "state": ending.state.value,
        "now": now,
        "reason": ending.reason,
        "due": ending.due if ending.due is not None and never_left else 0.0,
        "counts": ending.counts,
        "counted": ending.counts or not never_left,
        "reached": not never_left,
        "accepted": ending.state in _TAKEN,
        "refused": ending.refused,
    }


def _effect(met: _Met, message_id: str, before: State, after: State) -> ReceiptEffect:
    return ReceiptEffect(
        met.delivery, met.campaign, met.phone, message_id, met.attempt, before, after, met.lid
    )
