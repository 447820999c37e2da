from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    NOW,
    ONE,
    TWO,
    claim_one,
    jid_of,
    open_home,
    row,
    send,
    start,
    states,
)
from waheal.events import Tally
from waheal.model import ReceiptKind, State
from waheal.store.ledger import Ledger
from waheal.store.records import Campaign, Claim, Leftover, ReceiptEffect, Resolution

DELIVERED, READ, RETRY = ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.RETRY


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(open_home(tmp_path)) as opened:
        opened.add_device(ONE, jid_of(ONE), None, NOW)
        yield opened


def begun(ledger: Ledger) -> tuple[Campaign, Claim]:
    campaign = start(ledger, row(2, ANNA))
    return campaign, claim_one(ledger, campaign)


def sent(ledger: Ledger) -> tuple[Campaign, Claim]:
    campaign, claim = begun(ledger)
    send(ledger, claim, "M")
    return campaign, claim


def test_a_receipt_moves_forward_once(ledger: Ledger) -> None:
    campaign, claim = sent(ledger)
    assert ledger.receipt(ONE, ["M"], DELIVERED, NOW + 1) == [
        ReceiptEffect(claim.delivery, campaign.id, ANNA, "M", 1, State.SENT, State.DELIVERED)
    ]
    assert ledger.receipt(ONE, ["M", "M"], DELIVERED, NOW + 2) == []
    assert len(ledger.receipt(ONE, ["M"], READ, NOW + 3)) == 1
    assert ledger.receipt(ONE, ["M"], DELIVERED, NOW + 4) == []
    (told,) = ledger.rows(campaign.id)
    assert (told.state, told.delivered, told.read) == (State.READ, NOW + 1, NOW + 3)


def test_a_receipt_of_another_device_settles_nothing(ledger: Ledger) -> None:
    campaign, _ = sent(ledger)
    assert ledger.receipt(TWO, ["M"], DELIVERED, NOW) == []
    assert states(ledger, campaign) == {ANNA: State.SENT}


@pytest.mark.parametrize("kind", [DELIVERED, READ])
def test_a_receipt_that_overtakes_the_answer_is_kept_for_it(
    ledger: Ledger, kind: ReceiptKind
) -> None:
    campaign, claim = begun(ledger)
    assert ledger.receipt(ONE, ["M"], kind, NOW) == []
    send(ledger, claim, "M")
    assert states(ledger, campaign) == {ANNA: State(kind.value)}
    (effect,) = ledger.take_early()
    assert (effect.before, effect.state) == (State.SENT, State(kind.value))
    assert ledger.take_early() == []


def test_a_receipt_settles_what_was_uncertain_in_a_later_run(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW)
    assert ledger.receipt(ONE, ["M"], DELIVERED, NOW) == []
    assert states(ledger, campaign) == {ANNA: State.UNCERTAIN}
    ledger.set_message_id(claim.delivery, 1, "M")
    assert states(ledger, campaign) == {ANNA: State.DELIVERED}
    device = ledger.device(ONE, NOW)
    assert device is not None
    assert device.last_success == NOW


def test_a_retry_settles_the_uncertain_as_sent_and_never_as_delivered(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, message_id="M")
    (effect,) = ledger.receipt(ONE, ["M"], RETRY, NOW)
    assert effect.state is State.SENT
    assert ledger.receipt(ONE, ["M"], RETRY, NOW) == []
    assert ledger.tally(campaign.id) == Tally(sent=1)


def test_a_retry_that_nobody_can_answer_marks_it_unreadable(ledger: Ledger) -> None:
    campaign, _ = sent(ledger)
    ledger.receipt(ONE, ["M"], RETRY, NOW, host_log="host-1.log")
    assert ledger.tally(campaign.id).unreadable == 0
    ledger.receipt(ONE, ["M"], RETRY, NOW, host_log="host-2.log")
    assert ledger.tally(campaign.id) == Tally(sent=1, unreadable=1)
    ledger.receipt(ONE, ["M"], DELIVERED, NOW)  # some phone of theirs opened it after all
    assert ledger.tally(campaign.id) == Tally(delivered=1)
    ledger.receipt(ONE, ["M"], RETRY, NOW, host_log="host-2.log")
    assert ledger.tally(campaign.id) == Tally(delivered=1)


def test_a_receipt_of_an_attempt_that_was_resent_says_nothing_of_the_new_one(
    ledger: Ledger,
) -> None:
    campaign, claim = begun(ledger)
    ledger.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, message_id="M")
    ledger.resolve(campaign.id, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=NOW)
    claim_one(ledger, campaign)
    assert ledger.receipt(ONE, ["M"], DELIVERED, NOW) == []
    assert states(ledger, campaign) == {ANNA: State.SENDING}


def test_kept_receipts_are_dropped_when_they_are_old(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.receipt(ONE, ["M"], DELIVERED, NOW)
    ledger.open_campaign("c", campaign.path, NOW + 30 * 86_400)
    send(ledger, claim, "M")
    assert states(ledger, campaign) == {ANNA: State.SENT}
