from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    CARL,
    NOW,
    ONE,
    TWO,
    claim_all,
    claim_one,
    jid_of,
    on_both,
    open_home,
    open_ledger,
    row,
    send,
    start,
    states,
)
from waheal.model import ReceiptKind, State
from waheal.records import Campaign, Claim, Confirmation, Leftover, ReceiptEffect, Resolution, Tally
from waheal.store.ledger import Ledger

pytestmark = on_both

DELIVERED, READ, RETRY = ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.RETRY


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        opened.devices.add(ONE, jid_of(ONE), None, NOW)
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
    assert ledger.outcomes.receipt(ONE, ["M"], DELIVERED, NOW + 1) == [
        ReceiptEffect(claim.delivery, campaign.id, ANNA, "M", 1, State.SENT, State.DELIVERED)
    ]
    assert ledger.outcomes.receipt(ONE, ["M", "M"], DELIVERED, NOW + 2) == []
    assert len(ledger.outcomes.receipt(ONE, ["M"], READ, NOW + 3)) == 1
    assert ledger.outcomes.receipt(ONE, ["M"], DELIVERED, NOW + 4) == []
    (told,) = ledger.recipients.rows(campaign.id)
    assert (told.state, told.delivered, told.read) == (State.READ, NOW + 1, NOW + 3)


def test_receipts_that_come_together_count_one_after_the_other(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT), row(4, CARL))
    claims, _ = claim_all(ledger, campaign)
    anna, bert, carl = claims
    send(ledger, anna, "A")
    send(ledger, bert, "B")
    moved = ledger.outcomes.receipts(
        [
            Confirmation(ONE, "A", DELIVERED),
            Confirmation(ONE, "B", RETRY),
            Confirmation(ONE, "C", READ),
            Confirmation(ONE, "A", READ),
            Confirmation(ONE, "A", DELIVERED),
            Confirmation(ONE, "C", READ),
        ],
        NOW + 1,
    )
    assert [(each.message_id, each.before, each.state) for each in moved] == [
        ("A", State.SENT, State.DELIVERED),
        ("A", State.DELIVERED, State.READ),
    ]
    assert ledger.campaigns.tally(campaign.id).unreadable == 1
    send(ledger, carl, "C")
    assert states(ledger, campaign) == {ANNA: State.READ, BERT: State.SENT, CARL: State.READ}


def test_a_receipt_of_another_device_settles_nothing(ledger: Ledger) -> None:
    campaign, _ = sent(ledger)
    assert ledger.outcomes.receipt(TWO, ["M"], DELIVERED, NOW) == []
    assert states(ledger, campaign) == {ANNA: State.SENT}


def test_a_receipt_finds_its_message_whatever_the_device_is_called_by_now(ledger: Ledger) -> None:
    campaign, _ = sent(ledger)
    ledger.devices.remove(ONE, NOW)
    ledger.devices.add(TWO, jid_of(ONE), None, NOW)
    assert len(ledger.outcomes.receipt(TWO, ["M"], DELIVERED, NOW)) == 1
    assert states(ledger, campaign) == {ANNA: State.DELIVERED}


@pytest.mark.parametrize("kind", [DELIVERED, READ])
def test_a_receipt_that_overtakes_the_answer_is_kept_for_it(
    ledger: Ledger, kind: ReceiptKind
) -> None:
    campaign, claim = begun(ledger)
    assert ledger.outcomes.receipt(ONE, ["M"], kind, NOW) == []
    send(ledger, claim, "M")
    assert states(ledger, campaign) == {ANNA: State(kind.value)}
    (effect,) = ledger.outcomes.take_early()
    assert (effect.before, effect.state) == (State.SENT, State(kind.value))
    assert ledger.outcomes.take_early() == []


def test_a_receipt_settles_what_was_uncertain_in_a_later_run(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW)
    assert ledger.outcomes.receipt(ONE, ["M"], DELIVERED, NOW) == []
    assert states(ledger, campaign) == {ANNA: State.UNCERTAIN}
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, message_id="M")
    assert states(ledger, campaign) == {ANNA: State.DELIVERED}
    device = ledger.devices.find(ONE, NOW)
    assert device is not None
    assert device.last_success == NOW


def test_a_retry_settles_the_uncertain_as_sent_and_never_as_delivered(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, message_id="M")
    (effect,) = ledger.outcomes.receipt(ONE, ["M"], RETRY, NOW)
    assert effect.state is State.SENT
    assert ledger.outcomes.receipt(ONE, ["M"], RETRY, NOW) == []
    assert ledger.campaigns.tally(campaign.id) == Tally(Counter({State.SENT: 1}), 1)


def test_a_retry_that_overtook_the_answer_marks_it_unreadable_too(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.outcomes.receipt(ONE, ["M"], RETRY, NOW)
    ledger.outcomes.settle(claim.delivery, 1, State.SENT, now=NOW, message_id="M")
    assert ledger.campaigns.tally(campaign.id).unreadable == 1


def test_a_retry_marks_it_unreadable_until_a_phone_has_opened_it(ledger: Ledger) -> None:
    campaign, _ = sent(ledger)
    ledger.outcomes.receipt(ONE, ["M"], RETRY, NOW)
    assert ledger.campaigns.tally(campaign.id) == Tally(Counter({State.SENT: 1}), 1)
    ledger.outcomes.receipt(ONE, ["M"], DELIVERED, NOW)  # some phone of theirs opened it after all
    assert ledger.campaigns.tally(campaign.id) == Tally(Counter({State.DELIVERED: 1}))
    ledger.outcomes.receipt(ONE, ["M"], RETRY, NOW)
    assert ledger.campaigns.tally(campaign.id) == Tally(Counter({State.DELIVERED: 1}))


def resent(ledger: Ledger) -> tuple[Campaign, Claim]:
    """Put an attempt under the id M in doubt, and let the operator resend it."""
    campaign, claim = begun(ledger)
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, message_id="M")
    ledger.leftovers.resolve(campaign.id, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=NOW)
    return campaign, claim


@pytest.mark.parametrize("kind", [DELIVERED, READ])
def test_a_receipt_settles_what_is_to_be_sent_again(ledger: Ledger, kind: ReceiptKind) -> None:
    campaign, _ = resent(ledger)
    (effect,) = ledger.outcomes.receipt(ONE, ["M"], kind, NOW)
    assert (effect.before, effect.state) == (State.PENDING, State(kind.value))
    assert states(ledger, campaign) == {ANNA: State(kind.value)}
    assert claim_all(ledger, campaign) == ([], [])
    assert ledger.history.recent(ANNA, NOW - 1) == [NOW]


def test_a_retry_does_not_settle_what_is_to_be_sent_again(ledger: Ledger) -> None:
    campaign, _ = resent(ledger)
    assert ledger.outcomes.receipt(ONE, ["M"], RETRY, NOW) == []
    assert states(ledger, campaign) == {ANNA: State.PENDING}


@pytest.mark.parametrize("kind", [DELIVERED, READ])
def test_a_receipt_of_an_earlier_attempt_calls_back_the_one_under_way(
    ledger: Ledger, kind: ReceiptKind
) -> None:
    campaign, claim = resent(ledger)
    again = claim_one(ledger, campaign)
    assert again.earlier == ("M",)
    (effect,) = ledger.outcomes.receipt(ONE, ["M"], kind, NOW)
    assert (effect.phone, effect.before, effect.state) == (ANNA, State.SENDING, State.SENDING)
    ledger.outcomes.settle(claim.delivery, 2, State.PENDING, now=NOW, due=NOW)
    claims, (drop,) = claim_all(ledger, campaign)
    assert claims == []
    assert (drop.state, drop.message_id, drop.attempt) == (State(kind.value), "M", 1)
    assert states(ledger, campaign) == {ANNA: State(kind.value)}


def test_a_receipt_of_an_earlier_attempt_settles_the_doubt_about_the_newer_one(
    ledger: Ledger,
) -> None:
    campaign, claim = resent(ledger)
    claim_one(ledger, campaign)
    ledger.outcomes.settle(claim.delivery, 2, State.UNCERTAIN, now=NOW, message_id="N")
    (effect,) = ledger.outcomes.receipt(ONE, ["M"], DELIVERED, NOW)
    assert (effect.before, effect.state) == (State.UNCERTAIN, State.DELIVERED)
    assert ledger.doubts.open() == []


def test_what_failed_is_not_sent_again_once_it_has_arrived(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, message_id="M")
    ledger._db.run("UPDATE deliveries SET state = 'failed'")
    assert ledger.outcomes.receipt(ONE, ["M"], DELIVERED, NOW) == []
    ledger.leftovers.resolve(campaign.id, which=Leftover.FAILED, how=Resolution.RESEND, now=NOW)
    _, (drop,) = claim_all(ledger, campaign)
    assert drop.state is State.DELIVERED


def test_what_failed_is_the_operators_and_moved_by_no_receipt(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.outcomes.settle(claim.delivery, 1, State.FAILED, now=NOW, message_id="M")
    assert ledger.outcomes.receipt(ONE, ["M"], RETRY, NOW) == []
    assert states(ledger, campaign) == {ANNA: State.FAILED}


def test_kept_receipts_are_dropped_when_they_are_old(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.outcomes.receipt(ONE, ["M"], DELIVERED, NOW)
    ledger.campaigns.open("c", campaign.path, NOW + 30 * 86_400)
    send(ledger, claim, "M")
    assert states(ledger, campaign) == {ANNA: State.SENT}
