"""Logs a device out and forgets it; its messages stay in the campaigns' records."""

import time

from waheal.acts import parsing
from waheal.acts.attaching import attached
from waheal.acts.orders import Machinery
from waheal.acts.workspace import Workspace, find_device
from waheal.engine.collect import log_out
from waheal.engine.past import settle_killed_runs
from waheal.records import Device
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock


def remove(workspace: Workspace, label: str, *, keep_session: bool = False) -> str | None:
    """Remove a device; what it left in doubt is settled first.

    `keep_session`: forget it here, but do not log it out. Returns why it could not be logged out,
    and then it stays; None where it is gone.

    Raises:
        UsageError: it is not there.
        HomeBusyError: a run holds the home.
    """
    home = workspace.home()
    with (
        HomeLock.acquire(home, what=f"waheal devices remove {label}") as lock,
        workspace.ledger(home) as ledger,
    ):
        device = find_device(ledger, parsing.label(label), time.time())
        # A logout takes the session's rows with it, and they are the evidence.
        settle_killed_runs(home, ledger, time.time())
        reason = None if keep_session else _log_out(workspace, home, lock, ledger, device)
        if reason is None:
            ledger.devices.remove(device.label, time.time())
        return reason


def _log_out(
    workspace: Workspace, home: Home, lock: HomeLock, ledger: Ledger, device: Device
) -> str | None:
    if device.jid is None or device.unlinked:
        return None
    with attached(workspace, home, ledger) as target:
        settings = Machinery(senders=1, max_open=1).settings(target.trust)
        return log_out(home, lock, ledger, settings, device)
