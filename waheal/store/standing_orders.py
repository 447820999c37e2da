"""Orders to send a campaign, of which machines have parts; knows no queue, and no options.

An order is open until each part has ended.
"""

from collections.abc import Iterable, Sequence

from waheal.order_records import PlacedOrder
from waheal.store.database import Row
from waheal.store.part import Part

_ORDERS = """
SELECT o.id, o.campaign_id, c.name, o.wanted, o.placed, o.ends, o.stopped, o.done
  FROM orders o JOIN campaigns c ON c.id = o.campaign_id
"""

CLOSE = """
UPDATE orders SET done = ?
 WHERE id = ? AND done IS NULL
   AND NOT EXISTS (SELECT 1 FROM order_parts p WHERE p.order_id = orders.id AND p.ended IS NULL)
"""

IDLE = """
UPDATE order_parts SET ended = ?, reason = ?
 WHERE order_id = ? AND began IS NULL AND ended IS NULL
"""


class StandingOrders(Part):
    """Which orders there are, and who has a part in them."""

    def open_one(self, campaign_id: int) -> PlacedOrder | None:
        """Give the campaign's order that is not done yet."""
        rows = self._db.all(
            f"{_ORDERS} WHERE o.campaign_id = ? AND o.done IS NULL ORDER BY o.id DESC LIMIT 1",
            (campaign_id,),
        )
        return _order(rows[0]) if rows else None

    def get(self, order: int) -> PlacedOrder | None:
        """Give an order by its number."""
        rows = self._db.all(f"{_ORDERS} WHERE o.id = ?", (order,))
        return _order(rows[0]) if rows else None

    def all_open(self) -> list[PlacedOrder]:
        """List the orders that are not done, those first that were placed first."""
        return [
            _order(row) for row in self._db.all(f"{_ORDERS} WHERE o.done IS NULL ORDER BY o.id")
        ]

    def place(self, campaign_id: int, wanted: str, now: float, ends: float | None) -> int:
        """Keep an order, as `wanted` says; nobody has a part in it yet. Gives its number."""
        ((number,),) = self._db.all(
            "INSERT INTO orders (campaign_id, wanted, placed, ends) VALUES (?, ?, ?, ?)"
            " RETURNING id",
            (campaign_id, wanted, now, ends),
        )
        return int(number)

    def give(self, order: int, machines: Iterable[int]) -> None:
        """Give these machines a part in it; who has one keeps it as it is."""
        self._db.many(
            "INSERT INTO order_parts (order_id, machine) VALUES (?, ?)"
            " ON CONFLICT (order_id, machine) DO NOTHING",
            [(order, machine) for machine in machines],
        )

    @property
    def queue_schema(self) -> str:
        """Where the machines' queues are kept, beside the ledger's own tables."""
        ((schema,),) = self._db.all("SELECT current_schema()")
        return "dbos" if schema == "public" else f"{schema}_dbos"

    def hand_on(self, statement: str, order: int, machine: int, queue: str, version: int) -> None:
        """Put it into a queue by this statement, which is that of the queues' own."""
        self._db.all(
            statement,
            {"number": order, "queue": queue, "version": str(version),
             "once": f"{order}@{machine}"},
        )  # fmt: skip

    def stop(self, order: int, reason: str, now: float) -> None:
        """Ask every machine to end its part; those that have not begun it never will."""
        with self._db.transaction():
            self._db.run(
                "UPDATE orders SET stopped = ? WHERE id = ? AND stopped IS NULL", (reason, order)
            )
            self._db.run(IDLE, (now, reason, order))
            self._db.run(CLOSE, (now, order))

    def give_up(self, machine: int, now: float) -> None:
        """End the parts of a machine that is gone for good."""
        with self._db.transaction():
            rows = self._db.all(
                "SELECT order_id FROM order_parts WHERE machine = ? AND ended IS NULL", (machine,)
            )
            self._db.many(
                "UPDATE order_parts SET ended = ?, reason = 'given up'"
                " WHERE order_id = ? AND machine = ?",
                [(now, row[0], machine) for row in rows],
            )
            for row in rows:
                self._db.run(CLOSE, (now, row[0]))

    def stopped(self, orders: Sequence[int]) -> dict[int, str]:
        """Tell which of these are to end, and why."""
        marks = ", ".join("?" * len(orders))
        rows = self._db.all(
            f"SELECT id, stopped FROM orders WHERE id IN ({marks}) AND stopped IS NOT NULL",  # noqa: S608 - marks
            list(orders),
        )
        return {int(number): str(reason) for number, reason in rows}


def _order(row: Row) -> PlacedOrder:
    return PlacedOrder(*row)
