"""What the coordinator and a host process say to each other; plain data, no I/O.

The channel is a `multiprocessing.connection.Connection` over one socket pair that only the two
of them hold; each frame is one pickled message, or a list of some that were there together. The
host is `python -m waheal.host FD`; the first message it gets is a `Setup`, the first it answers a
`Ready`. When the channel closes it begins nothing more, and ends in seconds.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from waheal.client_version import ClientVersion
from waheal.model import (
    Ballot,
    Content,
    DeviceId,
    Outcome,
    Phone,
    Quarantine,
    QuotaWarning,
    ReceiptKind,
    ReplyKind,
    Trust,
)

# Coordinator to host.


class Role(StrEnum):
    """What a host process is for."""

    SEND = "send"
    PAIR = "pair"  # one process a pairing: a failed one leaves a thread spinning
    PROBE = "probe"  # doctor: does the library start, and which version is it


@dataclass(frozen=True, slots=True)
class HostSettings:
    """How a host process works; the figures stand here, and are handed on as they are.

    Seconds throughout. `trust` None: the real WhatsApp.
    """

    trust: Trust | None = None
    client_version: ClientVersion | None = None  # to announce; None: the library's own
    senders: int = 16  # threads that send
    max_open: int = 1000  # clients open at once
    connects: int = 16  # connects under way at once
    connect_timeout: float = 20.0
    reconnect_wait: float = 12.0  # how long the library's own reconnect is waited for
    call_timeout: float = 90.0  # the watchdog's: the library's own is 75
    pairing_silence: float = 60.0  # after a scan, from which on nothing more is expected
    record: bool = False  # tell of each stanza that its clients send or receive


@dataclass(frozen=True, slots=True)
class Setup:
    """What a host process is for. `sessions` is the path of the session database.

    `log`: the host's log, beside which a seal on that is to be set once the host has ended;
    `lock`: the descriptor of the home's lock, which whoever sets it keeps until then. None: a host
    that sends nothing.
    """

    sessions: str
    role: Role = Role.SEND
    settings: HostSettings = field(default_factory=HostSettings)
    log: str | None = None
    lock: int | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Send one claimed delivery through `device`, whose session is `jid` (user:n@server).

    `witness` is 32 bytes that ride as messageSecret. Past `not_after` (Unix seconds) it must not
    leave any more. `heard` is how many of this host's InboundTexts were taken in before the claim:
    where the recipient may have written since, it is handed back. `lid` is the recipient's
    (user@lid), where it is known. Nor must it leave once a receipt came for one of the message ids
    `unless`: an earlier attempt has arrived. `ask_lid`: send nothing, but hand the recipient's LID
    back with NotSent. `ahead`: whom the device is about to write to after them, and their LID where
    it is known; they are looked up along with this recipient.
    """

    delivery: int
    attempt: int
    device: DeviceId
    jid: str
    phone: Phone
    content: Content
    witness: bytes
    not_after: float | None
    heard: int
    lid: str | None = None
    unless: tuple[str, ...] = ()
    ask_lid: bool = False
    ahead: tuple[tuple[Phone, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Revoke:
    """Send nothing more to these phones, nor through these devices; answered by NotSent.

    Nor these `chats`, deliveries that would begin one. `everything`: nothing that is there already.
    """

    phones: frozenset[Phone] = frozenset()
    devices: frozenset[DeviceId] = frozenset()
    chats: frozenset[int] = frozenset()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect a device and keep it open. Answered by Online or Offline.

    `overhear`: build its client anew where it does not tell yet what the account hears of limits.
    """

    device: DeviceId
    jid: str
    overhear: bool = False


@dataclass(frozen=True, slots=True)
class Logout:
    """Unlink a device at WhatsApp; answered by LogoutEnded."""

    device: DeviceId
    jid: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Pair one new device (role PAIR only). `code_phone`: pair by phone code instead of QR."""

    device: DeviceId
    code_phone: Phone | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """Disconnect every client and end; sent when nothing is in flight any more."""


Command = Setup | Send | Revoke | Connect | Logout | Pair | Finish

# Host to coordinator.


@dataclass(frozen=True, slots=True)
class Ready:
    """The library is loaded; its version."""

    pid: int
    library: str


@dataclass(frozen=True, slots=True)
class NotServed:
    """The host does not serve as it was told to, and ends; another would refuse the same."""

    message: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a Send. Nothing more follows for it, but a Returned after Unknown(running).

    `handed`: when the library was last called for it (Unix seconds): the message left after that.
    """

    delivery: int
    attempt: int
    device: DeviceId
    outcome: Outcome
    handed: float | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """A call that the watchdog had cut loose is over; how it ended, if the library said so."""

    delivery: int
    attempt: int
    device: DeviceId
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Healing:
    """A device is about to be connected or waited for, and why."""

    device: DeviceId
    cause: str


@dataclass(frozen=True, slots=True)
class Online:
    """A device is connected. `rebuilt`: a new client was built.

    `cause` is empty for a first connect, else what the device was healed from.
    """

    device: DeviceId
    seconds: float
    cause: str
    rebuilt: bool


@dataclass(frozen=True, slots=True)
class Offline:
    """A device can't be used: `quarantine` until `until` (Unix s), or it just did not connect."""

    device: DeviceId
    reason: str
    quarantine: Quarantine | None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class ReceiptSeen:
    """A receipt from a recipient (own devices' are left out by the host)."""

    device: DeviceId
    message_ids: tuple[str, ...]
    kind: ReceiptKind


@dataclass(frozen=True, slots=True)
class ChatLock:
    """A device's account may begin no new chat until then (Unix s; None: not said), or again.

    `at`: when WhatsApp said so (Unix s), where the notification tells.
    """

    device: DeviceId
    active: bool
    until: float | None
    at: float | None = None


@dataclass(frozen=True, slots=True)
class ChatQuota:
    """A device's account has begun so many new chats of its quota; `until` (Unix s) it is new.

    `until` is None where that was not said; `at` is when WhatsApp said so (Unix s), where the
    notification tells.
    """

    device: DeviceId
    used: int
    total: int
    warning: QuotaWarning
    until: float | None
    at: float | None = None


@dataclass(frozen=True, slots=True)
class InboundText:
    """What a contact wrote, or sent without a word (`text` is empty then).

    `sender` is a JID as the library names it, `phone` if it knows. `quotes` is the id of the
    message that it answers or reacts to, where it names one; `ballot` a vote in that poll.
    """

    device: DeviceId
    sender: str
    phone: Phone | None
    text: str
    at: float
    kind: ReplyKind = ReplyKind.TEXT
    message_id: str | None = None
    quotes: str | None = None
    ballot: Ballot | None = None


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR text to scan; the next one replaces it after `lasts` seconds."""

    code: str
    lasts: float = 20.0


@dataclass(frozen=True, slots=True)
class PairCode:
    """The eight characters to type on the phone."""

    code: str


@dataclass(frozen=True, slots=True)
class Paired:
    """The device is linked and its session stored: `jid` user:n@server, `lid` likewise.

    `salt`: the phone's history has come, so first messages carry a token.
    """

    device: DeviceId
    jid: str
    lid: str
    salt: bool = True


@dataclass(frozen=True, slots=True)
class PairFailed:
    """The pairing ended without success: refused, timed out, code ran out.

    `hint`: what helps, where trying again does not. `quarantine`: what stands in the device's way
    from now on, if anything does.
    """

    device: DeviceId
    reason: str
    hint: str | None = None
    quarantine: Quarantine | None = None


@dataclass(frozen=True, slots=True)
class LogoutEnded:
    """A Logout is over; `reason` says why it could not be done."""

    device: DeviceId
    reason: str | None


@dataclass(frozen=True, slots=True)
class Health:
    """The host's own figures, told after connects: clients that are open, and built so far."""

    clients: int
    connects: int

    @property
    def leaked(self) -> int:
        """How many clients it has let go of: the library keeps something of each of those."""
        return self.connects - self.clients


@dataclass(frozen=True, slots=True)
class StanzaSeen:
    """A stanza that a client sent or received, without anything of anybody's in it.

    Only where the settings ask for it. `at` is Unix seconds.
    """

    received: bool
    skeleton: str
    at: float


Report = (
    Ready
    | NotServed
    | Answer
    | Returned
    | Healing
    | Online
    | Offline
    | ReceiptSeen
    | InboundText
    | ChatLock
    | ChatQuota
    | QrCode
    | PairCode
    | Paired
    | PairFailed
    | LogoutEnded
    | Health
    | StanzaSeen
)

MOST_TOGETHER = 64
"""Messages in one frame."""
