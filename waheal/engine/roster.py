"""The run's devices: who may send, who rests and until when; writes quarantine into the ledger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from waheal.engine.new_chats import NewChats
from waheal.engine.ports import DeviceBook, LaneWork, PaceHistory
from waheal.engine.presence import Presence
from waheal.engine.scheduler import Member, Scheduler
from waheal.engine.settings import RunSettings
from waheal.events import Event, Note
from waheal.model import DeviceId, DeviceState, NotSent, Quarantine
from waheal.policy.breaker import DeviceBreaker
from waheal.policy.looking_ahead import most_ahead
from waheal.policy.outage import ANSWERS, Outage
from waheal.policy.routing import others_may
from waheal.records import Device
from waheal.wire import Offline


@dataclass(frozen=True, slots=True)
class Ending:
    """How a claim ended, as far as its device is concerned.

    `left`: it may have reached the recipient. `counts`: the server saw it, so that limits count it
    all the same. `over`: its call is, so that it can't leave any more. `handed`: before when
    (Unix s) it can't have left, where that is known.
    """

    left: bool
    counts: bool = False
    over: bool = True
    handed: float | None = None


class Roster:
    """The devices that take part, each with its part in the scheduler."""

    def __init__(
        self,
        devices: DeviceBook,
        work: LaneWork,
        history: PaceHistory,
        chats: NewChats,
        campaign: int,
        settings: RunSettings,
        random: Random,
        now: float,
        *,
        shared: bool = False,
    ) -> None:
        self._devices = devices
        self._work = work
        self._history = history
        self._chats = chats
        self._campaign = campaign
        self._settings = settings
        self._random = random
        self._shared = shared
        self._presence = Presence(devices, chats.limits)
        self._breakers: dict[DeviceId, DeviceBreaker] = {}
        self._returns: dict[DeviceId, float] = {}
        self._told_outdated = False
        self.outage = Outage(min(settings.max_wait, settings.no_device_wait), now)
        known = [device for device in devices.all(now) if self._wanted(device)]
        self.shut_before = [device for device in known if device.chats_from is not None]
        """The devices that begin no new chat, as an earlier run left them."""
        self._since = settings.limits.history_since(now)
        self._read(known, self._history.leaving_times(self._since, now))

    def _read(self, known: Sequence[Device], times: dict[DeviceId, list[float]]) -> None:
        settings = self._settings
        self.total = settings.limits.total_pace(
            (at for each in times.values() for at in each), self._since, settings.max_wait
        )
        held = self._work.lanes(self._campaign)
        self.scheduler = Scheduler(
            self._work,
            self._campaign,
            (self._member(each, times, own=each.label in held) for each in known),
            # What lies ahead of a device is nobody's yet: other machines would claim it, too.
            most_ahead=1
            if self._shared
            else most_ahead(
                settings.limits, settings.new_chats, limit=settings.limit, devices=len(known)
            ),
        )
        for device in known:
            self._note_state(device)

    def renew(
        self,
        now: float,
        awaited: Sequence[tuple[DeviceId, float]],
        loose: Sequence[tuple[DeviceId, float]],
    ) -> None:
        """Make all of it of the ledger again. What hosts have shown of devices stays.

        So does what hosts have in hand, by its device and when it was claimed: what is `awaited`,
        and the calls that were cut loose.
        """
        self.outage.reached(now)
        self._breakers.clear()
        self._returns.clear()
        before = self.scheduler.members
        times = self._history.leaving_times(self._since, now)
        under_way = [each for each in awaited if _taken_out(times, *each, now)]
        self._read([each for each in self._devices.all(now) if self._wanted(each)], times)
        for member in self.scheduler.members.values():
            if (was := before.get(member.device)) is not None:
                member.rest(was.rest_until)
                self.scheduler.hold(member, now, held=was.held)
        for device, _ in awaited:
            if (busy := self.get(device)) is not None:
                busy.in_flight += 1
        for device, claimed in (*under_way, *loose):
            self.total.note(claimed)
            if (busy := self.get(device)) is not None:
                busy.pace.note(claimed)

    def get(self, device: DeviceId) -> Member | None:
        """Find a device's part, if it takes any."""
        return self.scheduler.members.get(device)

    def hold_host(self, host: int, now: float, *, held: bool) -> None:
        """Give nothing to a host's devices while it is exchanged, or give again."""
        for member in self.scheduler.members.values():
            if member.host == host:
                self.scheduler.hold(member, now, held=held)

    def online(self, device: DeviceId, now: float) -> list[Event]:
        """Forget a device's failures: it connected. Out of quarantine it takes part again."""
        self.outage.reached(now)
        self._breakers.pop(device, None)
        lifted = self._presence.up(device, now)
        if lifted is None:
            return []
        self._readmit(device, now)
        return [lifted]

    def offline(self, report: Offline, now: float) -> list[Event]:
        """Quarantine a device that can't be used, or let it rest and try again."""
        member = self.get(report.device)
        if member is None:
            return []
        if report.quarantine is not None:
            if report.quarantine in ANSWERS:
                self.outage.reached(now)
            return self.quarantine(member, report.quarantine, report.until, now)
        self.outage.failed(report.device, now, self._usable())
        if self.outage.since is not None:
            return []  # it is not the device's fault
        breaker = self._breakers.setdefault(report.device, DeviceBreaker())
        hold = breaker.failed(now, self._random.random())
        if hold.quarantine is not None:
            return self.quarantine(member, hold.quarantine, hold.until, now)
        member.rest(hold.until)
        return []

    def refused(self, member: Member, outcome: NotSent, now: float) -> list[Event]:
        """Let a device rest as long as the server's refusal asks."""
        if outcome.hold is None:
            return []
        if outcome.quarantine is None:
            member.rest(now + outcome.hold)
            return []
        return self.quarantine(member, outcome.quarantine, now + outcome.hold, now)

    def quarantine(
        self, member: Member, reason: Quarantine, until: float | None, now: float
    ) -> list[Event]:
        """Stop using a device; its recipients go to others unless they are pinned to it."""
        if not member.usable:
            if reason is Quarantine.LOGGED_OUT:  # says more than the missing session it left
                self._presence.down(member.device, reason, until, now)
                self._returns.pop(member.device, None)
            return []  # told once
        told = self._presence.down(member.device, reason, until, now)
        self._withdraw(member, until)
        if reason is Quarantine.OUTDATED:
            if self._told_outdated:
                return []  # it says the same of every device, and the run ends for the first
            self._told_outdated = True
        return [told]

    def landed(
        self,
        member: Member,
        claimed: float,
        now: float,
        end: Ending,
        *,
        new_chat: bool,
        claims: int = 1,
    ) -> None:
        """Let a device go on whose claim of that time ended.

        `claims` 0: it had ended before its call was over, which that is now.
        """
        if new_chat and end.left:
            member.chats.shift(claimed, now)
        elif new_chat:
            member.chats.forget(claimed)
        if end.over:
            self._count(member, claimed, now, end)
        if not end.left:
            self._unsent(member)
        self.scheduler.done(member, now, claims)

    def _count(self, member: Member, claimed: float, now: float, end: Ending) -> None:
        for pace in (member.pace, self.total):
            if end.left or end.counts:
                pace.landed(claimed, now, end.handed)
            else:
                pace.forget(claimed)

    def _unsent(self, member: Member) -> None:
        """Take a recipient back that did not leave; others may have it if its device is out."""
        if not member.usable:
            self._free_contacts(member.device, gone=True)
        self.scheduler.refresh()

    def free_contacts(self) -> None:
        """Let others have the contacts of devices that can't be used, or take no part.

        Once what an earlier run had under way is settled.
        """
        for device in self._work.lanes(self._campaign):
            member = self.get(device)
            self._free_contacts(device, gone=member is None or not member.usable)
        self.scheduler.refresh()

    def next_return(self) -> float | None:
        """When the first quarantine ends."""
        return min(self._returns.values(), default=None)

    def readmit(self, now: float) -> list[Event]:
        """Use the devices again whose quarantine has ended."""
        over = [label for label, until in self._returns.items() if until <= now]
        return [
            Note(f"{label}: its quarantine is over, it is used again")
            for label in over
            if self._readmit(label, now)
        ]

    def reload(self, now: float) -> frozenset[DeviceId]:
        """Heed what other processes did to devices; returns those that must stop at once."""
        stopped: set[DeviceId] = set()
        for device in filter(self._wanted, self._devices.all(now)):
            member = self.get(device.label)
            if member is None:
                times = self._history.leaving_times(self._since, now)
                self.scheduler.add(self._member(device, times, own=False))
                self._note_state(device)
                continue
            member.jid = device.jid or member.jid
            member.chats.shutter.until = device.chats_from or 0.0
            if device.state is not DeviceState.READY and member.usable:
                stopped.add(device.label)
                self._withdraw(member, device.until)
            elif device.state is DeviceState.READY and not member.usable:
                self._returns.pop(device.label, None)
                self.scheduler.restore(member, now)
        return frozenset(stopped)

    def _usable(self) -> Iterator[DeviceId]:
        return (each.device for each in self.scheduler.members.values() if each.usable)

    def _wanted(self, device: Device) -> bool:
        chosen = self._settings.devices
        return device.jid is not None and (chosen is None or device.label in chosen)

    def _member(self, device: Device, times: dict[DeviceId, list[float]], *, own: bool) -> Member:
        # Dealt out by the label, so that a device added in mid-run finds its host too.
        host = sum(device.label.encode()) % self._settings.hosts
        history = times.get(device.label, [])
        pace = self._settings.limits.pace(history, self._since, self._settings.max_wait)
        return Member(
            device.label,
            device.jid or "",
            host,
            pace,
            load=device.sent_today,
            own=own,
            chats=self._chats.pace(device),
        )

    def _note_state(self, device: Device) -> None:
        if device.state is not DeviceState.READY:
            self._withdraw(self.scheduler.members[device.label], device.until)

    def _readmit(self, label: DeviceId, now: float) -> bool:
        """Use a device again unless it is paused, or out for another reason."""
        self._returns.pop(label, None)
        member, device = self.get(label), self._devices.find(label, now)
        if member is None or device is None:
            return False
        if device.state is DeviceState.READY and not member.usable:
            self.scheduler.restore(member, now)
            return True
        if device.until is not None:
            self._returns[label] = device.until
        return False

    def _withdraw(self, member: Member, until: float | None) -> None:
        self.scheduler.withdraw(member)
        if until is not None:
            self._returns[member.device] = until
        self._free_contacts(member.device, gone=True)
        self.scheduler.refresh()

    def _free_contacts(self, device: DeviceId, *, gone: bool) -> None:
        chosen = self._settings
        if others_may(gone=gone, sticky=chosen.sticky, failover=chosen.sticky_failover):
            self._work.unlane(self._campaign, device)


def _taken_out(
    times: dict[DeviceId, list[float]], device: DeviceId, claimed: float, now: float
) -> bool:
    """Take a claim out of what had left, where the ledger has it under way."""
    theirs, left = times.get(device, []), max(claimed, now)
    if left not in theirs:
        return False
    theirs.remove(left)
    return True
