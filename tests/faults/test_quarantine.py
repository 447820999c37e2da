"""Devices that can't be used: who gets their recipients, and when they are used again."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.kinds import every_kind
from tests.faults.scenes import aimed, settings
from tests.kit.kinds import PREVIEW, Say
from tests.kit.rig import CAMPAIGN, PATIENCE, Rig, phones, rig
from waheal.engine.collect import Collect
from waheal.events import DeviceQuarantined, Event, Paused, RunFinished, RunStarted, Settled
from waheal.model import (
    DeviceId,
    DeviceState,
    ExitCode,
    MessageKind,
    Phone,
    Planned,
    Quarantine,
    State,
)
from waheal.policy.optout import Words
from waheal.records import OUTDATED, UPGRADE
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real

D0, D1 = DeviceId("d0"), DeviceId("d1")
HOUR = 3600.0
LOGOUT = table.Row(
    "logout, with recipients of anyone's and of its own",
    "the one in mid-send uncertain, the others delivered through other devices,"
    " the pinned one pending (device: logged out)",
    "each of the others once",
    "when it is paired again",
)


def rows_for(
    say: Say, recipients: Sequence[Phone], pinned: DeviceId | None = None, first: int = 2
) -> list[Planned]:
    return [
        Planned(row, phone, say(phone), pinned=pinned)
        for row, phone in enumerate(recipients, start=first)
    ]


def senders(made: Rig, name: str = CAMPAIGN) -> dict[Phone, DeviceId | None]:
    campaign = made.ledger.campaigns.find(name)
    assert campaign is not None
    return {row.phone: row.device for row in made.ledger.recipients.rows(campaign.id)}


def exit_code(events: Sequence[Event]) -> ExitCode:
    last = events[-1]
    assert isinstance(last, RunFinished)
    return last.exit_code


@every_kind(also=MessageKind.LOCATION)
def test_a_banned_device_rests_until_its_end_and_is_used_again(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=2) as made:
        free, pinned = phones(7)[:6], phones(7)[6]
        made.enroll_rows([*rows_for(say, [pinned], D0), *rows_for(say, free, first=3)])
        made.control.faults.order(
            FaultOrder(FaultKind.LOGIN_FAILURE, made.jid(D0), code=402, expire=int(HOUR))
        )
        began = made.clock()
        events = made.send(settings(made))
        told = [each for each in events if isinstance(each, DeviceQuarantined)]
        assert [(each.device, each.reason) for each in told] == [(D0, Quarantine.BANNED)]
        d0, d1 = made.ledger.devices.all(made.clock())
        assert (d0.state, d0.reason) == (DeviceState.QUARANTINED, Quarantine.BANNED)
        assert d0.until == told[0].until == pytest.approx(began + HOUR, abs=120.0)
        assert d1.state is DeviceState.READY
        assert exit_code(events) is ExitCode.LEFT_OVER
        assert made.states() == {pinned: State.PENDING, **dict.fromkeys(free, State.DELIVERED)}
        assert {senders(made)[phone] for phone in free} == {D1}

        connects = {each.jid: each.connects for each in made.control.devices.linked()}[made.jid(D0)]
        made.send(settings(made))  # nothing is tried before its end
        after = {each.jid: each.connects for each in made.control.devices.linked()}[made.jid(D0)]
        assert after == connects

        made.clock.moved = HOUR + 60.0
        assert exit_code(made.send(settings(made))) is ExitCode.OK
        assert senders(made)[pinned] == D0
        assert made.ledger.devices.all(made.clock())[0].state is DeviceState.READY
        assert all(len(texts) == 1 for texts in made.texts().values())
        table.tell(
            table.Row(
                "ban with an end (402), and a clock moved past it",
                "recipients delivered through others, the pinned one pending;"
                " delivered by its device in a run after the end",
                "each once",
                "at the ban's end",
            )
        )


def test_a_run_that_waits_uses_a_banned_device_from_its_end_on(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        (phone,) = made.enroll(1)
        made.control.faults.order(FaultOrder(FaultKind.LOGIN_FAILURE, code=402, expire=int(HOUR)))
        running = made.start(replace(settings(made), max_wait=2 * HOUR, no_device_wait=2 * HOUR))
        running.wait_for(lambda event: isinstance(event, Paused))
        made.clock.moved = HOUR + 60.0
        assert running.finish().exit_code is ExitCode.OK
        assert made.texts() == {phone: [f"to {phone}"]}


@every_kind(also=MessageKind.MEDIA)
def test_a_version_that_is_too_old_ends_the_run_and_the_next_goes_on(
    tmp_path: Path, say: Say
) -> None:
    with rig(tmp_path, devices=3) as made:
        made.enroll(30, say=say)
        made.control.faults.order(FaultOrder(FaultKind.LOGIN_FAILURE, code=405, count=None))
        began = made.clock()
        events = made.send(settings(made))
        assert made.clock() - began < PATIENCE  # three minutes where it waits for a device
        assert [event.reason for event in events if isinstance(event, Paused)] == [OUTDATED]
        (told,) = [event for event in events if isinstance(event, DeviceQuarantined)]
        assert told.reason is Quarantine.OUTDATED
        assert exit_code(events) is ExitCode.NO_DEVICE
        assert set(made.states().values()) == {State.PENDING}
        collect = Collect(made.home, made.lock, made.ledger, settings(made).host, words=Words())
        listened = list(collect.events(made.ledger.devices.all(made.clock()), 60.0))
        assert listened == [Paused(OUTDATED, way_out=UPGRADE)]  # once, not by device
        assert collect.outdated

        made.control.faults.clear()
        assert exit_code(made.send(settings(made))) is ExitCode.OK
        assert set(made.states().values()) == {State.DELIVERED}
        assert {each.state for each in made.ledger.devices.all(made.clock())} == {DeviceState.READY}
        table.tell(
            table.Row(
                "login failure 405, of any device",
                "everything pending is still pending, exit code 10 at once"
                " (device: client outdated)",
                "nothing",
                "by the next run whose version is taken",
            )
        )


@pytest.mark.parametrize(
    ("fault", "met"),
    [
        (
            FaultOrder(FaultKind.STREAM_ERROR, code=401, conflict="device_removed"),
            State.UNCERTAIN,
        ),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=401), State.PENDING),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=403), State.PENDING),
    ],
    ids=["in-mid-send", "login-401", "login-403"],
)
@every_kind(also=PREVIEW)
def test_a_logged_out_devices_recipients_go_to_another_unless_pinned(
    tmp_path: Path, fault: FaultOrder, met: State, say: Say
) -> None:
    with rig(tmp_path, devices=2) as made:
        first, *known, new, last, pinned = phones(6)
        others = [*known, new, last]
        made.enroll_rows(rows_for(say, known), "earlier")  # from now on d0's contacts
        made.send(replace(settings(made, "earlier"), devices=frozenset({D0})))
        pins = [*rows_for(say, [first], D0), *rows_for(say, [pinned], D0, first=8)]
        made.enroll_rows([*pins, *rows_for(say, others, first=3)])
        made.control.faults.order(aimed(fault, made.jid(D0), first))
        events = made.send(settings(made))
        assert made.states() == {
            first: met,
            **dict.fromkeys(others, State.DELIVERED),
            pinned: State.PENDING,
        }
        assert {senders(made)[phone] for phone in others} == {D1}
        assert exit_code(events) is ExitCode.LEFT_OVER
        device = made.ledger.devices.all(made.clock())[0]
        assert (device.reason, device.until) == (Quarantine.LOGGED_OUT, None)
        if met is State.UNCERTAIN:
            table.tell(LOGOUT)


@every_kind(also=MessageKind.POLL)
def test_a_device_that_is_replaced_over_and_over_is_held(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=1) as made:
        recipients = made.enroll(7, say=say)
        made.control.faults.order(
            FaultOrder(FaultKind.STREAM_ERROR, conflict="replaced", count=None)
        )
        events = made.send(settings(made))
        doubtful = [to for to, state in made.states().items() if state is State.UNCERTAIN]
        # One more may have been on its way to the host when the fourth came back.
        assert len(doubtful) in {4, 5}
        rest = [to for to, state in made.states().items() if state is State.PENDING]
        assert len(doubtful) + len(rest) == len(recipients)
        assert exit_code(events) is ExitCode.NO_DEVICE
        device = made.ledger.devices.all(made.clock())[0]
        assert device.reason == Quarantine.REPLACED
        assert device.until is not None
        assert device.until > made.clock()

        made.control.faults.clear()
        made.clock.moved = 600.0
        made.send(settings(made))
        assert {made.states()[phone] for phone in rest} == {State.DELIVERED}
        assert made.texts() == {phone: [say(phone).text] for phone in rest}
        table.tell(
            table.Row(
                "conflict: replaced, over and over",
                "after 4 or 5 in mid-send (uncertain) the rest stays pending"
                " (device: replaced by another client), and is delivered after the hold",
                "those in doubt nothing, the rest once",
                "rests for 5 min",
            )
        )


@every_kind(also=MessageKind.CARD)
def test_with_no_device_left_everything_pending_stays_pending(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=2) as made:
        recipients = made.enroll(5, say=say)
        made.control.faults.order(FaultOrder(FaultKind.LOGIN_FAILURE, code=401, count=2))
        events = made.send(settings(made))
        assert exit_code(events) is ExitCode.NO_DEVICE
        assert made.states() == dict.fromkeys(recipients, State.PENDING)
        again = made.send(settings(made))
        assert exit_code(again) is ExitCode.NO_DEVICE
        assert [type(each) for each in again] == [RunStarted, Paused, RunFinished]
        assert made.texts() == {}
        table.tell(
            table.Row(
                "no device left",
                "everything pending is still pending, exit code 10",
                "nothing",
                "when it is paired again",
            )
        )


@every_kind(also=MessageKind.VOICE)
def test_a_run_pauses_when_too_many_fail(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=2) as made:
        made.enroll(150, say=say)
        made.control.faults.order(FaultOrder(FaultKind.NOT_ON_WHATSAPP, count=None))
        events = made.send(replace(settings(made), pause_after_errors=0.2))
        paused = [each for each in events if isinstance(each, Paused)]
        assert len(paused) == 1
        assert "failed, more than 20%" in paused[0].reason
        tally = made.tally()
        assert tally[State.FAILED] >= 50
        assert tally[State.PENDING] == 150 - tally[State.FAILED]
        assert tally[State.PENDING] > 0
        assert exit_code(events) is ExitCode.LEFT_OVER
        failed = [each for each in events if isinstance(each, Settled)]
        assert {each.reason for each in failed} == {"not on WhatsApp"}
        table.tell(
            table.Row(
                "more failures than `--pause-after-errors`",
                "failed: not on WhatsApp; from the 50th on the rest stays pending, exit code 3",
                "nothing",
                "the operator runs it again",
            )
        )
