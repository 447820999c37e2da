"""Whose lanes are whose, where machines share a ledger: each lets go only of its own."""

from waheal.model import DeviceId
from waheal.store.database import Connection, Value

_GONE_S = 900.0  # of silence, and a machine takes no part any more

# The devices of others that share the ledger, and that have lately told that they live. One that is
# on its way to this machine is nobody's yet, and keeps its recipients.
_OTHERS = """
SELECT v.label FROM devices v JOIN machines m ON m.id = v.machine
 WHERE (v.machine <> :machine OR v.moving IS NOT NULL) AND v.removed IS NULL
   AND m.retired IS NULL AND m.seen > :since
"""

_LANES = f"""
SELECT lane, COUNT(*), MAX(pinned) FROM deliveries
 WHERE campaign_id = :campaign AND state = 'pending' AND lane IS NOT NULL
   AND lane NOT IN ({_OTHERS}) GROUP BY lane
"""  # noqa: S608 - constants

_ELSEWHERE = f"""
SELECT COUNT(*) FROM deliveries
 WHERE campaign_id = :campaign AND state = 'pending' AND lane IN ({_OTHERS})
"""  # noqa: S608 - constants


def own(db: Connection, campaign: int) -> dict[DeviceId, tuple[int, bool]]:
    """Count the pending deliveries of each lane, and tell whether any is pinned to it.

    The lanes of other machines' devices are left out, as long as those tell that they live. After
    15 min of silence they are as a device's that takes no part.
    """
    return {
        DeviceId(str(lane)): (int(count or 0), bool(pinned))
        for lane, count, pinned in db.all(_LANES, _asked(db, campaign))
    }


def kept_elsewhere(db: Connection, campaign: int) -> int:
    """Count the pending deliveries of the lanes that `own` leaves out."""
    ((count,),) = db.all(_ELSEWHERE, _asked(db, campaign))
    return int(count or 0)


def _asked(db: Connection, campaign: int) -> dict[str, Value]:
    return {"campaign": campaign, "machine": db.machine, "since": db.now() - _GONE_S}
