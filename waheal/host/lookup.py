"""Tells what a session has in the session database: `python -m waheal.host.lookup PATH [SEAL]`.

A process of its own, because the library aborts its process when it is asked to restore a session
that isn't there, and because a process that has loaded the library must not open the same file
with a second SQLite (closing it would drop the library's POSIX locks). It answers each line on
stdin (LOGIN or SALT, and a JID) with one on stdout, opens the database anew and read-only for each,
and ends with its stdin, which ends with its host. Then no thread of that host is left, and it sets
the SEAL. It knows nothing of clients.
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from waheal.seal import seal

FOUND, ABSENT, TROUBLE = "found", "absent", "trouble"
"""The first word of an answer; after TROUBLE comes why."""

LOGIN, SALT = "login", "salt"
"""The first word of a question: for the session itself, or what first messages' tokens need."""

_QUERIES = {
    LOGIN: "SELECT 1 FROM whatsmeow_device WHERE jid = ?",
    SALT: "SELECT 1 FROM whatsmeow_nct_salt WHERE our_jid = ?",
}


def is_stored(path: Path, jid: str, what: str = LOGIN) -> bool:
    """Whether the database at `path` holds this of the session `jid`; a missing table holds none.

    Raises:
        sqlite3.Error: it can't be read.
    """
    if not path.exists():
        return False
    # mode=ro, never immutable: only so are the pages read that are still in the WAL.
    uri = f"file:{quote(str(path))}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=5.0)) as database:
        try:
            return database.execute(_QUERIES[what], (jid,)).fetchone() is not None
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return False
            raise


def answer(path: Path, question: str) -> str:
    """One line for one question."""
    what, _, jid = question.partition(" ")
    try:
        return FOUND if is_stored(path, jid, what) else ABSENT
    except sqlite3.Error as error:
        return f"{TROUBLE} {error}"


def main() -> None:
    """Answer until stdin ends, then seal."""
    path, *seals = map(Path, sys.argv[1:])
    at_first = _file(path)
    for line in sys.stdin:
        print(answer(path, line.strip()), flush=True)  # noqa: T201 - stdout is its channel
    if _file(path) != at_first:
        return  # replaced under the host: what is absent there proves nothing
    for target in seals:
        try:
            seal(path, target)
        except OSError as error:  # what was in flight stays in doubt
            sys.stderr.write(f"{target} can't be written: {error.strerror}\n")


def _file(path: Path) -> tuple[int, int] | None:
    try:
        info = path.stat()
    except FileNotFoundError:
        return None
    return info.st_dev, info.st_ino


if __name__ == "__main__":
    main()
