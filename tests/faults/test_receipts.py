"""Receipts that come late: in a later run, in `sync`, and those that ask again in vain."""

import time
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.kinds import every_kind
from tests.faults.scenes import settings
from tests.kit.kinds import PREVIEW, Say
from tests.kit.rig import Rig, phones, rig
from waheal.engine.collect import Collect
from waheal.events import Receipt
from waheal.model import MessageKind, Phone, Planned, State
from waheal.policy.optout import Words
from waheal.records import Leftover, Resolution
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real

WAITS = "the connection was lost before the server confirmed it; waits for a receipt"
FIRST, SECOND = phones(2)


def lose(made: Rig, say: Say, *faults: FaultOrder) -> None:
    """Send the first recipient's message so that it arrives and nobody learns of it."""
    made.enroll_rows([Planned(2, FIRST, say(FIRST))])
    lost = FaultOrder(FaultKind.STREAM_ERROR, recipient=FIRST, conflict="replaced", delivered=True)
    for fault in (lost, *faults):
        made.control.faults.order(fault)
    made.send(settings(made))
    assert made.states() == {FIRST: State.UNCERTAIN}


def send_another(made: Rig, say: Say) -> None:
    made.enroll_rows([Planned(2, SECOND, say(SECOND))], "another")
    made.send(settings(made, "another"))
    assert made.states("another") == {SECOND: State.DELIVERED}


def texts(say: Say, *recipients: Phone) -> dict[Phone, list[str]]:
    return {phone: [say(phone).text] for phone in recipients}


@every_kind(also=MessageKind.LOCATION)
def test_a_receipt_in_a_later_run_settles_what_was_in_doubt(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=1) as made:
        lose(made, say, FaultOrder(FaultKind.RECEIPTS_WITHHELD, recipient=FIRST))
        assert made.control.faults.release_receipts() == 1
        send_another(made, say)
        assert made.states() == {FIRST: State.DELIVERED}
        assert made.texts() == texts(say, FIRST, SECOND)
        table.tell(
            table.Row(
                "receipt released in a later run",
                f"uncertain, attempt 1: {WAITS}; delivered by the next run, whatever it sends",
                "once",
                "at the receipt",
            )
        )


@every_kind(also=MessageKind.CARD)
def test_a_receipt_in_sync_settles_what_was_in_doubt(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=1) as made:
        lose(made, say, FaultOrder(FaultKind.RECEIPTS_WITHHELD, recipient=FIRST))
        made.control.faults.release_receipts()
        host = settings(made).host
        collect = Collect(made.home, made.lock, made.ledger, host, words=Words())
        for event in collect.events(made.ledger.devices.all(made.clock()), 60.0):
            if isinstance(event, Receipt):
                assert (event.phone, event.state) == (FIRST, State.DELIVERED)
                collect.stop()
        assert made.states() == {FIRST: State.DELIVERED}
        assert made.texts() == texts(say, FIRST)
        table.tell(
            table.Row(
                "receipt released to `waheal sync`",
                f"uncertain, attempt 1: {WAITS}; delivered",
                "once",
                "at the receipt",
            )
        )


@every_kind(also=MessageKind.VOICE)
def test_a_receipt_that_waits_at_the_server_beats_a_resend(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=1) as made:
        lose(made, say, FaultOrder(FaultKind.RECEIPTS_WITHHELD, recipient=FIRST))
        campaign = made.ledger.campaigns.find("campaign")
        assert campaign is not None
        made.ledger.leftovers.resolve(
            campaign.id, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=time.time()
        )
        assert made.control.faults.release_receipts() == 1
        made.send(settings(made))
        assert made.states() == {FIRST: State.DELIVERED}
        assert made.texts() == texts(say, FIRST)
        table.tell(
            table.Row(
                "receipt released after `waheal resolve --resend`",
                "delivered, attempt 1: it comes with the connect, before the second one leaves",
                "once",
                "at the receipt",
            )
        )


@every_kind(also=PREVIEW)
def test_a_phone_that_asks_again_too_late_makes_its_message_unreadable(
    tmp_path: Path, say: Say
) -> None:
    with rig(tmp_path, devices=1) as made:
        lose(made, say, FaultOrder(FaultKind.RETRY_INSTEAD, recipient=FIRST))
        send_another(made, say)
        assert made.states() == {FIRST: State.SENT}
        assert made.tally().unreadable == 1
        assert made.texts() == texts(say, SECOND)

        campaign = made.ledger.campaigns.find("campaign")
        assert campaign is not None
        done = made.ledger.leftovers.resolve(
            campaign.id, which=Leftover.UNREADABLE, how=Resolution.RESEND, now=time.time()
        )
        assert done.changed == 1
        made.send(settings(made))
        assert made.states() == {FIRST: State.DELIVERED}
        assert made.tally().unreadable == 0
        assert made.texts() == texts(say, FIRST, SECOND)
        table.tell(
            table.Row(
                "the phone asks again, too late",
                "sent, unreadable; delivered, attempt 2, once the operator resends it",
                "once, after the resend",
                "by `waheal resolve`",
            )
        )
