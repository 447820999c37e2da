"""Asks the run that holds the home, or an order's on all machines, to drain and end."""

import os
import signal
import time
from pathlib import Path

from waheal.acts.cluster import shared
from waheal.acts.workspace import Workspace, find_campaign
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


def stop_order(workspace: Workspace, campaign: str) -> list[str]:
    """End a campaign's order on all machines that share the ledger; names those at work on it.

    Raises:
        UsageError: there is no such campaign, or no shared ledger is named.
    """
    shared(workspace)
    with workspace.ledger() as ledger, ledger.transaction():
        placed = ledger.orders.open_one(find_campaign(ledger, campaign).id)
        if placed is None:
            return []
        ledger.orders.stop(placed.id, "waheal stop", time.time())
        names = {each.id: each.name for each in ledger.machines.listed()}
        parts = ledger.parts.of(placed.id)
        return [names[each.machine] for each in parts if each.began and not each.ended]


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
