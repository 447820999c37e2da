"""Each fault of the table on a message of each kind: it ends as a text's does.

What is always run deals the kinds out over the quick faults, twice; `test_silence.py` has a silent
one for each, and the tests of single faults a kind each. On demand (`-m soak`) it is all of them.
"""

from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from tests.faults.cases import QUICK, SILENT, Case
from tests.faults.kinds import OTHERS, in_turn
from tests.faults.scenes import Part, Played, parts, play, settings, shared
from tests.kit.kinds import MESSAGES, Say
from tests.kit.rig import rig
from waheal.events import Settled
from waheal.model import DeviceState

pytestmark = pytest.mark.real

_CALL_TIMEOUT = 80.0  # past the library's own 75 s

PARTS = parts(QUICK)
SILENTLY = parts([case for case, _ in product(SILENT, OTHERS)])
SAID: dict[str, tuple[list[Part], Say]] = {
    "in turn": (PARTS, in_turn(PARTS)),
    "in turn, otherwise": (PARTS, in_turn(PARTS, len(OTHERS) // 2)),
    **{kind: (PARTS, MESSAGES[kind]) for kind in OTHERS},
    "silence": (SILENTLY, in_turn(SILENTLY)),
}
ALWAYS = ("in turn", "in turn, otherwise")


def _play(cast: list[Part], say: Say, root: Path) -> Played:
    with rig(root, devices=0) as made:
        how = settings(made, call_timeout=_CALL_TIMEOUT)
        patient = replace(how, host=replace(how.host, senders=len(cast)))  # who hang hold a thread
        return play(made, [part.case for part in cast], patient, say)


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=() if name in ALWAYS else pytest.mark.soak) for name in SAID],
)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def played(name: str, tmp_path_factory: pytest.TempPathFactory) -> Played:
    return shared(tmp_path_factory, f"kind-{name}", partial(_play, *SAID[name]))


def _found(played: Played, part: Part) -> tuple[object, ...]:
    row, device = played.rows[part.subject], played.devices[part.device]
    return row.state, row.attempt, played.received.get(part.subject, 0), device.reason


def _expected(case: Case) -> tuple[object, ...]:
    return case.state, case.attempt, case.received, case.quarantine


def _told(played: Played, part: Part) -> list[str | None]:
    """Tell why each attempt ended, for whoever reads what went wrong."""
    settled = (each.event for each in played.events if isinstance(each.event, Settled))
    return [each.reason for each in settled if each.phone == part.subject]


def test_every_fault_ends_as_it_does_for_a_text(name: str, played: Played) -> None:
    cast, _ = SAID[name]
    wrong = {
        (part.case.name, part.device): (found, expected, _told(played, part))
        for part in cast
        if (found := _found(played, part)) != (expected := _expected(part.case))
    }
    assert wrong == {}


def test_nobody_gets_two_and_nobody_is_dropped(name: str, played: Played) -> None:
    cast, _ = SAID[name]
    assert {phone: n for phone, n in played.received.items() if n > 1} == {}
    after = {part.device: played.rows[part.phones[-1]].state for part in cast}
    assert after == {part.device: part.case.after for part in cast}


def test_devices_go_on_as_they_do_for_a_text(name: str, played: Played) -> None:
    cast, _ = SAID[name]
    ready = {part.device for part in cast if part.case.quarantine is None}
    states = {part.device: played.devices[part.device].state for part in cast}
    assert {label for label, state in states.items() if state is DeviceState.READY} == ready


def test_every_kind_has_a_turn() -> None:
    dealt = [say(part.subject) for cast, say in map(SAID.__getitem__, ALWAYS) for part in cast]
    assert len({(each.kind, type(each.body)) for each in dealt}) == len(OTHERS)
