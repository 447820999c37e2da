"""Each machine's part in an order: how far it is, and what it adds to the whole; places none.

A part is begun anew whenever its machine was cut short.
"""

from waheal.order_records import OrderPart
from waheal.store.part import Part
from waheal.store.standing_orders import CLOSE, IDLE

# Whoever asks holds the order until the end of its turn, so that two don't count the same room.
_HOLD = "UPDATE orders SET id = id WHERE id = ?"
_COUNTS = """
SELECT COALESCE(SUM(claimed), 0), COALESCE(SUM(settled), 0), COALESCE(SUM(failed), 0)
  FROM order_parts WHERE order_id = ?
"""


# A part that was begun waits for a device that is on its way to its machine.
_MISSING = """
SELECT o.id FROM orders o LEFT JOIN order_parts p ON p.order_id = o.id AND p.machine = :machine
 WHERE o.done IS NULL AND p.ended IS NULL
   AND CASE WHEN p.began IS NULL THEN o.stopped IS NULL
            ELSE o.stopped IS NOT NULL
              OR NOT EXISTS (SELECT 1 FROM devices v WHERE v.machine = :machine
                                AND v.moving IS NOT NULL AND v.removed IS NULL) END
 ORDER BY o.id
"""


_MORE = """
SELECT 1 FROM order_parts WHERE order_id = :order AND machine = :machine AND began IS NULL
 UNION ALL
SELECT 1 FROM devices WHERE machine = :machine AND moving IS NOT NULL AND removed IS NULL
"""


class OrderParts(Part):
    """The parts in orders, by machine."""

    def of(self, order: int) -> list[OrderPart]:
        """List the machines' parts."""
        rows = self._db.all(
            "SELECT machine, began, ended, code, reason, claimed, settled, failed"
            " FROM order_parts WHERE order_id = ? ORDER BY machine",
            (order,),
        )
        return [OrderPart(*row) for row in rows]

    def missing(self, machine: int) -> list[int]:
        """List the open orders that this machine has not done its part in, or has none in yet."""
        return [int(row[0]) for row in self._db.all(_MISSING, {"machine": machine})]

    def may_do_more(self, order: int, machine: int) -> bool:
        """Tell whether a device is on its way to a machine, or has come since it began its part."""
        return bool(self._db.all(_MORE, {"order": order, "machine": machine}))

    def begin(self, order: int, machine: int, now: float) -> None:
        """Note that a machine works on its part, maybe not for the first time."""
        self._db.run(
            "UPDATE order_parts SET began = COALESCE(began, ?), ended = NULL"
            " WHERE order_id = ? AND machine = ?",
            (now, order, machine),
        )

    def end(
        self, order: int, machine: int, now: float, *, code: int, reason: str | None, all_done: bool
    ) -> None:
        """Note how a part ended; `all_done`: whoever has not begun need not any more.

        The order is done with the last of them.
        """
        with self._db.transaction():
            self._db.run(
                "UPDATE order_parts SET ended = ?, code = ?, reason = ?"
                " WHERE order_id = ? AND machine = ?",
                (now, code, reason, order, machine),
            )
            if all_done:
                self._db.run(IDLE, (now, "nobody was left", order))
            self._db.run(CLOSE, (now, order))

    def hold(self, order: int) -> tuple[int, int, int]:
        """Count what all machines claimed, settled and failed, and keep others from it meanwhile.

        Holds until the transaction's end.
        """
        self._db.run(_HOLD, (order,))
        ((claimed, settled, failed),) = self._db.all(_COUNTS, (order,))
        return int(claimed), int(settled), int(failed)

    def counts(self, order: int) -> tuple[int, int, int]:
        """Count the same, as others have committed it."""
        ((claimed, settled, failed),) = self._db.all(_COUNTS, (order,))
        return int(claimed), int(settled), int(failed)

    def note(self, order: int, machine: int, claimed: int, settled: int, failed: int) -> None:
        """Add to what a machine claimed, settled and failed."""
        self._db.run(
            "UPDATE order_parts SET claimed = claimed + ?, settled = settled + ?,"
            " failed = failed + ? WHERE order_id = ? AND machine = ?",
            (claimed, settled, failed, order, machine),
        )
