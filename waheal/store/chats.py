"""New chats: which were begun and which refused, by device and by person; decides nothing.

What WhatsApp lets an account begin is the account's: its devices share it, and it outlives them.
"""

from collections.abc import Iterable
from dataclasses import replace

from waheal.chat_records import ChatLimits, ChatsWith
from waheal.identity import every_spelling
from waheal.model import ChatHold, DeviceId, Phone
from waheal.store.common_sql import BY_RECIPIENT, marks
from waheal.store.database import Ask, News, Row
from waheal.store.part import Part
from waheal.store.schema import ACCOUNT
from waheal.store.sessions import phone_of

_COLUMNS = (
    "chats_from", "chats_why", "guessed", "chat_holds", "quota_used", "quota_total", "quota_until",
    "capped", "lock_told", "quota_told",
)  # fmt: skip

LIMITS = ", ".join(_COLUMNS)
"""The columns of `accounts` that `read_limits` takes, in SQL."""

_WITH = f"""
WITH told (phone, name) AS ({{given}})
SELECT t.phone, a.jid, a.accepted, a.refused, a.ended
  FROM told t CROSS JOIN deliveries d {BY_RECIPIENT} CROSS JOIN attempts a
 WHERE d.phone = t.name AND a.delivery_id = d.id AND (a.accepted = 1 OR a.refused = 1)
"""  # noqa: S608 - a constant

# The latest first: refused ones, up to the last that was taken.
_LATEST = """
SELECT d.phone, a.refused FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
 WHERE a.device = ? AND a.new_chat = 1 AND (a.refused = 1 OR a.accepted = 1) AND a.claimed >= ?
 ORDER BY a.id DESC LIMIT 50
"""

_ACCOUNT_OF = f"(SELECT {ACCOUNT} FROM devices WHERE label = :device)"  # noqa: S608 - constants

_UNANSWERED = """
SELECT delivered IS NULL AND read IS NULL FROM attempts
 WHERE device = :device AND new_chat = 1 AND accepted = 1
   AND claimed > :since AND claimed < :before
 ORDER BY id DESC LIMIT :most
"""

_BEGUN_AFTER_A_HOLD = f"""
SELECT 1 FROM attempts JOIN accounts c ON c.name = {_ACCOUNT_OF}
 WHERE device IN (SELECT label FROM devices WHERE {ACCOUNT} = c.name)
   AND new_chat = 1 AND accepted = 1 AND claimed >= c.chats_from LIMIT 1
"""  # noqa: S608 - constants

_KEEP = f"""
INSERT INTO accounts (name, {LIMITS})
SELECT {ACCOUNT}, {marks(_COLUMNS)} FROM devices WHERE label = ?
    ON CONFLICT (name) DO UPDATE
   SET {", ".join(f"{each} = excluded.{each}" for each in _COLUMNS)}
"""  # noqa: S608 - constants


class Chats(Part):
    """The chats that devices began, and those that they may not begin."""

    def with_people(self, phones: Iterable[Phone]) -> dict[Phone, ChatsWith]:
        """Tell of each of these who has a chat with them, and who may not begin one."""
        begun: dict[Phone, set[Phone]] = {phone: set() for phone in phones}
        refused: dict[Phone, dict[Phone, float]] = {phone: {} for phone in begun}
        names = [(phone, name) for phone in begun for name in every_spelling(phone)]
        (rows,) = self._db.ask(Ask(_WITH, given=names))
        for phone, jid, is_accepted, is_refused, at in rows:
            person, account = Phone(str(phone)), phone_of(str(jid))
            if is_accepted:
                begun[person].add(account)
            if is_refused:
                last = refused[person].get(account, 0.0)
                refused[person][account] = max(last, float(at or 0))
        return {each: ChatsWith(frozenset(begun[each]), refused[each]) for each in begun}

    def refused_in_a_row(self, device: DeviceId, since: float) -> int:
        """Count the people whom a device was let begin no chat with, since its last new one.

        Those that were claimed from then on (Unix s).
        """
        people = set[str]()
        for phone, refused in self._db.all(_LATEST, (device, since)):
            if not refused:
                break
            people.add(str(phone))
        return len(people)

    def unanswered(self, device: DeviceId, since: float, before: float, most: int) -> int:
        """Count the latest first messages, up to `most`, of which no receipt tells.

        Those that were claimed between the two moments (Unix s); 0 where any of them arrived.
        """
        found = self._db.all(
            _UNANSWERED, {"device": device, "since": since, "before": before, "most": most}
        )
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

    def limits(self, device: DeviceId) -> ChatLimits:
        """Tell what the device's account may begin; its holds count since it last did after one."""
        found = self._db.all(
            f"SELECT {LIMITS} FROM accounts WHERE name = {_ACCOUNT_OF}",  # noqa: S608 - constants
            {"device": device},
        )
        if not found:
            return ChatLimits()
        limits = read_limits(found[0])
        begun = limits.holds and self._db.all(_BEGUN_AFTER_A_HOLD, {"device": device})
        return replace(limits, holds=0) if begun else limits

    def keep(self, device: DeviceId, limits: ChatLimits) -> None:
        """Note what the device's account may begin from now on."""
        used, total = limits.quota or (None, None)
        values = (
            limits.shut, limits.why, limits.guessed, limits.holds, used, total, limits.quota_until,
            int(limits.capped), limits.lock_told, limits.quota_told, device,
        )  # fmt: skip
        with self._db.transaction():
            self._db.tell(News.DEVICES)
            self._db.run(_KEEP, values)


def read_limits(row: Row) -> ChatLimits:
    """Read the columns of `LIMITS`, the row's last; null where nothing is known of the account."""
    kept = tuple(row)[-len(_COLUMNS) :]
    shut, why, guessed, holds, used, total, until, capped, lock_told, quota_told = kept
    return ChatLimits(
        shut,
        None if why is None else ChatHold(why),
        guessed,
        holds or 0,
        None if used is None or total is None else (used, total),
        until,
        bool(capped),
        lock_told,
        quota_told,
    )
