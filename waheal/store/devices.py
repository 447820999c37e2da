"""Devices in the ledger: labels, sessions' ids, quarantine; knows no session's contents."""

from shlex import quote

from waheal.errors import UsageError
from waheal.model import DeviceId, DeviceState, Phone, Quarantine
from waheal.records import Device
from waheal.store.chats import LIMITS, read_limits
from waheal.store.database import News, Row, Value
from waheal.store.part import Part, not_joined
from waheal.store.schema import ACCOUNT

_DAY = 86_400.0

_DEVICES = f"""
SELECT v.label, v.jid, v.phone, v.quarantine, v.until, v.last_success, COALESCE(t.sent, 0),
       v.paired, v.paused, v.moving, m.name, {LIMITS}
  FROM devices v
  LEFT JOIN machines m ON m.id = v.machine
  LEFT JOIN accounts ON accounts.name = {ACCOUNT}
  LEFT JOIN (SELECT device, COUNT(*) AS sent FROM attempts
              WHERE counted = 1 AND claimed >= :since GROUP BY device) t ON t.device = v.label
 WHERE v.removed IS NULL {{which}}
 ORDER BY v.label
"""  # noqa: S608 - constants

_ADD = """
INSERT INTO devices (label, jid, phone, paired, machine) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (label) DO UPDATE
   SET jid = excluded.jid, phone = excluded.phone, paired = excluded.paired,
       machine = excluded.machine, moving = NULL, quarantine = NULL, until = NULL, removed = NULL
"""

_UNPAIRED = """
INSERT INTO devices (label, phone, quarantine, machine) VALUES (?, ?, ?, ?)
ON CONFLICT (label) DO UPDATE
   SET jid = NULL, phone = COALESCE(excluded.phone, devices.phone), machine = excluded.machine,
       moving = NULL, quarantine = excluded.quarantine, until = NULL, removed = NULL
"""

_UNLANE = """
UPDATE deliveries SET lane = NULL
 WHERE campaign_id IN (SELECT id FROM campaigns) AND lane = ? AND state = 'pending' AND pinned = 0
"""


LABELLED = (
    ("devices", "label"),
    ("attempts", "device"),
    ("deliveries", "lane"),
    ("contacts", "device"),
    ("early_receipts", "device"),
    ("accounts", "name"),
    ("replies", "device"),
    ("unclaimed_replies", "device"),
)
"""Every column that holds a device's label; an account's name is one where no number is known."""


class Devices(Part):
    """The devices of a home, and of those that share the ledger; a removed one's row stays."""

    def all(self, now: float, *, everywhere: bool = False) -> list[Device]:
        """List this machine's devices by label, those whose sessions are in its home; or all.

        One that is on its way to it is not there yet.
        """
        which = "" if everywhere else "AND v.machine = :machine AND v.moving IS NULL"
        given = {"since": now - _DAY, "machine": self._db.machine}
        rows = self._db.all(_DEVICES.format(which=which), given)
        return [_device(row, now) for row in rows]

    def find(self, label: DeviceId, now: float) -> Device | None:
        """Find one device, of whichever machine."""
        one = _DEVICES.format(which="AND v.label = :label")
        rows = self._db.all(one, {"since": now - _DAY, "label": label})
        return _device(rows[0], now) if rows else None

    def add(self, label: DeviceId, jid: str, phone: Phone | None, now: float) -> None:
        """Note a paired device. One that is paired again keeps its history, out of quarantine.

        What its number may begin is the account's, whichever devices come and go.

        Raises: UsageError where the label is no word, or another machine's, or the session is
        another device's; or where this home is no machine of a ledger that others share.
        """
        if not label or any(letter == "," or letter.isspace() for letter in label):
            raise UsageError(
                f"{label!r} can't be a device's label",
                hint="use one word without comma or blank",
            )
        with self._db.transaction():
            other = self._db.all(
                "SELECT label FROM devices WHERE jid = ? AND label <> ? AND removed IS NULL",
                (jid, label),
            )
            if other:
                theirs = str(other[0][0])
                raise UsageError(
                    f"the session {jid} is already device {theirs}",
                    hint=f"remove that one first: `waheal devices remove {quote(theirs)}`",
                )
            self._see_it_may_be_ours(label)
            self._db.run(_ADD, (label, jid, phone, now, self._db.machine))

    def note_unpaired(self, label: DeviceId, phone: Phone | None, why: Quarantine) -> None:
        """Note what stands in the way of a device that has no login: listed, and never used.

        Until it is paired, a login of its number is imported, or it is removed.
        """
        with self._db.transaction():
            self._see_it_may_be_ours(label)
            self._db.run(_UNPAIRED, (label, phone, why.value, self._db.machine))

    def remove(self, label: DeviceId, now: float) -> None:
        """Forget a device, but for its history; its pending recipients become anyone's."""
        with self._db.transaction():
            self._db.run(
                "UPDATE devices SET removed = ?, jid = NULL, quarantine = NULL, until = NULL,"
                " paused = 0 WHERE label = ?",
                (now, label),
            )
            self._db.run(_UNLANE, (label,))

    def rename(self, label: DeviceId, new: DeviceId) -> bool:
        """Call a device by another label, in its history too; False where one has, or had, that."""
        with self._db.transaction():
            if self._db.all("SELECT 1 FROM devices WHERE label = ?", (new,)):
                return False
            for table, column in LABELLED:
                self._db.run(
                    f"UPDATE {table} SET {column} = ? WHERE {column} = ?",  # noqa: S608 - constants
                    (new, label),
                )
            self._db.run("DELETE FROM marks WHERE key = ?", (f"seen {new}",))
            self._db.run("UPDATE marks SET key = ? WHERE key = ?", (f"seen {new}", f"seen {label}"))
        return True

    def quarantine(
        self, label: DeviceId, reason: Quarantine, until: float | None, now: float
    ) -> None:
        """Use a device no more until then (Unix s), or until the operator acts (None)."""
        if until is not None and until <= now:
            return
        self._set("quarantine = ?, until = ?", (reason.value, until, label))

    def release(self, label: DeviceId) -> None:
        """Let a device be used again."""
        self._set("quarantine = NULL, until = NULL", (label,))

    def quarantined(self, label: DeviceId, now: float) -> Quarantine | None:
        """Tell why a device is in quarantine, if it is; `find` also counts what it has sent."""
        rows = self._db.all(
            "SELECT quarantine FROM devices WHERE label = ? AND quarantine IS NOT NULL"
            " AND (until IS NULL OR until > ?) AND removed IS NULL",
            (label, now),
        )
        return Quarantine(str(rows[0][0])) if rows else None

    def note_seen(self, device: DeviceId, now: float) -> None:
        """Note that the device logged in."""
        with self._db.transaction():
            self._db.run(
                "INSERT INTO marks (key, value) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (f"seen {device}", int(now)),
            )

    def seen(self, device: DeviceId) -> float:
        """Tell when the device was last seen: paired, logged in, or through with a message.

        0 where it never was.
        """
        rows = self._db.all(
            "SELECT value FROM marks WHERE key = ? UNION ALL"
            " SELECT paired FROM devices WHERE label = ? UNION ALL"
            " SELECT last_success FROM devices WHERE label = ?",
            (f"seen {device}", device, device),
        )
        return max((float(moment or 0) for (moment,) in rows), default=0.0)

    def pause(self, label: DeviceId, *, paused: bool = True) -> None:
        """Use a device no more until that is taken back, or take it back."""
        self._set("paused = ?", (int(paused), label))

    def _see_it_may_be_ours(self, label: DeviceId) -> None:
        if not self._db.machine:
            raise not_joined(self._db.name)
        others = self._db.all(
            "SELECT m.name FROM devices v JOIN machines m ON m.id = v.machine"
            " WHERE v.label = ? AND v.machine <> ? AND v.removed IS NULL",
            (label, self._db.machine),
        )
        if others:
            raise UsageError(
                f"{label} is a device of the machine {others[0][0]}",
                hint="take another label, or remove that device there",
            )

    def _set(self, what: str, parameters: tuple[Value, ...]) -> None:
        with self._db.transaction():
            self._db.tell(News.DEVICES)
            self._db.run(
                f"UPDATE devices SET {what} WHERE label = ? AND removed IS NULL",  # noqa: S608 - constants
                parameters,
            )


def _device(row: Row, now: float) -> Device:
    label, jid, phone, reason, until, last_success, sent, paired, paused, moving, machine, *_ = row
    if moving is not None:
        reason, until = Quarantine.MOVING.value, None
    held = reason is not None and (until is None or float(until) > now)
    able = DeviceState.PAUSED if paused else DeviceState.READY
    limits = read_limits(row)
    why, shut = limits.hold(now) or (None, None)
    return Device(
        label=label,
        jid=jid,
        phone=phone,
        state=DeviceState.QUARANTINED if held else able,
        reason=reason if held else None,
        until=until if held else None,
        last_success=last_success,
        sent_today=int(sent or 0),
        paired=paired,
        paused=bool(paused),
        chats_from=shut,
        chats_why=why,
        quota=limits.used(now),
        machine=machine,
    )
