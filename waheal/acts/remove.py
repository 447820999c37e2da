"""Logs devices out and forgets them; their messages stay in the campaigns' records."""

import time
from collections.abc import Sequence

from waheal.acts.attaching import attached
from waheal.acts.holding import Held, held
from waheal.acts.selection import Selection
from waheal.acts.wishes import Machinery, ReplyWords
from waheal.acts.workspace import Workspace
from waheal.engine.collect import log_out
from waheal.model import DeviceId
from waheal.records import Device


def remove(
    workspace: Workspace,
    labels: Sequence[str] | Selection,
    replies: ReplyWords | None = None,
    *,
    keep_session: bool = False,
    keep_replies: bool = False,
) -> dict[DeviceId, str | None]:
    """Remove devices; what they left in doubt is settled first.

    `keep_session`: forget them here, but do not log them out. Returns for each why it could not be
    logged out, and then it stays; None where it is gone. Replies that come meanwhile are taken as
    `sync` takes them.

    Raises:
        UsageError: one is not there, or none is meant; then none is removed.
        HomeBusyError: a run holds the home.
    """
    with held(workspace, "waheal devices remove") as at:
        told = dict[DeviceId, str | None]()
        selection = labels if isinstance(labels, Selection) else Selection(labels)
        for device in selection.choose(at.ledger, here=True):
            reason = None
            if not keep_session:
                heeded = replies or ReplyWords()
                reason = _log_out(workspace, at, device, heeded, keep_replies=keep_replies)
            if reason is None:
                at.ledger.devices.remove(device.label, time.time())
            told[device.label] = reason
        return told


def _log_out(
    workspace: Workspace, at: Held, device: Device, replies: ReplyWords, *, keep_replies: bool
) -> str | None:
    if device.jid is None or device.unlinked:
        return None
    with attached(workspace, at.home, at.ledger) as target:
        settings = Machinery(senders=1, hosts=1, max_open=1).settings(target.host, 1)
        return log_out(
            at.home, at.lock, at.ledger, settings, device,
            words=replies.words(), keep_replies=keep_replies,
        )  # fmt: skip
