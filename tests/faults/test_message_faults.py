"""A fault a device, all in one run: the ledger, the phone, and the device afterwards."""

from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.cases import QUICK
from tests.faults.scenes import Part, Played, parts, play, seconds_to_heal, settings, shared
from tests.kit.rig import rig
from waheal.events import DeviceQuarantined, RunFinished
from waheal.model import DeviceState, ExitCode, State

pytestmark = pytest.mark.real


def _play(root: Path) -> Played:
    with rig(root, devices=0) as made:
        return play(made, QUICK, settings(made))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return shared(tmp_path_factory, "quick", _play)


PARTS = parts(QUICK)
each = pytest.mark.parametrize("part", PARTS, ids=[part.case.name for part in PARTS])


@each
def test_the_ledger_agrees_with_the_phone(played: Played, part: Part) -> None:
    case, row = part.case, played.rows[part.subject]
    received = played.received.get(part.subject, 0)
    assert (row.state, row.attempt, received) == (case.state, case.attempt, case.received)
    assert row.reason in {case.reason, case.or_reason or case.reason}
    table.tell_case(case, seconds_to_heal(played, part))


@each
def test_the_device_goes_on_or_is_quarantined(played: Played, part: Part) -> None:
    case, device = part.case, played.devices[part.device]
    assert device.reason == case.quarantine
    assert (device.state is DeviceState.READY) == (case.quarantine is None)
    assert device.chats_why == case.chats
    until = device.until if case.chats is None else device.chats_from
    if case.hold is not None:
        assert until is not None
        assert until - played.began == pytest.approx(case.hold, abs=120.0)
    elif case.quarantine is not None:
        assert device.until is None
    assert played.rows[part.phones[-1]].state is case.after


def test_nobody_is_written_to_twice(played: Played) -> None:
    assert {phone: n for phone, n in played.received.items() if n > 1} == {}


def test_everyone_has_an_end_or_a_reason(played: Played) -> None:
    left = {State.SENDING}
    assert not [row for row in played.rows.values() if row.state in left]
    unsaid = {State.UNCERTAIN, State.FAILED}
    assert all(row.reason for row in played.rows.values() if row.state in unsaid)


def test_each_quarantine_is_told_once(played: Played) -> None:
    events = [timed.event for timed in played.events]
    told = [event.device for event in events if isinstance(event, DeviceQuarantined)]
    wanted = [part.device for part in PARTS if part.case.quarantine is not None]
    assert sorted(told) == sorted(wanted)


def test_the_run_says_that_something_is_left(played: Played) -> None:
    last = played.events[-1].event
    assert isinstance(last, RunFinished)
    assert last.exit_code is ExitCode.LEFT_OVER


def test_the_table_holds_what_the_tests_tell_and_nothing_else() -> None:
    assert len(set(table.ORDER)) == len(table.ORDER)
    if not table.is_written():
        assert tuple(table.read(table.PAGE)) == table.ORDER
