"""Connects devices and listens, for `sync` and `doctor`, and tries the library.

It sends nothing but, for a recording, a note from an account to itself.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_bytes

from waheal.engine.hosts import Died
from waheal.engine.inbound import inbound_for
from waheal.engine.link import Link, reports_in, setup_for
from waheal.engine.new_chats import heed
from waheal.engine.past import hear_the_past, settle_the_past, tell_what_was_sent
from waheal.engine.presence import Presence
from waheal.engine.reconciliation import Reconciler, boot_id
from waheal.engine.surroundings import REAL, Surroundings
from waheal.engine.trials import Trials
from waheal.engine.unwritten import Unwritten
from waheal.errors import OwnFault
from waheal.events import Event, Note, Paused
from waheal.model import Content, DeviceId, Phone, Quarantine
from waheal.policy.optout import Words
from waheal.records import OUTDATED, UPGRADE, Device
from waheal.store.claim_journal import ClaimJournal
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.store.sessions import Sessions
from waheal.wire import (
    Answer,
    ChatLock,
    ChatQuota,
    Command,
    Connect,
    Healing,
    HostSettings,
    InboundText,
    Logout,
    LogoutEnded,
    Offline,
    Online,
    Ready,
    ReceiptSeen,
    Report,
    Role,
    Send,
    StanzaSeen,
)

# Seconds.
_LOAD_GRACE = 30.0
_LOGOUT_GRACE = 60.0
_ANSWER_GRACE = 60.0  # for devices to log in, beside
_ANSWER_EACH = 0.1  # so much for each
_RECORDING = 120.0  # for a device to log in and send; the library waits 75 for an ack
_AFTER_ACK = 5.0  # for receipts, once the note is sent

_NOTE = Content("waheal: a note to this account itself, for a recording of how it is sent")


Recorded = StanzaSeen | Online | Offline | Answer
"""What `record` tells."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What a host reported, and what to show of it now that it is written."""

    reports: list[Report]
    events: list[Event]


class _Listener:
    """A host that only connects devices; what they hear is written, since it is told only once."""

    def __init__(
        self,
        home: Home,
        lock: HomeLock,
        ledger: Ledger,
        settings: HostSettings,
        words: Words | None,
        surroundings: Surroundings,
        *,
        keep_replies: bool = False,
    ) -> None:
        self._home = home
        self._ledger = ledger
        self._now = surroundings.now
        self._sessions = sessions = Sessions(home.sessions_path)
        self._inbound = inbound_for(
            ledger, sessions, words or Words(), None, keep_replies=keep_replies
        )
        self._unwritten = Unwritten(home)
        self._presence = Presence(ledger.devices, ledger.chats.limits)
        self._link = Link(
            setup_for(home, settings),
            logs=home.logs,
            lock_fd=lock.fileno(),
            surroundings=surroundings,
            unwritten=self._unwritten,
        )
        self._devices: dict[DeviceId, Device] = {}
        self._trials = Trials()
        self._crashes = 0  # in a row that have shown nothing
        self._set_aside: list[Report] = []  # found, and not told yet
        self.outdated = False
        """Whether a device was refused for the library's version, as they all will be."""

    def take_in_the_past(self) -> Sequence[Event]:
        """Judge what an earlier run left open, while its evidence is as that run left it.

        And heed what people wrote to it. It comes before anything is connected.
        """
        boot, file = boot_id(self._home), self._unwritten
        reconciler = Reconciler(self._sessions, self._home.logs, boot)
        settled = settle_the_past(self._ledger, reconciler, file, None, self._now())
        journal = ClaimJournal(self._home.journal_path)
        tell_what_was_sent(self._ledger, self._sessions, journal)
        return [*settled, *hear_the_past(self._ledger, file, self._inbound, self._now())]

    def replies_that_waited(self) -> Sequence[Event]:
        """Tell replies whose writer's number has come to be known since."""
        with self._ledger.transaction():
            return self._inbound.all_reached()

    def connect(self, devices: Iterable[Device]) -> None:
        """Start the host and have it connect these devices.

        Raises: OwnFault: it can't be started.
        """
        self._devices = {device.label: device for device in devices}
        self.start(_connects(self._devices.values()))

    def start(self, commands: Iterable[Command]) -> None:
        """Start the host and tell it what to do.

        Raises: WahealError: it can't be started.
        """
        self._host = host = self._link.start()
        for command in commands:
            host.send(command)

    def tell(self, command: Command) -> None:
        """Tell the host to do something more."""
        self._host.send(command)

    def listen(self, seconds: float) -> Iterator[_Batch]:
        """Take in what comes for so long; nothing now and then.

        A device that ends the host is told as one that can't be used, and the others go on.

        Raises: OwnFault: the host died, and no device of those has to do with it.
        """
        for reports in self._link.reports(seconds, self._bury):
            told = [*self._set_aside, *reports]
            self._set_aside.clear()
            self._judge(reports)
            yield _Batch(told, self._heed(told))

    def _judge(self, reports: Sequence[Report]) -> None:
        """Try the next who is suspected once one is cleared, and at last connect them all."""
        for report in reports:
            match report:
                case Healing(device):
                    self._trials.connecting(device)
                case Online(device) | Offline(device) if self._trials.settled(device):
                    self._crashes = 0
                    for command in self._next():
                        self._host.send(command)
                case _:
                    pass

    def _bury(self, death: Died) -> bool:
        found = self._trials.died(death)
        self._crashes = 0 if found else self._crashes + 1
        if found is not None:
            del self._devices[found]
            self._set_aside.append(Offline(found, Quarantine.CRASHES.value, Quarantine.CRASHES))
        elif not self._trials.suspects or self._crashes > 1:
            return False
        self.start(self._next())
        return True

    def _next(self) -> list[Command]:
        """Tell what a host is to do: connect who is under trial, else everybody."""
        under_trial = self._trials.suspects[:1]
        return _connects(self._devices[each] for each in under_trial or self._devices)

    def end(self) -> list[Event]:
        """Let the host disconnect its devices and end; its last words count too."""
        self._link.end()
        told: list[Event] = []
        for messages in self._link.last_words():
            told += self._heed(reports_in(messages))
        return told

    def close(self) -> None:
        self._sessions.close()
        self._unwritten.close()

    def _heed(self, reports: Sequence[Report]) -> list[Event]:
        """Take in receipts, opt-outs, and which devices are up or can't be used."""
        now = self._now()
        told: list[Event] = []
        with self._ledger.transaction():
            for report in reports:
                told += self._write(report, now)
        self._link.written()
        return told

    def _write(self, report: Report, now: float) -> Sequence[Event]:
        match report:
            case ReceiptSeen():
                return self._inbound.receipt(report, now).events
            case InboundText():
                return self._inbound.text(report, now).events
            case Online(device):
                lifted = self._presence.up(device, now)
                return [] if lifted is None else [lifted]
            case ChatLock() | ChatQuota():
                return heed(self._ledger.chats, report, now)
            case Offline(device, _, reason, until) if reason is not None:
                told = self._presence.down(device, reason, until, now)
                return self._aged() if reason is Quarantine.OUTDATED else [told]
            case _:
                return []

    def _aged(self) -> list[Event]:
        """Tell once that the library's version is taken from no device."""
        told, self.outdated = self.outdated, True
        return [] if told else [Paused(OUTDATED, way_out=UPGRADE)]


@contextmanager
def probing(
    home: Home, settings: HostSettings, *, surroundings: Surroundings = REAL
) -> Iterator[Callable[[], str]]:
    """Start a child that loads the library; the function given waits for it and tells the version.

    It raises OwnFault where the library does not start.
    """
    as_probe = setup_for(home, settings, role=Role.PROBE)
    link = Link(as_probe, logs=home.logs, lock_fd=None, surroundings=surroundings)
    host = link.start()
    try:
        yield lambda: _version(link, host.log)
    finally:
        link.end()


def probe(home: Home, settings: HostSettings, *, surroundings: Surroundings = REAL) -> str:
    """Load the library in a child, make the session database's tables, and tell its version.

    Raises: OwnFault: it does not start.
    """
    with probing(home, settings, surroundings=surroundings) as told:
        return told()


def _version(link: Link, log: Path) -> str:
    for reports in link.reports(_LOAD_GRACE):
        for report in reports:
            if isinstance(report, Ready):
                return report.library
    raise OwnFault(
        f"the library says nothing within {_LOAD_GRACE:.0f} s",
        hint=f"its last words are in {log}",
    )


def connect(
    home: Home,
    lock: HomeLock,
    ledger: Ledger,
    settings: HostSettings,
    devices: Sequence[Device],
    *,
    seconds: float,
    words: Words | None = None,
    keep_replies: bool = False,
    surroundings: Surroundings = REAL,
) -> Iterator[Online | Offline]:
    """Connect devices, a bounded number at a time, and tell each one's answer as it comes.

    An answer is in the ledger when it is told: a device that can't be used is in quarantine then,
    and one that logged in is out of it where a login disproves the reason. Receipts and opt-outs
    that come meanwhile are heeded.
    """
    waiting = {device.label for device in devices}
    listener = _Listener(
        home, lock, ledger, settings, words, surroundings, keep_replies=keep_replies
    )
    with closing(listener):
        listener.take_in_the_past()
        try:
            listener.connect(devices)
            for batch in listener.listen(seconds):
                for report in batch.reports:
                    if isinstance(report, Online | Offline) and report.device in waiting:
                        waiting.discard(report.device)
                        yield report
                if not waiting:
                    return
        finally:
            listener.end()
    for label in sorted(waiting):
        yield Offline(label, f"no answer within {seconds:.0f} s", None)


def record(
    home: Home,
    lock: HomeLock,
    ledger: Ledger,
    settings: HostSettings,
    device: Device,
    *,
    words: Words | None = None,
    keep_replies: bool = False,
    surroundings: Surroundings = REAL,
) -> Iterator[Recorded]:
    """Connect a device, let it send its own account a note, and tell of each stanza meanwhile.

    No other account is written to, and nothing of the note is in the ledger. The device's Online
    or Offline tells how the connect ended, the Answer how the sending did; receipts may follow it.
    """
    recorded = replace(settings, record=True)
    listener = _Listener(
        home, lock, ledger, recorded, words, surroundings, keep_replies=keep_replies
    )
    with closing(listener):
        listener.take_in_the_past()
        try:
            listener.connect([device])
            online = yield from _recorded_until(listener, Online)
            if online and device.phone is not None:
                listener.tell(_note(device, device.phone))
                yield from _recorded_until(listener, Answer)
            for batch in listener.listen(_AFTER_ACK):
                yield from _recorded(batch)
        finally:
            listener.end()


def _recorded_until(
    listener: _Listener, wanted: type[Online | Answer]
) -> Generator[Recorded, None, bool]:
    """Tell what comes until that has come; False where the device can't be used."""
    for batch in listener.listen(_RECORDING):
        told = _recorded(batch)
        yield from told
        if any(isinstance(each, wanted) for each in told):
            return True
        if any(isinstance(each, Offline) for each in told):
            break
    return False


def _recorded(batch: _Batch) -> list[Recorded]:
    return [each for each in batch.reports if isinstance(each, Recorded)]


def _note(device: Device, phone: Phone) -> Send:
    return Send(
        delivery=0,
        attempt=0,
        device=device.label,
        jid=device.jid or "",
        phone=phone,
        content=_NOTE,
        witness=token_bytes(32),
        not_after=None,
        heard=0,
    )


def log_out(
    home: Home,
    lock: HomeLock,
    ledger: Ledger,
    settings: HostSettings,
    device: Device,
    *,
    words: Words | None = None,
    keep_replies: bool = False,
    surroundings: Surroundings = REAL,
) -> str | None:
    """Unlink a device at WhatsApp; returns why it could not be done, or None.

    Receipts and opt-outs that come meanwhile are heeded.
    """
    listener = _Listener(
        home, lock, ledger, settings, words, surroundings, keep_replies=keep_replies
    )
    with closing(listener):
        listener.take_in_the_past()
        try:
            listener.start([Logout(device.label, device.jid or "")])
            for batch in listener.listen(_LOGOUT_GRACE):
                for report in batch.reports:
                    if isinstance(report, LogoutEnded):
                        return report.reason
        finally:
            listener.end()
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
        keep_replies: bool = False,
        surroundings: Surroundings = REAL,
    ) -> None:
        self._home = home
        self._lock = lock
        self._ledger = ledger
        self._settings = settings
        self._surroundings = surroundings
        self._words = words
        self._keep_replies = keep_replies
        self._stopped = False
        self.outdated = False
        """Whether it ended since WhatsApp takes the library's version from no device any more."""

    def stop(self) -> None:
        """End soon; safe in a signal handler."""
        self._stopped = True

    def events(self, devices: Sequence[Device], seconds: float) -> Generator[Event, None, None]:
        """Settle the past, connect these devices, and listen for so long once they answered."""
        listener = _Listener(
            self._home, self._lock, self._ledger, self._settings, self._words, self._surroundings,
            keep_replies=self._keep_replies,
        )  # fmt: skip
        with closing(listener):
            yield from listener.take_in_the_past()
            yield from listener.replies_that_waited()
            if devices and not self._stopped:
                yield from self._listen(listener, devices, seconds)

    def _listen(
        self, listener: _Listener, devices: Sequence[Device], seconds: float
    ) -> Iterator[Event]:
        try:
            listener.connect(devices)
            for batch in self._counted(listener, {device.label for device in devices}, seconds):
                yield from batch.events + _misses(batch.reports)
                self.outdated = listener.outdated
                if self._stopped or self.outdated:
                    break
        finally:
            last = listener.end()
        yield from last

    def _counted(
        self, listener: _Listener, waiting: set[DeviceId], seconds: float
    ) -> Iterator[_Batch]:
        """Tell what comes until every device has answered, and then for so long."""
        longest = _ANSWER_GRACE + _ANSWER_EACH * len(waiting)
        for batch in listener.listen(longest):
            yield batch
            waiting -= {each.device for each in batch.reports if isinstance(each, Online | Offline)}
            if not waiting:
                break
        yield from listener.listen(seconds)


def _misses(reports: Sequence[Report]) -> list[Event]:
    """Tell of devices that did not connect, and may be tried again."""
    return [
        Note(f"{each.device}: {each.reason}")
        for each in reports
        if isinstance(each, Offline) and each.quarantine is None
    ]


def _connects(devices: Iterable[Device]) -> list[Command]:
    """Connect these; one that begins no new chat may hear when that ends."""
    return [
        Connect(device.label, device.jid or "", overhear=device.chats_from is not None)
        for device in devices
    ]
