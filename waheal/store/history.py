"""What was claimed when, for limits that hold over runs; decides nothing."""

from waheal.identity import every_spelling
from waheal.model import DeviceId, Phone
from waheal.store.common_sql import greater, marks
from waheal.store.part import Part

# Each half of the persons' deliveries has an index of its own.
_RECENT = """
SELECT a.claimed FROM attempts a
 WHERE a.delivery_id IN (
         SELECT id FROM deliveries WHERE phone IN ({}) AND target = 0 UNION
         SELECT id FROM deliveries
          WHERE campaign_id IN (SELECT id FROM campaigns) AND lid IS NOT NULL AND lid = ?
            AND target = 0)
   AND a.reached = 1 AND a.claimed >= ?
 ORDER BY a.claimed
"""

_LEFT = f"""
SELECT device, {greater("claimed", "COALESCE(ended, :now)")} AS gone FROM attempts
 WHERE counted = 1 AND claimed >= :since ORDER BY gone
"""  # noqa: S608 - constants


class History(Part):
    """The past that paces are made of."""

    def recent(self, phone: Phone, since: float, *, lid: str | None = None) -> list[float]:
        """List when messages were claimed for this person since then, in order (Unix s).

        Over all campaigns, spellings and numbers of theirs; those that surely never left are left
        out, and so are errands.
        """
        names = every_spelling(phone)
        found = self._db.all(_RECENT.format(marks(names)), (*names, lid, since))
        return [float(claimed or 0) for (claimed,) in found]

    def claim_times(self, since: float) -> dict[DeviceId, list[float]]:
        """List when each device's messages were claimed since then, in order (Unix s).

        This machine's; those that never left are left out, unless the server refused them.
        """
        times: dict[DeviceId, list[float]] = {}
        for device, claimed in self._db.all(
            "SELECT device, claimed FROM attempts WHERE counted = 1 AND claimed >= ?"
            " AND machine = ? ORDER BY claimed",
            (since, self._db.machine),
        ):
            times.setdefault(DeviceId(str(device)), []).append(float(claimed or 0))
        return times

    def lately(self, campaign: int, since: float) -> int:
        """Count a campaign's messages that were claimed since then, and may have left."""
        found = self._db.all(
            "SELECT COUNT(*) FROM attempts a JOIN deliveries d ON d.id = a.delivery_id"
            " WHERE a.counted = 1 AND a.claimed >= ? AND d.campaign_id = ?",
            (since, campaign),
        )
        return int(found[0][0])

    def leaving_times(self, since: float, now: float) -> dict[DeviceId, list[float]]:
        """List when each device's messages had left at the latest (Unix s), on all machines.

        Those that left, or that the server refused. That is when their call was over; `now` for
        those that are not. A process that was killed sends nothing: what an earlier run left open
        ends when the next one judges it.
        """
        times: dict[DeviceId, list[float]] = {}
        for device, left in self._db.all(_LEFT, {"since": since, "now": now}):
            times.setdefault(DeviceId(str(device)), []).append(float(left or 0))
        return times
