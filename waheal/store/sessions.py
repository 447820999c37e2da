"""Neonize's session database, looked at from outside; never written, knows no ledger.

Which form of a JID stands where was read in whatsmeow's store/sqlstore/store.go and send.go:
`whatsmeow_device.jid` and every `our_jid` name the device (`user:n@server`); `chat_jid` and
`sender_jid` of a message secret name no device, the chat by its LID since the migration, by its
number before; `their_id` of a Signal session is `LIDUSER_1:n`, or `NUMBER:n`.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from waheal.identity import every_spelling
from waheal.model import Phone
from waheal.records import OwnMessage
from waheal.store.session_file import Look, SessionFile

STAMP_TABLE = "waheal_run"
"""The one table that is waheal's own: a copy of the file made before a run lacks its stamp."""

STAMP = "stamp"
"""The ledger's mark of the run that stamped it last, as `stamp_number` gives it."""


_TRUSTED = "SELECT timestamp FROM whatsmeow_privacy_tokens WHERE our_jid = ? AND their_jid = ?"

_BARE = """
SELECT jid FROM whatsmeow_device
 WHERE NOT EXISTS (SELECT 1 FROM whatsmeow_nct_salt WHERE our_jid = jid)
"""


# Two looks: joined by one OR, all of the device's sessions would be read through.
_WITH_USER = """
SELECT EXISTS (SELECT 1 FROM whatsmeow_sessions
                WHERE our_jid = ? AND their_id >= ? AND their_id < ?)
    OR EXISTS (SELECT 1 FROM whatsmeow_sessions
                WHERE our_jid = ? AND their_id >= ? AND their_id < ?)
"""


@dataclass(frozen=True, slots=True)
class Session:
    """One stored login: `jid` and `lid` as user:n@server, `identity` the key's SHA-256 (hex)."""

    jid: str
    lid: str | None
    phone: Phone
    identity: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The evidence about one attempt, as it stood at one moment.

    `identity`: the device's identity key (SHA-256, hex), None where its row is gone.
    `message_id`: the id that the witness was committed with, None where there is no witness.
    `signal_session`: there is a Signal session with some device of the recipient. `stamp`: that of
    the run that used this very file last.
    """

    identity: str | None
    message_id: str | None
    signal_session: bool
    stamp: str | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """How a device and a recipient stand: is there a Signal session, and which LID is theirs.

    `trusted`: since when (Unix s) this contact trusts the device's account, by their token; None:
    not, or unknown. It comes with the phone's history, or from them, and each message carries it
    while it is valid (``tctoken.go``).
    """

    signal_session: bool
    lid: str | None
    trusted: float | None = None


@dataclass(frozen=True, slots=True)
class SessionCheck:
    """What doctor wants to know of the file.

    `damage` is empty where SQLite finds none; `orphans` counts rows of devices that aren't there,
    by table; `schema` is whatsmeow's version, None where there is no schema.
    """

    exists: bool
    size: int
    journal_mode: str | None
    schema: int | None
    devices: int
    damage: tuple[str, ...]
    orphans: dict[str, int]


class Sessions(SessionFile):
    """The session database of a home; where it has no tables, it is empty."""

    def devices(self) -> dict[str, Session]:
        """List the stored logins by their JID."""
        found = self._ask("whatsmeow_device", "SELECT jid, lid, identity_key FROM whatsmeow_device")
        return {
            jid: Session(jid, lid or None, phone_of(jid), fingerprint(key))
            for jid, lid, key in found
        }

    def bare(self) -> frozenset[str]:
        """Tell the logins whose first messages carry no token: their phone's salt never came."""
        with self._snapshot("whatsmeow_device", "whatsmeow_nct_salt") as look:
            found = () if look is None else look.conn.execute(_BARE).fetchall()
        return frozenset(jid for (jid,) in found)

    def identity(self, jid: str) -> str | None:
        """Tell the device's identity key as SHA-256 (hex); None where its row isn't there."""
        found = self._ask(
            "whatsmeow_device", "SELECT identity_key FROM whatsmeow_device WHERE jid = ?", (jid,)
        )
        return fingerprint(found[0][0]) if found else None

    def rows(self, jid: str, phone: Phone, lid: str | None, witness: bytes) -> Rows:
        """Read an attempt's evidence in one read transaction.

        The witness is looked for among all of the device's messages, since the recipient's LID
        may have changed, and the session under every LID that the recipient was seen with.
        """
        with self._snapshot("whatsmeow_device", "whatsmeow_message_secrets") as look:
            if look is None:
                return Rows(None, None, signal_session=False)
            device = look.conn.execute(
                "SELECT identity_key FROM whatsmeow_device WHERE jid = ?", (jid,)
            ).fetchone()
            found = _witnesses(look.conn, jid, witness)
            users = _users(look, phone, lid) | {user_of(chat) for _, chat, _ in found}
            return Rows(
                fingerprint(device[0]) if device else None,
                found[0][0] if found else None,
                signal_session=_has_session(look, jid, users),
                stamp=_stamp(look),
            )

    def meeting(self, jid: str, phone: Phone) -> Meeting:
        """Tell whether the device has a Signal session with this number; cheaper than `rows`."""
        with self._snapshot("whatsmeow_device", "whatsmeow_message_secrets") as look:
            if look is None:
                return Meeting(signal_session=False, lid=None)
            lids, numbers = _lids(look, phone), _numbers(phone)
            return Meeting(
                _has_session(look, jid, {*numbers, *lids}),
                f"{lids[0]}@lid" if lids else None,
                _trusted(look, jid, lids, numbers),
            )

    def has_witness(self, jid: str, witness: bytes) -> bool:
        """Tell whether the device's row with these 32 bytes is there, whoever it was sent to."""
        return bool(
            self._ask(
                "whatsmeow_message_secrets",
                "SELECT 1 FROM whatsmeow_message_secrets WHERE our_jid = ? AND key = ? LIMIT 1",
                (jid, witness),
            )
        )

    def lid_of(self, phone: Phone) -> str | None:
        """Tell a number's LID (user@lid), if the library has met it."""
        with self._snapshot() as look:
            lids = [] if look is None else _lids(look, phone)
        return f"{lids[0]}@lid" if lids else None

    def phone_of(self, lid: str) -> Phone | None:
        """Tell a contact's number by its JID: a LID, with or without device, or a number's JID."""
        if lid.endswith("@s.whatsapp.net"):
            return phone_of(lid)
        found = self._ask(
            "whatsmeow_lid_map",
            "SELECT pn FROM whatsmeow_lid_map WHERE lid = ?",
            (user_of(lid),),
        )
        return Phone(f"+{found[0][0]}") if found else None

    def stamp(self) -> str | None:
        """Tell the stamp of the run that used this very file last; None where none did."""
        with self._snapshot() as look:
            return None if look is None else _stamp(look)

    def messages_since(self, rowid: int, most: int = 10_000) -> tuple[list[OwnMessage], int]:
        """Read the own messages among the next rows after this mark, and tell the new mark.

        It is the old one where no row is left. A mark past the table's end means that the table was
        replaced: then it is read from the start.
        """
        with self._snapshot("whatsmeow_device", "whatsmeow_message_secrets") as look:
            if look is None:
                return [], 0
            conn = look.conn
            end = int(
                conn.execute("SELECT MAX(rowid) FROM whatsmeow_message_secrets").fetchone()[0] or 0
            )
            own, start = _own(conn), rowid if rowid <= end else 0
            cursor = conn.execute(
                "SELECT rowid, our_jid, chat_jid, sender_jid, message_id, key"
                " FROM whatsmeow_message_secrets WHERE rowid > ? ORDER BY rowid LIMIT ?",
                (start, most),
            )
            # In a chat of two, what isn't the contact's is one's own.
            messages = []
            for mark, our, chat, sender, message_id, key in cursor:
                start = mark
                if sender != chat or sender in own.get(our, frozenset()):
                    messages.append(OwnMessage(key, our, message_id))
            return messages, start

    def check(self, *, thorough: bool = True) -> SessionCheck:
        """Look the file over; `thorough` reads all of it."""
        with self._snapshot() as look:
            if look is None:
                return SessionCheck(
                    exists=False, size=0, journal_mode=None, schema=None, devices=0, damage=(),
                    orphans={},
                )  # fmt: skip
            conn = look.conn
            damage = (
                [row[0] for row in conn.execute("PRAGMA integrity_check")] if thorough else ["ok"]
            )
            devices = (
                conn.execute("SELECT COUNT(*) FROM whatsmeow_device").fetchone()[0]
                if look.has("whatsmeow_device")
                else 0
            )
            return SessionCheck(
                exists=True,
                size=self.path.stat().st_size,
                journal_mode=conn.execute("PRAGMA journal_mode").fetchone()[0],
                schema=schema_version(conn),
                devices=devices,
                damage=tuple(damage) if damage != ["ok"] else (),
                orphans=orphans(conn),
            )


def fingerprint(key: bytes) -> str:
    """Name an identity key without telling it: its SHA-256 in hex."""
    return hashlib.sha256(key).hexdigest()


def user_of(jid: str) -> str:
    """Tell a JID's user part, without server and device."""
    return jid.partition("@")[0].partition(":")[0]


def phone_of(jid: str) -> Phone:
    """Tell the number that a JID of server s.whatsapp.net is made of."""
    return Phone(f"+{user_of(jid)}")


OWNED = {
    "whatsmeow_identity_keys": "our_jid",
    "whatsmeow_pre_keys": "jid",
    "whatsmeow_sessions": "our_jid",
    "whatsmeow_sender_keys": "our_jid",
    "whatsmeow_app_state_sync_keys": "jid",
    "whatsmeow_app_state_version": "jid",
    "whatsmeow_app_state_mutation_macs": "jid",
    "whatsmeow_contacts": "our_jid",
    "whatsmeow_chat_settings": "our_jid",
    "whatsmeow_message_secrets": "our_jid",
    "whatsmeow_privacy_tokens": "our_jid",
    "whatsmeow_nct_salt": "our_jid",
    "whatsmeow_event_buffer": "our_jid",
    "whatsmeow_retry_buffer": "our_jid",
}
"""The tables whose rows belong to a device, and the column that names it; parents first."""


# Steps from one owner to the next by the primary key, which begins with it: with thousands of
# devices there are millions of rows, and nearly none to count.
_ORPHANS = """
WITH RECURSIVE owners (owner) AS (
    SELECT MIN({1}) FROM {0}
    UNION ALL
    SELECT (SELECT MIN({1}) FROM {0} WHERE {1} > owner) FROM owners WHERE owner IS NOT NULL)
SELECT (SELECT COUNT(*) FROM {0} WHERE {1} = owner) FROM owners
 WHERE owner IS NOT NULL AND owner NOT IN (SELECT jid FROM whatsmeow_device)
"""


def orphans(conn: sqlite3.Connection) -> dict[str, int]:
    """Count, by table, the rows whose device isn't there."""
    if not Look(conn).has("whatsmeow_device"):
        return {}
    counts = {
        table: sum(count for (count,) in conn.execute(_ORPHANS.format(table, column)))
        for table, column in OWNED.items()
        if Look(conn).has(table)
    }
    return {table: count for table, count in counts.items() if count}


def schema_version(conn: sqlite3.Connection) -> int | None:
    """Tell the version of whatsmeow's schema; None where there is none."""
    if not Look(conn).has("whatsmeow_version"):
        return None
    row = conn.execute("SELECT version FROM whatsmeow_version LIMIT 1").fetchone()
    return int(row[0]) if row else None


def stamp_number(made: str | None) -> int:
    """Give a stamp as the number that the ledger keeps of it; 0 where there is none."""
    return int(made[:15], 16) if made else 0


def _stamp(look: Look) -> str | None:
    if not look.has(STAMP_TABLE):
        return None
    row = look.conn.execute(f"SELECT stamp FROM {STAMP_TABLE}").fetchone()  # noqa: S608 - a constant
    return str(row[0]) if row else None


def _witnesses(conn: sqlite3.Connection, jid: str, witness: bytes) -> list[tuple[str, str, str]]:
    """Find (message id, chat, sender) of the rows with this key, one's own first.

    A contact could send the same bytes back; such a row is evidence too, but its id isn't ours.
    """
    own = _own(conn, jid).get(jid, frozenset())
    found = [
        (message_id, chat, sender)
        for message_id, chat, sender in conn.execute(
            "SELECT message_id, chat_jid, sender_jid FROM whatsmeow_message_secrets"
            " WHERE our_jid = ? AND key = ?",
            (jid, witness),
        )
    ]
    return sorted(found, key=lambda row: row[2] not in own)


def _own(conn: sqlite3.Connection, only: str | None = None) -> dict[str, frozenset[str]]:
    """Tell each device's own sender JIDs (or one's): number and LID, without the device."""
    everyone = "SELECT jid, lid FROM whatsmeow_device"
    found = (
        conn.execute(everyone)
        if only is None
        else conn.execute(f"{everyone} WHERE jid = ?", (only,))
    )
    return {jid: frozenset(_bare(each) for each in (jid, lid) if each) for jid, lid in found}


def _bare(jid: str) -> str:
    return f"{user_of(jid)}@{jid.partition('@')[2]}"


def _users(look: Look, phone: Phone, lid: str | None) -> set[str]:
    known = set() if lid is None else {user_of(lid)}
    return {*_numbers(phone), *_lids(look, phone)} | known


def _numbers(phone: Phone) -> list[str]:
    return [each.removeprefix("+") for each in every_spelling(phone)]


def _lids(look: Look, phone: Phone) -> list[str]:
    """Tell the LIDs that a number is mapped to, its own spelling's first."""
    if not look.has("whatsmeow_lid_map"):
        return []
    numbers = _numbers(phone)
    found = {
        pn: lid
        for number in numbers
        for lid, pn in look.conn.execute(
            "SELECT lid, pn FROM whatsmeow_lid_map WHERE pn = ?", (number,)
        )
    }
    return [found[number] for number in numbers if number in found]


def _trusted(look: Look, jid: str, lids: Sequence[str], numbers: Sequence[str]) -> float | None:
    """Find the contact's latest token; it is kept under their LID, or else under their number."""
    if not look.has("whatsmeow_privacy_tokens"):
        return None
    names = [*(f"{lid}@lid" for lid in lids), *(f"{pn}@s.whatsapp.net" for pn in numbers)]
    found = [row[0] for name in names for row in look.conn.execute(_TRUSTED, (jid, name))]
    return max(map(float, found), default=None)


def _has_session(look: Look, jid: str, users: set[str]) -> bool:
    """Ask for `USER:n` and `USER_1:n` (and other domains), as ranges of the primary key."""
    if not look.has("whatsmeow_sessions"):
        return False
    return any(
        look.conn.execute(
            _WITH_USER, (jid, f"{user}:", f"{user};", jid, f"{user}_", f"{user}`")
        ).fetchone()[0]
        for user in sorted(users)
    )
