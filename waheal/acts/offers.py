"""Names that the home knows, for a shell to offer; makes nothing, not even a home."""

import time
from collections.abc import Callable
from typing import TypeVar

from waheal.acts.workspace import Workspace
from waheal.model import natural
from waheal.store.ledger import Ledger

Found = TypeVar("Found")


def campaign_names(workspace: Workspace) -> list[str]:
    """Give the campaigns' names, those that ran last first."""
    found = _asked(workspace, lambda ledger: ledger.campaigns.all())
    return [each.name for each in sorted(found, key=lambda each: -(each.last_run or each.created))]


def device_labels(workspace: Workspace) -> list[str]:
    """Give the devices' labels in their natural order."""
    found = _asked(workspace, lambda ledger: ledger.devices.all(time.time(), everywhere=True))
    return sorted((each.label for each in found), key=natural)


def _asked(workspace: Workspace, ask: Callable[[Ledger], list[Found]]) -> list[Found]:
    if not workspace.has_ledger:
        return []
    with workspace.ledger(readonly=True) as ledger:
        return ask(ledger)
