"""New chats in a run: who may begin one, and what a refused or a silent one leads to.

A chat that exists goes on whatever is said here.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from waheal.chat_records import ChatLimits, ChatsWith
from waheal.engine.ports import ChatBook
from waheal.engine.scheduler import Member
from waheal.events import Event, NewChatsHeld, Note
from waheal.model import ChatHold, DeviceId, Phone
from waheal.policy.chat_limits import (
    IN_A_ROW,
    UNANSWERED,
    UNANSWERED_FOR,
    ChatBudget,
    ChatPace,
    Refusals,
    Shutter,
    guess,
    hear_lock,
    hear_quota,
    is_trusted,
    pace_of,
)
from waheal.policy.pacing import DAY, HISTORY_MARGIN
from waheal.records import REFUSED, SHUT, Device, Due
from waheal.store.sessions import Sessions, phone_of
from waheal.wire import ChatLock, ChatQuota

_LISTEN = 60.0  # seconds: the ledger's look at an hour's first messages is not for each claim


@dataclass(frozen=True, slots=True)
class PutOff:
    """Nobody begins a chat with them before `until` (Unix seconds)."""

    until: float
    why: str


class NewChats:
    """What the ledger says of new chats, by device and by person; call it inside a transaction."""

    def __init__(self, chats: ChatBook, sessions: Sessions, budget: ChatBudget, now: float) -> None:
        self._chats = chats
        self._sessions = sessions
        self._budget = budget
        self._listens_at: dict[DeviceId, float] = {}  # when silence is next listened for
        self._shutters: dict[Phone, Shutter] = {}  # by account
        self._people: dict[Phone, ChatsWith] = {}  # of whom this turn has asked
        self.renew(now)

    def renew(self, now: float) -> None:
        """Read again what was begun; whoever has a device's pace is to ask for it anew."""
        self._since = now - DAY - HISTORY_MARGIN
        self._begun = self._chats.begun_times(self._since)
        self._shutters.clear()

    def begin_turn(self) -> None:
        """Forget what the last turn was told of people, for it may have changed."""
        self._people.clear()

    def pace(self, device: Device) -> ChatPace:
        """Make the pace of a device's new chats, from its history."""
        shutter = self._shutters.setdefault(phone_of(device.jid or ""), Shutter())
        shutter.until = device.chats_from or 0.0
        births = (device.paired, self._chats.first_begun(device.label))
        begun = self._begun.get(device.label, [])
        return pace_of(self._budget, births, begun, self._since, shutter)

    def limits(self, device: DeviceId) -> ChatLimits:
        """Tell what the device's account may begin."""
        return self._chats.limits(device)

    def is_new(self, due: Due, member: Member, now: float, coming: Iterable[Due] = ()) -> bool:
        """Tell whether this device's account has got nothing through to them before.

        Nor is a chat new whose contact trusts the account, by an older chat of its phone's. Where
        the ledger is to be asked, it is asked of those who are `coming`, too.
        """
        if phone_of(member.jid) in self._with(due.phone, coming).begun:
            return False
        return not is_trusted(self._sessions.meeting(member.jid, due.phone).trusted, now)

    def elsewhere(
        self, due: Due, member: Member, others: Mapping[DeviceId, Member], now: float
    ) -> Member | PutOff | None:
        """Tell who is to begin the chat in this device's place, or when; None: it may itself."""
        refusals = Refusals(self._with(due.phone).refused)
        opens, refused = member.chats.allowed_at(now), phone_of(member.jid) in refusals.by
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
        """Take a refusal for the account's, once it was refused several people in a row."""
        limits = self._chats.limits(member.device)
        if self._chats.refused_in_a_row(member.device, limits.counts_from) < IN_A_ROW:
            return []
        return self._guess(member, ChatHold.REFUSED, now)

    def told(self, member: Member, report: ChatLock | ChatQuota, now: float) -> list[Event]:
        """Believe what the account is told: until when it begins no chat, or that it may again."""
        events = heed(self._chats, report, now)
        standing = self._chats.limits(member.device).hold(now)
        member.chats.shutter.until = 0.0 if standing is None else standing[1]
        return events

    def mind_silence(self, member: Member, now: float) -> list[Event]:
        """Let a device begin no more whose first messages do not arrive."""
        if now < self._listens_at.get(member.device, 0.0):
            return []
        self._listens_at[member.device] = now + _LISTEN
        since, before = self._chats.limits(member.device).shut or 0.0, now - UNANSWERED_FOR
        if self._chats.unanswered(member.device, since, before, UNANSWERED) < UNANSWERED:
            return []
        return self._guess(member, ChatHold.UNDELIVERED, now)

    def _with(self, phone: Phone, coming: Iterable[Due] = ()) -> ChatsWith:
        if phone not in self._people:
            asked = {phone, *(each.phone for each in coming)} - self._people.keys()
            self._people |= self._chats.with_people(asked)
        return self._people[phone]

    def _guess(self, member: Member, why: ChatHold, now: float) -> list[Event]:
        before = self._chats.limits(member.device)
        after = guess(before, why, now)
        standing = after.hold(now)
        if after is before or standing is None:
            return []  # told once
        self._chats.keep(member.device, after)
        member.chats.shutter.until = standing[1]
        return [NewChatsHeld(member.device, *standing)]


def heed(chats: ChatBook, report: ChatLock | ChatQuota, now: float) -> list[Event]:
    """Write what WhatsApp tells an account of its new chats, whoever connected the device.

    What of a lock and a quota lasts longer is told, where it is not what stood before.
    """
    before = chats.limits(report.device)
    told: list[Event] = []
    match report:
        case ChatLock(_, active, until, at):
            after = hear_lock(before, active=active, until=until, at=at, now=now)
        case ChatQuota(device, used, total, warning, until, at):
            after = hear_quota(before, (used, total), warning, until=until, at=at, now=now)
            if after is not before and after.quota is not None:
                of = f"{used:,} of {total:,} new chats"
                told = [Note(f"{device}: WhatsApp warns that {of} are used")]
        case other:
            assert_never(other)
    chats.keep(report.device, after)
    return told + _difference(report.device, before.hold(now), after.hold(now))


def _difference(
    device: DeviceId, before: tuple[ChatHold, float] | None, after: tuple[ChatHold, float] | None
) -> list[Event]:
    if before == after:
        return []
    if after is None:
        return [Note(f"{device}: WhatsApp lets it begin new chats again")]
    return [NewChatsHeld(device, *after)]


def told_before(devices: Collection[Device]) -> list[Event]:
    """Tell which devices begin no new chat, as an earlier run left them."""
    return [
        NewChatsHeld(device.label, ChatHold(device.chats_why), device.chats_from)
        for device in devices
        if device.chats_from is not None and device.chats_why is not None
    ]


def _least_loaded(
    members: Mapping[DeviceId, Member], but: Collection[Phone], now: float
) -> Member | None:
    free = (
        member
        for member in members.values()
        if member.usable and phone_of(member.jid) not in but and member.chats.allowed_at(now) <= now
    )
    return min(free, key=lambda member: member.load, default=None)
