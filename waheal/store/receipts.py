"""Receipts: matched by device and message id, never by number; states only move forward."""

from collections.abc import Sequence

from waheal.model import DeviceId, Phone, ReceiptKind, State
from waheal.store.database import Connection
from waheal.store.endings import Ending, Endings
from waheal.store.home import Home
from waheal.store.part import may
from waheal.store.records import ReceiptEffect

_MATCH = """
SELECT a.id, a.delivery_id, d.campaign_id, d.phone, a.attempt, d.attempt, d.state,
       a.host_log, COALESCE(a.lid, d.lid)
  FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
 WHERE a.device = ? AND a.message_id = ?
"""

_PROVES = {
    ReceiptKind.DELIVERED: State.DELIVERED,
    ReceiptKind.READ: State.READ,
    ReceiptKind.RETRY: State.SENT,
}


class Receipts(Endings):
    """What recipients' phones confirm."""

    def __init__(self, connection: Connection, home: Home) -> None:
        super().__init__(connection, home)
        self._early: list[ReceiptEffect] = []  # guarded by the ledger's lock

    def receipt(
        self,
        device: DeviceId,
        message_ids: Sequence[str],
        kind: ReceiptKind,
        now: float,
        *,
        host_log: str | None = None,
    ) -> list[ReceiptEffect]:
        """Take a receipt in, and return what it moved.

        A retry settles an uncertain message as sent, never as delivered. It marks a sent one
        unreadable where nobody can answer it: it came to another host (`host_log`) than the one
        that sent it. A receipt of an id that isn't known yet is kept until it is.
        """
        effects: list[ReceiptEffect] = []
        with self._db.transaction():
            for message_id in message_ids:
                rows = self._db.conn.execute(_MATCH, (device, message_id)).fetchall()
                for row in rows:
                    gone = host_log is not None and row[7] != host_log
                    effects += self._apply(device, message_id, kind, now, row, late=gone)
                if not rows:
                    self._keep(device, message_id, kind, now)
        return effects

    def take_early(self) -> list[ReceiptEffect]:
        """Return what kept receipts have moved since the last call, when their id became known."""
        with self._db.lock:
            effects, self._early = self._early, []
        return effects

    def unreadable(self, delivery: int) -> None:
        """Mark a sent message as one that the recipient's phone can't open."""
        self._db.run(
            "UPDATE deliveries SET unreadable = 1 WHERE id = ? AND state = 'sent'", (delivery,)
        )

    def _apply(
        self,
        device: DeviceId,
        message_id: str,
        kind: ReceiptKind,
        now: float,
        row: tuple[int, int, int, Phone, int, int, str, str, str | None],
        *,
        late: bool,
    ) -> list[ReceiptEffect]:
        number, delivery, campaign, phone, attempt, current, state, _, lid = row
        self._stamp(number, kind, now)
        if attempt != current:
            return []  # of an attempt that was resent: it says nothing about the newer one
        before, after = State(state), _PROVES[kind]
        moves = may(before, after) and before in _OPEN[kind]
        if moves and before in {State.SENDING, State.UNCERTAIN}:
            self._end(delivery, attempt, before, Ending(after, now))
            self._accepted(phone, device, lid, now)
        elif moves:
            self._forward(delivery, after, now)
        if kind is ReceiptKind.RETRY and late:
            self.unreadable(delivery)
        if not moves:
            return []
        return [ReceiptEffect(delivery, campaign, phone, message_id, attempt, before, after)]

    def _stamp(self, number: int, kind: ReceiptKind, now: float) -> None:
        if kind is ReceiptKind.RETRY:
            return
        column = "delivered" if kind is ReceiptKind.DELIVERED else "read"
        self._db.conn.execute(
            f"UPDATE attempts SET {column} = ? WHERE id = ? AND {column} IS NULL",  # noqa: S608 - one of two words
            (now, number),
        )

    def _forward(self, delivery: int, state: State, now: float) -> None:
        # Whatever was delivered was opened, by some phone of theirs: not unreadable any more.
        self._db.conn.execute(
            "UPDATE deliveries SET state = ?, unreadable = 0, updated = ? WHERE id = ?",
            (state.value, now, delivery),
        )

    def _keep(self, device: DeviceId, message_id: str, kind: ReceiptKind, now: float) -> None:
        self._db.conn.execute(
            "INSERT OR IGNORE INTO early_receipts (device, message_id, kind, at)"
            " VALUES (?, ?, ?, ?)",
            (device, message_id, kind.value, now),
        )

    def _apply_early(self, device: DeviceId, message_id: str) -> None:
        kept = self._db.conn.execute(
            "DELETE FROM early_receipts WHERE message_id = ? AND device = ? RETURNING kind, at",
            (message_id, device),
        ).fetchall()
        for kind, at in sorted(kept, key=lambda row: row[1]):
            self._early += self.receipt(device, [message_id], ReceiptKind(kind), at)


# What a receipt of each kind may move. Failed ones are the operator's to resolve; a retry says
# nothing about a message whose answer is still awaited.
_OPEN = {
    ReceiptKind.DELIVERED: frozenset({State.SENDING, State.UNCERTAIN, State.SENT}),
    ReceiptKind.READ: frozenset({State.SENDING, State.UNCERTAIN, State.SENT, State.DELIVERED}),
    ReceiptKind.RETRY: frozenset({State.UNCERTAIN}),
}
