"""Each fault of the table on a message of each kind: it ends as a text's does."""

from functools import partial
from pathlib import Path

import pytest

from tests.faults.cases import QUICK
from tests.faults.scenes import Part, Played, parts, play, settings, shared
from tests.kit.kinds import message
from tests.kit.rig import rig
from waheal.model import DeviceState, MessageKind

pytestmark = pytest.mark.real

PARTS = parts(QUICK)
KINDS = [kind for kind in MessageKind if kind is not MessageKind.TEXT]  # whose own tests are there


def _play(kind: MessageKind, root: Path) -> Played:
    with rig(root, devices=0) as made:
        return play(made, QUICK, settings(made), partial(message, kind))


@pytest.fixture(scope="module", params=KINDS)
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    kind = MessageKind(request.param)
    return shared(tmp_path_factory, f"kind-{kind}", partial(_play, kind))


def _found(played: Played, part: Part) -> tuple[object, ...]:
    row, device = played.rows[part.subject], played.devices[part.device]
    return row.state, row.attempt, played.received.get(part.subject, 0), device.reason


def test_every_fault_ends_as_it_does_for_a_text(played: Played) -> None:
    wrong = {}
    for part in PARTS:
        case = part.case
        expected = (case.state, case.attempt, case.received, case.quarantine)
        if (found := _found(played, part)) != expected:
            wrong[case.name] = (found, expected)
    assert wrong == {}


def test_nobody_gets_two_and_nobody_is_dropped(played: Played) -> None:
    assert {phone: n for phone, n in played.received.items() if n > 1} == {}
    after = {part.case.name: played.rows[part.phones[-1]].state for part in PARTS}
    assert after == {part.case.name: part.case.after for part in PARTS}


def test_devices_go_on_as_they_do_for_a_text(played: Played) -> None:
    ready = {part.case.name for part in PARTS if part.case.quarantine is None}
    states = {part.case.name: played.devices[part.device].state for part in PARTS}
    assert {name for name, state in states.items() if state is DeviceState.READY} == ready
