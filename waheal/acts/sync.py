"""Takes what has come meanwhile, and settles what it proves; sends nothing."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

from waheal.acts import parsing
from waheal.acts.attaching import attached
from waheal.acts.run_log import RunLog
from waheal.acts.wishes import Machinery, ReplyWords
from waheal.acts.workspace import Workspace, key_is_lost, see_they_are_known
from waheal.engine.collect import Collect
from waheal.engine.presence import try_the_version
from waheal.events import Event, KeyLost, OptedOut, Receipt, Replied
from waheal.model import DeviceId, DeviceState, ExitCode, State
from waheal.records import Device
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock


@dataclass(frozen=True, slots=True)
class SyncOrder:
    """One `sync`: how long to listen once the devices have answered, and through which."""

    span: str = "60s"
    devices: str | None = None
    replies: ReplyWords = field(default_factory=ReplyWords)
    machinery: Machinery = field(default_factory=lambda: Machinery(senders=1, hosts=1))
    show_numbers: bool = False
    keep_replies: bool = False  # their texts, too


def sync(workspace: Workspace, order: SyncOrder | None = None) -> "Syncing":
    """Connect the devices, collect receipts and replies, settle what is in doubt, disconnect.

    Iterate it for its events; afterwards it tells what came.

    >>> syncing = waheal.sync(home, waheal.SyncOrder(span="1s"))
    >>> for event in syncing:
    ...     print(event)
    >>> syncing.uncertain, syncing.exit_code.name
    (0, 'OK')

    Raises:
        UsageError: an option can't be read; while it is iterated, what a command ends with.
    """
    return Syncing(workspace, order or SyncOrder())


class Syncing:
    """One `sync`; its counts grow while it is iterated.

    `devices` were asked, and `not_asked` can't be: what is written to them waits at WhatsApp.
    `receipts`, `replies` and `opt_outs` came; `uncertain` are left in the home.
    """

    def __init__(self, workspace: Workspace, order: SyncOrder) -> None:
        self._workspace = workspace
        self._order = order
        self._span = parsing.duration(order.span, "--for")
        self._chosen = parsing.labels(order.devices)
        self._words = order.replies.words()
        self._collect: Collect | None = None
        self._interrupted = False
        self.devices = 0
        self.not_asked: list[Device] = []
        self.receipts = 0
        self.replies = 0
        self.opt_outs = 0
        self.uncertain = 0

    @property
    def exit_code(self) -> ExitCode:
        """What the command line ends with."""
        if self._interrupted:
            return ExitCode.INTERRUPTED
        if self._collect is not None and self._collect.outdated:
            return ExitCode.NO_DEVICE
        return ExitCode.LEFT_OVER if self.uncertain else ExitCode.OK

    def __iter__(self) -> Iterator[KeyLost | Event]:
        """Do it, telling what happens."""
        home = self._workspace.home()
        with (
            HomeLock.acquire(home, what="waheal sync") as lock,
            self._workspace.ledger(home) as ledger,
        ):
            if key_is_lost(home, ledger):
                yield KeyLost()
            with attached(self._workspace, home, ledger) as target:
                with ledger.transaction():
                    try_the_version(ledger.devices, time.time())
                devices, self.not_asked = self._expecting(ledger)
                self.devices = len(devices)
                settings = self._order.machinery.settings(target.host, len(devices))
                self._collect = Collect(
                    home, lock, ledger, settings,
                    words=self._words, keep_replies=self._order.keep_replies,
                )  # fmt: skip
                if self._interrupted:  # before there was anything to stop
                    self._collect.stop()
                with (
                    RunLog(
                        home.logs, clock=time.time, show_numbers=self._order.show_numbers
                    ) as log,
                    closing(self._collect.events(devices, self._span)) as events,
                ):
                    for event in events:
                        log.write(event)
                        self.receipts += isinstance(event, Receipt)
                        self.replies += isinstance(event, Replied)
                        self.opt_outs += isinstance(event, OptedOut)
                        yield event
            self.uncertain = len(ledger.doubts.open(State.UNCERTAIN))

    def stop(self) -> None:
        """End soon, in order. Safe in a signal handler."""
        self._interrupted = True
        if self._collect is not None:
            self._collect.stop()

    def _expecting(self, ledger: Ledger) -> tuple[list[Device], list[Device]]:
        """Give the devices that may be connected, and those that are paused or quarantined."""
        devices = ledger.devices.all(time.time())
        see_they_are_known(self._chosen, (device.label for device in devices))
        wanted = [each for each in devices if each.jid is not None and self._wanted(each.label)]
        ready = [each for each in wanted if each.state is DeviceState.READY]
        return ready, [each for each in wanted if each.state is not DeviceState.READY]

    def _wanted(self, label: DeviceId) -> bool:
        return self._chosen is None or label in self._chosen
