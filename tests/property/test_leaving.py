"""Limits hold between messages as they leave, whatever connects, acks, hosts and runs do."""

from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.examples import tries
from tests.kit.stage import CAMPAIGN, ONE, TWO, FakeHost, Stage, stage
from waheal.engine.settings import RunSettings
from waheal.errors import OwnFault
from waheal.model import Accepted, DeviceId, NotSent, Outcome, Unknown
from waheal.policy.pacing import Limits, Rate
from waheal.wire import Answer, Command, Finish, Send

DEVICES = (ONE, TWO, DeviceId("three"))
CUT = 90.0  # seconds until the watchdog cuts a call loose
TRUE = 1e-6  # seconds that sums of floats may be off by


class End(Enum):
    """How a call ends."""

    OK = auto()
    LEFT_UNKNOWN = auto()
    NOTHING_LEFT = auto()
    REFUSED = auto()
    CUT_LOOSE = auto()  # leaves after that
    HOST_DIES = auto()
    CLOCK_IS_SET_BACK = auto()


@dataclass(frozen=True)
class Plan:
    """What becomes of one Send: seconds until the device is connected, and until its ack."""

    connect: float = 0.0
    ack: float = 0.0
    end: End = End.OK


@dataclass
class Fleet:
    """Hosts that do a device's jobs one after the other, each by the next plan."""

    made: Stage
    plans: list[Plan]
    left: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _queues: dict[tuple[FakeHost, str], deque[Send]] = field(default_factory=dict)

    def __call__(self, host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                queue = self._queues.setdefault((host, command.device), deque())
                queue.append(command)
                if len(queue) == 1:
                    self._begin(host, command)
            case Finish():
                host.dies("ended with code 0")
            case _:
                pass

    def _after(self, host: FakeHost, seconds: float, do: Callable[[], None]) -> None:
        """Do it then, in a process that may be gone."""
        self.made.time.after(seconds, lambda: do() if host.alive else None)

    def _begin(self, host: FakeHost, send: Send) -> None:
        plan = self.plans.pop(0) if self.plans else Plan()
        self._after(host, plan.connect, partial(self._call, host, send, plan))

    def _call(self, host: FakeHost, send: Send, plan: Plan) -> None:
        handed = self.made.time.time()
        if plan.end is End.CUT_LOOSE:
            answer = Unknown("the library's call did not return", running=True)
            self._after(host, CUT, partial(self._answer, host, send, answer, handed))
            self._after(host, CUT + 2.0, partial(self._leave, send))
            self._after(host, CUT + 5.0, partial(host.returns, send, Unknown("it is over")))
            return
        if plan.end not in {End.NOTHING_LEFT, End.HOST_DIES}:
            self._after(host, plan.ack / 2, partial(self._leave, send))
        if plan.end is End.HOST_DIES:
            self._leave(send)
            host.dies()
            return
        if plan.end is End.CLOCK_IS_SET_BACK:
            self.made.time.moved -= 40.0
        outcome: Outcome = Accepted(f"ID-{send.delivery}-{send.attempt}")
        if plan.end is End.LEFT_UNKNOWN:
            outcome = Unknown("timed out")
        elif plan.end is End.NOTHING_LEFT:
            outcome = NotSent("websocket not connected")
        elif plan.end is End.REFUSED:
            outcome = NotSent("463", counts=True)
        self._after(host, plan.ack, partial(self._answer, host, send, outcome, handed))

    def _leave(self, send: Send) -> None:
        self.made.leaves(send)
        self.left[send.device].append(self.made.time.passed)

    def _answer(self, host: FakeHost, send: Send, outcome: Outcome, handed: float) -> None:
        host.says(Answer(send.delivery, send.attempt, send.device, outcome, handed))
        queue = self._queues[host, send.device]
        queue.popleft()
        if queue:
            self._begin(host, queue[0])


SECONDS = st.sampled_from([0.0, 0.02, 0.3, 2.0, 7.0, 31.0])
PLANS = st.builds(Plan, SECONDS, SECONDS, st.sampled_from([*[End.OK] * 6, *End]))
LIMITS = st.builds(
    Limits,
    per_minute=st.none() | st.sampled_from([1, 3, 20, 100]),
    gap=st.sampled_from([0.0, 0.0, 0.5, 10.0]),
    jitter=st.sampled_from([0.0, 0.5]),
    total_per_minute=st.none() | st.sampled_from([2, 5, 40]),
    burst=st.booleans(),
)


@dataclass(frozen=True)
class Stop:
    """How a run ends: after so many events, and so long before the next one begins."""

    events: int
    killed: bool
    pause: float


STOPS = st.lists(
    st.builds(Stop, st.integers(3, 30), st.booleans(), st.sampled_from([0.0, 1.0, 20.0])),
    max_size=5,
)


@settings(max_examples=tries(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    plans=st.lists(PLANS, max_size=40),
    limits=LIMITS,
    people=st.integers(1, 30),
    hosts=st.integers(1, 2),
    stops=STOPS,
)
def test_limits_hold_between_messages_as_they_leave(
    plans: list[Plan], limits: Limits, people: int, hosts: int, stops: list[Stop]
) -> None:
    how = RunSettings(CAMPAIGN, hosts=hosts, limits=limits, max_tries=3)
    with TemporaryDirectory() as root, stage(Path(root)) as made:
        made.add(*DEVICES)
        made.people(people)
        fleet = made.acts = Fleet(made, list(plans))
        for stop in stops:
            run_until(made, how, stop)
        with suppress(OwnFault):  # hosts died over and over
            made.play(how)
        for moments in fleet.left.values():
            holds(limits.device_rates, limits.gap, moments)
        holds(limits.total_rates, 0.0, [at for each in fleet.left.values() for at in each])


@settings(max_examples=tries(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans=st.lists(PLANS, min_size=10, max_size=60), stops=STOPS)
def test_at_20_a_minute_no_more_than_8_leave_in_15_seconds(
    plans: list[Plan], stops: list[Stop]
) -> None:
    how = RunSettings(CAMPAIGN, limits=Limits(per_minute=20))
    with TemporaryDirectory() as root, stage(Path(root)) as made:
        made.add(ONE)
        made.people(40)
        fleet = made.acts = Fleet(made, list(plans))
        for stop in stops:
            run_until(made, how, stop)
        with suppress(OwnFault):
            made.play(how)
        for moments in fleet.left.values():
            holds(((20, 60.0), (8, 15.0)), 0.0, moments)


def run_until(made: Stage, how: RunSettings, stop: Stop) -> None:
    run = made.run(how)
    events = run.events()
    with suppress(OwnFault):
        for number, _event in enumerate(events):
            if number < stop.events:
                continue
            if stop.killed:
                break
            run.drain()
    events.close()  # what is in flight stays claimed, as a kill leaves it
    for host in made.hosts:
        host.dies()
    made.turns = 0
    made.time.wait(stop.pause)


def holds(rates: tuple[Rate, ...], gap: float, moments: list[float]) -> None:
    moments = sorted(moments)
    for count, seconds in (*rates, *([(1, gap)] if gap else [])):
        spans = zip(moments, moments[count:], strict=False)
        least = min((last - first for first, last in spans), default=inf)
        assert least > seconds - TRUE, (count, seconds, moments)
