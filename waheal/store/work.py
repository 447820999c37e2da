"""What there is to send: due deliveries, lanes, claims; knows no devices' health and no pacing."""

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from waheal.model import Content, DeviceId, Errand, ErrandKind, Phone, State
from waheal.records import (
    OFTEN,
    OUTSIDE,
    REFUSED,
    SHUT,
    Campaign,
    Claim,
    Dropped,
    Due,
    Reason,
    Want,
)
from waheal.store import lanes
from waheal.store.columns import content
from waheal.store.common_sql import FREE, marks
from waheal.store.database import Ask, Connection, Row, Value
from waheal.store.heads import Heads
from waheal.store.part import NAMELESS, Part, note_settled
from waheal.store.precedents import ANY_PRECEDENTS, made_before, witness_of
from waheal.store.sessions import phone_of
from waheal.store.wanted import (
    Candidate,
    Earlier,
    arrived,
    ask_wanted,
    earlier_attempts,
    person_names,
    wanted,
)
from waheal.waits import Hindrance, Waiting

_DUE = """
SELECT id, phone, row, text, body, CASE WHEN pinned = 1 THEN lane END, lane, attempt, tries,
       not_before, expires, zone, due
  FROM deliveries d
 WHERE campaign_id = :campaign AND state = 'pending' AND running = 0
   AND listed = 1
"""
# Two streams out of one index, so that neither a long file nor many later rows are sorted.
_READY = f"due = 0 {{}} ORDER BY row LIMIT :most {FREE}"
_RIPE = f"due > 0 AND due <= :now {{}} ORDER BY due, row LIMIT :most {FREE}"
_ANYONES = (
    f"{_DUE} AND lane IS NULL AND {_READY.format('AND row >= :ready_row')}",
    f"{_DUE} AND lane IS NULL AND {_RIPE.format('AND (due, row) >= (:ripe_due, :ripe_row)')}",
)
_LANES_OWN = tuple(f"{_DUE} AND lane = :lane AND {which.format('')}" for which in (_READY, _RIPE))

# Whether others have locked them or not.
_ANYONES_NOW = """
SELECT 1 FROM deliveries
 WHERE campaign_id = ? AND state = 'pending' AND running = 0 AND listed = 1 AND lane IS NULL
   AND due <= ? LIMIT 1
"""

_CLAIM = """
UPDATE deliveries SET state = 'sending', attempt = :attempt, lid = COALESCE(:lid, lid), due = 0,
                      reason = NULL, updated = :now
 WHERE id = :delivery AND state = 'pending' AND attempt = :attempt - 1
"""

_ATTEMPT = """
INSERT INTO attempts (delivery_id, attempt, machine, device, jid, lid, identity, witness, boot_id,
                      stamp, host_log, new_chat, claimed)
VALUES (:delivery, :attempt, :machine, :device, :jid, :lid, :identity, :witness, :boot_id,
        :stamp, :host_log, :new_chat, :now)
"""

_SET_ASIDE = """
UPDATE deliveries SET state = :state, reason = :reason, lid = COALESCE(:lid, lid), updated = :now
 WHERE id = :delivery AND state = 'pending'
"""

_PENDING = "SELECT COUNT(*) FROM deliveries WHERE campaign_id = ? AND state = 'pending'"

_WAITING = """
SELECT CASE WHEN due = not_before THEN NULL ELSE reason END,
       CASE WHEN due = not_before THEN 1 ELSE 0 END, COUNT(*), MIN(due)
  FROM deliveries
 WHERE campaign_id = ? AND state = 'pending' AND due > 0 AND due > ?
 GROUP BY 1, 2
"""

_UNDEFER = """
UPDATE deliveries SET due = COALESCE(not_before, 0), reason = NULL, updated = ?
 WHERE campaign_id = ? AND state = 'pending' AND due > 0 AND due > ? AND reason IN ({})
"""

_TOGETHER = 256  # wants in one statement, two values each


class Work(Part):
    """The pending deliveries, and how one becomes sending."""

    def __init__(self, connection: Connection, key: Callable[[], bytes]) -> None:
        super().__init__(connection)
        self._key = key  # what witnesses are made with
        self._heads = Heads(connection.engine.keeps_dead)

    def due(
        self,
        campaign_id: int,
        lane: DeviceId | None,
        now: float,
        limit: int,
        *,
        exclude: frozenset[int] = frozenset(),
    ) -> list[Due]:
        """List pending deliveries of a lane that are due, in file order.

        `lane` None: those that no lane holds. Deferred ones come in the order of their time, and
        stand among the others by their row. In a turn they are nobody else's until it is over.
        """
        if lane is not None:
            return self.due_in(campaign_id, [lane], now, limit, exclude=exclude)[0]
        given = _given(campaign_id, now, limit, exclude)
        with self._db.transaction():  # one view for both streams
            return _merged(self._anyones(campaign_id, given, now), limit, exclude)

    def due_in(
        self,
        campaign_id: int,
        lanes: Sequence[DeviceId],
        now: float,
        limit: int,
        *,
        exclude: frozenset[int] = frozenset(),
    ) -> list[list[Due]]:
        """List those of each of these lanes, so many at most, in one way to the database."""
        given = _given(campaign_id, now, limit, exclude)
        with self._db.transaction():
            found = self._db.ask(
                *(Ask(sql, {**given, "lane": lane}) for lane in lanes for sql in _LANES_OWN)
            )
        both = zip(found[::2], found[1::2], strict=True)
        return [_merged(streams, limit, exclude) for streams in both]

    def _anyones(self, campaign_id: int, given: dict[str, Value], now: float) -> list[list[Row]]:
        """Read both streams of what no lane holds, from where there was something last."""
        begins, whole = self._heads.of(campaign_id, now)
        while True:
            found = self._db.ask(*(Ask(sql, {**given, **begins}) for sql in _ANYONES))
            self._heads.note(campaign_id, found, now, whole=whole)
            if whole or sum(map(len, found)) >= int(given["most"] or 0):
                return found
            begins, whole = self._heads.from_the_beginning(), True

    def next_due(self, campaign_id: int, now: float, *, or_now: bool = False) -> float | None:
        """Tell when the next deferred delivery is due: the earliest after `now`.

        `or_now`: `now`, where one is due that no lane holds; another's turn may just look at it.
        """
        if or_now and self._db.all(_ANYONES_NOW, (campaign_id, now)):
            return now
        ((due,),) = self._db.all(
            "SELECT MIN(due) FROM deliveries"
            " WHERE campaign_id = ? AND state = 'pending' AND due > 0 AND due > ? AND listed = 1",
            (campaign_id, now),
        )
        return None if due is None else float(due)

    def waiting(self, campaign_id: int, now: float) -> list[Waiting]:
        """Count the pending deliveries that are not due, by what they wait for."""
        kinds = {
            OUTSIDE: Hindrance.OUTSIDE,
            OFTEN: Hindrance.OFTEN,
            SHUT: Hindrance.NEW_CHATS,
            REFUSED: Hindrance.NEW_CHATS,
        }
        found = self._db.all(_WAITING, (campaign_id, now))
        return [
            Waiting(
                Hindrance.NOT_BEFORE if asked else kinds.get(reason, Hindrance.RETRY),
                int(count),
                float(soonest),
                reason,
            )
            for reason, asked, count, soonest in found
        ]

    def pending(self, campaign_id: int, *, elsewhere: bool = False) -> int:
        """Count the pending deliveries; `elsewhere`: those of other machines' lanes alone."""
        if elsewhere:
            return lanes.kept_elsewhere(self._db, campaign_id)
        ((count,),) = self._db.all(_PENDING, (campaign_id,))
        return int(count or 0)

    def lanes(self, campaign_id: int) -> dict[DeviceId, tuple[int, bool]]:
        """Count the pending deliveries of each lane, and tell whether any is pinned to it.

        Those of other machines' devices are theirs (`lanes.py`).
        """
        return lanes.own(self._db, campaign_id)

    def defer(self, deliveries: Sequence[int], due: float, reason: str | None, now: float) -> None:
        """Put pending deliveries off until `due`."""
        with self._db.transaction():
            self._db.many(
                "UPDATE deliveries SET due = ?, reason = ?, updated = ?"
                " WHERE id = ? AND state = 'pending'",
                ((due, reason, now, delivery) for delivery in deliveries),
            )

    def undefer(self, campaign_id: int, reasons: Sequence[str], now: float) -> None:
        """Let deliveries that were put off for these reasons be considered again at once."""
        self._db.run(_UNDEFER.format(marks(reasons)), (now, campaign_id, now, *reasons))

    def unlane(self, campaign_id: int, device: DeviceId) -> None:
        """Let any device have the pending deliveries of this one, but those pinned to it."""
        self._db.run(
            "UPDATE deliveries SET lane = NULL"
            " WHERE campaign_id = ? AND lane = ? AND pinned = 0 AND state = 'pending'",
            (campaign_id, device),
        )

    def claim(
        self, campaign: Campaign, wants: Sequence[Want], *, now: float, held: bool = False
    ) -> tuple[list[Claim], list[Dropped]]:
        """Make deliveries sending, each with a new attempt and its witness.

        In a transaction of the caller's they are committed with it: nothing may be sent before.
        Whoever opted out, is the same person as somebody already written to in this campaign (by
        another spelling, or by the LID), or is past the expiry, is dropped; so is whom an earlier
        attempt has reached: that settles it. To whom an earlier ledger of this home has sent the
        same already becomes uncertain. What isn't pending any more, or whose last call still runs,
        is left out of both lists. `held`: by the `history`, in this turn.
        """
        claims: list[Claim] = []
        dropped: list[Dropped] = []
        with self._db.transaction():
            if not held:
                self._db.engine.hold_names(
                    person_names([(each.delivery, each.lid) for each in wants])
                )
            left = deque(wants)
            while left:
                made, others = self._claim_some(campaign, left, now)
                claims += made
                dropped += others
        return claims, dropped

    def _claim_some(
        self, campaign: Campaign, left: deque[Want], now: float
    ) -> tuple[list[Claim], list[Dropped]]:
        """Claim the first of them, in one go: up to one who may be a person that is among these."""
        together = list(islice(left, _TOGETHER))
        asked = [(each.delivery, each.lid) for each in together]
        found, nameless, precedents = self._db.ask(
            ask_wanted(campaign.id, asked), Ask(NAMELESS), Ask(ANY_PRECEDENTS)
        )
        rows = wanted(self._db, campaign.id, found)
        earlier = earlier_attempts(self._db, [each for each, row in rows.items() if row.before])
        claims: list[tuple[Want, Claim]] = []
        dropped: list[Dropped] = []
        names = set[str | int]()
        for want in together:
            row = rows.get(want.delivery)
            if row is not None and not names.isdisjoint(row.names):
                break  # read anew, once what became of the one before is written
            left.popleft()
            if row is None:
                continue
            names |= row.names
            match self._judge(campaign, want, row, earlier.get(want.delivery, ()), now):
                case Claim() as claim:
                    ask = bool(nameless) and claim.lid is None
                    claims.append((want, replace(claim, ask_lid=True) if ask else claim))
                case Dropped() as drop:
                    dropped.append(drop)
        self._write(claims, now)
        made = [claim for _, claim in claims]
        return self._but_foreign(campaign, made, dropped, now) if precedents else (made, dropped)

    def _judge(
        self, campaign: Campaign, want: Want, row: Candidate, earlier: Sequence[Earlier], now: float
    ) -> Claim | Dropped:
        """Make the claim that is to be written, or drop the delivery."""
        want = want if want.lid == row.lid else replace(want, lid=row.lid)
        errand = _errand(campaign, row)
        content = row.content if errand is None else replace(row.content, errand=errand)
        if (found := arrived(earlier)) is not None:
            return self._settle(campaign.id, want.delivery, row.phone, found, now)
        if (unwanted := self._unwanted(campaign, want, row, content, now)) is not None:
            return self._drop(campaign.id, want, row.phone, row.before, *unwanted, now)
        attempt = row.before + 1
        return Claim(
            want.delivery, attempt, want.device, want.jid, row.phone, content,
            witness_of(self._key(), campaign, row.phone, attempt, row.target or ""),
            row.expires, want.lid,
            tuple(each.message_id for each in earlier if each.message_id), new_chat=want.new_chat,
        )  # fmt: skip

    def _unwanted(
        self, campaign: Campaign, want: Want, row: Candidate, content: Content, now: float
    ) -> tuple[State, str] | None:
        """Tell as what a delivery is set aside, and why; None: it may be claimed."""
        if row.opted_out and not content.recalls:
            return State.SUPPRESSED, Reason.OPTED_OUT
        if campaign.kind in set(ErrandKind):
            if content.errand is None:  # never an empty message in its place
                return State.FAILED, Reason.NO_ID
            if phone_of(row.sent_by or "") != phone_of(want.jid):
                return State.FAILED, Reason.DEVICE_GONE
        elif row.twin is not None:
            return State.SUPPRESSED, f"same person as {row.twin}"
        if row.expires is not None and row.expires <= now:
            return State.EXPIRED, Reason.TOO_LATE
        return None

    def _write(self, taken: Sequence[tuple[Want, Claim]], now: float) -> None:
        """Make them sending, each with its attempt."""
        steps: list[dict[str, Value]] = [
            {
                "delivery": claim.delivery,
                "attempt": claim.attempt,
                "lid": claim.lid,
                "now": now,
                "machine": self._db.machine,
                "device": claim.device,
                "jid": claim.jid,
                "witness": claim.witness,
                "identity": want.origin.identity,
                "boot_id": want.origin.boot_id,
                "stamp": want.origin.stamp,
                "host_log": want.origin.host_log,
                "new_chat": claim.new_chat,
            }
            for want, claim in taken
        ]
        self._db.many(_CLAIM, steps)
        self._db.many(_ATTEMPT, steps)

    def claimable(
        self, campaign: Campaign, deliveries: Mapping[int, str | None], now: float
    ) -> dict[int, str | None]:
        """Tell which of these would be claimed now, and their LIDs, where they are known.

        Whom `claim` would drop is not among them. `deliveries`: a LID that was found by number.
        """
        found: dict[int, str | None] = {}
        asked = list(deliveries.items())
        for first in range(0, len(asked), _TOGETHER):
            (rows,) = self._db.ask(ask_wanted(campaign.id, asked[first : first + _TOGETHER]))
            for delivery, row in wanted(self._db, campaign.id, rows).items():
                late = row.expires is not None and row.expires <= now
                if not (row.opted_out or row.twin or late):
                    found[delivery] = row.lid
        return found

    def _settle(
        self, campaign: int, delivery: int, phone: Phone, arrived: Earlier, now: float
    ) -> Dropped:
        """Take a delivery for what an earlier attempt's receipt has proved."""
        state = State.READ if arrived.read else State.DELIVERED
        self._db.many(
            "UPDATE deliveries SET state = ?, reason = NULL, due = 0, updated = ? WHERE id = ?",
            [(state.value, now, delivery)],
        )
        note_settled(self._db, [campaign], now)
        return Dropped(
            delivery, phone, arrived.attempt, state, Reason.ARRIVED.value, campaign,
            arrived.message_id,
        )  # fmt: skip

    def _but_foreign(
        self, campaign: Campaign, claims: list[Claim], dropped: list[Dropped], now: float
    ) -> tuple[list[Claim], list[Dropped]]:
        """Put those in doubt that an earlier ledger has made already."""
        made = [
            made_before(self._db, self._key(), campaign, claim, now) or claim for claim in claims
        ]
        return (
            [each for each in made if isinstance(each, Claim)],
            [*dropped, *(each for each in made if isinstance(each, Dropped))],
        )

    def _drop(
        self,
        campaign: int,
        want: Want,
        phone: Phone,
        attempt: int,
        state: State,
        reason: str,
        now: float,
    ) -> Dropped:
        step: dict[str, Value] = {
            "delivery": want.delivery,
            "state": state.value,
            "reason": str(reason),
            "lid": want.lid,
            "now": now,
        }
        self._db.many(_SET_ASIDE, [step])
        note_settled(self._db, [campaign], now)
        return Dropped(want.delivery, phone, attempt, state, str(reason), campaign)

    def expire(self, campaign_id: int, now: float) -> list[Dropped]:
        """Expire the pending deliveries whose time has gone by."""
        return self._set_aside(
            "campaign_id = ? AND state = 'pending' AND expires IS NOT NULL AND expires <= ?",
            (campaign_id, now),
            State.EXPIRED,
            Reason.TOO_LATE,
            now,
        )


def _given(campaign: int, now: float, limit: int, exclude: frozenset[int]) -> dict[str, Value]:
    return {"campaign": campaign, "now": now, "most": limit + len(exclude)}


def _merged(streams: Iterable[Sequence[Row]], limit: int, exclude: frozenset[int]) -> list[Due]:
    """Put what is ready and what has become due in the order of the file."""
    ready, ripe = (
        islice((_due(row) for row in rows if row[0] not in exclude), limit) for rows in streams
    )
    return list(islice(heapq.merge(ready, ripe, key=lambda due: due.row), limit))


def _due(row: Row) -> Due:
    delivery, phone, number, text, body, *rest, _ = row
    return Due(delivery, phone, number, content(text, body), *rest)


def _errand(campaign: Campaign, row: Candidate) -> Errand | None:
    """Say what is done to the message that a delivery is about; None: it is a message itself.

    It is named by the chat that the library sends to: the LID's, where that is known.
    """
    if row.target is None:
        return None
    chat = row.lid or f"{row.phone.removeprefix('+')}@s.whatsapp.net"
    kind, media = ErrandKind(campaign.kind), row.about.media
    under = media.kind if media is not None and kind is ErrandKind.AMEND else None
    return Errand(kind, row.target, chat, under)
