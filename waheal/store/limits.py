"""What was claimed when, for limits that hold over runs; decides nothing."""

from waheal.model import DeviceId, Phone
from waheal.store.part import Part


class Limits(Part):
    """The past that paces are made of, and small numbers that outlive a run."""

    def recent(self, phone: Phone, since: float) -> list[float]:
        """List when messages were claimed for this number since then, in order (Unix s).

        Over all campaigns; those that surely never left are left out.
        """
        found = self._db.all(
            "SELECT a.claimed FROM deliveries d JOIN attempts a ON a.delivery_id = d.id"
            " WHERE d.phone = ? AND a.reached = 1 AND a.claimed >= ? ORDER BY a.claimed",
            (phone, since),
        )
        return [float(claimed or 0) for (claimed,) in found]

    def claim_times(self, since: float) -> dict[DeviceId, list[float]]:
        """List when each device's messages were claimed since then, in order (Unix s).

        Those that never left are left out, unless the server refused them.
        """
        times: dict[DeviceId, list[float]] = {}
        for device, claimed in self._db.all(
            "SELECT device, claimed FROM attempts WHERE counted = 1 AND claimed >= ?"
            " ORDER BY claimed",
            (since,),
        ):
            times.setdefault(DeviceId(str(device)), []).append(float(claimed or 0))
        return times

    def mark(self, key: str) -> int:
        """Read a small number that was kept under this name; 0 by default."""
        rows = self._db.all("SELECT value FROM marks WHERE key = ?", (key,))
        return int(rows[0][0] or 0) if rows else 0

    def set_mark(self, key: str, value: int) -> None:
        """Keep a small number."""
        with self._db.transaction():
            self._db.db.table("marks").upsert({"key": key, "value": value}, pk="key")
