"""Each way in which a run comes to a stop names its cause and what ends it."""

from dataclasses import replace

import pytest

from tests.kit.ledgers import NOW, file_of
from tests.kit.stage import CAMPAIGN, ONE, TWO, FakeHost, Stage, phone
from waheal.chat_records import ChatLimits
from waheal.engine.settings import RunSettings
from waheal.events import Paused
from waheal.model import (
    Accepted,
    ChatHold,
    Content,
    DeviceId,
    ExitCode,
    NotSent,
    Planned,
    Quarantine,
    State,
)
from waheal.policy.chat_limits import ChatBudget
from waheal.policy.pacing import DAY, HOUR, Limits
from waheal.policy.windows import Window
from waheal.wire import Command, Send

SETTINGS = RunSettings(CAMPAIGN, max_wait=1.0)


@pytest.fixture
def made(made: Stage) -> Stage:
    made.add(ONE)
    return made


def last_word(made: Stage, settings: RunSettings = SETTINGS) -> Paused:
    """Run to the end; gives the pause that tells why."""
    told = [event for event in made.play(settings) if isinstance(event, Paused)]
    assert told[-1].way_out
    return told[-1]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(per_day=1), "one has sent its 1 in 24 hours (--daily"),
        (Limits(per_hour=1), "one has sent as many as --rate 1/h allows"),
        (Limits(per_minute=1), "one has sent as many as --rate 1/min allows"),
        (
            Limits(gap=HOUR),
            "one has to wait between two messages (--gap",
        ),
        (Limits(per_hour=2), "one has sent as many as --rate 2/h allows"),
        (Limits(total_per_hour=1), "--rate-total 1/h is used up"),
    ],
)
def test_a_limit_that_is_used_up(made: Stage, limits: Limits, said: str) -> None:
    made.people(3)
    for _ in range(2):  # the second run says so, too
        told = last_word(made, replace(SETTINGS, limits=limits))
        assert told.reason.startswith(said)
        assert "raise the limit" in (told.way_out or "")
        assert told.until is not None
        assert told.until > made.time.time()


def test_a_limit_of_every_device(made: Stage) -> None:
    made.add(TWO)
    made.people(5)
    told = last_word(made, replace(SETTINGS, limits=Limits(per_day=1)))
    assert told.reason.startswith("every device has sent its 1 in 24 hours")


def test_a_budget_of_new_chats_that_is_used_up(made: Stage) -> None:
    made.people(3)
    for _ in range(2):
        told = last_word(made, replace(SETTINGS, new_chats=ChatBudget(1)))
        assert told.reason.startswith("every device has begun as many new chats as --new-chats")
        assert "raise the limit" in (told.way_out or "")
        assert told.until == pytest.approx(made.time.time() + DAY, abs=HOUR)


def test_devices_that_begin_no_new_chat(made: Stage) -> None:
    made.people(3)
    now = made.time.time()
    made.ledger.chats.keep(ONE, ChatLimits(now + HOUR, ChatHold.UNDELIVERED, now, 1))
    told = last_word(made)
    assert told.reason.startswith("no device begins a new chat before")
    assert "no first message arrives" in told.reason
    assert "waheal devices list" in (told.way_out or "")


def test_a_clock_that_was_once_ahead(made: Stage) -> None:
    made.people(2)
    limits = Limits(per_day=1)
    made.time.moved = 30 * DAY
    last_word(made, replace(SETTINGS, limits=limits))
    made.time.moved = 0.0
    told = last_word(made, replace(SETTINGS, limits=limits))
    assert "the clock was once ahead" in told.reason
    assert "see that the clock is right" in (told.way_out or "")


def test_a_closed_window(made: Stage) -> None:
    made.people(2)
    for window in (Window(0, 1), Window(23 * 60, 23 * 60 + 1)):
        told = last_word(made, replace(SETTINGS, window=window))
        assert told.reason.startswith(f"it is outside of --window {window} for 2 recipients")
        assert "widen --window" in (told.way_out or "")


def test_send_after(made: Stage) -> None:
    made.enroll(Planned(2, phone(0), Content("later"), not_before=NOW + DAY))
    told = last_word(made)
    assert told.reason.startswith("send_after of 1 recipient is still to come")
    assert told.until == NOW + DAY


def test_per_recipient(made: Stage) -> None:
    limits = Limits(per_recipient=(1, 7 * DAY))
    made.people(1)
    made.finish(replace(SETTINGS, limits=limits))
    campaign = made.ledger.campaigns.open("d", "/d", NOW)
    rows = [Planned(2, phone(0), Content("again"))]
    made.ledger.enrolment.enroll(campaign.id, rows, now=NOW, digest=None)
    told = last_word(made, RunSettings("d", limits=limits, max_wait=1.0))
    assert told.reason.startswith("--per-recipient 1/7d is reached for 1 recipient")


@pytest.mark.parametrize(
    ("reason", "way_out"),
    [
        (Quarantine.LOGGED_OUT, "`waheal devices pair two`"),
        (Quarantine.NO_SESSION, "`waheal devices pair two`"),
        (Quarantine.BANNED, "`waheal devices list`"),
    ],
)
def test_a_pinned_device_that_is_out(made: Stage, reason: Quarantine, way_out: str) -> None:
    made.add(TWO)
    made.enroll(
        Planned(2, phone(0), Content("a")),
        Planned(3, phone(1), Content("b"), TWO),
        Planned(4, phone(2), Content("c"), TWO),
    )
    made.ledger.devices.quarantine(TWO, reason, None, NOW)
    for _ in range(2):
        told = last_word(made)
        assert told.reason == f"2 recipients can only be sent to by two, which is out: {reason}"
        assert way_out in (told.way_out or "")


def test_a_pinned_device_that_is_paused_unchosen_or_unknown(made: Stage) -> None:
    made.add(TWO)
    made.people(1, pinned=TWO)
    made.ledger.devices.pause(TWO)
    assert last_word(made).way_out == "`waheal devices resume two`"
    told = last_word(made, replace(SETTINGS, devices=frozenset({ONE})))
    assert "two, which takes no part in this run" in told.reason
    assert "name two in --devices" in (told.way_out or "")


def test_no_device_at_all(made: Stage) -> None:
    made.add(TWO)
    made.people(1)
    made.ledger.devices.quarantine(ONE, Quarantine.LOGGED_OUT, None, NOW)
    made.ledger.devices.pause(TWO)
    told = last_word(made)
    assert told.reason == "no device can send: one is out: logged out, two is paused"
    assert told.way_out == "`waheal devices pair one`; `waheal devices resume two`"
    none = last_word(made, replace(SETTINGS, devices=frozenset({DeviceId("three")})))
    assert none.reason == "no device can send: none is paired"


def test_several_causes_at_once_are_all_told(made: Stage) -> None:
    made.enroll(
        Planned(2, phone(0), Content("a"), not_before=NOW + DAY),
        Planned(3, phone(1), Content("b"), TWO),
    )
    told = last_word(made)
    assert "send_after of 1 recipient" in told.reason
    assert "1 recipient can only be sent to by two" in told.reason


def test_bounds(made: Stage) -> None:
    made.people(9)
    assert last_word(made, replace(SETTINGS, limit=1)).reason == "--limit 1 is reached"
    assert last_word(made, replace(SETTINGS, until=NOW)).reason.startswith("--until has come: 20")


def test_who_is_tried_again_later(made: Stage) -> None:
    made.people(1)
    (due,) = made.ledger.work.due(made.campaign, None, NOW, 9)
    made.ledger.work.defer([due.delivery], NOW + DAY, "the server is busy", NOW)
    told = last_word(made)
    assert "tried again from" in told.reason
    assert "(the server is busy)" in told.reason
    assert made.finish(SETTINGS).exit_code is ExitCode.LEFT_OVER


def test_an_attachment_that_changed_in_mid_run(made: Stage) -> None:
    made.people(9)

    def spoilt(host: FakeHost, command: Command) -> None:
        match command:
            case Send() if made.left:
                host.answers(command, NotSent("the attachment /a.png has changed", stops=True))
            case Send():
                host.answers(command, Accepted(made.leaves(command)))
            case _:
                made.obey(host, command)

    made.acts = spoilt
    told = last_word(made)
    assert told.reason == "the attachment /a.png has changed"
    assert "run the same command again" in (told.way_out or "")
    assert sum(made.left.values()) == 1
    assert set(made.states().values()) == {State.SENT, State.PENDING}
    made.acts = None
    assert made.finish(SETTINGS).exit_code is ExitCode.OK


def test_those_whom_another_machine_is_to_send_to(made: Stage) -> None:
    """They are nobody's here, however long this run may wait."""
    made.add(TWO)
    db = file_of(made.ledger)
    db.run("INSERT INTO machines (id, home, name, seen) VALUES (2, 'h', 'lyon', 4e9)")
    db.run("UPDATE devices SET machine = 2 WHERE label = ?", (TWO,))
    here, there = (
        Planned(n, phone(n), Content("hello"), pinned=device) for n, device in ((2, None), (3, TWO))
    )
    made.enroll(here, there)
    told = last_word(made)
    assert "1 recipient can only be sent to by devices of other machines" in told.reason
    assert "waheal cluster" in str(told.way_out)
    assert sum(made.left.values()) == 1
