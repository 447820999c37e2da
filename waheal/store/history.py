"""What was claimed when, for limits that hold over runs; decides nothing."""

from waheal.model import DeviceId, Phone
from waheal.store.part import Part


class History(Part):
    """The past that paces are made of."""

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
