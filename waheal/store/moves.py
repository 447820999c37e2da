"""Devices on their way from one machine to another: whose they are meanwhile; moves no session.

Whose a device is decides who may claim for it. Only its own machine gives it away, under its lock
and its epoch: so no run of it lives, and what it had in flight is settled. Until it arrives nobody
uses it.
"""

from waheal.model import DeviceId
from waheal.store.database import News, Parameters
from waheal.store.part import Part

_GIVE = """
UPDATE devices SET machine = :to, moving = :token
 WHERE label = :label AND machine = :machine AND moving IS NULL AND removed IS NULL
"""

_SEND_ON = "UPDATE devices SET machine = ? WHERE label = ? AND moving = ? AND removed IS NULL"

_ARRIVE = "UPDATE devices SET moving = NULL WHERE label = ? AND machine = ? AND moving = ?"

# Its new machine may do more now in orders that it was through with, or is about to be.
_REOPEN = """
UPDATE order_parts SET {}ended = NULL, code = NULL, reason = NULL
 WHERE machine = ? AND order_id IN (SELECT id FROM orders WHERE done IS NULL AND stopped IS NULL)
"""
_WAIT, _BEGIN_ANEW = _REOPEN.format(""), _REOPEN.format("began = NULL, ")


class Moves(Part):
    """Gives devices to other machines, with all that counts for them."""

    def token(self, label: DeviceId) -> int | None:
        """Tell which move a device is on; None where it is on none."""
        found = self._db.all(
            "SELECT moving FROM devices WHERE label = ? AND removed IS NULL", (label,)
        )
        return None if not found or found[0][0] is None else int(found[0][0])

    def give(self, label: DeviceId, to: int, token: int) -> bool:
        """Give a device of this machine to another one, where it arrives with the token's file.

        What it has sent, and all that counts for its limits, stays with it. False where it is not
        this machine's, or gone already.
        """
        mine = self._db.machine
        return self._hand_over(
            _GIVE, {"to": to, "token": token, "label": label, "machine": mine}, to
        )

    def send_on(self, label: DeviceId, to: int, token: int) -> bool:
        """Let a device that is on its way arrive at another machine; False where it has arrived."""
        return self._hand_over(_SEND_ON, (to, label, token), to)

    def arrive(self, label: DeviceId, token: int) -> bool:
        """Use a device from now on that was given to this machine: its session is in the home.

        False where it was not, or by another move.
        """
        with self._db.transaction():
            self._db.tell(News.DEVICES)
            if not self._db.run(_ARRIVE, (label, self._db.machine, token)):
                return False
            self._db.run(_BEGIN_ANEW, (self._db.machine,))
            return True

    def _hand_over(self, sql: str, given: Parameters, to: int) -> bool:
        with self._db.transaction():
            self._db.tell(News.DEVICES)
            if not self._db.run(sql, given):
                return False
            self._db.run(_WAIT, (to,))
            return True
