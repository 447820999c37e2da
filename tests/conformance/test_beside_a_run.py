"""Everything that the real server says of an ordinary day, beside one run of the real engine."""

from pathlib import Path

import pytest

from tests.conformance.everyday import EVERYDAY
from tests.conformance.player import CONTACT, tell
from tests.kit.rig import rig
from waheal.events import DeviceHealed, DeviceQuarantined, Settled
from waheal.model import ExitCode, State
from waheal.sandbox.control import FaultKind, FaultOrder
from waheal.wire import HostSettings

pytestmark = pytest.mark.real

_SOMEBODY_ELSES = "3EB0000000000000000000"
_RECIPIENTS = 150


def test_a_run_does_not_notice(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        recipients = made.enroll(_RECIPIENTS)
        made.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=0.2))
        running = made.start(made.settings(host=HostSettings(senders=1)))
        running.wait_for(lambda event: isinstance(event, Settled))
        for said in EVERYDAY:
            tell(made.control, made.jid("d0"), said.stanza, _SOMEBODY_ELSES, said.text)
        settled = sum(isinstance(each, Settled) for each in running.events)
        assert settled < _RECIPIENTS, "the run was over before all of it was said"
        made.control.faults.clear()
        assert running.finish().exit_code is ExitCode.OK
        lost = DeviceHealed | DeviceQuarantined
        assert [each for each in running.events if isinstance(each, lost)] == []
        assert made.tally()[State.DELIVERED] == _RECIPIENTS
        shown = made.texts()  # the own phone is asked for what the device could not open
        assert [each for each in recipients if shown.get(each) != [f"to {each}"]] == []
        assert not made.ledger.people.is_suppressed(CONTACT), "what it said, it said elsewhere"
