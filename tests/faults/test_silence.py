"""A server that says nothing: the library's fixed 75 s, and the call that never returns."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.cases import BYSTANDERS, HANGS, SILENT
from tests.faults.kinds import OTHERS, in_turn
from tests.faults.scenes import Part, Played, parts, play, seconds_to_heal, settings, shared
from tests.kit.rig import greeting, rig
from waheal.events import Claimed, Settled
from waheal.model import Content, Phone, State

pytestmark = pytest.mark.real

_CALL_TIMEOUT = 80.0  # past the library's own 75 s
_BLOCKED = 60.0  # whoever waits for the silent ones waits longer than this


PARTS = parts([*SILENT, *BYSTANDERS, *SILENT])
OF_A_KIND = PARTS[len(SILENT) + len(BYSTANDERS) :]
silent = pytest.mark.parametrize("part", PARTS[: len(SILENT)], ids=[case.name for case in SILENT])


def _say(phone: Phone) -> Content:
    kinds = {each for part in OF_A_KIND for each in part.phones}
    return in_turn(OF_A_KIND)(phone) if phone in kinds else greeting(phone)


def _play(root: Path) -> Played:
    with rig(root, devices=0) as made:
        how = settings(made, call_timeout=_CALL_TIMEOUT)
        patient = replace(how, host=replace(how.host, senders=2 * len(PARTS)))
        return play(made, [part.case for part in PARTS], patient, _say)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return shared(tmp_path_factory, "silent", _play)


def _spans(played: Played) -> dict[Phone, tuple[float, float]]:
    """Tell from when to when each recipient's last attempt was under way."""
    began: dict[Phone, float] = {}
    spans: dict[Phone, tuple[float, float]] = {}
    for timed in played.events:
        match timed.event:
            case Claimed(phone):
                began[phone] = timed.at
            case Settled(phone):
                spans[phone] = began[phone], timed.at
            case _:
                pass
    return spans


@silent
def test_the_ledger_agrees_with_the_phone_after_silence(played: Played, part: Part) -> None:
    case, row = part.case, played.rows[part.subject]
    received = played.received.get(part.subject, 0)
    told = (row.state, row.attempt, row.reason, received)
    assert told == (case.state, case.attempt, case.reason, case.received)
    table.tell_case(case, seconds_to_heal(played, part))


@silent
def test_the_device_goes_on_after_silence(played: Played, part: Part) -> None:
    assert played.rows[part.phones[-1]].state is part.case.after
    assert played.devices[part.device].reason is None


def test_a_hanging_call_delays_no_other_device(played: Played) -> None:
    spans = _spans(played)
    hanging = next(part for part in PARTS if part.case.name == HANGS)
    others = [phone for part in PARTS[len(SILENT) : -len(OF_A_KIND)] for phone in part.phones]
    assert all(played.rows[phone].state is State.DELIVERED for phone in others)
    assert max(spans[phone][1] for phone in others) < spans[hanging.subject][1] - _BLOCKED / 2
    assert max(spans[phone][1] - spans[phone][0] for phone in others) < _BLOCKED / 2


def test_only_its_own_device_waits_for_a_hanging_call(played: Played) -> None:
    spans = _spans(played)
    hanging = next(part for part in PARTS if part.case.name == HANGS)
    assert spans[hanging.subject][1] - spans[hanging.subject][0] > _BLOCKED
    assert spans[hanging.phones[-1]][1] > spans[hanging.subject][1]


def test_silence_ends_a_message_of_any_kind_as_it_does_a_text(played: Played) -> None:
    assert len(OF_A_KIND) >= len(OTHERS)
    for part in OF_A_KIND:
        case, row = part.case, played.rows[part.subject]
        told = (row.state, row.attempt, row.reason, played.received.get(part.subject, 0))
        assert told == (case.state, case.attempt, case.reason, case.received), case.name
        assert played.rows[part.phones[-1]].state is case.after


def test_silence_doubles_nothing(played: Played) -> None:
    assert {phone: n for phone, n in played.received.items() if n > 1} == {}
