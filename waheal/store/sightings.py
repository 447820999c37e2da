"""What becomes of attempts as it comes, whichever machine makes them; changes nothing.

All of it goes by the attempts' numbers, and each statement is bounded.
"""

from collections.abc import Iterable

from waheal.model import DeviceId, Phone, State
from waheal.order_records import Sighting
from waheal.store.common_sql import marks
from waheal.store.part import Part

PORTION = 5_000
"""Numbers that are read at a time."""

_TOGETHER = 1_000

_THEY = """
SELECT a.id, d.phone, a.device, a.machine, a.attempt, a.outcome, a.message_id, a.reason
  FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
 WHERE a.id IN ({}) AND d.campaign_id = ?
"""

_UNDER_WAY = """
SELECT a.id FROM deliveries d JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt
 WHERE d.campaign_id = ? AND d.state = 'sending'
"""

# By the time alone: by the number, all that are older would be read.
_BEFORE = """
SELECT COALESCE((SELECT MIN(o.id) - 1
                   FROM (SELECT id FROM attempts WHERE counted = 1 AND claimed >= ?
                          ORDER BY claimed LIMIT ?) o),
                (SELECT MAX(id) FROM attempts), 0)
"""


class Sightings(Part):
    """Looks on."""

    @property
    def now(self) -> float:
        """The time that claims are dated by: the ledger's."""
        return self._db.now()

    def before(self, moment: float) -> int:
        """Give the last number before those that were claimed from then on, a short time ago."""
        ((found,),) = self._db.all(_BEFORE, (moment, PORTION))
        return int(found or 0)

    def after(self, number: int) -> list[tuple[int, float]]:
        """Give the next numbers of all campaigns, in order, each with when it was claimed."""
        rows = self._db.all(
            "SELECT id, claimed FROM attempts WHERE id > ? ORDER BY id LIMIT ?", (number, PORTION)
        )
        return [(int(row[0]), float(row[1])) for row in rows]

    def under_way(self, campaign: int) -> list[int]:
        """Give the numbers of a campaign's attempts that have not ended."""
        return [int(row[0]) for row in self._db.all(_UNDER_WAY, (campaign,))]

    def of(self, campaign: int, numbers: Iterable[int]) -> list[Sighting]:
        """Tell how those among these stand that are the campaign's, in order."""
        wanted = sorted(numbers)
        return [
            Sighting(
                int(number), Phone(phone), DeviceId(device), int(machine), int(attempt),
                None if outcome is None else State(outcome), message_id, reason,
            )
            for first in range(0, len(wanted), _TOGETHER)
            for some in [wanted[first : first + _TOGETHER]]
            for number, phone, device, machine, attempt, outcome, message_id, reason in sorted(
                map(tuple, self._db.all(_THEY.format(marks(some)), [*some, campaign]))
            )
        ]  # fmt: skip
