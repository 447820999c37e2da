"""A login that ends the library (413, 414: Messenger's), through the real client."""

from collections import Counter
from pathlib import Path

import pytest

from tests.kit.rig import rig
from waheal.events import DeviceQuarantined, RunFinished
from waheal.model import ExitCode, Quarantine, State
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real


@pytest.mark.parametrize("code", [413, 414])
def test_its_device_is_set_aside_and_the_others_send_all(tmp_path: Path, code: int) -> None:
    with rig(tmp_path, devices=3) as made:
        made.enroll(12)
        made.control.faults.order(
            FaultOrder(FaultKind.LOGIN_FAILURE, device=made.jid("d1"), code=code, count=None)
        )
        events = made.send()
        told = {each.device: each.reason for each in events if isinstance(each, DeviceQuarantined)}
        assert told == {"d1": Quarantine.CRASHES}
        last = events[-1]
        assert isinstance(last, RunFinished)
        assert last.exit_code is ExitCode.OK
        assert Counter(len(texts) for texts in made.texts().values()) == {1: 12}
        assert not set(made.states().values()) - {State.SENT, State.DELIVERED}
