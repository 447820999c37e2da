"""Logs a device out and forgets it; its messages stay in the campaigns' records."""

import time

from waheal.acts import parsing
from waheal.acts.attaching import attached
from waheal.acts.holding import Held, held
from waheal.acts.orders import Machinery
from waheal.acts.workspace import Workspace, find_device
from waheal.engine.collect import log_out
from waheal.records import Device


def remove(workspace: Workspace, label: str, *, keep_session: bool = False) -> str | None:
    """Remove a device; what it left in doubt is settled first.

    `keep_session`: forget it here, but do not log it out. Returns why it could not be logged out,
    and then it stays; None where it is gone.

    Raises:
        UsageError: it is not there.
        HomeBusyError: a run holds the home.
    """
    with held(workspace, f"waheal devices remove {label}") as at:
        device = find_device(at.ledger, parsing.label(label), time.time())
        reason = None if keep_session else _log_out(workspace, at, device)
        if reason is None:
            at.ledger.devices.remove(device.label, time.time())
        return reason


def _log_out(workspace: Workspace, at: Held, device: Device) -> str | None:
    if device.jid is None or device.unlinked:
        return None
    with attached(workspace, at.home, at.ledger) as target:
        settings = Machinery(senders=1, max_open=1).settings(target.host)
        return log_out(at.home, at.lock, at.ledger, settings, device)
