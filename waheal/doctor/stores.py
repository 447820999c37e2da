"""Checks of the ledger and the session database as files; knows nothing of their devices."""

import contextlib
from collections.abc import Iterator
from shlex import quote

from waheal.doctor.situation import Situation
from waheal.findings import Result, fail, ok, warn
from waheal.store import session_writer
from waheal.store.ledger import Ledger
from waheal.store.sessions import STAMP, SessionCheck, Sessions, stamp_number

_LARGE = 10 << 30
_KEY_BYTES = 32
_MEBI = 1 << 20
_STALE = 60.0  # seconds: a claim is older than its witness by much less
_MONTH = 30 * 86400.0


@contextlib.contextmanager
def ledger(situation: Situation) -> Iterator[Ledger]:
    """Look into the ledger; one that isn't there is empty.

    Raises: HomeUnusableError.
    """
    with Ledger.open(situation.home, at=situation.at, readonly=True, make=False) as found:
        yield found


def sessions(situation: Situation, *, thorough: bool = False) -> SessionCheck:
    """Look the session database over.

    Raises: HomeUnusableError.
    """
    with contextlib.closing(Sessions(situation.home.sessions_path)) as found:
        return found.check(thorough=thorough)


def ledger_integrity(situation: Situation) -> Result:
    """See that SQLite finds nothing damaged in the ledger."""
    with ledger(situation) as found:
        damage = found.upkeep.damage()
    if damage:
        return fail(
            f"the ledger is damaged: {damage[0]}",
            f"restore the home from a backup: {situation.home.ledger_path} first of all",
        )
    return ok("nothing is damaged")


def ledger_schema(situation: Situation) -> Result:
    """See that the ledger is of this version."""
    with ledger(situation) as found:  # a newer one is refused here, with its hint
        return ok(f"schema {found.upkeep.schema_version}")


def ledger_journal(situation: Situation) -> Result:
    """See that the ledger is in WAL mode."""
    if situation.at is not None:
        return ok("it lies in PostgreSQL")
    if not situation.home.ledger_path.exists():
        return ok("there is no ledger yet")
    with ledger(situation) as found:
        mode = found.upkeep.journal_mode()
    if mode != "wal":
        return warn(f"the ledger's journal mode is {mode}", "run `waheal doctor --fix`")
    return ok("write-ahead logging")


def mend_ledger_journal(situation: Situation) -> str | None:
    """Put the ledger into WAL mode."""
    if ledger_journal(situation).hint is None:
        return None
    with Ledger.open(situation.home):  # which sets it
        return "put the ledger into WAL mode"


def ledger_size(situation: Situation) -> Result:
    """Tell how large the ledger has become."""
    with ledger(situation) as found:
        size = found.upkeep.size()
    if size > _LARGE:
        return warn(
            f"the ledger holds {size // _MEBI:,} MiB",
            "begin a new home for new campaigns with --home DIR, and keep this one as it is",
        )
    return ok(f"{size / _MEBI:,.1f} MiB")


def sessions_integrity(situation: Situation) -> Result:
    """See that SQLite finds nothing damaged in the session database."""
    found = sessions(situation, thorough=True)
    if found.damage:
        return fail(
            f"the session database is damaged: {found.damage[0]}",
            f"restore {situation.home.sessions_path} from a backup, or pair the devices anew",
        )
    return ok("nothing is damaged" if found.exists else "there is none yet")


def sessions_journal(situation: Situation) -> Result:
    """See that the session database is in WAL mode, which many clients need."""
    found = sessions(situation)
    if not found.exists:
        return ok("there is none yet")
    if found.journal_mode != "wal":
        return warn(
            f"the session database's journal mode is {found.journal_mode}",
            "run `waheal doctor --fix`",
        )
    return ok("write-ahead logging")


def mend_sessions_journal(situation: Situation) -> str | None:
    """Put the session database into WAL mode."""
    if sessions_journal(situation).hint is None:
        return None
    session_writer.use_wal(situation.home.sessions_path)
    return "put the session database into WAL mode"


def sessions_orphans(situation: Situation) -> Result:
    """See that no rows are left of devices that are gone."""
    orphans = sessions(situation).orphans
    if orphans:
        count = sum(orphans.values())
        return warn(
            f"{count:,} rows belong to devices that are gone ({', '.join(sorted(orphans))})",
            "run `waheal doctor --fix`",
        )
    return ok("every row belongs to a device")


def mend_sessions_orphans(situation: Situation) -> str | None:
    """Take out the rows of devices that are gone."""
    if not sessions(situation).orphans:
        return None
    removed = session_writer.remove_orphans(situation.home.sessions_path)
    return f"removed {removed:,} rows of devices that are gone"


def sessions_age(situation: Situation) -> Result:
    """See that the session database is that of the last run, and not older than the ledger."""
    path = situation.home.sessions_path
    wal = path.with_name(path.name + "-wal")
    # An empty -wal is what a mere look leaves behind.
    states = [each.stat() for each in (path, wal) if each.exists()]
    written = max((each.st_mtime for each in states if each.st_size), default=None)
    with ledger(situation) as found:
        claims = found.history.claim_times(situation.now - _MONTH)
        known = found.marks.get(found.marks.own(STAMP))
    if written is not None and known and known != _stamp(situation):
        return warn(
            "the session database is not the one of this ledger's last run: another home's, another"
            " sandbox's, or a copy; what was in doubt stays uncertain",
            f"put back the {path.name} that belongs to {situation.root}, or pair its devices anew",
        )
    last = max((times[-1] for times in claims.values() if times), default=None)
    if written is None or last is None or written + _STALE >= last:
        return ok("it is as recent as the ledger")
    return warn(
        "the session database is older than the ledger, as after a restore of it alone: evidence"
        " is missing, and what was in doubt stays uncertain",
        "restore both files of one backup; or run `waheal sync` to go on with these",
    )


def _stamp(situation: Situation) -> int:
    with contextlib.closing(Sessions(situation.home.sessions_path)) as found:
        return stamp_number(found.stamp())


def key(situation: Situation) -> Result:
    """See that the key of the witnesses is there and whole."""
    home = situation.home
    path = home.key_path
    if not path.exists():
        with ledger(situation) as found:
            was_used = bool(found.history.claim_times(0.0))
        if was_used:
            return warn(
                "home.key is missing: what earlier runs left in doubt can't be told again",
                f"copy home.key from the backup into {home.root}; without one, a new key is made"
                " at the next send",
            )
        return ok("it is made on first use")
    if path.stat().st_size != _KEY_BYTES:
        away = f"`rm {quote(str(path))}`"
        return fail(f"{path} holds no key", f"copy home.key from the backup, or run {away}")
    return ok("it is there")
