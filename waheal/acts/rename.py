"""Gives a device another label, and its history with it."""

import time

from waheal.acts import parsing
from waheal.acts.holding import held
from waheal.acts.workspace import Workspace, find_here
from waheal.errors import UsageError
from waheal.model import DeviceId


def rename(workspace: Workspace, label: str, new: str) -> DeviceId:
    """Call a device by another label from now on, in its history too; returns that label.

    A campaign file that names it by the old one has to be changed along.

    Raises:
        UsageError: it is not there, or another one has or had that label.
        HomeBusyError: a run holds the home.
    """
    with held(workspace, f"waheal devices rename {label}") as at:
        device = find_here(at.ledger, parsing.label(label), time.time())
        wanted = parsing.label(new)
        if not at.ledger.devices.rename(device.label, wanted):
            raise UsageError(
                f"a device is or was called {wanted!r}",
                hint="its history stays under it: take another",
            )
        return wanted
