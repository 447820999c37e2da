"""Who is next: gives devices their next recipients; claims and sends nothing itself.

A device is *free* (may take a recipient now), *resting* (until a moment: its pace, a hold), *full*
(its claims are out, as many as its pace allows), *held* (its host is being exchanged), *withdrawn*
(not usable) or *parked* (nothing in the file for it, until `refresh`, or until it may begin new
chats). Free devices are served least loaded first. Recipients come in file order from two places:
those that a device's own lane holds (pinned, or a contact of old), and those that anyone may send
to, which a device that may begin no new chat does not get.

A device is dealt several of those at once, so that it can look them up together; where that spares
something, `dealt` says so until somebody has. Near the end whoever is free takes over what others
have not come to yet.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count, islice
from math import inf

from waheal.engine.ports import PendingWork
from waheal.model import DeviceId
from waheal.policy.chat_limits import ChatBudget, ChatPace
from waheal.policy.pacing import Pace
from waheal.records import Due

CLAIMS_A_DEVICE = 2  # one on its way, one that waits behind it
TOGETHER = 4  # fewer are not worth a question of their own, and ask for themselves
_READ_AHEAD = 256
_LANES = 64  # that are read at once
_MOST_DEALT = 4096  # to all devices together: each read of the ledger passes them by


@dataclass(slots=True, eq=False)
class Member:
    """A device's part in a run."""

    device: DeviceId
    jid: str
    host: int
    pace: Pace
    load: int  # sent today and in flight
    own: bool  # its lane in the ledger may hold recipients
    in_flight: int = 0
    usable: bool = True  # neither quarantined nor paused
    held: bool = False  # its host is being exchanged
    rest_until: float = 0.0
    chats: ChatPace = field(default_factory=lambda: ChatPace(ChatBudget(), 0.0))
    ahead: deque[Due] = field(default_factory=deque)
    dealt: bool = False  # several lie ahead, and were not looked up yet

    def rest(self, until: float) -> None:
        """Take nobody before `until`."""
        self.rest_until = max(self.rest_until, until)

    def opens(self, now: float) -> float:
        """When it may take the next recipient; `now` or earlier means at once.

        Infinity: once what is on its way is over.
        """
        return max(self.rest_until, self.pace.allowed_at(now))


class Scheduler:
    """Deals recipients out to devices."""

    def __init__(
        self,
        work: PendingWork,
        campaign: int,
        members: Iterable[Member],
        *,
        most_ahead: int = 1,
    ) -> None:
        self._work = work
        self._campaign = campaign
        self._most_ahead = most_ahead  # recipients that one device is dealt at a time
        # Of those that anyone may send to, how many are read at a time, and for which turn alone.
        self._at_most: int | None = None
        self._turn_of = -inf
        self._spare = 0  # of those that anyone may send to, how many lie ahead of some device
        self._order = count()
        self._free: list[tuple[int, int, Member]] = []
        self._resting: list[tuple[float, int, Member]] = []
        self._shut: dict[DeviceId, float] = {}  # parked until it may begin new chats
        self._queued: set[DeviceId] = set()
        self._parked: set[DeviceId] = set()
        self._anyone: deque[Due] = deque()
        self._anyone_dry = False
        self._anyone_more = False  # the last read was cut off at what was asked for
        self._stale = False
        self._dealt: set[int] = set()  # read ahead or taken, and not claimed yet
        self._meant: set[int] = set()  # of those, who lie ahead of the one device that is to write
        self.members: dict[DeviceId, Member] = {}
        self.idle = False
        """Whether a device might have written to somebody, at the last look, and found nobody."""
        for member in members:
            self.add(member)

    def add(self, member: Member) -> None:
        """Let a device take part from now on."""
        self.members[member.device] = member
        self._enqueue(member, 0.0)

    def any_usable(self) -> bool:
        """Whether a device is left that is neither quarantined nor paused."""
        return any(member.usable for member in self.members.values())

    def opens(self) -> float | None:
        """When the next device may take a recipient, by itself."""
        while self._resting and not self._resting[0][2].usable:
            self._queued.discard(heapq.heappop(self._resting)[2].device)
        rested = [self._resting[0][0]] if self._resting else []
        return min([*rested, *self._shut.values()], default=None)

    def take(self, now: float) -> tuple[Due, Member] | None:
        """Give the next recipient and the device for it, or None when nobody can have one now."""
        if self._stale:
            self._read_again(now)
        if self._at_most is not None and now != self._turn_of:
            self._turn_of = now
            self._forget_anyones(now)
        self._wake(now)
        while self._free:
            member = heapq.heappop(self._free)[2]
            self._queued.discard(member.device)
            if not member.usable or member.held or member.in_flight >= CLAIMS_A_DEVICE:
                continue
            if member.opens(now) > now:
                self._enqueue(member, now)
                continue
            due = self._next_for(member, now)
            if due is None:
                self._park(member, now)
                continue
            member.in_flight += 1
            member.load += 1
            self._enqueue(member, now)
            return due, member
        self.idle = len(self._parked) > len(self._shut)
        return None

    def coming(self, most: int) -> Iterator[Due]:
        """Give who may be taken next, as far as they are read."""
        free = (each for *_, each in self._free)
        ahead = (due for each in free for due in islice(each.ahead, CLAIMS_A_DEVICE))
        return islice(chain(ahead, self._anyone), most)

    def claimed(self, due: Due) -> None:
        """Say that the ledger knows what became of a recipient that was taken."""
        self._dealt.discard(due.delivery)
        self._meant.discard(due.delivery)

    def put_back(
        self,
        due: Due,
        member: Member,
        now: float,
        *,
        rested: bool = False,
        to: Member | None = None,
    ) -> None:
        """Say that a recipient was not claimed after all: deferred, or dropped by the claim.

        `rested`: the device's pace had counted it, and has forgotten it. `to`: the device that is
        to take it next.
        """
        if to is None:
            self.claimed(due)
        else:
            to.ahead.append(due)
            self._meant.add(due.delivery)
            self._spare += due.lane is None
            self._unpark(to, now)
        member.load -= 1
        if rested:
            self._wake_up(member)
        self.done(member, now)

    def done(self, member: Member, now: float, claims: int = 1) -> None:
        """Say that so many of the device's claims ended; or its pace waits no longer for a call."""
        member.in_flight -= claims
        self._enqueue(member, now)

    def withdraw(self, member: Member) -> None:
        """Stop giving to a device; what was read ahead for it goes back."""
        member.usable = False
        self._shut.pop(member.device, None)
        self._take_back(member, member.ahead)

    def restore(self, member: Member, now: float) -> None:
        """Give to a device again that was withdrawn."""
        member.usable = True
        member.rest_until = 0.0
        self._queued.discard(member.device)
        self._unpark(member, now)

    def hold(self, member: Member, now: float, *, held: bool) -> None:
        """Give nothing to a device while its host is exchanged; what it may do is not touched."""
        member.held = held
        self._enqueue(member, now)

    def refresh(self, most: int | None = None) -> None:
        """Look into the ledger again at the next turn: recipients became due, or changed hands.

        With `most`, only for those that anyone may send to, and so many at a time: other machines
        send to them, too, and what was read in an earlier turn may be theirs by now.
        """
        if most is None:
            self._stale = True
        else:
            self._at_most = max(1, most)

    def _forget_anyones(self, now: float) -> None:
        self._dealt.difference_update(due.delivery for due in self._anyone)
        self._anyone.clear()
        if self._anyone_dry:
            self._anyone_dry = False
            for device in tuple(self._parked):
                self._unpark(self.members[device], now)

    def _read_again(self, now: float) -> None:
        self._stale = False
        self._dealt.difference_update(due.delivery for due in self._anyone)
        self._anyone.clear()
        self._anyone_dry = self._anyone_more = False
        held = self._work.lanes(self._campaign)
        for member in self.members.values():
            shut = member.chats.allowed_at(now) > now
            self._take_back(member, [due for due in member.ahead if shut or due.lane is not None])
            member.own = member.device in held
        for device in tuple(self._parked):
            self._unpark(self.members[device], now)

    def _wake(self, now: float) -> None:
        while self._resting and self._resting[0][0] <= now:
            member = heapq.heappop(self._resting)[2]
            self._queued.discard(member.device)
            self._enqueue(member, now)

        for device in [each for each, opens in self._shut.items() if opens <= now]:
            self._unpark(self.members[device], now)

    def _park(self, member: Member, now: float) -> None:
        self._parked.add(member.device)
        opens = member.chats.allowed_at(now)
        if opens > now:
            self._shut[member.device] = opens

    def _unpark(self, member: Member, now: float) -> None:
        self._parked.discard(member.device)
        self._shut.pop(member.device, None)
        self._enqueue(member, now)

    def _wake_up(self, member: Member) -> None:
        kept = [each for each in self._resting if each[2] is not member]
        if len(kept) < len(self._resting):
            heapq.heapify(kept)
            self._resting = kept
            self._queued.discard(member.device)

    def _enqueue(self, member: Member, now: float) -> None:
        ready = member.usable and not member.held and member.in_flight < CLAIMS_A_DEVICE
        if not ready or member.device in self._queued or member.device in self._parked:
            return
        opens = member.opens(now)
        if opens == inf:
            return  # full, until `done` or `wake`
        self._queued.add(member.device)
        if opens > now:
            heapq.heappush(self._resting, (opens, next(self._order), member))
        else:
            heapq.heappush(self._free, (member.load, next(self._order), member))

    def _next_for(self, member: Member, now: float) -> Due | None:
        if not member.ahead and member.own:
            self._read_lanes(member, now)
        first = member.ahead[0] if member.ahead else None
        if (first is None or first.lane is None) and member.chats.allowed_at(now) <= now:
            self._read_anyone(now)
            if first is None:
                self._deal(member)
            elif self._anyone and self._anyone[0].row < first.row:
                return self._anyone.popleft()  # pending once more: its turn has been before
        if not member.ahead:
            return None
        due = member.ahead.popleft()
        self._spare -= due.lane is None
        return due

    def _deal(self, member: Member) -> None:
        """Give a device its share of those that anyone may send to."""
        left = len(self._anyone) + self._spare
        share = min(self._most_ahead, -(-left // len(self.members)))
        share = (
            share if share >= TOGETHER else 1
        )  # strictly in file order, where that costs nothing
        while self._anyone and len(member.ahead) < share:
            member.ahead.append(self._anyone.popleft())
            self._spare += 1
        member.dealt = len(member.ahead) >= TOGETHER
        if not member.ahead and self._spare:
            self._take_over(member)

    def _read_anyone(self, now: float) -> None:
        """Have as many at hand as make whole shares for all, as long as there are so many."""
        window = 0 if self._most_ahead == 1 else self._most_ahead * len(self.members)
        window = self._at_most or max(_READ_AHEAD, min(_MOST_DEALT, window))
        if self._anyone_dry or len(self._anyone) > (window // 2 if self._anyone_more else 0):
            return
        found = self._read(now, window)
        self._anyone.extend(found)
        self._anyone_more = len(found) == window and self._most_ahead > 1
        self._anyone_dry = not self._anyone

    def _take_over(self, member: Member) -> None:
        """Take the last that lies ahead of the device which has most before it."""
        other = max(self.members.values(), key=lambda each: len(each.ahead))
        spare = (due for due in reversed(other.ahead) if due.lane is None)
        due = next((due for due in spare if due.delivery not in self._meant), None)
        if due is not None:
            other.ahead.remove(due)
            member.ahead.append(due)

    def _take_back(self, member: Member, dues: Iterable[Due]) -> None:
        """Let recipients that lay ahead of a device be read again."""
        gone = {due.delivery for due in dues}
        self._dealt -= gone
        self._meant -= gone
        self._spare -= sum(due.lane is None for due in member.ahead if due.delivery in gone)
        member.ahead = deque(due for due in member.ahead if due.delivery not in gone)

    def _read_lanes(self, member: Member, now: float) -> None:
        """Read a device's lane, and along with it those of the others that are free."""
        free = (each for *_, each in self._free if each.own and each.usable and not each.ahead)
        wanted = [member, *islice(free, _LANES - 1)]
        lanes = [each.device for each in wanted]
        most = max(CLAIMS_A_DEVICE, self._most_ahead)
        dealt = frozenset(self._dealt)
        found = self._work.due_in(self._campaign, lanes, now, most, exclude=dealt)
        for each, dues in zip(wanted, found, strict=True):
            self._dealt.update(due.delivery for due in dues)
            each.ahead.extend(dues)
            each.own = bool(dues)
            each.dealt = len(dues) >= TOGETHER

    def _read(self, now: float, limit: int) -> list[Due]:
        found = self._work.due(self._campaign, None, now, limit, exclude=frozenset(self._dealt))
        self._dealt.update(due.delivery for due in found)
        return found
