"""What each machine has of a ledger: its devices, and what it has under way; changes nothing."""

from waheal.model import DeviceId, State
from waheal.store.part import Part

_DEVICES = """
SELECT machine, COUNT(*) FROM devices
 WHERE removed IS NULL AND jid IS NOT NULL AND moving IS NULL GROUP BY machine
"""

_UNDER_WAY = """
SELECT a.machine, d.state, COUNT(*) FROM deliveries d
  JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt
 WHERE d.state IN ('sending', 'uncertain') GROUP BY a.machine, d.state
"""

_SENT = "SELECT machine, COUNT(*) FROM attempts WHERE accepted = 1 GROUP BY machine"


class Shares(Part):
    """Counts by machine."""

    def devices(self) -> dict[int, int]:
        """Count the devices of each."""
        return {int(machine): int(count) for machine, count in self._db.all(_DEVICES)}

    def labels(self, machine: int) -> frozenset[DeviceId]:
        """Name the devices of one."""
        rows = self._db.all(
            "SELECT label FROM devices WHERE machine = ? AND removed IS NULL AND moving IS NULL",
            (machine,),
        )
        return frozenset(DeviceId(str(row[0])) for row in rows)

    def sent(self) -> dict[int, int]:
        """Count the messages that the server took from each."""
        return {int(machine): int(count) for machine, count in self._db.all(_SENT)}

    def under_way(self) -> dict[tuple[int, State], int]:
        """Count the messages that each has in flight, and those of which nobody knows."""
        return {
            (int(machine), State(state)): int(count)
            for machine, state, count in self._db.all(_UNDER_WAY)
        }
