"""Which recipients are claimed next: pacing, windows, frequency and limits are asked here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf
from random import Random

from waheal.engine.inbound import set_aside
from waheal.engine.new_chats import NewChats, PutOff
from waheal.engine.ports import Claiming, MessageHistory
from waheal.engine.roster import Roster
from waheal.engine.scheduler import Member
from waheal.engine.settings import RunSettings
from waheal.events import Event
from waheal.model import ErrandKind, Phone, Quarantine
from waheal.policy.windows import Hours
from waheal.records import OFTEN, OUTSIDE, SHUT, Campaign, Claim, Due, Origin, Want
from waheal.store.sessions import Sessions

PUT_OFF = (OUTSIDE, OFTEN, SHUT)
"""Why recipients wait by this run's options; the next run may have others."""

# A turn considers no more; where many are put off, reports are heard in between.
_CONSIDERED = 2000

_SOON = 0.1  # seconds: as long as another machine's turn may take


@dataclass(frozen=True, slots=True)
class Won:
    """A claim that the ledger granted, for a device; `tries` counts refusals so far.

    `ahead`: whom the device is about to write to next, and their LIDs where they are known; only
    with the first of those that were dealt together.
    """

    claim: Claim
    member: Member
    tries: int
    not_after: float | None
    ahead: tuple[tuple[Phone, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a turn claimed, and what to tell of whom it could not."""

    won: tuple[Won, ...]
    events: tuple[Event, ...]


class Claims:
    """Claims for the devices that are next; call it inside a transaction."""

    def __init__(
        self,
        work: Claiming,
        history: MessageHistory,
        chats: NewChats,
        sessions: Sessions,
        campaign: Campaign,
        roster: Roster,
        settings: RunSettings,
        hours: Hours | None,
        *,
        boot: str,
        random: Random,
        lease: float | None = None,
        shared: bool = False,
    ) -> None:
        self._work = work
        self._history = history
        self._chats = chats
        self._sessions = sessions
        self._campaign = campaign
        self._roster = roster
        self._settings = settings
        self._hours = hours
        self._boot = boot
        self._lease = lease  # seconds after its claim in which a message leaves
        self._random = random
        self._errands = campaign.kind in set(ErrandKind)  # which begin no chat
        self._shared = shared  # other machines claim, too
        self._total_opens = 0.0  # by what all machines have claimed
        self._locked = False  # another machine's turn has just looked at whoever is left
        self._claimed = 0
        self.stamp = ""  # this run's in the session database
        self.more = False  # the last look stopped early: there is more to consider at once

    @property
    def used_up(self) -> bool:
        """Whether the run's `--limit` is reached."""
        return self._settings.limit is not None and self._claimed >= self._settings.limit

    def take(self, now: float, room: int, host_log: Callable[[int], str]) -> Taken:
        """Claim for as many devices as there is room, pace and work for."""
        events: list[Event] = []
        picked: list[tuple[Due, Member, Want]] = []
        considered = 0
        room = self._begin(room, now)
        self._chats.begin_turn()
        while len(picked) < self._room(room) and considered < _CONSIDERED:
            if self._total_allowed(now) > now:
                break
            taken = self._roster.scheduler.take(now)
            if taken is None:
                break
            considered += 1
            coming = self._roster.scheduler.coming(self._room(room))
            want = self._want(*taken, now, host_log, events, coming)
            if want is not None:
                picked.append((*taken, want))
                self._note(*taken, now, new_chat=want.new_chat)
        self._locked = (
            self._shared
            and self._roster.scheduler.idle
            and self._work.next_due(self._campaign.id, now, or_now=True) == now
        )
        won = self._claim(picked, now, events)
        # Who was dropped made room: their devices are free, and nothing else would wake the run.
        self.more = considered >= _CONSIDERED or len(won) < len(picked)
        return Taken(tuple(won), tuple(events))

    def mark(self) -> Callable[[], None]:
        """Give what lets as many be claimed as are by now."""
        claimed = self._claimed

        def take_back() -> None:
            self._claimed = claimed

        return take_back

    def _begin(self, room: int, now: float) -> int:
        """Begin a turn beside other machines'; tell how much room all of them together leave."""
        order = self._settings.shared
        if order is not None and self._settings.limit is not None:
            self._claimed = order.claimed()
        if not self._shared:
            return room
        if rates := self._settings.limits.total_rates:
            left, self._total_opens = self._history.left_of(rates, now)
            room = min(room, left)
        if room > 0:
            self._roster.scheduler.refresh(self._room(room))
        return room

    def _total_allowed(self, now: float) -> float:
        return max(self._total_opens, self._roster.total.allowed_at(now))

    def next_moment(self, now: float) -> float | None:
        """When something can be claimed again, if nothing else happens before."""
        back = self._roster.next_return()
        if not self._roster.scheduler.any_usable():
            return back
        total = self._total_allowed(now)
        if total > now:  # devices may be free that nobody has looked at yet
            return None if total == inf else total
        soonest = self._work.next_due(self._campaign.id, now)
        again = now + _SOON if self._locked else None
        moments = (soonest, self._roster.scheduler.opens(), back, again)
        return min((at for at in moments if at is not None), default=None)

    def paced(self, now: float) -> bool:
        """Whether what is waited for is a pace that keeps messages apart, and nothing else."""
        total = self._roster.total
        if total.allowed_at(now) > now:
            return total.spaced
        soonest = self.next_moment(now)
        return any(
            member.pace.spaced and member.rest_until < member.opens(now) == soonest
            for member in self._roster.scheduler.members.values()
        )

    def _room(self, room: int) -> int:
        limit = self._settings.limit
        return room if limit is None else min(room, limit - self._claimed)

    def _note(self, due: Due, member: Member, now: float, *, new_chat: bool) -> None:
        closes = self._closes(due.phone, due.zone, now)
        member.pace.note(now, self._random.random(), closes)
        self._roster.total.note(now, self._random.random(), closes)
        if new_chat:
            member.chats.note(now)

    def _forget(self, member: Member, now: float, *, new_chat: bool) -> None:
        member.pace.forget(now)
        self._roster.total.forget(now)
        if new_chat:
            member.chats.forget(now)

    def _want(
        self,
        due: Due,
        member: Member,
        now: float,
        host_log: Callable[[int], str],
        events: list[Event],
        coming: Iterable[Due],
    ) -> Want | None:
        later = self._later(due, now)
        if later is not None:
            self._put_off(due, member, *later, now)
            return None
        identity = self._sessions.identity(member.jid)
        if identity is None:
            self._roster.scheduler.put_back(due, member, now)
            events += self._roster.quarantine(member, Quarantine.NO_SESSION, None, now)
            return None
        new_chat = not self._errands and self._chats.is_new(due, member, now, coming)
        if new_chat:
            events += self._chats.mind_silence(member, now)
            if self._turned_away(due, member, now):
                return None
        lid = self._sessions.lid_of(due.phone)
        log = host_log(member.host)
        return Want(
            due.delivery,
            member.device,
            member.jid,
            lid,
            Origin(self._boot, log, identity, self.stamp),
            new_chat=new_chat,
        )

    def _turned_away(self, due: Due, member: Member, now: float) -> bool:
        """Whether this device does not begin a chat with them: another is to, or they wait."""
        match self._chats.elsewhere(due, member, self._roster.scheduler.members, now):
            case None:
                return False
            case PutOff(until, why):
                self._put_off(due, member, until, why, now)
            case other:
                self._roster.scheduler.put_back(due, member, now, to=other)
        return True

    def _put_off(self, due: Due, member: Member, until: float, why: str, now: float) -> None:
        self._work.defer([due.delivery], until, why, now)
        self._roster.scheduler.put_back(due, member, now)

    def _later(self, due: Due, now: float) -> tuple[float, str] | None:
        """When and why this recipient must wait, if they must."""
        if self._hours is not None:
            opens = self._hours.next_open(due.phone, now, due.zone)
            if opens > now:
                return opens, OUTSIDE
        often = self._settings.limits.per_recipient
        if often is not None:
            lid = self._sessions.lid_of(due.phone)
            times = self._history.recent(due.phone, now - often[1], lid=lid)
            if len(times) >= often[0]:
                return times[-often[0]] + often[1], OFTEN
        return None

    def _claim(
        self, picked: list[tuple[Due, Member, Want]], now: float, events: list[Event]
    ) -> list[Won]:
        if not picked:
            return []
        held = self._shared and self._settings.limits.per_recipient is not None
        if held:
            picked = self._seldom_enough(picked, now)
        wants = [want for _, _, want in picked]
        claims, dropped = self._work.claim(self._campaign, wants, now=now, held=held)
        granted = {claim.delivery: claim for claim in claims}
        lost = {drop.delivery: drop for drop in dropped}
        won: list[Won] = []
        for due, member, want in picked:
            if claim := granted.get(due.delivery):
                self._roster.scheduler.claimed(due)
                won.append(Won(claim, member, due.tries, self._not_after(claim, due.zone, now)))
                continue
            self._give_back(due, member, want, now)
            if drop := lost.get(due.delivery):
                events.append(set_aside(drop, member.device))
        count = sum(not each.claim.ask_lid for each in won)
        self._claimed += count
        if self._settings.shared is not None and count:
            self._settings.shared.note(claimed=count)
        return [
            replace(each, ahead=self._ahead(each.member, won[place:], now))
            if each.member.dealt
            else each
            for place, each in enumerate(won, start=1)
        ]

    def _seldom_enough(
        self, picked: list[tuple[Due, Member, Want]], now: float
    ) -> list[tuple[Due, Member, Want]]:
        """Leave those who were written to often enough: other machines may have, just now."""
        often = self._settings.limits.per_recipient
        assert often is not None  # noqa: S101 - else nobody asks
        people = [(due.delivery, due.phone, want.lid) for due, _, want in picked]
        kept: list[tuple[Due, Member, Want]] = []
        for each, times in zip(picked, self._history.held(people, now - often[1]), strict=True):
            due, member, want = each
            if len(times) < often[0]:
                kept.append(each)
                continue
            self._work.defer([due.delivery], times[-often[0]] + often[1], OFTEN, now)
            self._give_back(due, member, want, now)
        return kept

    def _give_back(self, due: Due, member: Member, want: Want, now: float) -> None:
        self._forget(member, now, new_chat=want.new_chat)
        self._roster.scheduler.put_back(due, member, now, rested=True)

    def _ahead(
        self, member: Member, later: Sequence[Won], now: float
    ) -> tuple[tuple[Phone, str | None], ...]:
        """Tell whom to look up along with a device's claim: its later ones, and who lies ahead.

        Nobody is asked for who would not be sent to as things stand.
        """
        member.dealt = False
        claimed = [each.claim for each in later if each.member is member]
        dues = [due for due in member.ahead if self._later(due, now) is None]
        lids = {due.delivery: self._sessions.lid_of(due.phone) for due in dues}
        wanted = self._work.claimable(self._campaign, lids, now)
        ahead = [(due.phone, wanted[due.delivery]) for due in dues if due.delivery in wanted]
        return (*((claim.phone, claim.lid) for claim in claimed), *ahead)

    def _not_after(self, claim: Claim, zone: str | None, now: float) -> float | None:
        closes = self._closes(claim.phone, zone, now)
        leased = None if self._lease is None else now + self._lease
        ends = [at for at in (closes, claim.expires, leased) if at is not None]
        return min(ends, default=None)

    def _closes(self, phone: Phone, zone: str | None, now: float) -> float | None:
        return self._hours.closes(phone, now, zone) if self._hours else None
