"""Checks of the home's files, settings and lock; knows nothing of what the databases hold."""

import os
import stat
from shlex import quote

from waheal.doctor.situation import Situation
from waheal.errors import WahealError
from waheal.findings import Result, fail, ok, warn
from waheal.store.lock import HomeLock

_OTHERS = 0o077
_SHOWN = 3


def owner(situation: Situation) -> Result:
    """See that the home is the user's own folder."""
    root = situation.root
    if not root.exists():
        return ok(f"{root} is made on first use")
    if not root.is_dir():
        return fail(f"{root} is not a folder", "name another one with --home DIR")
    found = root.stat().st_uid
    if found != os.geteuid():
        return fail(
            f"{root} belongs to another user (uid {found})",
            f"run waheal as that user, or run `chown -R $(id -u) {quote(str(root))}` as root",
        )
    return ok(f"{root} is yours")


def modes(situation: Situation) -> Result:
    """See that nobody else may read or write in the home."""
    if not situation.root.is_dir():
        return ok("there is no home yet")
    loose = situation.home.loose()
    if not loose:
        return ok("folders are 700, files 600")
    named = ", ".join(f"{each.path.name} ({each.mode:o})" for each in loose[:_SHOWN])
    more = f" and {len(loose) - _SHOWN} more" if len(loose) > _SHOWN else ""
    return fail(
        f"open to other users: {named}{more}", f"run `chmod -R go= {quote(str(situation.root))}`"
    )


def mend_modes(situation: Situation) -> str | None:
    """Close what is open."""
    mended = situation.home.tighten() if situation.root.is_dir() else []
    return f"closed {len(mended)} files and folders to other users" if mended else None


def sessions_private(situation: Situation) -> Result:
    """See that nobody else can read the logins."""
    path = situation.home.sessions_path
    if not path.exists():
        return ok("there is no session database yet")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OTHERS:
        return fail(
            f"other users can read the logins: {path} is {mode:o}",
            f"run `chmod 600 {quote(str(path))}`",
        )
    return ok("only you can read the logins")


def mend_sessions_private(situation: Situation) -> str | None:
    """Close the session database."""
    path = situation.home.sessions_path
    if not path.exists() or not path.stat().st_mode & _OTHERS:
        return None
    path.chmod(0o600)
    return f"closed {path.name} to other users"


def settings(situation: Situation) -> Result:
    """See that waheal.toml can be read and sets only what there is."""
    try:
        situation.check_config()
    except WahealError as error:
        return fail(error.message, error.hint or f"mend {situation.home.config_path}")
    exists = situation.home.config_path.exists()
    return ok("waheal.toml is fine" if exists else "there is no waheal.toml")


def lock(situation: Situation) -> Result:
    """Tell who holds the home's lock."""
    if not situation.root.is_dir():
        return ok("nobody holds the home")
    holder = HomeLock.holder(situation.home)
    if holder is None:
        return ok("nobody holds the home")
    if holder.alive:
        return ok(f"{holder.what} (pid {holder.pid}) holds the home")
    return warn(
        f"what {holder.what} (pid {holder.pid}, dead) left behind still holds the home",
        f"find it with `fuser {quote(str(situation.home.root))}` and end it",
    )
