"""`waheal worker`: do this machine's part of what is ordered, until it is stopped."""

import sys
from contextlib import ExitStack, closing
from datetime import datetime

import typer

from waheal.acts.scheduling import Ticked
from waheal.acts.working import (
    LedgerAwaited,
    LedgerBack,
    OrderBegun,
    OrderEnded,
    WorkerEvent,
    WorkerReady,
    Working,
)
from waheal.cli.console import talk_on
from waheal.cli.scene import Scene, scene_of
from waheal.cli.signals import draining
from waheal.model import ExitCode
from waheal.views.opening import open_view
from waheal.views.talk import Talk
from waheal.views.view import View, ViewKind
from waheal.views.words import clock_time


def worker(context: typer.Context) -> int:
    """Do this machine's part of what is ordered, until it is stopped.

    It is for a ledger that machines share: `waheal send` orders, on any of them. Where the ledger
    is away it is waited for. SIGTERM lets what is in flight finish; the rest waits for its return.
    """
    here = scene_of(context)
    working = Working(here.workspace)
    with closing(talk_on(sys.stderr)) as talk, draining(working.drain, working.abandon):
        shown = _WorkerShown(here, talk)
        try:
            for event in working:
                shown.show(event)
        finally:
            shown.close()
    return ExitCode.OK


class _WorkerShown:
    """Shows a worker: a line about itself, and a view for each order."""

    def __init__(self, here: Scene, talk: Talk) -> None:
        self._here = here
        self._talk = talk
        self._stack = ExitStack()
        self._view: View | None = None

    def show(self, event: WorkerEvent) -> None:
        """Show one event."""
        match event:
            case WorkerReady(machine):
                self._say(f"{machine} waits for orders")
            case OrderBegun(order):
                self._say(f"begins order {order.id}: {order.campaign}")
                kind = self._here.view
                kind = ViewKind.PLAIN if kind is ViewKind.LIVE else kind
                self._view = self._stack.enter_context(open_view(kind, self._talk))
            case OrderEnded(order, code, left, awaits):
                self.close()
                after = "it goes on at the next start" if left else f"exit code {code:d}"
                if awaits:
                    after = "it goes on once the device that is on its way here has arrived"
                self._say(f"through with order {order.id}: {order.campaign}, {after}")
            case LedgerAwaited(reason, seconds):
                self.close()
                self._say(f"{reason}; trying again in {max(1.0, seconds):.0f} s")
            case LedgerBack():
                self._say("the ledger is reached again")
            case Ticked(campaign, at, _, told):
                self._say(f"{campaign} of {clock_time(at, None)}: {told}")
            case _:
                if self._view is not None:
                    self._view.show(event)

    def close(self) -> None:
        """Close the view of an order."""
        self._view = None
        self._stack.close()

    def _say(self, text: str) -> None:
        if not self._here.quiet:
            now = datetime.now().astimezone()
            self._talk.say(f"{now:%Y-%m-%d %H:%M:%S} {text}\n")
            self._talk.flush()
