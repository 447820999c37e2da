"""New chats in a run: who may begin one, and what a refused or a silent one leads to.

A chat that exists goes on whatever is said here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import assert_never

from waheal.engine.ports import ChatBook
from waheal.engine.scheduler import Member
from waheal.events import Event, NewChatsHeld, Note
from waheal.model import ChatHold, DeviceId
from waheal.policy.chat_limits import (
    IN_A_ROW,
    SILENCE_HOLD,
    UNANSWERED,
    UNANSWERED_FOR,
    ChatBudget,
    ChatPace,
    Refusals,
    hold,
)
from waheal.policy.pacing import DAY, HISTORY_MARGIN
from waheal.records import REFUSED, SHUT, Device, Due
from waheal.wire import ChatLock, ChatQuota

_LISTEN = 60.0  # seconds: the ledger's look at an hour's first messages is not for each claim


@dataclass(frozen=True, slots=True)
class PutOff:
    """Nobody begins a chat with them before `until` (Unix seconds)."""

    until: float
    why: str


class NewChats:
    """What the ledger says of new chats, by device and by person; call it inside a transaction."""

    def __init__(self, chats: ChatBook, budget: ChatBudget, now: float) -> None:
        self._chats = chats
        self._budget = budget
        self._since = now - DAY - HISTORY_MARGIN
        self._begun = chats.begun_times(self._since)
        self._listens_at: dict[DeviceId, float] = {}  # when silence is next listened for

    def pace(self, device: Device) -> ChatPace:
        """Make the pace of a device's new chats, from its history."""
        births = (device.paired, self._chats.first_begun(device.label))
        return ChatPace(
            self._budget,
            min((at for at in births if at is not None), default=0.0),
            self._begun.get(device.label, []),
            since=self._since,
            held_until=device.chats_from or 0.0,
        )

    def is_new(self, due: Due, member: Member) -> bool:
        """Tell whether this device's account has got nothing through to them before."""
        return not self._chats.begun(due.phone, member.jid)

    def elsewhere(
        self, due: Due, member: Member, others: Mapping[DeviceId, Member], now: float
    ) -> Member | PutOff | None:
        """Tell who is to begin the chat in this device's place, or when; None: it may itself."""
        refusals = Refusals(self._chats.refusals(due.phone))
        opens, refused = member.chats.allowed_at(now), member.device in refusals.by
        if (rest := refusals.rest()) > now:
            return PutOff(rest, REFUSED)
        if not refused and opens <= now:
            return None
        other = None if due.pinned else _least_loaded(others, refusals.by, now)
        if other is not None:
            return other
        if opens > now:
            return PutOff(opens, SHUT)
        alone = refusals.alone()
        return PutOff(alone, REFUSED) if alone > now else None

    def refused(self, member: Member, now: float) -> list[Event]:
        """Take a refusal for the device's, once it was refused several people in a row."""
        if self._chats.refused_in_a_row(member.device) < IN_A_ROW:
            return []
        return self._hold(member, ChatHold.REFUSED, hold(self._chats.holds(member.device)), now)

    def told(self, member: Member, report: ChatLock | ChatQuota, now: float) -> list[Event]:
        """Believe what the account is told: until when it begins no chat, or that it may again."""
        events = heed(self._chats, report, now)
        for event in events:
            if isinstance(event, NewChatsHeld):
                member.chats.held_until = event.until
        if isinstance(report, ChatLock) and not report.active:
            member.chats.held_until = 0.0
        return events

    def mind_silence(self, member: Member, now: float) -> list[Event]:
        """Let a device begin no more whose first messages do not arrive."""
        if now < self._listens_at.get(member.device, 0.0):
            return []
        self._listens_at[member.device] = now + _LISTEN
        before = now - UNANSWERED_FOR
        if self._chats.unanswered(member.device, before, UNANSWERED) < UNANSWERED:
            return []
        return self._hold(member, ChatHold.UNDELIVERED, SILENCE_HOLD, now)

    def _hold(self, member: Member, why: ChatHold, seconds: float, now: float) -> list[Event]:
        if member.chats.held_until > now:
            return []  # told once
        member.chats.held_until = until = now + seconds
        self._chats.hold(member.device, why, until, self._chats.holds(member.device) + 1)
        return [NewChatsHeld(member.device, why, until)]


def heed(chats: ChatBook, report: ChatLock | ChatQuota, now: float) -> list[Event]:
    """Write what WhatsApp tells an account of its new chats, whoever connected the device."""
    match report:
        case ChatLock(device, active=False):
            lifted = chats.allow(device)
            return [Note(f"{device}: WhatsApp lets it begin new chats again")] if lifted else []
        case ChatLock(device, _, until):
            # Without an end to come, our own guess stands.
            return [] if until is None else _held(chats, device, ChatHold.REFUSED, until, now)
        case ChatQuota(device, used, total, capped, until):
            chats.note_quota(device, used, total, until)
            note = Note(f"{device}: WhatsApp warns that {used:,} of {total:,} new chats are used")
            return [note, *(_held(chats, device, ChatHold.CAPPED, until, now) if capped else [])]
        case other:
            assert_never(other)


def _held(
    chats: ChatBook, device: DeviceId, why: ChatHold, until: float, now: float
) -> list[Event]:
    if until <= now:
        return []
    chats.hold(device, why, until, chats.holds(device))
    return [NewChatsHeld(device, why, until)]


def told_before(devices: Collection[Device]) -> list[Event]:
    """Tell which devices begin no new chat, as an earlier run left them."""
    return [
        NewChatsHeld(device.label, ChatHold(device.chats_why), device.chats_from)
        for device in devices
        if device.chats_from is not None and device.chats_why is not None
    ]


def _least_loaded(
    members: Mapping[DeviceId, Member], but: Collection[DeviceId], now: float
) -> Member | None:
    free = (
        member
        for member in members.values()
        if member.usable and member.device not in but and member.chats.allowed_at(now) <= now
    )
    return min(free, key=lambda member: member.load, default=None)
