"""A run as JSON, to the letter."""

import io
import json
import os
from collections import Counter
from collections.abc import Iterable

import pytest

from tests.kit.streams import Reader, small_pipe
from waheal.events import (
    Claimed,
    DeviceHealed,
    DeviceHealing,
    DeviceQuarantined,
    Draining,
    Event,
    HostRestarted,
    Note,
    OptedOut,
    Paused,
    Receipt,
    Resumed,
    RunFinished,
    RunStarted,
    Settled,
)
from waheal.model import DeviceId, ExitCode, Phone, Quarantine, State
from waheal.records import Tally
from waheal.views import talk
from waheal.views.jsonl import JsonlView
from waheal.views.talk import Talk

PHONE = Phone("+12025550100")
DEVICE = DeviceId("berlin-01")
NOW = 1_800_000_000.25
AT = "2027-01-15T08:00:00.250Z"

DOCUMENTED: list[tuple[Event, dict[str, object]]] = [
    (
        RunStarted("spring", 10, 7, 3, Tally(Counter({State.PENDING: 7, State.SENT: 3}))),
        {
            "event": "run_started",
            "campaign": "spring",
            "total": 10,
            "pending": 7,
            "devices": 3,
            "errand": None,
            "machine": None,
        },
    ),
    (
        Settled(PHONE, DEVICE, State.SENT, 1, "3EB0", None),
        {
            "event": "settled",
            "phone": "+12025550100",
            "device": "berlin-01",
            "state": "sent",
            "attempt": 1,
            "message_id": "3EB0",
            "reason": None,
            "machine": None,
        },
    ),
    (
        Receipt(PHONE, "3EB0", State.READ, State.DELIVERED),
        {"event": "receipt", "phone": "+12025550100", "message_id": "3EB0", "state": "read"},
    ),
    (
        DeviceHealed(DEVICE, 1.23456, "connection lost"),
        {
            "event": "device_healed",
            "device": "berlin-01",
            "seconds": 1.235,
            "cause": "connection lost",
        },
    ),
    (
        DeviceQuarantined(DEVICE, Quarantine.BANNED, NOW),
        {
            "event": "device_quarantined",
            "device": "berlin-01",
            "reason": "banned",
            "until": AT,
            "after": None,
        },
    ),
    (
        DeviceQuarantined(DEVICE, Quarantine.LOGGED_OUT, None),
        {
            "event": "device_quarantined",
            "device": "berlin-01",
            "reason": "logged out",
            "until": None,
            "after": None,
        },
    ),
    (
        HostRestarted(1, "killed by signal 6", 2),
        {"event": "host_restarted", "host": 1, "cause": "killed by signal 6", "in_doubt": 2},
    ),
    (
        Paused("outside the window", NOW),
        {
            "event": "paused",
            "reason": "outside the window",
            "until": AT,
            "way_out": None,
        },
    ),
    (Resumed("the window is open"), {"event": "resumed", "reason": "the window is open"}),
    (
        RunFinished(
            Tally(
                Counter(
                    {
                        State.PENDING: 1,
                        State.SENT: 2,
                        State.DELIVERED: 3,
                        State.READ: 4,
                        State.FAILED: 5,
                        State.SUPPRESSED: 6,
                        State.EXPIRED: 7,
                        State.UNCERTAIN: 8,
                    }
                ),
                1,
            ),
            9.8765,
            ExitCode.LEFT_OVER,
        ),
        {
            "event": "run_finished",
            "pending": 1,
            "sent": 2,
            "delivered": 3,
            "read": 4,
            "failed": 5,
            "suppressed": 6,
            "expired": 7,
            "uncertain": 8,
            "replied": 0,
            "seconds": 9.877,
            "exit_code": 3,
            "reason": None,
            "until": None,
        },
    ),
]


def printed(events: Iterable[Event]) -> list[str]:
    out = io.StringIO()
    with JsonlView(out, clock=lambda: NOW, talk=Talk(io.StringIO())) as view:
        for event in events:
            view.show(event)
    return out.getvalue().splitlines()


@pytest.mark.parametrize(("event", "fields"), DOCUMENTED)
def test_prints_each_documented_event_with_exactly_its_fields(
    event: Event, fields: dict[str, object]
) -> None:
    (line,) = printed([event])
    assert json.loads(line) == {**fields, "at": AT}


def test_prints_nothing_for_what_only_a_display_needs() -> None:
    events = (
        Claimed(PHONE, DEVICE),
        DeviceHealing(DEVICE, "lost"),
        OptedOut(PHONE, "STOP"),
        Draining(3, "SIGINT"),
        Note("hello"),
    )
    assert printed(events) == []


def test_newlines_in_a_reason_stay_within_the_line() -> None:
    (line,) = printed([Settled(PHONE, DEVICE, State.FAILED, 1, None, "no\nway\u2028at all é")])
    assert json.loads(line)["reason"] == "no\nway\u2028at all é"
    assert line.isascii()


def test_writes_each_line_as_it_comes() -> None:
    err = io.StringIO()
    reader, writer = os.pipe()
    with os.fdopen(reader) as told, os.fdopen(writer, "w") as out:
        view = JsonlView(out, clock=lambda: NOW, talk=Talk(err))
        view.show(Resumed("again"))
        assert json.loads(told.readline())["event"] == "resumed"
        view.close()
        view.close()
    assert not err.getvalue()


def test_a_reader_that_went_away_is_told_once_and_stops_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    err = io.StringIO()
    with os.fdopen(writer, "w") as out:
        view = JsonlView(out, clock=lambda: NOW, talk=Talk(err))
        for _ in range(3):
            view.show(Resumed("again"))
        view.close()
        view.close()
    assert err.getvalue().count("the run goes on") == 1
    assert "hint:" in err.getvalue()


def test_a_reader_that_never_reads_is_told_and_holds_up_no_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(talk, "PATIENCE", 0.05)
    err = io.StringIO()
    with small_pipe() as (_, out):
        view = JsonlView(out, clock=lambda: NOW, talk=Talk(err))
        for _ in range(1000):
            view.show(Resumed("again"))
        view.close()
        view.close()
    assert err.getvalue().count("nobody reads stdout") == 1


def test_what_a_reader_missed_is_one_piece_that_is_told_and_the_end_is_left_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(talk, "ROOM", 20_000)
    err = io.StringIO()
    with small_pipe() as (told, out):
        view = JsonlView(out, clock=lambda: NOW, talk=Talk(err))
        for number in range(1000):
            view.show(Resumed(str(number)))
        view.show(RunFinished(Tally(), 1.0, ExitCode.OK))
        reader = Reader(told)
        view.close()
        out.close()
    *lines, last = map(json.loads, reader.lines())
    assert [line["reason"] for line in lines] == [str(number) for number in range(len(lines))]
    assert last["event"] == "run_finished"
    assert f"{1000 - len(lines)} events left out" in err.getvalue()
    assert err.getvalue().count("\n") == 2


def test_a_reader_that_caught_up_misses_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "ROOM", 20_000)
    err = io.StringIO()
    with small_pipe() as (told, out):
        view = JsonlView(out, clock=lambda: NOW, talk=Talk(err))
        for number in range(1000):
            view.show(Resumed(str(number)))
        reader = Reader(told)
        assert view._out.flush()
        view.show(Resumed("caught up"))
        view.close()
        out.close()
    assert json.loads(reader.lines()[-1])["reason"] == "caught up"
    assert err.getvalue().count("left out") == 1
