from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    CARL,
    NOW,
    ONE,
    claim_all,
    claim_one,
    jid_of,
    on_both,
    open_home,
    open_ledger,
    row,
    start,
    want,
)
from waheal.model import TRANSITIONS, ReceiptKind, State
from waheal.records import Campaign, Claim, Settlement
from waheal.store.ledger import Ledger

pytestmark = on_both


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        opened.devices.add(ONE, jid_of(ONE), None, NOW)
        yield opened


def begun(ledger: Ledger) -> tuple[Campaign, Claim]:
    campaign = start(ledger, row(2, ANNA))
    return campaign, claim_one(ledger, campaign)


@pytest.mark.parametrize("before", [State.SENDING, State.UNCERTAIN])
@pytest.mark.parametrize("after", State)
def test_only_steps_of_the_table_are_taken(ledger: Ledger, before: State, after: State) -> None:
    campaign, claim = begun(ledger)
    if before is State.UNCERTAIN:
        assert ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW)
    took = ledger.outcomes.settle(claim.delivery, 1, after, now=NOW)
    assert took == (after in TRANSITIONS[before])
    (left,) = ledger.recipients.rows(campaign.id)
    assert left.state is (after if took else before)


def test_a_late_ending_of_an_old_attempt_is_fenced_off(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    assert ledger.outcomes.settle(claim.delivery, 1, State.PENDING, now=NOW)
    again = claim_one(ledger, campaign)
    assert again.attempt == 2
    assert not ledger.outcomes.settle(claim.delivery, 1, State.SENT, now=NOW, message_id="LATE")
    assert ledger.outcomes.settle(claim.delivery, 2, State.SENT, now=NOW, message_id="M")
    assert not ledger.outcomes.settle(claim.delivery, 2, State.FAILED, now=NOW)
    assert not ledger.outcomes.settle(999, 1, State.SENT, now=NOW)


def test_what_is_put_off_waits_and_counts_its_tries(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.outcomes.settle(
        claim.delivery, 1, State.PENDING, now=NOW, reason="463", due=NOW + 60, counts=True
    )
    assert ledger.work.due(campaign.id, None, NOW, 10) == []
    (due,) = ledger.work.due(campaign.id, None, NOW + 60, 10)
    assert (due.attempt, due.tries) == (1, 1)
    (told,) = ledger.recipients.rows(campaign.id)
    assert told.reason == "463"


def test_a_sent_message_makes_the_device_theirs_and_proves_it_works(ledger: Ledger) -> None:
    _, claim = begun(ledger)
    ledger.outcomes.settle(claim.delivery, 1, State.SENT, now=NOW + 3, message_id="M")
    device = ledger.devices.find(ONE, NOW)
    assert device is not None
    assert device.last_success == NOW + 3
    assert ledger.work.lanes(start(ledger, row(2, ANNA), name="next").id) == {ONE: (1, False)}


def test_an_id_learned_later_stays_with_its_attempt(ledger: Ledger) -> None:
    _, claim = begun(ledger)
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, reason="timed out")
    assert not ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, message_id="M")
    (doubt,) = ledger.doubts.open()
    assert doubt.message_id == "M"
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, message_id="OTHER")
    (doubt,) = ledger.doubts.open()
    assert doubt.message_id == "M"


def test_a_call_that_was_cut_loose_bars_the_next_claim_until_it_is_over(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.outcomes.running(claim.delivery, 1, running=True, now=NOW)
    ledger.outcomes.settle(claim.delivery, 1, State.PENDING, now=NOW)
    assert ledger.work.due(campaign.id, None, NOW, 9) == []
    assert ledger.work.claim(campaign, [want(claim.delivery)], now=NOW) == ([], [])
    # Another attempt's end is not its own.
    ledger.outcomes.running(claim.delivery, 7, running=False, now=NOW)
    assert claim_all(ledger, campaign) == ([], [])
    ledger.outcomes.running(claim.delivery, 1, running=False, now=NOW)
    assert claim_one(ledger, campaign).attempt == 2


def test_a_call_that_was_cut_loose_is_over_when_no_earlier_host_lives(ledger: Ledger) -> None:
    campaign, claim = begun(ledger)
    ledger.outcomes.running(claim.delivery, 1, running=True, now=NOW)
    ledger.outcomes.settle(claim.delivery, 1, State.PENDING, now=NOW)
    assert claim_all(ledger, campaign) == ([], [])
    ledger.outcomes.clear_running(NOW)
    assert claim_one(ledger, campaign).attempt == 2


def test_endings_are_settled_together_each_by_its_own_fence(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT), row(4, CARL))
    claims, _ = claim_all(ledger, campaign)
    anna, bert, carl = (claim.delivery for claim in claims)
    endings = [
        Settlement(anna, 1, State.SENT, "A"),
        Settlement(anna, 1, State.FAILED),
        Settlement(bert, 2, State.SENT, "B"),
        Settlement(carl, 1, State.UNCERTAIN),
        Settlement(carl, 1, State.SENT, "C"),
        Settlement(999, 1, State.SENT, "D"),
    ]
    took = ledger.outcomes.settle_all(endings, NOW)
    assert took == [True, False, False, True, True, False]
    states = {each.phone: each.state for each in ledger.recipients.rows(campaign.id)}
    assert states == {ANNA: State.SENT, BERT: State.SENDING, CARL: State.SENT}
    assert ledger.outcomes.receipt(ONE, ["C"], ReceiptKind.READ, NOW)[0].state is State.READ
