"""Asks the run that holds the home to drain and end; knows nothing of the run."""

import os
import signal
from pathlib import Path

from waheal.acts.workspace import Workspace
from waheal.errors import HomeBusyError
from waheal.store.lock import Holder, HomeLock


def stop(workspace: Workspace) -> Holder | None:
    """Ask it, and tell whom; None where no run holds the home.

    >>> waheal.stop(home)

    Raises:
        HomeBusyError: the process that holds it is not waheal's.
    """
    holder = HomeLock.holder(workspace.home())
    if holder is None or not holder.alive:
        return None
    return holder if _ask(holder.pid, holder.what) else None


def _ask(pid: int, what: str) -> bool:
    # A pid may have been given away since the file was written: the descriptor pins the process
    # while its command is looked at, so that no stranger is signalled.
    try:
        pinned = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if b"waheal" not in _command(pid):
            raise HomeBusyError(
                f"{what} (pid {pid}) holds the home, but that process is not waheal's",
                hint=f"look at it with `ps -fp {pid}`",
            )
        signal.pidfd_send_signal(pinned, signal.SIGTERM)
    except ProcessLookupError:
        return False
    finally:
        os.close(pinned)
    return True


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
