"""A login that ends the library (413, 414: Messenger's), through the real client."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.rig import Rig, rig
from waheal.engine.collect import Collect, connect
from waheal.events import DeviceQuarantined, RunFinished
from waheal.model import DeviceId, ExitCode, Quarantine, State
from waheal.policy.optout import Words
from waheal.sandbox.control import FaultKind, FaultOrder
from waheal.wire import HostSettings, Offline, Online

pytestmark = pytest.mark.real


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Rig]:
    with rig(tmp_path, devices=3) as found:
        yield found


def poison(made: Rig, label: str, code: int = 413) -> None:
    made.control.faults.order(
        FaultOrder(FaultKind.LOGIN_FAILURE, device=made.jid(label), code=code, count=None)
    )


@pytest.mark.parametrize("code", [413, 414])
def test_its_device_is_set_aside_and_the_others_send_all(made: Rig, code: int) -> None:
    made.enroll(12)
    poison(made, "d1", code)
    events = made.send()
    told = {each.device: each.reason for each in events if isinstance(each, DeviceQuarantined)}
    assert told == {"d1": Quarantine.CRASHES}
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.exit_code is ExitCode.OK
    assert Counter(len(texts) for texts in made.texts().values()) == {1: 12}
    assert not set(made.states().values()) - {State.SENT, State.DELIVERED}


def test_doctor_and_sync_tell_it_and_connect_the_others(made: Rig) -> None:
    devices = made.ledger.devices.all(made.clock())
    poison(made, "d0")
    host = HostSettings(trust=made.server.trust)
    answers = {
        each.device: each
        for each in connect(made.home, made.lock, made.ledger, host, devices, seconds=60.0)
    }
    assert {label for label, each in answers.items() if isinstance(each, Online)} == {"d1", "d2"}
    assert isinstance(answers[DeviceId("d0")], Offline)
    assert made.ledger.devices.quarantined(DeviceId("d0"), made.clock()) is Quarantine.CRASHES

    collect = Collect(made.home, made.lock, made.ledger, host, words=Words())
    events = list(collect.events(devices, 0.1))
    told = [event for event in events if isinstance(event, DeviceQuarantined)]
    assert [(event.device, event.reason) for event in told] == [("d0", Quarantine.CRASHES)]

    made.control.faults.clear()
    list(connect(made.home, made.lock, made.ledger, host, devices, seconds=60.0))
    assert made.ledger.devices.quarantined(DeviceId("d0"), made.clock()) is None  # it logged in
