"""What was claimed when, for limits that hold over runs; decides nothing."""

from collections.abc import Sequence

from waheal.identity import every_spelling
from waheal.model import DeviceId, Phone
from waheal.store.common_sql import greater, marks
from waheal.store.database import Ask, Row, Value
from waheal.store.part import Part
from waheal.store.wanted import person_names

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

# A message that is under way is yet to leave; a call is over well within the hour.
_LEFT_LATEST = f"""
SELECT {greater("claimed", "COALESCE(ended, :now)")} AS gone FROM attempts
 WHERE counted = 1 AND claimed >= :from AND (ended IS NULL OR ended > :since OR claimed > :since)
 ORDER BY gone DESC LIMIT :most
"""  # noqa: S608 - constants
_HOUR = 3600.0


class History(Part):
    """The past that paces are made of."""

    def recent(self, phone: Phone, since: float, *, lid: str | None = None) -> list[float]:
        """List when messages were claimed for this person since then, in order (Unix s).

        Over all campaigns, spellings and numbers of theirs; those that surely never left are left
        out, and so are errands.
        """
        return _moments(self._db.all(*_recent(phone, lid, since)))

    def held(
        self, people: Sequence[tuple[int, Phone, str | None]], since: float
    ) -> list[list[float]]:
        """Do the same for several, each with their delivery and LID; in one way to a server.

        No other turn writes to them, under whatever name, until this one is over.
        """
        asked = [(delivery, lid) for delivery, _, lid in people]
        self._db.engine.hold_names(person_names(asked, all_=True))
        asks = (Ask(*_recent(phone, lid, since)) for _, phone, lid in people)
        return [_moments(rows) for rows in self._db.ask(*asks)]

    def left_of(self, rates: Sequence[tuple[int, float]], now: float) -> tuple[int, float]:
        """Tell how many more may be claimed by the rates of all machines, and from when (Unix s).

        A rate is so many in so many seconds. Until the turn is over, no other machine is told more.
        """
        self._db.engine.hold_names(Ask("SELECT 'the rate of all'"))
        asks = [
            Ask(
                _LEFT_LATEST,
                {"now": now, "since": now - span, "from": now - span - _HOUR, "most": count},
            )
            for count, span in rates
        ]
        left = [
            (count - len(gone), float(gone[-1][0]) + seconds if len(gone) == count else now)
            for gone, (count, seconds) in zip(self._db.ask(*asks), rates, strict=True)
        ]
        return min(more for more, _ in left), max(opens for _, opens in left)

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


def _recent(phone: Phone, lid: str | None, since: float) -> tuple[str, list[Value]]:
    names = every_spelling(phone)
    return _RECENT.format(marks(names)), [*names, lid, since]


def _moments(rows: Sequence[Row]) -> list[float]:
    return [float(claimed or 0) for (claimed,) in rows]
