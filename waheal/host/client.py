"""What a client does for its host, and what it tells; knows neither the library nor the wire."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from threading import Event as Flag
from typing import Protocol

from waheal.host.directory import Listing
from waheal.host.life import Life
from waheal.model import Ballot, Content, Phone, QuotaWarning, ReplyKind

# What a client tells about its connection, in the library's own words (host/README.md, "Errors").


@dataclass(frozen=True, slots=True)
class Connected:
    """Connected and logged in."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection was lost; the library reconnects by itself."""


@dataclass(frozen=True, slots=True)
class KeepAliveTimeout:
    """So many pings in a row went unanswered (each waits 10 s)."""

    pings: int


@dataclass(frozen=True, slots=True)
class KeepAliveRestored:
    """Pings are answered again."""


class LoginFault(StrEnum):
    """Why a login was refused or ended, by whatsmeow's ConnectFailureReason."""

    GENERIC = "400"
    LOGGED_OUT = "401"
    LOCKED = "403"  # the account's main device is gone, or locked
    OUTDATED = "405"
    ACCOUNT_BANNED = "406"  # whatsmeow: "unknown logout", the web client: banned
    BAD_USER_AGENT = "409"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """The session is over and the library has deleted it."""

    fault: LoginFault


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another client connected with the same session."""


@dataclass(frozen=True, slots=True)
class Banned:
    """A temporary ban that ends in `seconds`; None where the library could not say."""

    code: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The login was refused, and the library does not try again."""

    fault: LoginFault
    message: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The client's event loop is over, and with it every further event; "" where it was asked to.

    `error` is the library's own string: why it could not connect, or what it choked on.
    """

    error: str


ConnectionEvent = (
    Connected
    | Disconnected
    | KeepAliveTimeout
    | KeepAliveRestored
    | LoggedOut
    | Replaced
    | Banned
    | Refused
    | Ended
)


class ReceiptType(StrEnum):
    """A receipt's type as the library hands it through; other types end its event loop."""

    DELIVERED = ""
    SENDER = "sender"
    RETRY = "retry"
    READ = "read"
    READ_SELF = "read-self"
    PLAYED = "played"
    SERVER_ERROR = "server-error"  # played-self comes under this name (neonize's encoder)
    INACTIVE = "inactive"
    PEER_MSG = "peer_msg"
    HISTORY_SYNC = "hist_sync"


@dataclass(frozen=True, slots=True)
class ReceiptCame:
    """A receipt, of whatever type and from whomever."""

    message_ids: tuple[str, ...]
    type: ReceiptType
    from_me: bool


@dataclass(frozen=True, slots=True)
class TextCame:
    """What a contact wrote in a private chat, or sent without a word. `at` is Unix seconds.

    `quotes` is the id of the message that it answers or reacts to, where it names one.
    """

    sender: str
    phone: Phone | None
    text: str
    at: float
    kind: ReplyKind = ReplyKind.TEXT
    message_id: str | None = None
    quotes: str | None = None
    ballot: Ballot | None = None


@dataclass(frozen=True, slots=True)
class LockTold:
    """The account may begin no new chat until then (Unix s; None: not said), or again.

    `at`: when that was said (Unix s), where it tells.
    """

    active: bool
    until: float | None
    at: float | None = None


@dataclass(frozen=True, slots=True)
class QuotaTold:
    """So many new chats of a quota were begun; `until` (Unix s; None: not said) it is new.

    `at`: when that was said (Unix s), where it tells.
    """

    used: int
    total: int
    warning: QuotaWarning
    until: float | None
    at: float | None = None


News = ReceiptCame | TextCame | LockTold | QuotaTold
"""What a client tells besides its connection."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one number."""

    phone: Phone
    content: Content
    witness: bytes


class SendError(Exception):
    """The library's own string for why a call failed; the error table judges what it means."""


class UploadError(Exception):
    """The attachment could not be handed in; nothing was sent. Carries the library's string."""


class AttachmentError(Exception):
    """The attachment can't be read any more, or is no longer the file that was checked."""


class Client(Protocol):
    """One device's client. Whoever holds its slot uses it; only `stop` may come from anywhere.

    A client is used once: after it died or was stopped, a new one is built.
    """

    @property
    def life(self) -> Life:
        """The state of its connection; the library's events move it."""

    @property
    def gone(self) -> Flag:
        """Set once the library has let go of it; only then may the device have another."""

    def connect(self, timeout: float) -> bool:
        """Connect and log in; True once `life` is up, False when it died or `timeout` passed.

        What waited at the server has come then, within reason: among it may be an opt-out.
        """

    def is_connected(self) -> bool:
        """Ask the library whether it is connected and logged in. May block while it dials."""

    def look_up(self, phones: Sequence[Phone]) -> Mapping[Phone, Listing]:
        """Ask the server who is on WhatsApp, and under which LID; whom it leaves out is missing.

        Raises:
            SendError: the library's string, as a send would fail that asks for a LID.
        """

    def fetch_devices(self, lids: Sequence[str]) -> None:
        """Have the device lists of these people (user@lid) at hand for the sends to come.

        Raises:
            SendError: the library's string, as a send would fail that asks for one.
        """

    def prepare(self, message: Outgoing) -> None:
        """Upload the attachment, unless this device has done so lately. No-op for a text.

        Raises:
            UploadError: the library could not; nothing was sent.
            AttachmentError: the file can't be used.
        """

    def send(self, message: Outgoing) -> str:
        """Send a prepared message and wait for the server's ack; its message id.

        Raises:
            SendError: the library's string.
            UploadError: its attachment is to be uploaded anew; nothing was sent.
        """

    def logout(self) -> None:
        """Unlink the device at WhatsApp and delete its session.

        Raises:
            SendError: the library's string.
        """

    def hang_up(self, timeout: float) -> bool:
        """Begin to end it: hear no more, and tell what was heard; True once it is so.

        A `stop` does so too, and waits for what is still to be told. Where many are stopped, all
        hang up first, and the wait is one for all.
        """

    def stop(self, timeout: float) -> bool:
        """Disconnect for good, which frees a call in progress; True once the library let go.

        What had come by then is told before: the server was told that it has arrived.
        """


Build = Callable[[str, Callable[[ConnectionEvent], None], Callable[[News], None]], Client]
"""Makes a client for a session (user:n@server), telling the connection's events and the news."""
