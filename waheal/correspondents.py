"""Who wrote what to whom, as replies are told by it: plain rows; no I/O."""

from dataclasses import dataclass

from waheal.model import Ballot, DeviceId, Phone, ReplyKind


@dataclass(frozen=True, slots=True)
class Written:
    """An attempt that reached a person, or may have: what a reply of theirs may be to.

    `id` counts the attempts of all campaigns; `account` is the number of the one that sent it.
    `under_way`: its device's host has not answered yet.
    """

    id: int
    campaign_id: int
    delivery: int
    phone: Phone
    account: str
    message_id: str | None
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class SentBack:
    """Something that somebody sent to a device. `at` is when, in Unix seconds.

    `quotes` is the id of the message that it answers or reacts to, where it names one; `text` what
    is kept of its words.
    """

    device: DeviceId
    kind: ReplyKind
    at: float
    message_id: str | None
    quotes: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """What may be a reply, once more is known; `id` as the ledger numbers those.

    `person` is the LID that it came from, of which nobody knows the number; or a recipient's
    number, while a message to them is under way. `last` is the ledger's last attempt as it came.
    """

    id: int
    person: str
    last: int
    sent_back: SentBack


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of a recipient's. `at` is when they sent it, in Unix seconds; `id` goes by coming.

    `text` is None where it has none, or where it is not kept.
    """

    id: int
    at: float
    phone: Phone
    device: DeviceId
    campaign: str
    kind: ReplyKind
    text: str | None


@dataclass(frozen=True, slots=True)
class AskedPoll:
    """A poll that was sent: by the session `jid`, with this secret and these options."""

    delivery: int
    jid: str
    secret: bytes
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """A vote, and the message id of its poll, while nobody knows that."""

    poll: str
    ballot: Ballot
