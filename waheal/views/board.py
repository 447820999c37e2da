"""Keeps what a display needs to know of a run, event by event; knows nothing of drawing.

Every event costs the same whatever the size of the campaign, and what is kept grows with the
devices and with what is in flight or in doubt, never with the recipients.
"""

import math
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from waheal.events import (
    Claimed,
    DeviceHealed,
    DeviceHealing,
    DeviceQuarantined,
    Draining,
    Event,
    HostRestarted,
    NewChatsHeld,
    NextAt,
    Note,
    OptedOut,
    Paused,
    Receipt,
    Replied,
    Resumed,
    RunFinished,
    RunStarted,
    Settled,
)
from waheal.model import DeviceId, DeviceState, ErrandKind, Phone, Quarantine, State
from waheal.records import Tally
from waheal.views.words import count, one_line
from waheal.waits import Standstill

FIRST_CONNECT = "first connect"
"""The cause of a device's first connection in a run, as its host words it: nothing was lost."""

KEPT_TROUBLES = 50
WINDOW = 60
WENT_OUT = frozenset({State.SENT, State.DELIVERED, State.READ})


class Weight(StrEnum):
    """How much a line of the display matters."""

    BAD = "bad"
    WARN = "warn"
    INFO = "info"


@dataclass(slots=True)
class Trouble:
    """Something that went wrong, or is worth a line, and how often."""

    weight: Weight
    what: str
    times: int
    last: float
    phone: Phone | None = None


@dataclass(slots=True)
class Heartbeat:
    """One device as this run has seen it."""

    in_flight: int = 0
    sent: int = 0
    warmth: float = 0.0  # messages, each fading over a minute
    warm_at: float = 0.0

    def beat(self, now: float) -> None:
        """Count a message that went out."""
        self.sent += 1
        self.warmth = self.pace(now) + 1.0
        self.warm_at = now

    def pace(self, now: float) -> float:
        """Tell about how many messages went out in the last minute."""
        return self.warmth * math.exp(-max(0.0, now - self.warm_at) / WINDOW)


class Speed:
    """Messages by the second, for the last minute."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, int]] = deque()
        self.sent = 0

    def note(self, now: float) -> None:
        """Count one message."""
        self.sent += 1
        second = int(now)
        if self._seconds and self._seconds[-1][0] >= second:
            at, number = self._seconds[-1]
            self._seconds[-1] = (at, number + 1)
        else:
            self._seconds.append((second, 1))
            self._drop(now)

    def lately(self, now: float) -> int:
        """Tell how many went out in the last minute."""
        self._drop(now)
        return sum(number for _, number in self._seconds)

    def _drop(self, now: float) -> None:
        while self._seconds and self._seconds[0][0] <= now - WINDOW:
            self._seconds.popleft()


@dataclass(slots=True)
class Wait:
    """Why nothing is sent for now, since when, and until when if that is known."""

    reason: str
    since: float
    until: float | None


@dataclass(slots=True)
class Heals:
    """How often devices were lost and came back."""

    times: int = 0
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        """Seconds that one took."""
        return self.seconds / self.times if self.times else 0.0


@dataclass(slots=True)
class Board:
    """Where a run stands. Not thread-safe: its owner serialises `take` and reading."""

    campaign: str = ""
    passing: bool = False  # nothing of it is there afterwards
    errand: ErrandKind | None = None  # what is done to its messages, ...
    under: str = ""  # ... and the name that this goes by in the ledger
    total: int = 0
    devices: int = 0
    started: float | None = None
    before: int = 0  # recipients that earlier runs had settled
    counts: dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    speed: Speed = field(default_factory=Speed)
    flying: dict[Phone, DeviceId] = field(default_factory=dict)
    next_at: float = 0.0  # when the pace lets the next message go (Unix s)
    replies: int = 0  # in this run
    doubtful: set[Phone] = field(default_factory=set)
    beats: dict[DeviceId, Heartbeat] = field(default_factory=dict)
    healing: OrderedDict[DeviceId, tuple[float, str]] = field(default_factory=OrderedDict)
    quarantined: OrderedDict[DeviceId, DeviceQuarantined] = field(default_factory=OrderedDict)
    paused: set[DeviceId] = field(default_factory=set)  # by the operator, before the run
    held: dict[DeviceId, NewChatsHeld] = field(default_factory=dict)  # begins no new chat
    heals: Heals = field(default_factory=Heals)
    troubles: OrderedDict[str, Trouble] = field(default_factory=OrderedDict)
    wait: Wait | None = None
    waited: float = 0.0  # seconds, in waits that are over
    most: float | None = None  # messages a second that the set pace lets go, at best
    stop: Standstill | None = None  # why nothing is sent, also once it is over
    draining: Draining | None = None
    finished: RunFinished | None = None

    @property
    def settled(self) -> int:
        """Recipients that need nothing more from a run."""
        return max(0, self.total - self.left)

    @property
    def left(self) -> int:
        """Recipients that a message still has to be tried for."""
        return self.counts[State.PENDING] + self.counts[State.SENDING]

    @property
    def lost(self) -> dict[DeviceId, tuple[float, str]]:
        """Devices whose connection was lost and is not back: since when, and why."""
        return {each: how for each, how in self.healing.items() if how[1] != FIRST_CONNECT}

    @property
    def connecting(self) -> list[float]:
        """Since when each device that connects for the first time in this run does so."""
        return [since for since, cause in self.healing.values() if cause == FIRST_CONNECT]

    @property
    def able(self) -> int:
        """Devices that are neither in quarantine nor paused."""
        return max(0, self.devices - len(self.quarantined) - len(self.paused))

    def running(self, now: float) -> float:
        """Tell for how many seconds the run goes on."""
        return 0.0 if self.started is None else max(0.0, now - self.started)

    def remaining(self, now: float) -> float | None:
        """Guess the seconds to the end, from the last minute or else from the whole run.

        A wait whose end is known comes on top, and is no part of the speed. None while there is no
        telling.
        """
        since = now if self.wait is None else max(self.wait.since, self.started or 0.0)
        waiting = max(0.0, now - since)
        busy = self.running(now) - self.waited - waiting
        if self.speed.sent < 5 or busy < 3:  # noqa: PLR2004 - too few to guess from
            return None
        still = 0.0
        if self.wait is not None:
            if self.wait.until is None:
                return None
            still = max(0.0, self.wait.until - now)
        lately = self.speed.lately(now) if busy >= WINDOW and not self.wait else 0
        a_second = lately / WINDOW if lately else self.speed.sent / busy
        if self.most is not None:  # never faster than the set pace lets it go
            a_second = min(a_second, self.most)
        return still + self.left / a_second

    def busiest(self, now: float, rows: int) -> list[tuple[DeviceId, Heartbeat, float]]:
        """Pick the devices that sent most in the last minute, the busiest first."""
        paces = [(device, beat, beat.pace(now)) for device, beat in self.beats.items()]
        busy = [row for row in paces if row[2] >= 0.5 or row[1].in_flight]  # noqa: PLR2004 - half a message
        busy.sort(key=lambda row: (-row[2], -row[1].in_flight, row[0]))
        return busy[:rows]

    def take(self, event: Event, now: float) -> None:  # noqa: C901, PLR0912, PLR0915 - a case an event
        """Learn from one event."""
        match event:
            case RunStarted():
                self._start(event, now)
            case Claimed(phone, device):
                self._claim(phone, device)
            case Settled():
                self._settle(event, now)
            case Receipt():
                self._receipt(event)
            case NextAt(moment):
                self.next_at = moment
            case DeviceHealing(device, cause):
                self.healing.setdefault(device, (now, cause))
                self._used(device)
            case DeviceHealed(device, seconds, cause):
                self.healing.pop(device, None)
                self._used(device)
                if cause != FIRST_CONNECT:
                    self.heals.times += 1
                    self.heals.seconds += seconds
            case DeviceQuarantined(device):
                self.healing.pop(device, None)
                self.quarantined[device] = event
                self.quarantined.move_to_end(device)
            case NewChatsHeld(device, reason):
                self.held[device] = event
                text = f"{device} begins no new chat for now: {reason.value}"
                self._trouble(Weight.WARN, text, now)
            case HostRestarted(host, cause, in_doubt):
                doubt = f", {count(in_doubt, 'message')} in doubt" if in_doubt else ""
                self._trouble(Weight.WARN, f"host {host} restarted: {cause}{doubt}", now)
            case Paused(reason, until, way_out):
                self.wait = Wait(reason, now, until)
                self.stop = Standstill(reason, way_out, until)
            case Resumed():
                if self.wait is not None:
                    self.waited += max(0.0, now - max(self.wait.since, self.started or 0.0))
                self.wait = self.stop = None
            case OptedOut(phone, word):
                self._trouble(Weight.INFO, f"opted out with “{word}”", now, phone)
            case Draining():
                self.draining = event
            case Replied():
                self.replies += 1  # the ledger counts whose they are
            case Note(text):
                self._trouble(Weight.INFO, text, now)
            case RunFinished():
                self._finish(event)
            case _:
                assert_never(event)

    def _start(self, event: RunStarted, now: float) -> None:
        self.campaign, self.devices = event.campaign, event.devices
        self.errand, self.under = event.errand, event.under or event.campaign
        self.total, self.started = event.total, max(now, event.begins or now)
        self.counts[State.PENDING] = event.pending
        self.most = event.pending / event.at_best if event.at_best else None
        for device in event.out:
            if device.state is DeviceState.QUARANTINED and device.reason is not None:
                reason = Quarantine(device.reason)
                self.quarantined[device.label] = DeviceQuarantined(
                    device.label, reason, device.until
                )
            else:
                self.paused.add(device.label)
        if event.tally is None:
            self.before = max(0, event.total - event.pending)
        else:
            self._trust(event.tally)

    def _used(self, device: DeviceId) -> None:
        self.quarantined.pop(device, None)
        self.paused.discard(device)

    def _trust(self, tally: Tally) -> None:
        self.counts = {state: tally[state] for state in State}
        self.total = max(self.total, tally.total)

    def _claim(self, phone: Phone, device: DeviceId) -> None:
        self._move(State.PENDING, State.SENDING)
        self.flying[phone] = device
        self._beat(device).in_flight += 1

    def _settle(self, event: Settled, now: float) -> None:
        beat = self._beat(event.device)
        if self.flying.pop(event.phone, None) is not None:
            beat.in_flight = max(0, beat.in_flight - 1)
            start = State.SENDING
        else:
            start = State.UNCERTAIN if event.phone in self.doubtful else State.PENDING
        self._move(event.before or start, event.state)
        self._doubt(event.phone, event.state)
        self.healing.pop(event.device, None)
        if event.state in WENT_OUT:
            beat.beat(now)
            self.speed.note(now)
        elif event.state is not State.SUPPRESSED:
            self._unsettling(event, now)

    def _unsettling(self, event: Settled, now: float) -> None:
        reason = event.reason or "no reason given"
        match event.state:
            case State.FAILED:
                self._trouble(Weight.BAD, f"failed: {reason}", now, event.phone)
            case State.UNCERTAIN:
                self._trouble(Weight.WARN, f"uncertain: {reason}", now, event.phone)
            case State.EXPIRED:
                self._trouble(Weight.INFO, f"expired: {reason}", now, event.phone)
            case State.PENDING if event.reason:
                self._trouble(Weight.INFO, f"will be tried again: {reason}", now, event.phone)

    def _receipt(self, event: Receipt) -> None:
        start = State.UNCERTAIN if event.phone in self.doubtful else State.SENT
        if event.state is State.READ and self.counts[State.DELIVERED] and start is State.SENT:
            start = State.DELIVERED
        self._move(event.before or start, event.state)
        self.doubtful.discard(event.phone)

    def _finish(self, event: RunFinished) -> None:
        self.finished = event
        self._trust(event.tally)
        self.before = 0
        self.wait = None
        if self.stop is not None and self.stop.is_wait:
            self.stop = None

    def _doubt(self, phone: Phone, state: State) -> None:
        if state is State.UNCERTAIN:
            self.doubtful.add(phone)
        else:
            self.doubtful.discard(phone)

    def _move(self, start: State, end: State) -> None:
        if self.counts[start]:
            self.counts[start] -= 1
            self.counts[end] += 1
        elif self.before:  # settled by an earlier run, in a state that nobody told
            self.before -= 1
            self.counts[end] += 1

    def _beat(self, device: DeviceId) -> Heartbeat:
        beat = self.beats.get(device)
        if beat is None:
            beat = self.beats[device] = Heartbeat()
        return beat

    def _trouble(self, weight: Weight, what: str, now: float, phone: Phone | None = None) -> None:
        what = one_line(what)
        trouble = self.troubles.get(what)
        if trouble is None:
            self.troubles[what] = Trouble(weight, what, 1, now, phone)
            if len(self.troubles) > KEPT_TROUBLES:
                self.troubles.popitem(last=False)
            return
        trouble.times, trouble.last, trouble.phone = trouble.times + 1, now, phone
        self.troubles.move_to_end(what)
