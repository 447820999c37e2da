"""A worker whose ledger is away: when it tries again, and what it tells."""

from itertools import pairwise
from pathlib import Path

import pytest

from waheal.acts.working import LedgerAwaited, LedgerBack, Working
from waheal.acts.workspace import open_home
from waheal.errors import HomeUnusableError, LedgerLostError

GONE = LedgerLostError("the server is gone")


class Clock:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds
        return False


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("waheal.acts.working.time.monotonic", lambda: made.now)
    return made


@pytest.fixture
def working(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Working:
    made = Working(open_home(tmp_path / "home", ledger="postgresql:///nowhere?host=/nowhere"))
    monkeypatch.setattr(made._ended, "wait", clock.wait)
    return made


def away(times: int, error: HomeUnusableError) -> "list[HomeUnusableError]":
    return [error] * times


def reach(working: Working, failures: list[HomeUnusableError]) -> list[LedgerAwaited]:
    def again() -> LedgerBack:
        if failures:
            raise failures.pop()
        return LedgerBack()

    told = working._reached(GONE, LedgerLostError, again)
    return [each for each in told if isinstance(each, LedgerAwaited)]


def test_it_tries_soon_and_then_more_seldom_and_tells_of_each_doubling(
    working: Working, clock: Clock
) -> None:
    told = reach(working, away(200, GONE))
    assert clock.waits[0] < 1.0
    assert max(clock.waits) <= 30.0
    assert sum(clock.waits[-10:]) >= 200.0
    assert len(clock.waits) == 201
    assert all(later.seconds >= 2 * earlier.seconds for earlier, later in pairwise(told))
    assert 1 < len(told) < 10


def test_what_comes_and_goes_at_once_is_one_absence(working: Working, clock: Clock) -> None:
    reach(working, away(40, GONE))
    longest = clock.waits[-1]
    clock.waits.clear()
    reach(working, [])
    assert clock.waits[0] > longest / 2


def test_what_will_not_pass_is_raised(working: Working) -> None:
    other = HomeUnusableError("the ledger is of a newer waheal")
    with pytest.raises(HomeUnusableError, match="newer"):
        reach(working, away(1, other))
