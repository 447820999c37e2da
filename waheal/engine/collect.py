"""Connects devices and listens: for `sync`, and for `doctor --connect`; sends nothing."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from waheal.engine.hosts import Died, Heard, Host, Inbox, Woken, gather, spawn
from waheal.engine.inbound import Inbound
from waheal.engine.past import settle_the_past
from waheal.engine.reconciliation import Reconciler, boot_id
from waheal.engine.settings import HostSettings
from waheal.errors import OwnFault
from waheal.events import DeviceQuarantined, Event, Note
from waheal.model import DeviceId
from waheal.policy.optout import Words
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.store.records import Device
from waheal.store.sessions import Sessions
from waheal.wire import (
    Connect,
    Finish,
    InboundText,
    LoggedOut,
    Logout,
    Offline,
    Online,
    Ready,
    ReceiptSeen,
    Report,
    Role,
    Setup,
)

_END_GRACE = 5.0
_LOAD_GRACE = 30.0
_LOOK = 0.25


@dataclass(frozen=True, slots=True)
class Link:
    """One host that only connects, and its inbox."""

    host: Host
    inbox: Inbox

    @classmethod
    def open(
        cls, home: Home, settings: HostSettings, lock: HomeLock | None, role: Role = Role.SEND
    ) -> "Link":
        """Start the host."""
        inbox: Inbox = Inbox()
        setup = Setup(
            sessions=str(home.sessions_path),
            role=role,
            trust=settings.trust,
            senders=settings.senders,
            max_open=settings.max_open,
        )
        lock_fd = None if lock is None else lock.fileno()
        return cls(spawn(0, setup, logs=home.logs, lock_fd=lock_fd, inbox=inbox), inbox)

    def close(self) -> None:
        """Let it disconnect its clients and end; by force after a while."""
        self.host.send(Finish())
        if not self.host.wait(_END_GRACE):
            self.host.kill()
            self.host.wait(_END_GRACE)

    def reports(self, seconds: float) -> Iterator[Report | None]:
        """Tell what the host reports for so long; None now and then, when it says nothing.

        Raises: OwnFault: the host died.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            messages = gather(self.inbox, min(_LOOK, max(0.01, until - time.monotonic())))
            for message in messages:
                match message:
                    case Heard(_, report):
                        yield report
                    case Died(host, cause):
                        raise OwnFault(
                            f"the host process {cause}", hint=f"its last words are in {host.log}"
                        )
                    case Woken():
                        pass
            if not messages:
                yield None


def probe(home: Home, settings: HostSettings) -> str:
    """Load the library in a child, make the session database's tables, and tell its version.

    Raises: OwnFault: it does not start.
    """
    link = Link.open(home, settings, None, Role.PROBE)
    try:
        for report in link.reports(_LOAD_GRACE):
            if isinstance(report, Ready):
                return report.library
    finally:
        link.close()
    raise OwnFault(
        f"the library says nothing within {_LOAD_GRACE:.0f} s",
        hint=f"its last words are in {link.host.log}",
    )


def connect(
    home: Home,
    lock: HomeLock,
    settings: HostSettings,
    devices: Sequence[Device],
    *,
    seconds: float,
) -> Iterator[Online | Offline]:
    """Connect devices, a bounded number at a time, and tell each one's answer as it comes."""
    link = Link.open(home, settings, lock)
    waiting = {device.label for device in devices}
    try:
        for device in devices:
            link.host.send(Connect(device.label, device.jid or ""))
        for report in link.reports(seconds):
            if isinstance(report, Online | Offline) and report.device in waiting:
                waiting.discard(report.device)
                yield report
            if not waiting:
                return
    finally:
        link.close()
    for label in sorted(waiting):
        yield Offline(label, f"no answer within {seconds:.0f} s", None)


def log_out(home: Home, lock: HomeLock, settings: HostSettings, device: Device) -> str | None:
    """Unlink a device at WhatsApp; returns why it could not be done, or None."""
    link = Link.open(home, settings, lock)
    try:
        link.host.send(Logout(device.label, device.jid or ""))
        for report in link.reports(60.0):
            if isinstance(report, LoggedOut):
                return report.reason
    finally:
        link.close()
    return "no answer"


class Collect:
    """Takes receipts, replies and opt-outs for a bounded time; settles what is in doubt."""

    def __init__(
        self,
        home: Home,
        lock: HomeLock,
        ledger: Ledger,
        settings: HostSettings,
        *,
        words: Words,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._home = home
        self._lock = lock
        self._ledger = ledger
        self._settings = settings
        self._clock = clock
        self._sessions = Sessions(home.sessions_path)
        self._inbound = Inbound(ledger, self._sessions, words, None)
        self._stopped = False

    def stop(self) -> None:
        """End soon; safe in a signal handler."""
        self._stopped = True

    def events(self, devices: Sequence[Device], seconds: float) -> Iterator[Event]:
        """Settle the past, connect these devices, and listen for so long."""
        reconciler = Reconciler(self._ledger, self._sessions, self._home.logs, boot_id())
        yield from settle_the_past(self._ledger, reconciler, None, self._clock())
        if not devices or self._stopped:
            return
        link = Link.open(self._home, self._settings, self._lock)
        try:
            for device in devices:
                link.host.send(Connect(device.label, device.jid or ""))
            for report in link.reports(seconds):
                if report is not None:
                    yield from self._heed(report, link.host.log.name)
                if self._stopped:
                    return
        finally:
            link.close()
            self._sessions.close()

    def _heed(self, report: Report, log: str) -> list[Event]:
        now = self._clock()
        with self._ledger.transaction():
            match report:
                case ReceiptSeen():
                    return self._inbound.receipt(report, log, now)
                case InboundText():
                    return list(self._inbound.text(report, now).events)
                case Offline(device, _, reason, until) if reason is not None:
                    self._ledger.quarantine(device, reason, until, now)
                    return [DeviceQuarantined(device, reason, until)]
                case Offline(device, reason, _, _):
                    return [Note(f"{device}: {reason}")]
                case _:
                    return []


def labels(devices: Sequence[Device], wanted: frozenset[DeviceId]) -> list[Device]:
    """Keep the devices of these labels that have a session."""
    return [each for each in devices if each.label in wanted and each.jid is not None]
