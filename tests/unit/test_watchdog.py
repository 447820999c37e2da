"""The watchdog, on a clock of the test's own."""

from waheal.host.watchdog import Watchdog


class Rig:
    def __init__(self) -> None:
        self.now = 0.0
        self.slow: list[str] = []
        self.overdue: list[str] = []
        self.dog: Watchdog[str] = Watchdog(
            1.0, self.slow.append, self.overdue.append, lambda: self.now
        )


def test_a_quick_call_is_not_told_of() -> None:
    rig = Rig()
    rig.dog.begin("a")
    rig.now = 0.9
    assert rig.dog.check() == 1.0
    assert not rig.dog.end("a")
    rig.now = 5.0
    assert rig.dog.check() is None
    assert rig.slow == []


def test_a_slow_call_is_told_of_once() -> None:
    rig = Rig()
    rig.dog.begin("a")
    for rig.now in (1.0, 2.0, 3.0):
        rig.dog.check()
    assert rig.slow == ["a"]
    assert rig.dog.end("a")


def test_a_guarded_call_is_overdue_once_and_only_then() -> None:
    rig = Rig()
    rig.dog.begin("a")
    rig.now = 10.0
    rig.dog.guard("a", 90.0)
    for rig.now in (99.0, 100.0, 101.0):
        rig.dog.check()
        assert rig.overdue == (["a"] if rig.now >= 100.0 else [])


def test_a_guard_that_is_set_anew_counts_from_there() -> None:
    rig = Rig()
    rig.dog.begin("a")
    rig.dog.guard("a", 90.0)
    rig.now = 80.0
    rig.dog.guard("a", 90.0)
    rig.now = 100.0
    rig.dog.check()
    assert rig.overdue == []


def test_a_call_that_is_over_is_never_overdue() -> None:
    rig = Rig()
    rig.dog.begin("a")
    rig.dog.guard("a", 1.0)
    rig.dog.end("a")
    rig.dog.guard("a", 1.0)
    rig.now = 9.0
    assert rig.dog.check() is None
    assert rig.overdue == []
