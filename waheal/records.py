"""What the ledger hands out and takes: plain rows that every room may draw or pass on; no I/O."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from waheal.model import (
    Content,
    DeviceId,
    DeviceState,
    Phone,
    Quarantine,
    ReceiptKind,
    State,
)

_UNLINKED = frozenset(
    {Quarantine.NO_SESSION.value, Quarantine.LOGGED_OUT.value, Quarantine.PASSKEY.value}
)


class CampaignKind(StrEnum):
    """What a campaign is for."""

    CAMPAIGN = "campaign"
    TEST = "test"
    RECALL = "recall"  # of another one's messages, likewise
    AMEND = "amend"


class Reason(StrEnum):
    """Why the ledger itself set a recipient aside; it looks for these words again."""

    OPTED_OUT = "opted out"
    NO_CONSENT = "no consent"
    NOT_IN_FILE = "not in the file"
    TOO_LATE = "expired"
    FORGOTTEN = "forgotten"
    ARRIVED = "an earlier attempt has arrived"
    SENT_BEFORE = "its message was made before, by a ledger that is gone"
    DEVICE_GONE = "no device has the number that sent it"
    NO_ID = "its message id is not known"
    NO_TEXT = "it has no text to amend"
    LONG_CAPTION = "the text is too long for a caption"
    RECALLED = "it was taken back"
    NOT_ASKED = "no longer asked for"


OUTSIDE = "outside the window"
OFTEN = "written to often enough"
SHUT = "its device begins no new chat for now"
REFUSED = "WhatsApp lets no chat begin with them for now (463)"
"""Why a delivery was put off before it was tried."""

ELSEWHERE = (
    "link this number with another program on whatsmeow that knows passkeys, stop that program,"
    " then take its login over: `waheal devices import FILE`"
)
"""What helps where an account is asked for a passkey: a login is the same, whoever made it."""

OUTDATED = "WhatsApp takes this version from no device any more (405)"
UPGRADE = "upgrade waheal, with `pip install --upgrade waheal`, and run this again"
"""What the first device that is refused for it says of all, and the one way out."""

BY_REPLY = "reply"
"""The source of an opt-out that came from its owner: the weakest, and what their START undoes."""


class Leftover(StrEnum):
    """What an operator can resolve."""

    UNCERTAIN = "uncertain"
    FAILED = "failed"
    UNREADABLE = "unreadable"


class Resolution(StrEnum):
    """How an operator resolves it."""

    RESEND = "resend"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign, known by its name. Times are Unix seconds.

    `finished` is when its last recipient was settled, or None while there is something left
    (pending, sending or uncertain). `kind` is one of `CampaignKind`.
    """

    id: int
    name: str
    path: str
    digest: str | None
    created: float
    last_run: float | None
    finished: float | None
    kind: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many recipients of a campaign stand in each state; each recipient in one.

    Nobody is `sending` once a run has ended. `unreadable` counts sent messages that the
    recipient's phone could not open, `replied` who replied; they are counted in their state too.
    """

    counts: Counter[State] = field(default_factory=Counter)
    unreadable: int = 0
    replied: int = 0

    def __getitem__(self, state: State) -> int:
        """Count one state; 0 where nobody is in it."""
        return self.counts[state]

    @property
    def total(self) -> int:
        """Every recipient once."""
        return self.counts.total()

    @property
    def to_send(self) -> int:
        """Those who are to get it yet, or are getting it just now."""
        return self[State.PENDING] + self[State.SENDING]

    @property
    def left(self) -> int:
        """Those who are not settled."""
        return self.to_send + self[State.UNCERTAIN]

    @property
    def went_out(self) -> int:
        """Those whom a message reached, as far as is known."""
        return self[State.SENT] + self[State.DELIVERED] + self[State.READ]

    @property
    def replied_share(self) -> float | None:
        """Which part of those it went out to replied, from 0 to 1; None where it reached nobody."""
        # Whoever replied has got something, whatever became of a newer message to them.
        reached = max(self.replied, self.went_out)
        return self.replied / reached if reached else None

    def at_rest(self) -> "Tally":
        """Count what is still under way as uncertain, as the end of a run leaves it."""
        counts = Counter(self.counts)
        counts[State.UNCERTAIN] += counts.pop(State.SENDING, 0)
        return Tally(counts, self.unreadable, self.replied)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an enrolment did, in recipients.

    `added` are new, `changed` pending ones with another text, media, device or time, `gone` no
    longer in the file, `back` pending again, `kept` those in the file that nothing happened to.
    `suppressed` are those that it set aside, new ones (counted in `added`, too) or pending ones.
    `outdated` were written to already, with another message than the file has now.
    """

    added: int = 0
    changed: int = 0
    gone: int = 0
    back: int = 0
    suppressed: int = 0
    kept: int = 0
    outdated: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A pending delivery that may be claimed. `attempt` counts those so far.

    `zone` (IANA) is the recipient's own, None to go by the number.
    """

    delivery: int
    phone: Phone
    row: int
    content: Content
    pinned: DeviceId | None
    lane: DeviceId | None
    attempt: int
    tries: int
    not_before: float | None
    expires: float | None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attempt comes from, as only the sending machine can judge it.

    `boot_id` is the kernel's id of that machine's boot, with the home's folder where the ledger is
    shared, `host_log` the log of the host that sends, `identity` the SHA-256 (hex) of the device's
    identity key, `stamp` the run's in the session database. The ledger keeps them as they are.
    """

    boot_id: str
    host_log: str
    identity: str | None
    stamp: str | None


@dataclass(frozen=True, slots=True)
class Want:
    """A wish to send `delivery` through `device`, and what is known as it is claimed.

    `jid` is the device's session, `lid` the recipient's LID if known. `new_chat`: no message of
    this device's account has got through to them before.
    """

    delivery: int
    device: DeviceId
    jid: str
    lid: str | None
    origin: Origin
    new_chat: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is committed as sending, with its attempt number and its witness.

    `lid` is the recipient's (user@lid), where it is known. A receipt for one of the `earlier`
    attempts' message ids makes this one needless. `ask_lid`: their LID is to be learned before
    anything leaves, since somebody opted out of whom no more is known.
    """

    delivery: int
    attempt: int
    device: DeviceId
    jid: str
    phone: Phone
    content: Content
    witness: bytes
    expires: float | None
    lid: str | None = None
    earlier: tuple[str, ...] = ()
    ask_lid: bool = False
    new_chat: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an attempt ends, or what is found out later of one that was uncertain.

    `due` (Unix seconds): when a pending one may be claimed again. `counts`: it used up one of the
    recipient's tries, and counts against the device's limits. `refused`: the server let the device
    begin no chat with them.
    """

    delivery: int
    attempt: int
    state: State
    message_id: str | None = None
    reason: str | None = None
    due: float | None = None
    counts: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """A pending delivery that was set aside: `state` is suppressed or expired.

    Or uncertain, where another ledger has sent it already under `message_id`; or delivered or read,
    where an earlier attempt has arrived under it.
    """

    delivery: int
    phone: Phone
    attempt: int
    state: State
    reason: str
    campaign_id: int
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """A message that was made: its 32 bytes, the JID of its device, its id.

    The last two are empty where only the claim is known of.
    """

    witness: bytes
    jid: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """An attempt that has not been settled, with all that evidence is judged by.

    `last_witness` is that of the session's last other accepted attempt; None where there is none.
    """

    delivery: int
    attempt: int
    campaign_id: int
    campaign: str
    phone: Phone
    device: DeviceId
    jid: str
    lid: str | None
    witness: bytes
    claimed: float
    message_id: str | None
    running: bool
    state: State
    last_witness: bytes | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A receipt of one message, as a device heard it."""

    device: DeviceId
    message_id: str
    kind: ReceiptKind


@dataclass(frozen=True, slots=True)
class ReceiptEffect:
    """What a receipt moved; `lid` is the recipient's, where it is known.

    Where `state` is sending it moved nothing: an earlier attempt than the one under way has
    arrived, which is to be called back, if it can.
    """

    delivery: int
    campaign_id: int
    phone: Phone
    message_id: str
    attempt: int
    before: State
    state: State
    lid: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a resolve did. Kept are those that may not be sent to: opted out, or a call runs."""

    changed: int
    suppressed_kept: int
    running_kept: int


@dataclass(frozen=True, slots=True)
class Device:
    """A device and whether it may be used. Times are Unix seconds.

    `state` is quarantined rather than paused where both hold; `paused` tells the latter.
    `sent_today` counts the claims of the last 24 hours that use up its daily limit. It begins no
    new chat until `chats_from`, for the reason `chats_why`; None where it may. `quota`: so many of
    so many new chats are used, as WhatsApp told. `machine`: whose it is, where several share.

    What only a list of devices tells: `bare`, its first messages carry no token; `budget`, so many
    of so many new chats are begun that the operator lets it begin in 24 hours, and `budget_from`,
    when it may begin the next; None where no such limit is set, or it may now.
    """

    label: DeviceId
    jid: str | None
    phone: Phone | None
    state: DeviceState
    reason: str | None
    until: float | None
    last_success: float | None
    sent_today: int
    paired: float | None
    paused: bool
    chats_from: float | None = None
    chats_why: str | None = None
    quota: tuple[int, int] | None = None
    machine: str | None = None
    bare: bool = False
    budget: tuple[int, int] | None = None
    budget_from: float | None = None

    @property
    def unlinked(self) -> bool:
        """Whether it is out for want of a login: only pairing or importing one brings it back."""
        return self.reason in _UNLINKED


@dataclass(frozen=True, slots=True)
class JoinedMachine:
    """A home of those that share a ledger, and the folder on a host where it was used last.

    `version`: of the tables, as it knew them. `seen`: when it last told that it lives. `retired`:
    when it was given up (Unix s by the ledger's clock); None: it is one of them.
    """

    id: int
    name: str
    host: str
    epoch: int
    version: int
    seen: float | None
    retired: float | None


@dataclass(frozen=True, slots=True)
class Suppression:
    """Somebody who is not written to. `since` is in Unix seconds.

    `phone` is as it was given; None where nobody knows it, and the LID stands for them.
    """

    phone: Phone | None
    lid: str | None
    since: float
    source: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient for reports. `device`, `message_id` and times are the latest attempt's.

    Times are Unix seconds: `claimed` when it was given to its device, `ended` when the server or
    an error answered, `delivered` and `read` as the recipient's phone told, `replied` when their
    first reply to the campaign was sent, to `reply_device`. `opted_out`: since when who replied to
    it is on the list of opt-outs, where no later campaign wrote to them before. `options` are those
    of a poll, `vote` is what they chose last: nothing where it was taken back, None where they
    never voted.
    """

    row: int
    phone: Phone
    state: State
    attempt: int
    device: DeviceId | None
    message_id: str | None
    reason: str | None
    unreadable: bool
    updated: float
    claimed: float | None
    ended: float | None
    delivered: float | None
    read: float | None
    text: str
    replied: float | None = None
    reply_device: DeviceId | None = None
    opted_out: float | None = None
    options: tuple[str, ...] = ()
    vote: tuple[str, ...] | None = None
    recall: str | None = None  # where that stands, as an `ErrandState`
    amend: str | None = None
    amended: str | None = None  # what the text was, or is to be, replaced by
