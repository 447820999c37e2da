"""Opt-outs through the sandbox: from any device, at once, and over all campaigns."""

from pathlib import Path

import pytest

from tests.kit.ledgers import LONG, SHORT
from tests.kit.rig import Rig, phones, rig
from waheal.acts.pair import pair
from waheal.acts.wishes import ReplyWords
from waheal.acts.workspace import Workspace
from waheal.events import Claimed, DevicePaired, OptedOut, QrShown, Settled
from waheal.identity import Lid
from waheal.model import Content, DeviceId, Phone, Planned, State
from waheal.sandbox.control import FaultKind, FaultOrder
from waheal.sandbox.numbering import lid_of

pytestmark = pytest.mark.real

ANNA, BERT, CARL = phones(3)


def enroll(made: Rig, name: str, pinned: str | None = None) -> None:
    device = None if pinned is None else DeviceId(pinned)
    made.enroll_rows(
        [
            Planned(row, to, Content(f"{name} {to}"), pinned=device)
            for row, to in ((2, ANNA), (3, BERT))
        ],
        name,
    )


def test_an_opt_out_that_waited_at_the_server_holds_for_the_next_run(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        enroll(made, "first")
        made.send(made.settings("first"))
        made.control.phones.reply(ANNA, made.jid("d0"), "Stop!")
        enroll(made, "second")
        events = made.send(made.settings("second"))
        assert any(isinstance(event, OptedOut) for event in events)
        assert made.states("second") == {ANNA: State.SUPPRESSED, BERT: State.DELIVERED}
        assert made.texts() == {ANNA: [f"first {ANNA}"], BERT: [f"first {BERT}", f"second {BERT}"]}


def test_an_opt_out_in_mid_run_holds_for_every_device_and_what_was_claimed(tmp_path: Path) -> None:
    with rig(tmp_path, devices=2) as made:
        enroll(made, "first", pinned="d0")
        made.send(made.settings("first"))
        # d1 is busy with a slow ack, and the message to Anna is claimed behind it.
        slow = FaultOrder(FaultKind.SLOW_ACK, device=made.jid("d1"), recipient=CARL, seconds=8.0)
        made.control.faults.order(slow)
        rows = [Planned(2, CARL, Content("slow"), pinned=DeviceId("d1"))]
        rows += [Planned(3, ANNA, Content("never"), pinned=DeviceId("d1"))]
        rows += [Planned(4, BERT, Content("fine"), pinned=DeviceId("d0"))]
        made.enroll_rows(rows, "second")
        running = made.start(made.settings("second"))
        running.wait_for(lambda event: isinstance(event, Claimed) and event.phone == ANNA)
        running.wait_for(lambda event: isinstance(event, Settled) and event.phone == BERT)
        made.control.phones.reply(ANNA, made.jid("d0"), "unsubscribe")
        running.wait_for(lambda event: isinstance(event, OptedOut))
        running.finish()
        assert made.states("second")[ANNA] is State.SUPPRESSED
        assert made.texts()[ANNA] == [f"first {ANNA}"]
        assert made.texts()[CARL] == ["slow"]


def test_a_start_takes_the_reply_back(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        enroll(made, "first")
        made.send(made.settings("first"))
        made.control.phones.reply(ANNA, made.jid("d0"), "STOP")
        enroll(made, "second")
        made.send(made.settings("second"))
        made.control.phones.reply(ANNA, made.jid("d0"), "start")
        made.enroll_rows(
            [Planned(2, ANNA, Content("third")), Planned(3, BERT, Content("third"))], "third"
        )
        made.send(made.settings("third"))
        assert not made.ledger.people.is_suppressed(ANNA)
        enroll(made, "fourth")
        made.send(made.settings("fourth"))
        assert made.texts()[ANNA] == [f"first {ANNA}", f"fourth {ANNA}"]


@pytest.mark.parametrize(("listed", "named"), [(SHORT, LONG), (LONG, SHORT)])
def test_an_opt_out_holds_for_the_other_spelling(
    tmp_path: Path, listed: Phone, named: Phone
) -> None:
    with rig(tmp_path, devices=1) as made:
        made.ledger.people.suppress(listed, made.clock(), source="operator")
        made.enroll_rows([Planned(2, named, Content("oi")), Planned(3, BERT, Content("hi"))])
        made.send()
        assert made.texts() == {BERT: ["hi"]}


def test_an_opt_out_by_lid_alone_holds_for_a_number_that_was_never_met(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        lid = f"{lid_of(ANNA.removeprefix('+'))}@lid"
        made.ledger.people.suppress(Lid(lid), made.clock(), source="reply")
        enroll(made, "first")
        made.send(made.settings("first"))
        assert made.states("first") == {ANNA: State.SUPPRESSED, BERT: State.DELIVERED}
        assert made.texts() == {BERT: [f"first {BERT}"]}


def test_who_writes_without_a_number_is_known_after_the_first_message(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        enroll(made, "first")
        made.send(made.settings("first"))
        made.control.phones.reply(ANNA, made.jid("d0"), "stop", by_lid=True)
        enroll(made, "second")
        events = made.send(made.settings("second"))
        assert [e.phone for e in events if isinstance(e, OptedOut)] == [ANNA]
        assert made.states("second")[ANNA] is State.SUPPRESSED
        assert made.texts()[ANNA] == [f"first {ANNA}"]


def test_a_stop_without_a_number_holds_before_the_first_message(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        made.control.phones.reply(ANNA, made.jid("d0"), "stop", by_lid=True)
        made.enroll_rows([Planned(2, CARL, Content("hello"))], "before")
        made.send(made.settings("before"))
        enroll(made, "first")
        made.send(made.settings("first"))
        assert made.states("first") == {ANNA: State.SUPPRESSED, BERT: State.DELIVERED}
        assert ANNA not in made.texts()
        assert made.ledger.people.is_suppressed(ANNA)


def test_one_that_comes_while_its_device_is_paired_is_heeded_with_the_operators_words(
    tmp_path: Path,
) -> None:
    """The device stays connected for its phone's history, and nobody is told that text again."""
    with rig(tmp_path, devices=0) as made:
        made.control.faults.order(FaultOrder(FaultKind.HISTORY_WITHHELD))
        here = Workspace(made.home.root, trust=made.server.trust)
        pairing = pair(here, ["d0"], replies=ReplyWords(["basta ya"]))
        code = next(each.code for each in pairing if isinstance(each, QrShown))
        jid = made.control.phones.scan(code)
        made.control.devices.wait_connected(jid, logins=1)
        made.control.phones.reply(ANNA, jid, "basta ya")
        assert isinstance(list(pairing)[-1], DevicePaired)
        assert made.ledger.people.is_suppressed(ANNA)
