"""A plain line now and then, and hardly any."""

import io
import os
from collections import Counter
from datetime import UTC

from waheal.events import (
    Claimed,
    DeviceQuarantined,
    Draining,
    Event,
    HostRestarted,
    Note,
    Paused,
    Resumed,
    RunFinished,
    RunStarted,
    Settled,
)
from waheal.model import DeviceId, ExitCode, Phone, Quarantine, State
from waheal.records import (
    Tally,
)
from waheal.views.plain import PlainView
from waheal.views.quiet import QuietView
from waheal.views.talk import Talk
from waheal.waits import GOES_ON

NOW = 1_800_000_000.0
D = DeviceId("berlin-01")


class Now:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at


def phone(number: int) -> Phone:
    return Phone(f"+1202555{100 + number % 100:04}")


def sent(number: int) -> list[Event]:
    return [Claimed(phone(number), D), Settled(phone(number), D, State.SENT, 1, "3EB0", None)]


def told(*steps: tuple[float, Event]) -> list[str]:
    out, now = io.StringIO(), Now()
    with PlainView(Talk(out), clock=now, zone=UTC) as view:
        for seconds, event in steps:
            now.at += seconds
            view.show(event)
    return out.getvalue().splitlines()


def test_tells_progress_every_ten_seconds_and_not_more() -> None:
    steps: list[tuple[float, Event]] = [(0, RunStarted("spring", 10_000, 10_000, 5))]
    for number in range(300):
        steps += [(0.1, event) for event in sent(number)]
    lines = told(*steps)
    assert lines[0] == "08:00:00 spring: 10,000 recipients, 10,000 to go, 5 devices"
    assert 5 <= len(lines) - 1 <= 6
    assert "of 10,000 (" in lines[1]
    assert "50 in 10 s" in lines[1]


def test_tells_each_tenth_of_a_quick_run() -> None:
    steps: list[tuple[float, Event]] = [(0, RunStarted("spring", 10, 10, 5))]
    for number in range(10):
        steps += [(1.5, event) for event in sent(number)]
    assert len(told(*steps)) == 11


def test_tells_a_new_problem_at_once_and_its_sisters_only_in_the_count() -> None:
    failed = Settled(phone(1), D, State.FAILED, 1, None, "not on WhatsApp")
    lines = told((0, RunStarted("spring", 100, 100, 5)), *[(0.0, failed)] * 50)
    assert lines[1:] == ["08:00:00 failed: not on WhatsApp (+1202•••0101)"]


def test_tells_what_happens_to_devices_hosts_and_the_run() -> None:
    lines = told(
        (0, RunStarted("spring", 100, 100, 5)),
        (0, DeviceQuarantined(D, Quarantine.LOGGED_OUT, None)),
        (0, DeviceQuarantined(D, Quarantine.RATE_LIMITED, NOW + 3600)),
        (0, HostRestarted(1, "killed by signal 6", 2)),
        (0, Paused("outside the window", NOW + 60, GOES_ON)),
        (0, Resumed("the window is open")),
        (0, Paused("send_after is to come", NOW + 60, "run it again then")),
        (0, Note("look")),
        (0, Draining(2, "SIGTERM")),
    )
    assert [line.removeprefix("08:00:00 ") for line in lines[1:]] == [
        "berlin-01 is not used (logged out): `waheal devices pair berlin-01`",
        "berlin-01 is not used (rate limited): until 09:00",
        "host 1 restarted: killed by signal 6, 2 messages in doubt",
        "waiting until 08:01: outside the window",
        "going on: the window is open",
        "stopping: send_after is to come",
        "look",
        "ending (SIGTERM): 2 messages still in flight",
    ]


def test_ends_with_the_counts_and_without_colour() -> None:
    lines = told(
        (0, RunStarted("spring", 100, 100, 5)),
        (9, RunFinished(Tally(Counter({State.DELIVERED: 100})), 9.0, ExitCode.OK)),
    )
    assert lines[1:] == ["Done: spring, in 9 s", "  100 delivered, not read yet (100 %)"]
    assert not any("\x1b" in line for line in lines)


def test_a_clock_that_was_set_back_does_not_silence_it() -> None:
    steps = [(0.0, RunStarted("spring", 1000, 1000, 5)), *((-3600.0, event) for event in sent(1))]
    assert len(told(*steps)) == 3


def test_a_stream_that_was_closed_stops_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as gone:
        view = PlainView(Talk(gone), clock=Now())
        for _ in range(3):
            view.show(Note("look"))


def test_quiet_says_nothing_of_a_run_that_went_well() -> None:
    out = io.StringIO()
    with QuietView(Talk(out), clock=Now()) as view:
        for event in (
            RunStarted("spring", 1, 1, 1),
            *sent(1),
            DeviceQuarantined(D, Quarantine.RATE_LIMITED, NOW + 60),
            RunFinished(Tally(Counter({State.SENT: 1})), 1.0, ExitCode.OK),
        ):
            view.show(event)
    assert not out.getvalue()


def test_quiet_tells_of_a_device_that_waits_for_the_operator_and_of_a_bad_end() -> None:
    out = io.StringIO()
    with QuietView(Talk(out), clock=Now()) as view:
        view.show(RunStarted("spring", 1, 1, 1))
        view.show(DeviceQuarantined(D, Quarantine.BANNED, None))
        view.show(RunFinished(Tally(Counter({State.FAILED: 1})), 1.0, ExitCode.SOME_FAILED))
    assert "berlin-01 is not used (banned)" in out.getvalue()
    assert "1 failed for good" in out.getvalue()


def test_what_is_gone_afterwards_has_no_next_step() -> None:
    ended = RunFinished(Tally(Counter({State.SENT: 1})), 1.0, ExitCode.OK)
    for passing in (False, True):
        out = io.StringIO()
        with PlainView(Talk(out), clock=Now(), zone=UTC, passing=passing) as view:
            for event in [RunStarted("c", 1, 1, 1), *sent(1), ended]:
                view.show(event)
        assert ("next: " in out.getvalue()) is not passing
