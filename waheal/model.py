"""The words that every room uses: deliveries, devices, outcomes; no I/O."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import NewType, assert_never

from waheal.exit_codes import EXIT_PRECEDENCE as EXIT_PRECEDENCE  # noqa: PLC0414 - passed on
from waheal.exit_codes import ExitCode as ExitCode  # noqa: PLC0414 - likewise

_DATE_OR_ADDRESS = r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"
_AS_PEOPLE_WRITE = r"\+?\(?\d(?:[ \u00a0().\-]{0,2}\d){6,}"  # seven digits and more
_LONG_NUMBER = re.compile(rf"({_DATE_OR_ADDRESS})|{_AS_PEOPLE_WRITE}|\+?\d{{5,}}")
_NUMBERS = re.compile(r"(\d+)")

DeviceId = NewType("DeviceId", str)
"""The operator's label of a device: any word without comma or blank."""

Phone = NewType("Phone", str)
"""A number in E.164, with its `+`."""


def mask(phone: Phone) -> str:
    """Give the number without its middle: enough to tell it again, too little to call.

    A US number keeps its area code and its last four digits; a short one keeps less.
    """
    tail = 4 if len(phone) >= 12 else 2  # noqa: PLR2004 - "+" and eleven digits
    return f"{phone[: min(5, max(0, len(phone) - tail - 3))]}•••{phone[-tail:]}"


def mask_numbers(text: str) -> str:
    """Give a text with its long numbers down to their last two digits, for logs and reports.

    Also those that blanks, hyphens, dots or brackets divide; dates and addresses stay.
    """
    return _LONG_NUMBER.sub(lambda found: found[1] or "…" + found[0][-2:], text)


def mask_label(label: str) -> str:
    """Give a device's label or a campaign's name; one that is a number as `mask` gives it."""
    if label.removeprefix("+").isdecimal() and len(label) >= 7:  # noqa: PLR2004 - no shorter number is a phone's
        return mask(Phone(f"+{label.removeprefix('+')}"))
    return mask_numbers(label)


def natural(label: str) -> tuple[tuple[int, int, str], ...]:
    """Give a key that sorts labels as people count: shop-2 before shop-10."""
    parts = _NUMBERS.split(label)
    return tuple(
        (0, int(part), part) if part.isdecimal() else (1, 0, part.casefold()) for part in parts
    )


@dataclass(frozen=True, slots=True)
class Labels:
    """Which devices are meant: by their labels, or by patterns such as `shop-*`."""

    words: frozenset[str]

    def __contains__(self, label: object) -> bool:
        return label in self.words or any(fnmatchcase(str(label), word) for word in self.words)

    def unmatched(self, labels: Iterable[str]) -> list[str]:
        """Give the words that mean none of these labels."""
        known = list(labels)
        return sorted(
            word
            for word in self.words
            if word not in known and not any(fnmatchcase(label, word) for label in known)
        )


class State(StrEnum):
    """Where one recipient of one campaign stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    UNCERTAIN = "uncertain"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset(
        {
            State.SENDING,
            State.SUPPRESSED,
            State.EXPIRED,
            State.FAILED,
            State.DELIVERED,  # what is to be sent again has arrived: a receipt came late
            State.READ,
        }
    ),
    State.SENDING: frozenset(
        {
            State.SENT,
            State.DELIVERED,  # a receipt may overtake the library's answer
            State.READ,
            State.PENDING,
            State.FAILED,
            State.UNCERTAIN,
            State.SUPPRESSED,
            State.EXPIRED,
        }
    ),
    # Pending: the recipient's phone could not open it, and the operator resends it.
    State.SENT: frozenset({State.DELIVERED, State.READ, State.PENDING}),
    State.DELIVERED: frozenset({State.READ}),
    State.READ: frozenset(),
    State.FAILED: frozenset({State.PENDING, State.SENT}),  # only the operator's resolve
    State.SUPPRESSED: frozenset({State.PENDING}),  # opted in again
    State.EXPIRED: frozenset({State.PENDING}),  # back in the file, or a later expiry
    State.UNCERTAIN: frozenset({State.PENDING, State.SENT, State.DELIVERED, State.READ}),
}
"""Which state may follow which; the ledger refuses every other step."""


class DeviceState(StrEnum):
    """Whether a device may be given messages."""

    READY = "ready"
    PAUSED = "paused"
    QUARANTINED = "quarantined"


class Quarantine(StrEnum):
    """Why a device is not used, until its end or until the operator does something."""

    NO_SESSION = "no session"
    LOGGED_OUT = "logged out"
    BANNED = "banned"
    OUTDATED = "client outdated"
    REFUSED = "login refused"
    REPLACED = "replaced by another client"
    RATE_LIMITED = "rate limited"
    UNREACHABLE = "does not connect"
    CRASHES = "ends the library"
    PASSKEY = "WhatsApp asks for a passkey"  # while it was to be paired
    MOVING = "on its way from another machine"  # its session is in a file


class ChatHold(StrEnum):
    """Why a device begins no new chat for a while, though it may go on with those it has."""

    REFUSED = "new chats refused (463)"
    UNDELIVERED = "no first message arrives"
    CAPPED = "its quota of new chats is used up"


class QuotaWarning(StrEnum):
    """How near an account is to the end of its quota of new chats, as WhatsApp tells it."""

    NONE = "none"
    NEAR = "near"
    CAPPED = "capped"


class MessageKind(StrEnum):
    """What a row may say that it sends; a row that says nothing sends a text, or its file."""

    TEXT = "text"
    MEDIA = "media"
    VOICE = "voice"
    POLL = "poll"
    LOCATION = "location"
    CARD = "card"


class MediaKind(StrEnum):
    """What WhatsApp calls the attachment."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"


_MB = 1 << 20
# 16 MB for audio and video and 100 MB for documents are what the business platform publishes
# (https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media). The apps take larger
# documents, but the library holds an upload in memory several times over. Photos get as much as
# video: the platform's 5 MB for them is a limit of its own processing.
MEDIA_LIMITS = {
    MediaKind.IMAGE: 16 * _MB,
    MediaKind.VIDEO: 16 * _MB,
    MediaKind.AUDIO: 16 * _MB,
    MediaKind.VOICE: 16 * _MB,
    MediaKind.DOCUMENT: 100 * _MB,
}
"""Bytes of an attachment of each kind; no more of any file is read."""

CAPTION_LIMIT = 1_024
"""Characters under an attachment."""

CAPTIONED = frozenset({MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.DOCUMENT})
"""The attachments that can have words under them."""

OPUS = "audio/ogg; codecs=opus"
"""The one name of Ogg with Opus. As plain audio/ogg WhatsApp takes it, and it never arrives.

https://github.com/adiwajshing/Baileys/issues/819
"""


@dataclass(frozen=True, slots=True)
class Media:
    """An attachment that was checked: an absolute path, its kind and its SHA-256 (hex)."""

    path: str
    kind: MediaKind
    mime: str
    sha256: str


class ErrandKind(StrEnum):
    """What a message does to one that was sent before."""

    RECALL = "recall"
    AMEND = "amend"


@dataclass(frozen=True, slots=True)
class Errand:
    """What is done to a message that was sent before, by its id, in that chat (a JID).

    `under`: the kind of attachment whose caption is amended; None: a text's words are.
    """

    kind: ErrandKind
    message_id: str
    chat: str
    under: MediaKind | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A place on the map, in degrees; `name` and `address` may be empty."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody's contact card: a name, and a number (E.164) or an email address, or both."""

    name: str
    phone: Phone | None = None
    organisation: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    """What can be answered to a question, which is the message's text, and how often.

    `answers` is how many options one person may choose; 0: any number.
    """

    options: tuple[str, ...]
    answers: int = 1


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """What a phone shows of the link `url` in the text: a title, a text and a picture.

    `text` may be empty. The picture is a file on this machine; what is sent is a small one of it.
    """

    url: str
    title: str
    text: str = ""
    picture: Media | None = None


Body = Media | Location | Card | Poll | LinkPreview
"""What a message can be beside its words: whoever looks inside matches all of them."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message is: its words, and what they go with.

    Without a body it is a text. With an attachment `text` is its caption, with a poll its question;
    a location and a card have no words. With an `errand` it shows nothing of its own: it takes an
    earlier message back, or has that say `text` from then on. Whoever only hands a message on hands
    on this.
    """

    text: str
    body: Body | None = None
    errand: Errand | None = None

    @property
    def media(self) -> Media | None:
        """The file that is uploaded before it leaves, if it has one."""
        return self.body if isinstance(self.body, Media) else None

    @property
    def kind(self) -> MessageKind:
        """What it is, in the word that a campaign file has for it."""
        match self.body:
            case None | LinkPreview():
                return MessageKind.TEXT
            case Media(kind=kind):
                return MessageKind.VOICE if kind is MediaKind.VOICE else MessageKind.MEDIA
            case Location():
                return MessageKind.LOCATION
            case Card():
                return MessageKind.CARD
            case Poll():
                return MessageKind.POLL
            case other:
                assert_never(other)

    @property
    def recalls(self) -> bool:
        """Whether it takes a message back, which no opt-out stands in the way of."""
        return self.errand is not None and self.errand.kind is ErrandKind.RECALL


@dataclass(frozen=True, slots=True)
class Planned:
    """One good row of a campaign file, rendered and ready to be enrolled.

    `not_before` and `expires` are Unix seconds. `consent` is False where the row's consent cell
    says no. `zone` (IANA) is the recipient's own, None to go by the number.
    """

    row: int
    phone: Phone
    content: Content
    pinned: DeviceId | None = None
    not_before: float | None = None
    expires: float | None = None
    consent: bool = True
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """A local WhatsApp to attach to instead of the real one.

    `proxy` is an http URL on loopback, `ca` the path of a PEM file, `noise_root` 64 hex digits.
    `token` orders a sandbox's phones about; messages go without it.
    """

    proxy: str
    ca: str
    noise_root: str
    token: str = field(default="", repr=False)


# What became of one library call. See the error table in host/error_table.py.


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took the message under this id."""

    message_id: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Surely nothing left, or the server refused it in a way that may pass.

    `counts`: it used up one of the recipient's bounded tries (463, 429, 479 do; a device that
    could not connect does not). `hold`: seconds for which the device itself should rest. `lid`: the
    recipient's (user@lid), where it had to be asked for first. `stops`: what was to be sent is no
    longer what was checked, so that the run is to end. `refused_chat`: the server let this device
    begin no chat with this recipient (463). `ask_again`: seconds before which the recipient is not
    tried again.
    """

    reason: str
    counts: bool = False
    hold: float | None = None
    quarantine: Quarantine | None = None
    lid: str | None = None
    stops: bool = False
    refused_chat: bool = False
    ask_again: float = 0.0


@dataclass(frozen=True, slots=True)
class Rejected:
    """Refused for good; trying again would not help."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have left. `running`: the call has not returned yet (the watchdog cut it loose)."""

    reason: str
    running: bool = False


Outcome = Accepted | NotSent | Rejected | Unknown


class ReceiptKind(StrEnum):
    """What a receipt from the recipient proves."""

    DELIVERED = "delivered"
    READ = "read"
    RETRY = "retry"


class ReplyKind(StrEnum):
    """What somebody sent back, by what it is to them."""

    TEXT = "text"
    BUTTON = "button"  # tapped: a button, or a line of a list
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    REACTION = "reaction"
    VOTE = "vote"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote as it came: sealed for whoever knows the poll's secret. `at`: Unix seconds.

    `payload` and `iv` are the sealed choice, `creator` is the poll's sender as the voter names them
    (a JID), `voters` the names that the voter goes by.
    """

    payload: bytes
    iv: bytes
    creator: str
    voters: tuple[str, ...]
    at: float
