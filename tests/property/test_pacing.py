"""N means N: no schedule of clocks, calls and restarts exceeds a limit."""

from itertools import pairwise
from math import inf

from hypothesis import example, given
from hypothesis import strategies as st

from waheal.policy.pacing import HOUR, MINUTE, SPREAD_BY, Limits, Pace

# Telling sizes often: about a window, and past the margin with which history is loaded.
SIZES = st.sampled_from([0.5, 5.0, 59.0, 61.0, 3700.0, 7300.0, 100_000.0]) | st.floats(0, 4000)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), SIZES),
        st.tuples(st.just("back"), SIZES),
        st.tuples(st.just("forward"), SIZES),
        st.tuples(st.just("burst"), st.integers(1, 12)),
        st.tuples(st.just("wait"), st.floats(0, 0.5)),
        st.tuples(st.just("restart"), st.just(0)),
        st.tuples(st.just("unsent"), st.just(0)),
        st.tuples(st.just("claim"), st.just(0)),
        st.tuples(st.just("leave"), st.just(0)),
    ),
    max_size=40,
)
LIMITS = st.builds(
    Limits,
    per_minute=st.none() | st.integers(1, 5),
    per_hour=st.none() | st.integers(1, 8),
    per_day=st.none() | st.integers(1, 10),
    gap=st.sampled_from([0.0, 0.125, 7.0]),
    burst=st.booleans(),
)


class World:
    """A device, a ledger of what has left it, and a wall clock that anybody may set."""

    def __init__(self, limits: Limits, start: float) -> None:
        self.limits = limits
        self.clock = start
        self.true = 0.0  # seconds that really passed
        self.under_way: list[float] = []  # when they were claimed
        self.ledger: list[tuple[float, float]] = []  # clock, and seconds that had really passed
        self.pace = self.load()

    def load(self) -> Pace:
        since = self.limits.history_since(self.clock)
        return self.limits.pace([at for at, _ in self.ledger if at >= since], since)

    def step(self, kind: str, size: float) -> None:  # noqa: C901 - a case a step
        match kind:
            case "pass":
                self.run(size)
            case "back":
                self.clock -= size
            case "forward":
                self.clock += size
            case "burst":
                for _ in range(int(size)):
                    self.claim(0.0)
                    self.leave()
            case "wait":
                moment = self.pace.allowed_at(self.clock)
                self.run(max(0.0, moment - self.clock) if moment < inf else 0.0)
                self.claim(size)
            case "claim":
                self.claim(0.5)
            case "leave":
                self.leave()
            case "restart":
                while self.under_way:
                    self.leave()
                self.pace = self.load()
            case "unsent" if self.under_way:
                self.pace.forget(self.under_way.pop())

    def run(self, seconds: float) -> None:
        self.clock += seconds
        self.true += seconds

    def claim(self, chance: float) -> None:
        if self.pace.allowed_at(self.clock) <= self.clock:
            self.pace.note(self.clock, chance)
            self.under_way.append(self.clock)

    def leave(self) -> None:
        """Let a message leave at the last moment, and its call be over."""
        if self.under_way:
            claimed = self.under_way.pop(0)
            self.pace.landed(claimed, self.clock)
            self.ledger.append((max(claimed, self.clock), self.true))


def exceeds(limits: Limits, moments: list[float]) -> bool:
    rates = [*limits.device_rates, *([(1, limits.gap)] if limits.gap else [])]
    moments = sorted(moments)
    return any(
        first + seconds > last
        for count, seconds in rates
        for first, last in zip(moments, moments[count:], strict=False)
    )


@given(LIMITS, st.floats(0, 2e9), STEPS)
@example(
    Limits(per_minute=1),
    0.0,
    [("burst", 1), ("pass", 3700.0), ("restart", 0), ("back", 3690.0), ("burst", 1)],
)
@example(
    Limits(gap=7.0),
    0.0,
    [("pass", 100.0), ("burst", 1), ("back", 50.0), ("restart", 0), ("burst", 1)],
)
def test_no_schedule_exceeds_a_limit_by_the_ledgers_clock(
    limits: Limits, start: float, steps: list[tuple[str, float]]
) -> None:
    world = World(limits, start)
    for kind, size in steps:
        world.step(kind, size)
        assert not exceeds(limits, [clock for clock, _ in world.ledger])


@given(LIMITS, st.integers(0, 2**31), STEPS)
def test_a_clock_set_back_lets_nothing_more_through_in_real_time(
    limits: Limits, start: int, steps: list[tuple[str, float]]
) -> None:
    world = World(limits, start)
    for kind, size in steps:
        if kind != "forward":  # from one set forward, nobody can tell time that really passed
            world.step(kind, round(size) if kind != "wait" else 0.0)
    # Whole seconds and a gap of an eighth, so that no rounding is to be allowed for.
    assert not exceeds(limits, [true for _, true in world.ledger])


@given(LIMITS, st.lists(st.floats(0, 1e5), max_size=30), st.floats(0, 1e5))
def test_what_it_promises_to_allow_it_allows(
    limits: Limits, history: list[float], now: float
) -> None:
    pace = limits.pace(history)
    moment = pace.allowed_at(now)
    assert moment >= now
    assert pace.allowed_at(moment) == moment


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=20), st.floats(0, 1))
def test_chance_only_lengthens_a_gap(moments: list[float], chance: float) -> None:
    even, chancy = Pace((), gap=3.0), Pace((), gap=3.0, jitter=0.5)
    for moment in moments:
        for pace in (even, chancy):
            pace.note(moment, chance)
            pace.landed(moment, moment)
        assert chancy.allowed_at(moment) >= even.allowed_at(moment)


@given(
    st.integers(1, 60),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 8), st.floats(0, 8)), max_size=200),
)
def test_a_spread_never_bunches(count: int, messages: list[tuple[float, float, float]]) -> None:
    """Each takes so long to be handed over, and then to be over; it leaves at either end."""
    pace, clock = Limits(per_minute=count).pace([]), 0.0
    apart = MINUTE / count * (1.0 - SPREAD_BY)
    handed = list[float]()
    for number, (chance, connect, call) in enumerate(messages):
        clock = pace.allowed_at(clock)
        pace.note(clock, chance)
        handed.append(clock + connect)
        over = handed[-1] + call * (number % 2)
        pace.landed(clock, over, handed[-1])
        clock = over
    assert all(later - earlier > apart - 1e-6 for earlier, later in pairwise(handed))


@given(st.integers(1, 200), st.floats(0, 0.95), st.lists(st.floats(0, 1), max_size=200))
def test_a_day_is_all_sent_by_the_end_of_its_hours(
    count: int, late: float, chances: list[float]
) -> None:
    closes = 10 * HOUR
    pace, clock, sent = Limits(per_day=count).pace([]), late * closes, 0
    for chance in [*chances, *[1.0] * (count - len(chances))]:
        clock = pace.allowed_at(clock)
        if clock >= closes:
            break
        pace.note(clock, chance, closes)
        pace.landed(clock, clock)
        sent += 1
    assert sent == count
