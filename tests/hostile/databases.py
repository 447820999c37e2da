"""Databases given to `devices import`: what SQLite would run, believe or be broken by."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random

from tests.hostile.words import BYTES, LONG, SCREEN, odd_files, text
from tests.hostile.world import Command, World
from tests.kit.session_db import OUR_JID, SessionDb
from waheal.store.home import Home
from waheal.store.sessions import OWNED

_OTHER = "12025550191:3@s.whatsapp.net"
_JIDS = [
    *SCREEN, *LONG, "", "@", ":", "x@y", "12025550191@s.whatsapp.net", "../x:1@s.whatsapp.net",
    "12025550191:3@s.whatsapp.net\x1b[2J", "-1:1@s.whatsapp.net", "a,b:1@s.whatsapp.net",
    "12025550191:99999999999999999999@s.whatsapp.net", "٣٣٣٣٣٣٣:1@s.whatsapp.net",
    "12025550191.0:3@s.whatsapp.net", "12025550191:3@s.whatsapp.net ", "1:1@s.whatsapp.net",
    "12025550191:3@evil", "9" * 400 + ":1@s.whatsapp.net",
]  # fmt: skip
_TABLES = ["whatsmeow_device", "whatsmeow_version", "whatsmeow_lid_map", *OWNED]
_FOLLOWING = [("devices", "list"), ("devices", "list", "--json"), ("status",), ("suppress", "list")]


def databases(random: Random, world: World) -> Iterator[Command]:
    """Lay out a database and what lies beside it, import it, and look at the devices."""
    odd_files(world)
    Home.open(world.home, create=True)
    with closing(SessionDb(world.home / "sessions.db")) as ours:
        ours.device()
    path = world.cwd / "theirs.db"
    with closing(SessionDb(path)) as theirs, suppress(sqlite3.Error):
        theirs.conn.execute("PRAGMA synchronous = OFF")  # it need not outlive the machine
        theirs.device(_OTHER, "9991:3@lid")
        theirs.map("9991", "12025550191")
        for _ in range(random.randrange(1, 3)):
            random.choice(_HARMS)(random, theirs.conn)
    _spoil(random, path)
    # SQLite's own beside a database that somebody uses.
    used = ["theirs.db-shm"] if (world.cwd / "theirs.db-wal").exists() else []
    yield Command(
        ("devices", "import", "theirs.db"),
        writes=used,
        terminal=random.random() < 0.7,
    )
    yield Command(random.choice(_FOLLOWING))


def _odd_jids(random: Random, conn: sqlite3.Connection) -> None:
    jid = random.choice([*_JIDS, 7, None, b"\xff", text(random), OUR_JID])
    if isinstance(jid, str) and "\ud800" <= max(jid, default="") <= "\udfff":
        jid = jid.encode(errors="surrogatepass")
    conn.execute("UPDATE whatsmeow_device SET jid = CAST(? AS BLOB)", (jid,))
    if not isinstance(jid, bytes):
        conn.execute("UPDATE whatsmeow_device SET jid = ?", (jid,))
    elif random.random() < 0.5:
        conn.execute("UPDATE whatsmeow_device SET jid = CAST(jid AS TEXT)")


def _odd_cells(random: Random, conn: sqlite3.Connection) -> None:
    table = random.choice(["whatsmeow_device", "whatsmeow_lid_map"])
    columns = [row[1] for row in conn.execute(f"PRAGMA table_info({table})")]
    made = random.choice([None, 7, -0.5, 1 << 62, b"", random.choice(BYTES), random.choice(_JIDS)])
    column = random.choice(columns)
    conn.execute(f"UPDATE {table} SET {column} = ?", (made,))  # noqa: S608 - names of ours


def _huge(random: Random, conn: sqlite3.Connection) -> None:
    size = random.choice([2 << 20, 17 << 20, 60 << 20])
    column = random.choice(["identity_key", "push_name", "platform", "lid", "adv_details"])
    conn.execute(
        f"UPDATE whatsmeow_device SET {column} = zeroblob(?)"  # noqa: S608 - names of ours
        " WHERE jid = (SELECT MIN(jid) FROM whatsmeow_device)",
        (size,),
    )


def _many(random: Random, conn: sqlite3.Connection) -> None:
    count = random.choice([300, 3_000])
    rows = [(f"1202{number:07}:1@s.whatsapp.net", b"k" * 32) for number in range(count)]
    conn.executemany("INSERT INTO whatsmeow_device (jid, identity_key) VALUES (?, ?)", rows)


def _triggers(random: Random, conn: sqlite3.Connection) -> None:
    for table in random.sample(["whatsmeow_device", "whatsmeow_lid_map", "whatsmeow_version"], 2):
        conn.execute(
            f"CREATE TRIGGER harm_{table} AFTER INSERT ON {table}"  # noqa: S608 - names of ours
            " BEGIN DELETE FROM whatsmeow_device; SELECT load_extension('x'); END"
        )


def _views(random: Random, conn: sqlite3.Connection) -> None:
    table = random.choice(_TABLES)
    endless = (
        "WITH RECURSIVE n (jid) AS (SELECT 1 UNION ALL SELECT jid + 1 FROM n) SELECT jid FROM n"
    )
    source = random.choice([endless, "SELECT 1 AS jid"])
    conn.execute(f"DROP TABLE IF EXISTS {table}")
    conn.execute(f"CREATE VIEW {table} AS {source}")


def _generated(random: Random, conn: sqlite3.Connection) -> None:
    made = random.choice(
        ["hex(zeroblob(400000000))", "hex(randomblob(99))", "'x'", "jid || 'x'",
         "replace(hex(zeroblob(90000)), '0', hex(zeroblob(90000)))"]
    )  # fmt: skip
    column, kind = random.choice(["lid", "identity_key"]), random.choice(["VIRTUAL", "STORED"])
    conn.execute("DROP TABLE whatsmeow_device")
    conn.execute(
        f"CREATE TABLE whatsmeow_device (jid TEXT, lid_ TEXT, identity_key_ BLOB,"
        f" {column} GENERATED ALWAYS AS ({made}) {kind})"
    )
    conn.execute("INSERT INTO whatsmeow_device (jid) VALUES (?)", (_OTHER,))


def _virtual(random: Random, conn: sqlite3.Connection) -> None:
    table = random.choice(_TABLES)
    conn.execute(f"DROP TABLE IF EXISTS {table}")
    module = random.choice(["fts4(jid, lid, identity_key)", "fts5(jid, lid, identity_key)"])
    conn.execute(f"CREATE VIRTUAL TABLE {table} USING {module}")
    if random.random() < 0.5:
        _rewrite(conn, "CREATE VIRTUAL", random.choice(["CREATE/**/VIRTUAL", "create  virtual"]))


def _schema(random: Random, conn: sqlite3.Connection) -> None:
    old, new = random.choice(
        [("TEXT", "INT"), ("jid", "jad"), ("PRIMARY", "primary"), ("(", "(("), ("BLOB", "\x1b[2J"),
         ("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"), (" lid TEXT", " lid TEXT CHECK (lid > 1)"),
         ("jid TEXT", 'jid TEXT COLLATE "none"')]
    )  # fmt: skip
    _rewrite(conn, old, new)


def _rewrite(conn: sqlite3.Connection, old: str, new: str) -> None:
    conn.execute("PRAGMA writable_schema = ON")
    conn.execute("UPDATE sqlite_master SET sql = replace(sql, ?, ?)", (old, new))
    conn.execute("PRAGMA schema_version = 4711")


def _version(random: Random, conn: sqlite3.Connection) -> None:
    versions = [None, -1, 0, 7, 16, 1 << 62, 1e300, "abc", "15", " 15 ", b"\xff", "\x1b[2J", "٣"]
    match random.randrange(4):
        case 0:
            conn.execute("DELETE FROM whatsmeow_version")
        case 1:
            conn.execute("ALTER TABLE whatsmeow_version RENAME COLUMN version TO other")
        case 2:
            conn.execute("DROP TABLE whatsmeow_version")
        case _:
            conn.execute("UPDATE whatsmeow_version SET version = ?", (random.choice(versions),))


def _more_tables(random: Random, conn: sqlite3.Connection) -> None:
    for number in range(random.choice([1, 2_000])):
        conn.execute(f'CREATE TABLE "whatsmeow_{number}\x1b[2J" (a)')
    conn.execute('ALTER TABLE whatsmeow_device ADD COLUMN "\x1b[2J" TEXT')


def _settings(random: Random, conn: sqlite3.Connection) -> None:
    conn.execute(f"PRAGMA user_version = {random.choice([-1, 99, 2147483647])}")
    conn.execute(f"PRAGMA application_id = {random.choice([-1, 1])}")
    conn.execute(f"PRAGMA journal_mode = {random.choice(['DELETE', 'WAL', 'TRUNCATE'])}")
    conn.execute(f"PRAGMA encoding = '{random.choice(['UTF-16', 'UTF-8'])}'")


_HARMS: list[Callable[[Random, sqlite3.Connection], None]] = [
    _odd_jids, _odd_jids, _odd_cells, _odd_cells, _huge, _many, _triggers, _views, _generated,
    _virtual, _schema, _version, _more_tables, _settings,
]  # fmt: skip


def _spoil(random: Random, path: Path) -> None:
    """Break the file, put another thing in its place, or plant something beside it."""
    beside = path.with_name(path.name + random.choice(["-wal", "-shm", "-journal"]))
    match random.randrange(16):
        case 0:
            _break(random, path)
        case 1:
            os.truncate(path, random.choice([0, 15, 16, 100, 512, 4_096, path.stat().st_size // 2]))
        case 2:
            beside.unlink(missing_ok=True)
            beside.symlink_to(random.choice(["../outside/victim", "../outside/new", "/dev/zero"]))
        case 3:
            beside.unlink(missing_ok=True)
            os.mkfifo(beside)
        case 4:
            beside.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + random.randbytes(9_000))
        case 5:
            beside.unlink(missing_ok=True)
            beside.mkdir()
        case 6:
            path.unlink()
            random.choice([os.mkfifo, os.mkdir])(path)
        case 7:
            path.unlink()
            path.symlink_to(
                random.choice(["loop", "link", "../home/sessions.db", "/proc/self/mem"])
            )
        case 8:
            path.write_bytes(b"SQLite format 3\0" + random.randbytes(random.choice([0, 84, 9_000])))
        case _:
            pass


def _break(random: Random, path: Path) -> None:
    data = bytearray(path.read_bytes()[: 4 << 20])
    for _ in range(random.choice([1, 20, 500])):
        at = random.randrange(16 if random.random() < 0.7 else len(data) // 2, len(data))
        data[at] = random.randrange(256)
    path.write_bytes(data)
