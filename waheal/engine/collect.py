"""Connects devices and listens: for `sync`, and for `doctor --connect`; sends nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from waheal.engine.hosts import Died, Heard, Host, Inbox
from waheal.engine.inbound import Inbound
from waheal.engine.past import settle_the_past
from waheal.engine.reconciliation import Reconciler, boot_id
from waheal.engine.settings import HostSettings
from waheal.engine.surroundings import REAL, Surroundings
from waheal.errors import OwnFault
from waheal.events import DeviceQuarantined, Event, Note, Settled
from waheal.model import DeviceId
from waheal.policy.optout import Words
from waheal.records import Device
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
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
_LOGOUT_GRACE = 60.0
_LAST_WORDS = 2.0  # seconds that a reaped host's last reports may take to be read
_LOOK = 0.25
_ANSWER_GRACE = 60.0  # seconds for devices to log in, beside
_ANSWER_EACH = 0.1  # so much for each


@dataclass(frozen=True, slots=True)
class Link:
    """One host that only connects, and its inbox."""

    host: Host
    inbox: Inbox
    monotonic: Callable[[], float]

    @classmethod
    def open(
        cls,
        home: Home,
        settings: HostSettings,
        lock: HomeLock | None,
        surroundings: Surroundings,
        role: Role = Role.SEND,
    ) -> "Link":
        """Start the host."""
        inbox = surroundings.inbox()
        setup = Setup(
            sessions=str(home.sessions_path),
            role=role,
            trust=settings.trust,
            senders=settings.senders,
            max_open=settings.max_open,
        )
        lock_fd = None if lock is None else lock.fileno()
        host = surroundings.start(0, setup, logs=home.logs, lock_fd=lock_fd, inbox=inbox)
        return cls(host, inbox, surroundings.monotonic)

    def close(self) -> list[Report]:
        """Let it disconnect its clients and end, by force after a while; returns its last words."""
        self.host.send(Finish())
        if not self.host.wait(_END_GRACE):
            self.host.kill()
            self.host.wait(_END_GRACE)
        reports: list[Report] = []
        while messages := self.inbox.gather(_LAST_WORDS):
            reports += [each.report for each in messages if isinstance(each, Heard)]
            if any(isinstance(each, Died) for each in messages):
                break
        return reports

    def reports(self, seconds: float) -> Iterator[list[Report]]:
        """Tell what the host reports for so long, as it comes; nothing now and then.

        Raises: OwnFault: the host died.
        """
        until = self.monotonic() + seconds
        while self.monotonic() < until:
            messages = self.inbox.gather(min(_LOOK, max(0.01, until - self.monotonic())))
            yield [each.report for each in messages if isinstance(each, Heard)]
            for each in messages:
                if isinstance(each, Died):
                    raise OwnFault(
                        f"the host process {each.cause}",
                        hint=f"its last words are in {each.host.log}",
                    )


class _Listener:
    """Writes what devices hear while they are connected: WhatsApp tells it only once."""

    def __init__(self, home: Home, ledger: Ledger, words: Words) -> None:
        self._ledger = ledger
        self._home = home
        self._sessions = Sessions(home.sessions_path)
        self._inbound = Inbound(ledger, self._sessions, words, None)

    def settle_the_past(self, now: float) -> list[Settled]:
        """Judge what an earlier run left open, while its evidence is as that run left it."""
        reconciler = Reconciler(self._ledger, self._sessions, self._home.logs, boot_id())
        return settle_the_past(self._ledger, reconciler, None, now)

    def heed(self, reports: Sequence[Report], log: str, now: float) -> list[Event]:
        """Take receipts and opt-outs in, and note which devices logged in."""
        told: list[Event] = []
        with self._ledger.transaction():
            for report in reports:
                if isinstance(report, ReceiptSeen):
                    told += self._inbound.receipt(report, log, now)
                elif isinstance(report, InboundText):
                    told += self._inbound.text(report, now).events
                elif isinstance(report, Online):
                    self._ledger.devices.note_seen(report.device, now)
        return told

    def close(self) -> None:
        self._sessions.close()


@contextmanager
def probing(
    home: Home, settings: HostSettings, *, surroundings: Surroundings = REAL
) -> Iterator[Callable[[], str]]:
    """Start a child that loads the library; the function given waits for it and tells the version.

    It raises OwnFault where the library does not start.
    """
    link = Link.open(home, settings, None, surroundings, Role.PROBE)
    try:
        yield lambda: _version(link)
    finally:
        link.close()


def probe(home: Home, settings: HostSettings, *, surroundings: Surroundings = REAL) -> str:
    """Load the library in a child, make the session database's tables, and tell its version.

    Raises: OwnFault: it does not start.
    """
    with probing(home, settings, surroundings=surroundings) as told:
        return told()


def _version(link: Link) -> str:
    for reports in link.reports(_LOAD_GRACE):
        for report in reports:
            if isinstance(report, Ready):
                return report.library
    raise OwnFault(
        f"the library says nothing within {_LOAD_GRACE:.0f} s",
        hint=f"its last words are in {link.host.log}",
    )


def connect(
    home: Home,
    lock: HomeLock,
    ledger: Ledger,
    settings: HostSettings,
    devices: Sequence[Device],
    *,
    seconds: float,
    surroundings: Surroundings = REAL,
) -> Iterator[Online | Offline]:
    """Connect devices, a bounded number at a time, and tell each one's answer as it comes.

    Receipts and opt-outs that come meanwhile are heeded.
    """
    waiting = {device.label for device in devices}
    with closing(_Listener(home, ledger, Words())) as listener:
        listener.settle_the_past(surroundings.now())
        link = Link.open(home, settings, lock, surroundings)
        try:
            for device in devices:
                link.host.send(Connect(device.label, device.jid or ""))
            for reports in link.reports(seconds):
                listener.heed(reports, link.host.log.name, surroundings.now())
                for report in reports:
                    if isinstance(report, Online | Offline) and report.device in waiting:
                        waiting.discard(report.device)
                        yield report
                if not waiting:
                    return
        finally:
            listener.heed(link.close(), link.host.log.name, surroundings.now())
    for label in sorted(waiting):
        yield Offline(label, f"no answer within {seconds:.0f} s", None)


def log_out(
    home: Home,
    lock: HomeLock,
    ledger: Ledger,
    settings: HostSettings,
    device: Device,
    *,
    surroundings: Surroundings = REAL,
) -> str | None:
    """Unlink a device at WhatsApp; returns why it could not be done, or None.

    Receipts and opt-outs that come meanwhile are heeded.
    """
    with closing(_Listener(home, ledger, Words())) as listener:
        link = Link.open(home, settings, lock, surroundings)
        try:
            link.host.send(Logout(device.label, device.jid or ""))
            for reports in link.reports(_LOGOUT_GRACE):
                listener.heed(reports, link.host.log.name, surroundings.now())
                for report in reports:
                    if isinstance(report, LoggedOut):
                        return report.reason
        finally:
            listener.heed(link.close(), link.host.log.name, surroundings.now())
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
        surroundings: Surroundings = REAL,
    ) -> None:
        self._home = home
        self._lock = lock
        self._ledger = ledger
        self._settings = settings
        self._surroundings = surroundings
        self._words = words
        self._stopped = False

    def stop(self) -> None:
        """End soon; safe in a signal handler."""
        self._stopped = True

    def events(self, devices: Sequence[Device], seconds: float) -> Iterator[Event]:
        """Settle the past, connect these devices, and listen for so long once they answered."""
        with closing(_Listener(self._home, self._ledger, self._words)) as listener:
            yield from listener.settle_the_past(self._surroundings.now())
            if devices and not self._stopped:
                yield from self._listen(listener, devices, seconds)

    def _listen(
        self, listener: _Listener, devices: Sequence[Device], seconds: float
    ) -> Iterator[Event]:
        link = Link.open(self._home, self._settings, self._lock, self._surroundings)
        log = link.host.log.name
        try:
            for device in devices:
                link.host.send(Connect(device.label, device.jid or ""))
            for reports in self._counted(link, {device.label for device in devices}, seconds):
                told = listener.heed(reports, log, self._surroundings.now())
                yield from told + self._offline(reports)
                if self._stopped:
                    break
        finally:
            last = listener.heed(link.close(), log, self._surroundings.now())
        yield from last

    def _counted(
        self, link: Link, waiting: set[DeviceId], seconds: float
    ) -> Iterator[list[Report]]:
        """Tell what the host reports: until every device has answered, and then for so long."""
        longest = _ANSWER_GRACE + _ANSWER_EACH * len(waiting)
        for reports in link.reports(longest):
            yield reports
            waiting -= {each.device for each in reports if isinstance(each, Online | Offline)}
            if not waiting:
                break
        yield from link.reports(seconds)

    def _offline(self, reports: Sequence[Report]) -> list[Event]:
        """Note which devices can't be used."""
        told: list[Event] = []
        with self._ledger.transaction():
            for report in reports:
                match report:
                    case Offline(device, _, reason, until) if reason is not None:
                        self._ledger.devices.quarantine(
                            device, reason, until, self._surroundings.now()
                        )
                        told.append(DeviceQuarantined(device, reason, until))
                    case Offline(device, reason, _, _):
                        told.append(Note(f"{device}: {reason}"))
                    case _:
                        pass
        return told
