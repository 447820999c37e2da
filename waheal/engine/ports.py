"""What the engine needs of the ledger, a role at a time; any ledger that has these methods will do.

Each protocol names the few methods that one part of the engine uses, as the ledger has them. Times
are Unix seconds throughout.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from waheal.chat_records import ChatLimits, ChatsWith
from waheal.correspondents import Aside, AskedPoll, SentBack, Unclaimed, Written
from waheal.identity import Lid
from waheal.model import Ballot, DeviceId, Phone, Quarantine, ReceiptKind, State
from waheal.records import (
    Campaign,
    Claim,
    Confirmation,
    Device,
    Doubt,
    Dropped,
    Due,
    OwnMessage,
    ReceiptEffect,
    Settlement,
    Want,
)
from waheal.waits import Waiting


class CampaignBook(Protocol):
    """Whether a campaign has anything left."""

    def anything_pending(self, campaign_id: int) -> bool:
        """Tell whether somebody is still to be sent to; cheap, whatever the campaign's size."""


class SharedBounds(Protocol):
    """What several runs do together, each on a machine of its own; called inside transactions."""

    def claimed(self) -> int:
        """Count the claims of all, and keep others from claiming until the transaction's end."""

    def ended(self) -> tuple[int, int]:
        """Count those whom all settled for good, and those of them who failed."""

    def note(self, *, claimed: int = 0, settled: int = 0, failed: int = 0) -> None:
        """Add to what this run did."""


class PendingWork(Protocol):
    """What the scheduler deals out."""

    def due(
        self,
        campaign_id: int,
        lane: DeviceId | None,
        now: float,
        limit: int,
        *,
        exclude: frozenset[int] = frozenset(),
    ) -> list[Due]:
        """List pending deliveries of a lane that are due; of None's, those that no lane holds."""

    def due_in(
        self,
        campaign_id: int,
        lanes: Sequence[DeviceId],
        now: float,
        limit: int,
        *,
        exclude: frozenset[int] = frozenset(),
    ) -> list[list[Due]]:
        """List those of each of these lanes, so many at most, in one way to the database."""

    def lanes(self, campaign_id: int) -> dict[DeviceId, tuple[int, bool]]:
        """Count the pending deliveries of each lane, and tell whether any is pinned to it."""


class Waits(Protocol):
    """What pending deliveries wait for."""

    def waiting(self, campaign_id: int, now: float) -> list[Waiting]:
        """Count those that are not due, by what they wait for."""

    def pending(self, campaign_id: int, *, elsewhere: bool = False) -> int:
        """Count all of them; `elsewhere`: those of other machines' lanes alone."""

    def lanes(self, campaign_id: int) -> dict[DeviceId, tuple[int, bool]]:
        """Count those of each lane, and tell whether any is pinned to it."""


class LaneWork(PendingWork, Protocol):
    """What the roster lets go, beside what it has the scheduler deal out."""

    def unlane(self, campaign_id: int, device: DeviceId) -> None:
        """Let any device have the pending deliveries of this one, but those pinned to it."""


class Claiming(Protocol):
    """How pending deliveries are claimed, or put off."""

    def next_due(self, campaign_id: int, now: float, *, or_now: bool = False) -> float | None:
        """Tell when the next deferred delivery is due: the earliest after `now`.

        `or_now`: `now`, where one is due that no lane holds; another's turn may just look at it.
        """

    def claimable(
        self, campaign: Campaign, deliveries: Mapping[int, str | None], now: float
    ) -> dict[int, str | None]:
        """Tell which of these would be claimed now, and their LIDs, where they are known."""

    def defer(self, deliveries: Sequence[int], due: float, reason: str | None, now: float) -> None:
        """Put pending deliveries off until `due`."""

    def claim(
        self, campaign: Campaign, wants: Sequence[Want], *, now: float, held: bool = False
    ) -> tuple[list[Claim], list[Dropped]]:
        """Commit deliveries as sending, each with a new attempt; tell of those it dropped."""


class MessageHistory(Protocol):
    """How often a person was written to, and all together."""

    def left_of(self, rates: Sequence[tuple[int, float]], now: float) -> tuple[int, float]:
        """Tell how many more may be claimed by rates of all machines, and from when on any."""

    def held(
        self, people: Sequence[tuple[int, Phone, str | None]], since: float
    ) -> list[list[float]]:
        """Let no other turn write to these people, and list when they were written to."""

    def recent(self, phone: Phone, since: float, *, lid: str | None = None) -> list[float]:
        """List when messages were claimed for this person since then, in order."""


class ChatBook(Protocol):
    """How devices do with new chats, and with whom."""

    def with_people(self, phones: Iterable[Phone]) -> dict[Phone, ChatsWith]:
        """Tell of each of these who has a chat with them, and who may not begin one."""

    def refused_in_a_row(self, device: DeviceId, since: float) -> int:
        """Count the people whom a device was let begin no chat with, since its last new one."""

    def unanswered(self, device: DeviceId, since: float, before: float, most: int) -> int:
        """Count the latest first messages of which no receipt tells; 0 where any has arrived."""

    def begun_times(self, since: float) -> dict[DeviceId, list[float]]:
        """List when each device began chats, or tried to, since then, in order."""

    def first_begun(self, device: DeviceId) -> float | None:
        """Tell when a device began its first chat."""

    def limits(self, device: DeviceId) -> ChatLimits:
        """Tell what the device's account may begin."""

    def keep(self, device: DeviceId, limits: ChatLimits) -> None:
        """Note what the device's account may begin from now on."""


class PaceHistory(Protocol):
    """How much a device has sent."""

    def leaving_times(self, since: float, now: float) -> dict[DeviceId, list[float]]:
        """List when each device's messages claimed since then had left at the latest, in order."""


class DeviceHealth(Protocol):
    """Which devices are up, and which are out."""

    def note_seen(self, device: DeviceId, now: float) -> None:
        """Note that the device logged in."""

    def quarantined(self, label: DeviceId, now: float) -> Quarantine | None:
        """Tell why a device is in quarantine, if it is."""

    def quarantine(
        self, label: DeviceId, reason: Quarantine, until: float | None, now: float
    ) -> None:
        """Use a device no more until then, or until the operator acts (None)."""

    def release(self, label: DeviceId) -> None:
        """Let a device be used again."""


class DeviceBook(DeviceHealth, Protocol):
    """The devices that there are, beside their health."""

    def all(self, now: float) -> list[Device]:
        """List the devices by label."""

    def find(self, label: DeviceId, now: float) -> Device | None:
        """Find one device."""


class Settling(Protocol):
    """How attempts end."""

    def settle(
        self,
        delivery: int,
        attempt: int,
        state: State,
        *,
        now: float,
        message_id: str | None = None,
        reason: str | None = None,
        due: float | None = None,
        counts: bool = False,
        refused: bool = False,
    ) -> bool:
        """End an attempt, or settle one that was uncertain; False where it was fenced off."""

    def settle_all(self, endings: Sequence[Settlement], now: float) -> list[bool]:
        """End attempts, or settle those that were uncertain; tell of each whether it took."""

    def running(self, delivery: int, attempt: int, running: bool, now: float) -> None:
        """Mark that the call was cut loose (it can't be claimed again), or that it is over."""

    def clear_running(self, now: float) -> None:
        """Note that no host of an earlier run lives, and no call of theirs."""


class DoubtBook(Protocol):
    """Attempts that are not settled, with their evidence."""

    def open(self, *states: State) -> list[Doubt]:
        """List the attempts of deliveries in these states (sending and uncertain by default)."""

    def find(self, delivery: int, attempt: int) -> Doubt | None:
        """Find one attempt, if it is the current one and still unsettled."""


class Receipts(Protocol):
    """What recipients' phones confirm."""

    def receipt(
        self,
        device: DeviceId,
        message_ids: Sequence[str],
        kind: ReceiptKind,
        now: float,
    ) -> list[ReceiptEffect]:
        """Take one in, and return what it moved."""

    def receipts(self, seen: Sequence[Confirmation], now: float) -> list[ReceiptEffect]:
        """Take receipts in, and return what they moved, in their order."""

    def take_early(self) -> list[ReceiptEffect]:
        """Return what kept receipts have moved since the last call, when their id became known."""


class Acquaintance(Protocol):
    """Who is who, and who is not written to."""

    def learn(self, phone: Phone, lid: str) -> None:
        """Note a person's LID, wherever it is missing; an opt-out by it gets the number."""

    def is_suppressed(self, phone: Phone, lid: str | None = None) -> bool:
        """Tell whether this person opted out, by number or by LID."""

    def suppress_pending(self, people: Sequence[Phone | Lid], now: float) -> list[Dropped]:
        """Suppress the pending deliveries to these people, in every campaign."""


class OptOuts(Acquaintance, Protocol):
    """How recipients opt out, and in again."""

    def suppress(
        self, who: Phone | Lid, now: float, *, source: str, lid: str | None = None
    ) -> bool:
        """Write to this person no more, whatever the spelling; returns whether that is new."""

    def unsuppress(
        self, who: Phone | Lid, *, lid: str | None = None, source: str | None = None
    ) -> bool:
        """Take a person's opt-out back; with `source`, only what came from there."""

    def suppressed_among(
        self, people: Collection[tuple[Phone, str | None]]
    ) -> frozenset[tuple[Phone, str | None]]:
        """Tell which of these people, by number and LID, have opted out."""

    def any_nameless(self) -> bool:
        """Tell whether somebody opted out of whom only the LID is known."""


class ReplyBook(Protocol):
    """Who replied, and what can't be told yet."""

    def account(self, device: DeviceId) -> str:
        """Tell the number behind a device."""

    def written(
        self, phone: Phone | None, lid: str | None, quotes: str | None = None
    ) -> list[Written]:
        """List what reached a person, or may have; or the message that is quoted, of a stranger."""

    def add(self, to: Written, sent: SentBack) -> bool:
        """Keep a reply; False where it is known, or the recipient has sent enough of them."""

    def keep_aside(self, person: str, sent: SentBack, now: float) -> None:
        """Keep what came from a LID, or a number, after all attempts so far."""

    def kept_aside(self) -> frozenset[str]:
        """Tell of which LIDs and numbers something is kept aside."""

    def unclaimed(self, person: str) -> list[Unclaimed]:
        """List what is kept aside of this LID or number, as it came."""

    def claimed(self, unclaimed: Unclaimed) -> None:
        """Keep it aside no more."""


class ForeignBook(Protocol):
    """Messages that an earlier ledger of the home has sent."""

    def remember(self, messages: Iterable[OwnMessage]) -> int:
        """Keep those that no attempt of this ledger made; returns how many were new."""


class MarkBook(Protocol):
    """Small numbers that outlive a run."""

    def own(self, key: str) -> str:
        """Name a number that each machine has for itself."""

    def kept(self, key: str) -> bool:
        """Tell whether a number is kept."""

    def get(self, key: str) -> int:
        """Read a number; 0 where none is kept."""

    def set(self, key: str, value: int) -> None:
        """Keep a number."""


class Endings(Settling, Receipts, Protocol):
    """How attempts end, and what recipients' phones confirm."""


class Holding(Protocol):
    """Which machine a home is of those that share a ledger."""

    @property
    def mine(self) -> int:
        """Its number; 0 where it is none."""

    @property
    def owes(self) -> bool:
        """Whether the ledger went back, and it is yet to tell what it has sent."""

    def take_epoch(self) -> None:
        """Take it: whoever had it before writes nothing more."""

    def has_told(self) -> None:
        """Note that it has."""

    def went_back(self) -> None:
        """Note that it has sent what the ledger does not know."""


class PastLedger(Protocol):
    """A ledger as far as an earlier run's remains are settled in it."""

    @property
    def remote(self) -> bool:
        """Whether machines may share it."""

    @property
    def machines(self) -> Holding:
        """Whose remains they are."""

    @property
    def outcomes(self) -> Endings:
        """How attempts end, and what phones confirm."""

    @property
    def doubts(self) -> DoubtBook:
        """Attempts that are not settled."""

    @property
    def foreign(self) -> ForeignBook:
        """Messages that an earlier ledger has sent."""

    @property
    def marks(self) -> MarkBook:
        """Up to where that was read."""

    def transaction(self) -> AbstractContextManager[None]:
        """Group calls in one commit."""


class RemoteLedger(Protocol):
    """A ledger as far as the way to it may be lost, and what was under way then is settled."""

    @property
    def remote(self) -> bool:
        """Whether it may: then any call raises LedgerLostError."""

    @property
    def ahead(self) -> float:
        """By how many seconds its clock is ahead of this machine's."""

    @property
    def outcomes(self) -> Endings:
        """How attempts end."""

    @property
    def doubts(self) -> DoubtBook:
        """Attempts that are not settled."""

    def relink(self) -> bool:
        """Connect anew; tells whether the transaction that was lost with the link is committed.

        Raises: LedgerLostError: it can't be reached yet.
        """

    def transaction(self) -> AbstractContextManager[None]:
        """Group calls in one commit."""


class VoteBook(Protocol):
    """What recipients voted."""

    def polls(self, message_id: str) -> list[AskedPoll]:
        """List the polls that were sent under this id."""

    def cast(self, delivery: int, chosen: Sequence[str], at: float) -> None:
        """Let this be the recipient's vote, unless a later one is known."""

    def keep_aside(self, poll: str, ballot: Ballot, now: float) -> None:
        """Keep a vote until its poll is known."""

    def any_aside(self) -> bool:
        """Tell whether any is kept."""

    def take_known(self) -> list[Aside]:
        """Hand out those whose poll is known by now, and keep them no more."""


class HearingLedger(Protocol):
    """A ledger as far as it keeps what recipients send."""

    @property
    def outcomes(self) -> Receipts:
        """What phones confirm."""

    @property
    def people(self) -> OptOuts:
        """Who must not be written to."""

    @property
    def replies(self) -> ReplyBook:
        """Who replied, and to what."""

    @property
    def votes(self) -> VoteBook:
        """What recipients voted."""
