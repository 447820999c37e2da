"""New chats: which were begun and which refused, by device and by person; decides nothing."""

from waheal.identity import every_spelling
from waheal.model import ChatHold, DeviceId, Phone
from waheal.store.part import Part, marks

_OF_PERSON = """
  FROM deliveries d JOIN attempts a ON a.delivery_id = d.id
 WHERE d.phone IN ({})
"""

# The latest first: refused ones, up to the last that was taken.
_LATEST = """
SELECT d.phone, a.refused FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
 WHERE a.device = ? AND a.new_chat = 1 AND (a.refused = 1 OR a.accepted = 1)
 ORDER BY a.id DESC LIMIT 50
"""

_UNANSWERED = """
SELECT delivered IS NULL AND read IS NULL FROM attempts
 WHERE device = :device AND new_chat = 1 AND accepted = 1
   AND claimed > COALESCE((SELECT chats_from FROM devices WHERE label = :device), 0)
   AND claimed < :before
 ORDER BY id DESC LIMIT :most
"""

_HOLDS = """
SELECT chat_holds FROM devices v
 WHERE label = :device AND NOT EXISTS (
   SELECT 1 FROM attempts WHERE device = :device AND new_chat = 1 AND accepted = 1
      AND claimed >= v.chats_from)
"""


class Chats(Part):
    """The chats that devices began, and those that they may not begin."""

    def begun(self, phone: Phone, jid: str) -> bool:
        """Tell whether this session's account has got a message through to the person."""
        names = every_spelling(phone)
        account = _account(jid)
        found = self._db.all(
            f"SELECT a.jid {_OF_PERSON.format(marks(names))} AND a.accepted = 1", names
        )
        return any(_account(str(row[0])) == account for row in found)

    def refusals(self, phone: Phone) -> dict[DeviceId, float]:
        """Tell which devices were let begin no chat with this person, and when last (Unix s)."""
        names = every_spelling(phone)
        return {
            DeviceId(str(device)): float(at or 0)
            for device, at in self._db.all(
                f"SELECT a.device, MAX(a.ended) {_OF_PERSON.format(marks(names))}"
                " AND a.refused = 1 GROUP BY a.device",
                names,
            )
        }

    def refused_in_a_row(self, device: DeviceId) -> int:
        """Count the people whom a device was let begin no chat with, since its last new one."""
        people = set[str]()
        for phone, refused in self._db.all(_LATEST, (device,)):
            if not refused:
                break
            people.add(str(phone))
        return len(people)

    def unanswered(self, device: DeviceId, before: float, most: int) -> int:
        """Count the latest first messages, up to `most`, of which no receipt tells.

        Those that were claimed before then (Unix s), and since its last hold; 0 where any of them
        arrived.
        """
        found = self._db.all(_UNANSWERED, {"device": device, "before": before, "most": most})
        return len(found) if all(silent for (silent,) in found) else 0

    def begun_times(self, since: float) -> dict[DeviceId, list[float]]:
        """List when each device began chats, or tried to, since then, in order (Unix s)."""
        times: dict[DeviceId, list[float]] = {}
        for device, claimed in self._db.all(
            "SELECT device, claimed FROM attempts"
            " WHERE counted = 1 AND new_chat = 1 AND claimed >= ? ORDER BY claimed",
            (since,),
        ):
            times.setdefault(DeviceId(str(device)), []).append(float(claimed or 0))
        return times

    def first_begun(self, device: DeviceId) -> float | None:
        """Tell when a device began its first chat (Unix s)."""
        found = self._db.all(
            "SELECT claimed FROM attempts WHERE device = ? AND new_chat = 1 ORDER BY id LIMIT 1",
            (device,),
        )
        return float(found[0][0] or 0) if found else None

    def holds(self, device: DeviceId) -> int:
        """Count the holds of a device in a row: since it last began a chat after one."""
        found = self._db.all(_HOLDS, {"device": device})
        return int(found[0][0] or 0) if found else 0

    def hold(self, device: DeviceId, why: ChatHold, until: float, holds: int) -> None:
        """Note that a device begins no chat until then (Unix s), the `holds`-th time in a row."""
        self._db.run(
            "UPDATE devices SET chats_from = ?, chats_why = ?, chat_holds = ? WHERE label = ?",
            (until, why.value, holds, device),
        )

    def allow(self, device: DeviceId) -> bool:
        """Let a device begin new chats again, before its hold is over; tells whether it had one."""
        changed = self._db.run(
            "UPDATE devices SET chats_from = NULL, chats_why = NULL, chat_holds = 0"
            " WHERE label = ? AND chats_from IS NOT NULL",
            (device,),
        )
        return changed > 0

    def note_quota(self, device: DeviceId, used: int, total: int, until: float) -> None:
        """Note how many of its quota of new chats a device has begun; a new one comes then."""
        self._db.run(
            "UPDATE devices SET quota_used = ?, quota_total = ?, quota_until = ? WHERE label = ?",
            (used, total, until, device),
        )


def _account(jid: str) -> str:
    return jid.partition("@")[0].partition(":")[0]
