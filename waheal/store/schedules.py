"""Orders that are placed at times: which there are, and who takes the next; knows no calendar."""

from waheal.order_records import RepeatedOrder
from waheal.store.database import Value
from waheal.store.part import Part

_ALL = """
SELECT campaign, cron, zone, wanted, since, tick, machine, ended, code, told
  FROM schedules ORDER BY campaign
"""

_KEEP = """
INSERT INTO schedules (campaign, cron, zone, wanted, since) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (campaign) DO UPDATE
   SET cron = excluded.cron, zone = excluded.zone, wanted = excluded.wanted, since = excluded.since
"""

# Whoever is first has it, and nobody else: its time moves forward only.
_TAKE = """
UPDATE schedules SET tick = :tick, machine = :machine, ended = NULL, code = NULL, told = NULL
 WHERE campaign = :campaign AND since < :tick AND (tick IS NULL OR tick < :tick)
"""

_END = """
UPDATE schedules SET ended = ?, code = ?, told = ? WHERE campaign = ? AND tick = ? AND machine = ?
"""


class Schedules(Part):
    """When which campaign is ordered, over all machines once."""

    @property
    def now(self) -> float:
        """The time that they go by: the ledger's."""
        return self._db.now()

    def all(self) -> list[RepeatedOrder]:
        """List them by campaign."""
        return [RepeatedOrder(*row) for row in self._db.all(_ALL)]

    def keep(self, campaign: str, cron: str, zone: str, wanted: str) -> None:
        """Keep one, in the place of the campaign's earlier one; its times count from now."""
        self._db.run(_KEEP, (campaign, cron, zone, wanted, self._db.now()))

    def drop(self, campaign: str) -> bool:
        """Order it no more; False where it never was."""
        return bool(self._db.run("DELETE FROM schedules WHERE campaign = ?", (campaign,)))

    def take(self, campaign: str, tick: float) -> bool:
        """Take a time in hand for this machine; False where another one has it, or a later one."""
        given: dict[str, Value] = {"campaign": campaign, "tick": tick, "machine": self._db.machine}
        return bool(self._db.run(_TAKE, given))

    def end(self, campaign: str, tick: float, *, code: int, told: str | None) -> None:
        """Note how that ended which this machine had taken."""
        self._db.run(_END, (self._db.now(), code, told, campaign, tick, self._db.machine))
