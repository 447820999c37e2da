"""A recall under each fault: all in one run, each on a device of its own that has sent before.

What stands in the way of a first message does not in a recall's: it begins no chat, and whoever was
written to is known. Where WhatsApp names no device of theirs any more, the library sends to none,
and the server takes that: such a recall stays unconfirmed.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.cases import QUICK, SILENT, Case
from tests.faults.recalling import Watch, errand, revoked, rows_of
from tests.faults.scenes import Part, Played, cast_in, follow, parts, settings, shared, strike
from tests.kit.rig import rig
from waheal.events import RunFinished
from waheal.model import DeviceState, ErrandKind, ExitCode, State
from waheal.sandbox.control import FaultKind

pytestmark = pytest.mark.real

_PASSED = frozenset(
    {
        FaultKind.NEW_CHAT_REFUSED,
        FaultKind.NEW_CHAT_DROPPED,
        FaultKind.PREKEYS_REFUSED,
        FaultKind.PREKEYS_UNANSWERED,
        FaultKind.LOOKUP_UNANSWERED,
        FaultKind.LOOKUP_REFUSED,
        FaultKind.BATCH_REFUSED,
        FaultKind.LID_LEFT_OUT,
    }
)
_NOBODY_THERE = frozenset({FaultKind.NOT_ON_WHATSAPP, FaultKind.UNLISTED})


def _recalled(case: Case) -> Case:
    """Say what a recall comes to under the fault of a case."""
    if all(fault.kind in _PASSED for fault in case.faults):
        return replace(
            case, state=State.DELIVERED, attempt=1, reason=None, received=1, quarantine=None,
            chats=None, hold=None, after=State.DELIVERED,
        )  # fmt: skip
    if all(fault.kind in _NOBODY_THERE for fault in case.faults):
        return replace(case, state=State.SENT, attempt=1, reason=None, received=0)
    if any((fault.kind, fault.code) == (FaultKind.ACK_ERROR, 463) for fault in case.faults):
        # Asked again, as after any refusal that may pass: there is no chat that it could not begin.
        return replace(case, state=State.DELIVERED, attempt=2, reason=None, received=1)
    return case


CASES = tuple(map(_recalled, (*QUICK, *SILENT)))
PARTS = parts(CASES)
each = pytest.mark.parametrize("part", PARTS, ids=[part.case.name for part in PARTS])


def _play(root: Path) -> Played:
    with rig(root, devices=0) as made:
        cast_in(made, PARTS)
        made.send(settings(made))
        assert set(made.states().values()) == {State.DELIVERED}
        strike(made, PARTS)
        name, began = errand(made, ErrandKind.RECALL), made.clock()
        events = follow(made.run(settings(made, name)))
        return Played(
            began,
            events,
            rows_of(made, name),
            revoked(made),
            {device.label: device for device in made.ledger.devices.all(made.clock())},
        )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return shared(tmp_path_factory, "recalled", _play)


@each
def test_the_ledger_agrees_with_the_phone(played: Played, part: Part) -> None:
    case, row = part.case, played.rows[part.subject]
    revoked = played.received[part.subject]
    assert (row.state, row.attempt, revoked) == (case.state, case.attempt, case.received)
    assert row.reason in {case.reason, case.or_reason or case.reason}


@each
def test_the_device_goes_on_or_is_quarantined(played: Played, part: Part) -> None:
    case, device = part.case, played.devices[part.device]
    assert (device.reason, device.chats_why) == (case.quarantine, case.chats)
    assert (device.state is DeviceState.READY) == (case.quarantine is None)
    assert played.rows[part.phones[-1]].state is case.after


def test_nothing_is_taken_back_twice(played: Played) -> None:
    assert {phone: n for phone, n in played.received.items() if n > 1} == {}


def test_what_the_ledger_calls_taken_back_is_gone(played: Played) -> None:
    wrong = [
        phone
        for phone, row in played.rows.items()
        if row.state in {State.DELIVERED, State.READ} and not played.received[phone]
    ]
    assert wrong == []


def test_the_run_says_that_something_is_left(played: Played) -> None:
    last = played.events[-1].event
    assert isinstance(last, RunFinished)
    assert last.exit_code is ExitCode.LEFT_OVER


def test_the_librarys_stanza_says_what_it_does(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        made.enroll(1, pinned="d0")
        made.send(settings(made))
        watch = Watch(made)
        for kind, event, edit in (
            (ErrandKind.AMEND, "edited", "1"),
            (ErrandKind.RECALL, "revoked", "7"),
        ):
            made.send(settings(made, errand(made, kind)))
            arrived = [row for row in watch.until(event) if row["event"] == "arrived"]
            assert [row.get("edit") for row in arrived] == [edit]
