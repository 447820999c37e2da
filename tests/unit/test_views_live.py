"""The live display, at every size."""

import io
import threading
from collections import Counter
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from tests.kit.examples import tries
from waheal.events import (
    Claimed,
    DeviceHealing,
    DeviceQuarantined,
    Draining,
    Event,
    NextAt,
    Note,
    Paused,
    Replied,
    RunFinished,
    RunStarted,
    Settled,
)
from waheal.model import (
    DeviceId,
    DeviceState,
    ExitCode,
    Phone,
    Quarantine,
    ReplyKind,
    State,
)
from waheal.records import (
    Device,
    Tally,
)
from waheal.views.live import PROMISE, LiveView
from waheal.views.talk import Talk
from waheal.waits import GOES_ON

NOW = 1_800_000_000.0


class Now:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at


def phone(number: int) -> Phone:
    return Phone(f"+1202555{100 + number % 100:04}")


def device(number: int) -> DeviceId:
    return DeviceId(f"berlin-{number:04}")


def busy_run(devices: int = 3000) -> list[Event]:
    events: list[Event] = [RunStarted("spring-newsletter", 100_000, 90_000, devices)]
    for number in range(devices):
        events += [
            Claimed(phone(number), device(number)),
            Settled(phone(number), device(number), State.SENT, 1, "3EB0", None),
        ]
    events += [DeviceHealing(device(number), "connection lost") for number in range(50)]
    events += [
        DeviceQuarantined(device(number), Quarantine.LOGGED_OUT, None) for number in range(50, 90)
    ]
    events += [Note(f"thing {number} went odd: {'very ' * 30}odd") for number in range(30)]
    events += [Settled(phone(1), device(1), State.FAILED, 1, None, "not on WhatsApp")] * 3
    return events


def view_of(events: list[Event], out: io.StringIO | None = None) -> tuple[LiveView, Now]:
    now, out = Now(), out or io.StringIO()
    console = Console(file=out, width=100, height=30, force_terminal=True)
    view = LiveView(console, Talk(out), clock=now, zone=UTC, refresh=None)
    for event in events:
        view.show(event)
    now.at += 30
    return view, now


def text(lines: list[Text]) -> str:
    return "\n".join(line.plain for line in lines)


BUSY = busy_run()


@settings(max_examples=tries(60))
@given(st.integers(20, 200), st.integers(6, 60))
def test_fits_every_terminal(width: int, height: int) -> None:
    view, _ = view_of(BUSY)
    lines = view.frame(width, height)
    assert len(lines) <= height
    assert "spring-newsletter" in lines[0].plain or width < 26
    assert "%" in lines[1].plain
    assert lines[1].cell_len <= width


def test_before_the_run_knows_its_work_it_only_says_that_it_starts() -> None:
    view, _ = view_of([Note("pairing the sandbox's devices")])
    told = text(view.frame(80, 24))
    assert told.startswith("waheal is starting")
    assert "pairing the sandbox's devices" in told
    assert "%" not in told


def test_each_kind_of_device_that_matters_gets_rows() -> None:
    view, _ = view_of(BUSY)
    told = text(view.frame(100, 30))
    for mark in ("✗ berlin", "↻ berlin", "→ berlin"):
        assert mark in told


def test_shows_the_devices_that_need_attention_and_not_all() -> None:
    view, _ = view_of(BUSY)
    told = text(view.frame(100, 40))
    assert "3,000" in told
    assert "`waheal devices pair berlin-0050`" in told
    assert "more" in told
    assert len(told.splitlines()) <= 40


def test_the_short_and_narrow_one_still_tells_how_far_and_what_is_wrong() -> None:
    view, _ = view_of(BUSY)
    told = text(view.frame(40, 10))
    assert "%" in told
    assert " in 30 s" in told
    assert "40 out" in told
    assert "✗ berlin-00" in told


def test_problems_are_told_in_words_with_masked_numbers() -> None:
    view, _ = view_of(BUSY)
    told = text(view.frame(100, 40))
    assert "failed: not on WhatsApp +1202•••0101 3 times" in told
    assert "+12025550101" not in told


def test_a_wait_tells_until_when() -> None:
    view, now = view_of([RunStarted("spring", 5, 5, 1), Paused("outside 09:00-18:00", NOW + 3600)])
    assert now.at == NOW + 30
    assert "Waiting until 09:00 (59 min 30 s): outside 09:00-18:00" in text(view.frame(100, 30))


def test_a_drain_tells_what_is_in_flight_and_what_a_second_interrupt_does() -> None:
    view, _ = view_of([RunStarted("spring", 5, 5, 1), Draining(3, "Ctrl-C")])
    told = text(view.frame(120, 30))
    assert "3 messages still in flight" in told
    assert "in doubt" in told


@pytest.mark.parametrize("colour", [True, False])
def test_says_the_same_without_colour(colour: bool) -> None:
    out = io.StringIO()
    console = Console(
        file=out, width=90, height=30, force_terminal=True, no_color=not colour, highlight=False
    )
    view = LiveView(console, Talk(out), clock=Now(), zone=UTC, refresh=None)
    view.show(RunStarted("spring", 5, 5, 1))
    view.show(Settled(phone(0), device(0), State.FAILED, 1, None, "no"))
    view.draw()
    told = Text.from_ansi(out.getvalue()).plain
    assert "1 failed" in told
    assert ("\x1b[1;31m" in out.getvalue()) == colour


def test_the_first_line_of_a_run_tells_the_promise_once() -> None:
    out = io.StringIO()
    view, _ = view_of([RunStarted("spring", 5, 5, 1)], out)
    view.draw()
    view.draw()
    assert out.getvalue().count(PROMISE[:30]) == 1


def test_ends_with_counts_in_words_and_what_to_do_next() -> None:
    out = io.StringIO()
    tally = Tally(
        Counter(
            {
                State.SENT: 5,
                State.DELIVERED: 90,
                State.FAILED: 2,
                State.UNCERTAIN: 1,
                State.PENDING: 2,
            }
        )
    )
    finished = RunFinished(tally, 192.0, ExitCode.LEFT_OVER)
    view, _ = view_of([RunStarted("spring menu", 100, 100, 1), finished], out)
    view.close()
    view.close()
    told = Text.from_ansi(out.getvalue()).plain
    assert told.count("Stopped with something left: spring menu, in 3 min 12 s") == 1
    assert "90 delivered" in told
    assert "`waheal resolve 'spring menu'`" in told
    assert "run the same command again" in told


def test_a_run_that_broke_off_leaves_its_last_picture() -> None:
    out = io.StringIO()
    view, _ = view_of([RunStarted("spring", 5, 5, 1)], out)
    view.close()
    assert "5 to go" in Text.from_ansi(out.getvalue()).plain
    assert out.getvalue().endswith("\x1b[?25h")


def test_draws_by_itself_and_its_thread_ends_with_it() -> None:
    drawn = threading.Event()

    class Watched(io.StringIO):
        def write(self, text: str) -> int:
            if "spring" in text:
                drawn.set()
            return super().write(text)

    out = Watched()
    console = Console(file=out, width=80, height=24, force_terminal=True)
    before = threading.active_count()
    with LiveView(console, Talk(out), clock=Now(), refresh=0.01) as view:
        view.show(RunStarted("spring", 5, 5, 1))
        assert drawn.wait(60)
    assert threading.active_count() <= before  # others' threads may end meanwhile


def frame_of(*events: Event, width: int = 100, pace: str = "") -> str:
    now = Now()
    console = Console(file=io.StringIO(), width=width, height=30)
    view = LiveView(console, Talk(io.StringIO()), clock=now, refresh=None, pace=pace, zone=UTC)
    for event in events:
        view.show(event)
    now.at += 22.0
    return "\n".join(line.plain for line in view.frame(width, 30))


def test_first_connects_are_one_line_and_the_limit_stands_beside_the_speed() -> None:
    told = frame_of(
        RunStarted("spring", 1000, 1000, 500),
        *(DeviceHealing(device(number), "first connect") for number in range(459)),
        Claimed(phone(1), device(499)),
        pace="20/min a device",
    )
    assert "500 · 1 sending · 459 connecting, longest 22 s" in told
    assert "0 in 22 s · limit 20/min a device" in told
    assert "healing" not in told


def test_a_run_that_waits_for_its_pace_is_not_sending() -> None:
    told = frame_of(
        RunStarted("spring", 1000, 1000, 2),
        Claimed(phone(1), device(1)),
        Settled(phone(1), device(1), State.SENT, 1, "3EB0", None),
    )
    assert "2 · pacing" in told
    assert "sending" not in told


def test_idle_by_pace_says_when_the_next_message_goes() -> None:
    view, _ = view_of([RunStarted("spring", 5, 5, 2), NextAt(NOW + 34)])
    assert "pacing, next 08:00:34" in text(view.frame(100, 30))


def test_an_outage_says_since_when_the_next_try_and_the_end() -> None:
    told = "WhatsApp unreachable since 08:00:01; next try 08:00:36; gives up 08:03:01"
    view, _ = view_of([RunStarted("spring", 5, 5, 2), Paused(told, None, GOES_ON)])
    assert f"Waiting: {told}" in text(view.frame(120, 30))


def test_who_is_paused_is_named_in_one_row() -> None:
    out = tuple(
        Device(device(n), None, None, DeviceState.PAUSED, None, None, None, 0, NOW, paused=True)
        for n in range(5)
    )
    view, _ = view_of([RunStarted("spring", 5, 5, 9, Tally(Counter({State.PENDING: 5})), out)])
    told = text(view.frame(120, 30))
    assert "4 of 9 can send · 5 out" in told
    assert "5 paused  berlin-0000, berlin-0001, berlin-0002 and 2 more" in told


def test_replies_are_counted() -> None:
    replied = Replied(phone(1), device(1), ReplyKind.TEXT)
    view, _ = view_of([RunStarted("spring", 5, 5, 2), replied, replied])
    assert "2 replies" in text(view.frame(100, 30))


def test_it_begins_in_sight() -> None:
    view, _ = view_of([RunStarted("spring", 5, 5, 2, begins=NOW + 3630)])
    assert "begins in 1 h" in text(view.frame(100, 30))


def test_nothing_of_it_stays_on_the_screen_that_scrolls() -> None:
    out = io.StringIO()
    view, _ = view_of([RunStarted("spring", 5, 5, 1)], out)
    view.draw()
    view.show(RunFinished(Tally(Counter({State.SENT: 5})), 9.0, ExitCode.OK))
    view.close()
    enter, leave = out.getvalue().index("\x1b[?1049h"), out.getvalue().index("\x1b[?1049l")
    assert enter < out.getvalue().index("5 to go") < leave < out.getvalue().index("Done: spring")
