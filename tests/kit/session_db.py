"""A session database as the library lays it out, as far as waheal reads it."""

import sqlite3
from contextlib import closing
from pathlib import Path

# Column names and keys as in whatsmeow's store/sqlstore/upgrades; what is unread is left out.
_TABLES = """
CREATE TABLE whatsmeow_version (version INTEGER, compat INTEGER);
CREATE TABLE whatsmeow_device (jid TEXT PRIMARY KEY, lid TEXT, registration_id BIGINT,
    noise_key BLOB, identity_key BLOB, signed_pre_key BLOB, signed_pre_key_id INTEGER,
    signed_pre_key_sig BLOB, adv_key BLOB, adv_details BLOB, adv_account_sig BLOB,
    adv_account_sig_key BLOB, adv_device_sig BLOB, platform TEXT NOT NULL DEFAULT '',
    push_name TEXT NOT NULL DEFAULT '');
CREATE TABLE whatsmeow_identity_keys (our_jid TEXT, their_id TEXT, identity BLOB,
    PRIMARY KEY (our_jid, their_id),
    FOREIGN KEY (our_jid) REFERENCES whatsmeow_device(jid) ON DELETE CASCADE);
CREATE TABLE whatsmeow_pre_keys (jid TEXT, key_id INTEGER, key BLOB, uploaded BOOLEAN,
    PRIMARY KEY (jid, key_id),
    FOREIGN KEY (jid) REFERENCES whatsmeow_device(jid) ON DELETE CASCADE);
CREATE TABLE whatsmeow_sessions (our_jid TEXT, their_id TEXT, session BLOB,
    PRIMARY KEY (our_jid, their_id),
    FOREIGN KEY (our_jid) REFERENCES whatsmeow_device(jid) ON DELETE CASCADE);
CREATE TABLE whatsmeow_message_secrets (our_jid TEXT, chat_jid TEXT, sender_jid TEXT,
    message_id TEXT, key BLOB NOT NULL, PRIMARY KEY (our_jid, chat_jid, sender_jid, message_id),
    FOREIGN KEY (our_jid) REFERENCES whatsmeow_device(jid) ON DELETE CASCADE);
CREATE TABLE whatsmeow_privacy_tokens (our_jid TEXT, their_jid TEXT, token BLOB,
    timestamp BIGINT, PRIMARY KEY (our_jid, their_jid));
CREATE INDEX tokens_time ON whatsmeow_privacy_tokens (our_jid, timestamp);
CREATE TABLE whatsmeow_nct_salt (our_jid TEXT PRIMARY KEY, salt BLOB NOT NULL,
    FOREIGN KEY (our_jid) REFERENCES whatsmeow_device(jid) ON DELETE CASCADE);
CREATE TABLE whatsmeow_lid_map (lid TEXT PRIMARY KEY, pn TEXT UNIQUE NOT NULL);
"""

OUR_JID = "12025550190:7@s.whatsapp.net"
OUR_LID = "9990:7@lid"
KEY = b"k" * 32


class SessionDb:
    """Writes rows as the library does, over a connection that stays open, as a host's would."""

    def __init__(self, path: Path, version: int = 15) -> None:
        self.conn = sqlite3.connect(path, isolation_level=None)
        self.conn.execute("PRAGMA journal_mode = WAL")
        if not self.conn.execute("SELECT 1 FROM sqlite_master").fetchone():
            self.conn.executescript(_TABLES)
            self.conn.execute("INSERT INTO whatsmeow_version VALUES (?, 8)", (version,))

    def close(self) -> None:
        self.conn.close()

    def device(self, jid: str = OUR_JID, lid: str | None = OUR_LID, key: bytes = KEY) -> None:
        self.conn.execute(
            "INSERT INTO whatsmeow_device (jid, lid, identity_key, push_name) VALUES (?, ?, ?, ?)",
            (jid, lid, key, "a, b"),
        )

    def log_out(self, jid: str) -> None:
        """Let the library forget a login, and all its rows with it."""
        self.conn.execute("PRAGMA foreign_keys = ON")
        self.conn.execute("DELETE FROM whatsmeow_device WHERE jid = ?", (jid,))

    def map(self, lid: str, number: str) -> None:
        self.conn.execute("INSERT INTO whatsmeow_lid_map VALUES (?, ?)", (lid, number))

    def secret(
        self,
        chat: str,
        key: bytes,
        message_id: str,
        *,
        sender: str = "9990@lid",
        our: str = OUR_JID,
    ) -> None:
        self.conn.execute(
            "INSERT INTO whatsmeow_message_secrets VALUES (?, ?, ?, ?, ?)",
            (our, chat, sender, message_id, key),
        )

    def session(self, address: str, our: str = OUR_JID) -> None:
        self.conn.execute(
            "INSERT OR IGNORE INTO whatsmeow_sessions VALUES (?, ?, x'00')", (our, address)
        )

    def pre_key(self, number: int, our: str = OUR_JID) -> None:
        self.conn.execute("INSERT INTO whatsmeow_pre_keys VALUES (?, ?, x'00', 1)", (our, number))

    def salt(self, our: str = OUR_JID) -> None:
        self.conn.execute("INSERT INTO whatsmeow_nct_salt VALUES (?, x'00')", (our,))

    def token(self, our: str = OUR_JID, their: str = "1@lid", at: float = 1.0) -> None:
        self.conn.execute(
            "INSERT INTO whatsmeow_privacy_tokens VALUES (?, ?, x'00', ?)", (our, their, at)
        )


def count(path: Path, table: str) -> int:
    """Count a table's rows."""
    with closing(sqlite3.connect(path)) as conn:
        return int(conn.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608 - a test's own words
