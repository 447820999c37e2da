"""The link to PostgreSQL: how it is made, watched, and lost in words; knows no statement of a part.

A read that nothing answers ends by itself: a proxy or a pooler that is dead may go on acknowledging
what it is sent, and no option of TCP's notices that.
"""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import cast

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import Int8Dumper

from waheal.errors import HomeUnusableError, LedgerLostError

# What it warns of, such as a link that is lost within a pipeline, is told in words of our own.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

LOCKED_S = 8
"""Seconds to wait for one's turn to write: less than `RUN_S`, so that the server tells it."""

_SILENT_S = 5  # within a run's transaction: less than others wait for its locks
_CONNECT_S = 10
_RECONNECT_S = 2  # it is tried again; libpq and psycopg know no less
_ANSWER_S = 60.0  # for one statement's answer, where nobody says otherwise
_INTERVAL_S = 0.1  # psycopg's own: between looks whether somebody interrupts
_TOLD_TO_END_S = 5

# A dead peer, as far as TCP can notice it; the server is told likewise of this one.
_TCP = {
    "connect_timeout": _CONNECT_S,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

# The statements are made for SQLite's planner: loops in their order, and an index for each question
# (README.md). So the plans are the same here, also while a table is too small, or too new to the
# planner, for it to think so: a plan is kept for longer than a table stays small. Cheaper pages
# (`random_page_cost`) are not enough: it would still read what has grown since its last look.
_SETTINGS = f"""
SET lock_timeout = '{LOCKED_S}s';
SET idle_in_transaction_session_timeout = '5min';
SET tcp_keepalives_idle = 30;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3;
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET jit = off
"""

# The connection's end: by the way there, by an administrator, or for its silence.
_ENDS = ("08", "57P", "25P03", "25P04")

# No lock in time, a deadlock, a conflict: what was begun is taken back, and the link is whole.
_HELD_UP = frozenset({"55P03", "40P01", "40001"})

_END = """
SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity
 WHERE application_name = %s AND pid <> pg_backend_pid()
"""


class _AtOnce(psycopg.Pipeline):  # type: ignore[misc]  # of an extra
    """A pipeline that is sent as a whole once its block is over, with its Sync as the last word.

    The server ends a transaction that waits too long for its client; but its clock for that runs
    from a Sync to the next word only. psycopg sends each statement as it comes, and whoever is
    stopped before the Sync keeps all locks; and behind the Sync it sends a Flush, a next word which
    nothing follows.
    """

    def _communicate_gen(self) -> object:
        is_whole = self.result_queue and self.result_queue[-1] is None  # what stands for a Sync
        return super()._communicate_gen() if is_whole else ()

    def _fetch_gen(self, *, flush: bool) -> object:
        del flush  # a Sync has been sent
        return super()._fetch_gen(flush=False)


class Watched(psycopg.Connection[tuple[object, ...]]):  # type: ignore[misc]  # of an extra
    """A connection whose every wait for the server has an end; None: it waits as long as it lives.

    What was not answered in time is over: the connection is closed, and its state nobody's.
    """

    patience: float | None = _ANSWER_S  # seconds
    _pipeline: _AtOnce | None

    def pipeline(self) -> AbstractContextManager[object]:
        """Send what is executed in the block in one way, at its end; nothing is fetched within."""
        if self._pipeline is None:  # psycopg takes what stands here
            self._pipeline = _AtOnce(self)
        return cast("AbstractContextManager[object]", super().pipeline())

    def wait(
        self, gen: object, interval: float = _INTERVAL_S, timeout: float | None = None
    ) -> object:
        """Wait as psycopg does, but no longer than `patience`."""
        limit = self.patience if timeout is None else timeout
        try:
            return cast("object", super().wait(gen, interval, limit))
        except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 - psycopg raises it to callers
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer in {limit:.0f} s") from error


def connect(url: str, name: str, *, again: bool = False) -> Watched:
    """Connect; the server lists the connection under `name`. `again`: who failed tries once more.

    Raises: psycopg.Error.
    """
    told = conninfo_to_dict(url)
    more = {key: value for key, value in _TCP.items() if key not in told}
    if again:
        more["connect_timeout"] = _RECONNECT_S
    conn: Watched = Watched.connect(url, autocommit=True, application_name=name, **more)
    if again:
        conn.patience = _RECONNECT_S
    # All numbers alike, whatever their size: one prepared statement serves them.
    for kind in (int, bool):  # truths stand as numbers
        conn.adapters.register_dumper(kind, Int8Dumper)
    conn.execute(_SETTINGS)
    return conn


def hurried(conn: Watched, seconds: float) -> None:
    """Wait no longer for an answer; nor the server for the next word within a transaction.

    Its locks hold others up: where nobody sees that this process is gone, the server ends it.

    Raises: psycopg.Error.
    """
    conn.patience = seconds
    silent = min(seconds, _SILENT_S)
    conn.execute(f"SET idle_in_transaction_session_timeout = '{1000 * silent:.0f}ms'")


def end_others(conn: Watched, name: str) -> bool:
    """See to it that no other connection of this name lives on the server; False: one does.

    Whatever one of them had begun is committed then, or never will be.
    """
    ended = conn.execute(_END, (1000 * _TOLD_TO_END_S, name)).fetchall()
    return all(each for (each,) in ended)


@contextmanager
def translated(name: str, conn: Watched | None = None) -> Iterator[None]:
    """Word what goes wrong in the block for the operator; `conn` None: it is yet to be made."""
    try:
        yield
    except psycopg.Error as error:
        state = error.sqlstate or ""
        # What no server has worded says that none was heard.
        unheard = isinstance(error, psycopg.OperationalError) and not state
        gone = conn is None or conn.closed or unheard or state.startswith(_ENDS)
        if gone and conn is not None:
            conn.close()  # the server may only be about to close it
        if state in _HELD_UP:
            raise held_up(name, error) from error
        raise (lost if gone and _passes(state) else unusable)(name, error) from error


def lost(name: str, error: psycopg.Error) -> LedgerLostError:
    """Word that the way to the server is lost, or is not there."""
    return LedgerLostError(
        f"{name} can't be reached ({_words(error)})", hint=_way_there(_words(error))
    )


def _way_there(words: str) -> str:
    """Tell what to do where a way could not be made; libpq says why in words alone."""
    if "certificate" in words:
        return (
            "name the server in the URL as its certificate does, and the certificate's authority by"
            " sslrootcert=FILE there (sslrootcert=system: those that this machine trusts)"
        )
    if "SSL" in words:
        return "let the server have a certificate (ssl = on), or see what stands on the way to it"
    return "see that the server runs and lets this user in (passwords: ~/.pgpass)"


def held_up(name: str, error: psycopg.Error) -> LedgerLostError:
    """Word that a transaction was taken back for another's; whoever can wait does it again.

    That one may be of a machine that is cut off, and of which the server does not know it yet.
    """
    return LedgerLostError(
        f"{name} is locked by another program ({_words(error)})",
        hint="let that one finish, and try again",
    )


def unusable(name: str, error: psycopg.Error) -> HomeUnusableError:
    """Word an error of a server that answers."""
    state = error.sqlstate or ""
    match state[:2], state:
        case (_, "42501" | "25006"):
            what = "is read-only for this user"
            hint = "grant the rights, or name the primary server"
        case (_, "53100"):
            what = "can't grow: the server's disk is full"
            hint = "free some space and run it again; nothing is lost"
        case (_, "3F000" | "42P01" | "42883"):
            what = "lacks tables of waheal's"
            hint = "make them anew with `waheal cluster init`, and start the workers again"
        case ("XX", _):
            what = "is damaged"
            hint = "restore it from a backup"
        case _:
            what = "can't be used"
            hint = "look at the server's log"
    return HomeUnusableError(f"{name} {what} ({_words(error)})", hint=hint)


def _passes(state: str) -> bool:
    """Tell whether an error that ended a connection, or refused one, says that of the way there.

    Damage, a full disk and the like are the server's own: it tells them again.
    """
    return not state or (state.startswith((*_ENDS, "28", "53", "57")) and state != "53100")


def _words(error: psycopg.Error) -> str:
    return " ".join(str(error).split())
