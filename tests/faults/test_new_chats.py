"""Refused new chats (463) through the real client: whose they are, and what goes on."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.rig import Rig, rig
from waheal.engine.collect import Collect
from waheal.events import DeviceQuarantined, Event, NewChatsHeld, Note, RunFinished
from waheal.model import ChatHold, DeviceId, DeviceState, ExitCode, State
from waheal.policy.optout import Words
from waheal.policy.pacing import HOUR
from waheal.sandbox.control import FaultKind, FaultOrder
from waheal.wire import HostSettings

pytestmark = pytest.mark.real


def run(made: Rig, name: str = "campaign") -> list[Event]:
    return made.send(replace(made.settings(name), max_wait=8.0))


def held(events: list[Event]) -> list[str]:
    return [event.device for event in events if isinstance(event, NewChatsHeld)]


def test_one_contact_that_refuses_costs_no_device(tmp_path: Path) -> None:
    with rig(tmp_path, devices=4) as made:
        people = made.enroll(40)
        made.control.faults.order(
            FaultOrder(FaultKind.ACK_ERROR, recipient=people[11], code=463, count=None)
        )
        events = run(made)
        assert Counter(len(texts) for texts in made.texts().values()) == {1: 39}
        assert made.states()[people[11]] is State.PENDING
        assert held(events) == []
        assert not [event for event in events if isinstance(event, DeviceQuarantined)]
        states = {device.state for device in made.ledger.devices.all(made.clock())}
        assert states == {DeviceState.READY}
        last = events[-1]
        assert isinstance(last, RunFinished)
        assert last.exit_code is ExitCode.LEFT_OVER


def test_a_locked_account_goes_on_with_its_chats_and_is_used_again_at_the_end(
    tmp_path: Path,
) -> None:
    with rig(tmp_path, devices=2) as made:
        known = made.enroll(4, "before", pinned="d0")
        run(made, "before")
        made.control.faults.order(
            FaultOrder(FaultKind.NEW_CHAT_REFUSED, device=made.jid("d0"), count=None)
        )
        people = made.enroll(16)  # the first four are known to d0
        events = run(made)
        assert held(events) == ["d0"]
        assert set(made.states().values()) <= {State.SENT, State.DELIVERED}
        by = {each.phone: each.device for each in made.control.phones.received()[len(known) :]}
        assert {to for to, device in by.items() if device == made.jid("d0")} == set(known)
        assert set(by) == set(people)

        (locked,) = [each for each in made.ledger.devices.all(made.clock()) if each.chats_from]
        assert (locked.state, locked.chats_why) == (DeviceState.READY, ChatHold.REFUSED)
        made.ledger.devices.pause(made.ledger.devices.all(made.clock())[1].label)
        made.enroll(18)
        assert held(run(made)) == ["d0"]  # told by the next run too, which begins none either
        assert Counter(made.states().values())[State.PENDING] == 2

        made.control.faults.clear()
        made.clock.moved += 6 * HOUR + 60.0
        assert held(run(made)) == []
        assert Counter(made.states().values())[State.PENDING] == 0
        assert {len(texts) for texts in made.texts().values()} == {1, 2}  # two campaigns


def test_the_end_that_the_account_is_told_of_is_believed(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        d0 = made.jid("d0")
        known = made.enroll(3, "before")
        run(made, "before")
        made.control.faults.order(FaultOrder(FaultKind.NEW_CHAT_REFUSED, device=d0, count=None))
        made.control.faults.order(
            FaultOrder(FaultKind.LOCK_TOLD, device=d0, count=None, seconds=2 * HOUR)
        )
        made.control.faults.order(
            FaultOrder(
                FaultKind.QUOTA_TOLD, device=d0, count=None, used=45, total=50, seconds=24 * HOUR
            )
        )
        made.enroll(7)
        events = run(made)
        told = [event for event in events if isinstance(event, NewChatsHeld)]
        ends = [event.until - made.clock() for event in told]
        assert ends == [pytest.approx(6 * HOUR, abs=600), pytest.approx(2 * HOUR, abs=600)]
        notes = [event.text for event in events if isinstance(event, Note)]
        assert "d0: WhatsApp warns that 45 of 50 new chats are used" in notes
        (device,) = made.ledger.devices.all(made.clock())
        assert device.quota == (45, 50)
        assert device.chats_from == pytest.approx(made.clock() + 2 * HOUR, abs=600)
        assert Counter(made.states().values())[State.PENDING] == 7 - len(known)
        logs = "".join(path.read_text() for path in made.home.logs.glob("host-*.log"))
        assert not [line for line in logs.splitlines() if "<message" in line or "<iq" in line]


def test_a_used_up_quota_outlasts_a_lock_and_the_end_of_one(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        d0, faults = made.jid("d0"), made.control.faults
        faults.order(FaultOrder(FaultKind.NEW_CHAT_REFUSED, device=d0, count=None))
        faults.order(
            FaultOrder(
                FaultKind.QUOTA_TOLD, device=d0, count=None, used=50, total=50, seconds=24 * HOUR
            )
        )
        # At the first login nobody overhears; then a lock, and at the next that it is over.
        faults.order(FaultOrder(FaultKind.LOCK_TOLD, device=d0, count=2, seconds=2 * HOUR))
        faults.order(FaultOrder(FaultKind.LOCK_TOLD, device=d0))
        made.enroll(4)
        events = run(made)
        for listened in ([], listening(made)):
            (device,) = made.ledger.devices.all(made.clock())
            assert device.chats_why == ChatHold.CAPPED
            assert device.chats_from == pytest.approx(made.clock() + 24 * HOUR, abs=60)
            events += listened
        last = [event for event in events if isinstance(event, NewChatsHeld)][-1]
        assert (last.reason, last.until) == (ChatHold.CAPPED, device.chats_from)
        limits = made.ledger.chats.limits(DeviceId("d0"))
        assert (limits.why, limits.capped) == (None, True)  # the lock's end was heard


def listening(made: Rig) -> list[Event]:
    """Let the device hear what its account is told at its next login, as `sync` does."""
    collect = Collect(
        made.home, made.lock, made.ledger, HostSettings(made.server.trust), words=Words()
    )
    return list(collect.events(made.ledger.devices.all(made.clock()), 1.0))
