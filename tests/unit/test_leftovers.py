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
    on_both,
    open_home,
    open_ledger,
    row,
    send,
    start,
)
from tests.kit.ledgers import states as states_of
from waheal.model import ReceiptKind, State
from waheal.records import Campaign, Leftover, Resolution, Resolved
from waheal.store.ledger import Ledger

pytestmark = on_both


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        yield opened


def ended(ledger: Ledger, state: State) -> Campaign:
    campaign = start(ledger, row(2, ANNA), row(3, BERT), row(4, CARL))
    for claim in claim_all(ledger, campaign)[0]:
        ledger.outcomes.settle(claim.delivery, 1, state, now=NOW, reason="why", counts=True)
    return campaign


@pytest.mark.parametrize("state", [State.UNCERTAIN, State.FAILED])
@pytest.mark.parametrize(
    ("how", "after"),
    [(Resolution.RESEND, State.PENDING), (Resolution.ACCEPT, State.SENT)],
)
def test_what_is_left_over_is_resent_or_accepted(
    ledger: Ledger, state: State, how: Resolution, after: State
) -> None:
    campaign = ended(ledger, state)
    done = ledger.leftovers.resolve(
        campaign.id, which=Leftover(state.value), how=how, phone=BERT, now=NOW
    )
    assert done == Resolved(1, 0, 0)
    assert states_of(ledger, campaign) == {ANNA: state, BERT: after, CARL: state}
    assert (
        ledger.leftovers.resolve(campaign.id, which=Leftover(state.value), how=how, now=NOW).changed
        == 2
    )


def test_a_resend_starts_its_tries_anew(ledger: Ledger) -> None:
    campaign = ended(ledger, State.FAILED)
    ledger.leftovers.resolve(campaign.id, which=Leftover.FAILED, how=Resolution.RESEND, now=NOW)
    due = ledger.work.due(campaign.id, None, NOW, 10)
    assert [(each.attempt, each.tries) for each in due] == [(1, 0)] * 3


def test_a_resend_never_reaches_who_opted_out(ledger: Ledger) -> None:
    campaign = ended(ledger, State.UNCERTAIN)
    ledger.people.suppress(ANNA, NOW, source="operator")
    done = ledger.leftovers.resolve(
        campaign.id, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=NOW
    )
    assert done == Resolved(2, 1, 0)
    assert states_of(ledger, campaign)[ANNA] is State.UNCERTAIN
    done = ledger.leftovers.resolve(
        campaign.id, which=Leftover.UNCERTAIN, how=Resolution.ACCEPT, now=NOW
    )
    assert done == Resolved(1, 0, 0)


def test_a_resend_waits_for_a_call_that_still_runs(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA))
    claim = claim_one(ledger, campaign)
    ledger.outcomes.running(claim.delivery, 1, running=True, now=NOW)
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW)
    done = ledger.leftovers.resolve(
        campaign.id, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=NOW
    )
    assert done == Resolved(0, 0, 1)


@pytest.mark.parametrize(
    ("how", "after"),
    [(Resolution.RESEND, State.PENDING), (Resolution.ACCEPT, State.SENT)],
)
def test_unreadable_ones_are_resent_or_taken_as_they_are(
    ledger: Ledger, how: Resolution, after: State
) -> None:
    campaign = start(ledger, row(2, ANNA))
    send(ledger, claim_one(ledger, campaign), "M1")
    ledger.outcomes.receipt(ONE, ["M1"], ReceiptKind.RETRY, NOW)
    assert ledger.campaigns.tally(campaign.id).unreadable == 1
    done = ledger.leftovers.resolve(campaign.id, which=Leftover.UNREADABLE, how=how, now=NOW)
    assert done == Resolved(1, 0, 0)
    assert ledger.campaigns.tally(campaign.id).unreadable == 0
    assert states_of(ledger, campaign)[ANNA] is after


def test_an_accepted_doubt_is_no_evidence_for_others(ledger: Ledger) -> None:
    campaign = ended(ledger, State.UNCERTAIN)
    ledger.leftovers.resolve(
        campaign.id, which=Leftover.UNCERTAIN, how=Resolution.ACCEPT, phone=ANNA, now=NOW
    )
    assert {doubt.last_witness for doubt in ledger.doubts.open()} == {None}


def test_what_was_resent_by_decision_still_counts_as_sent_that_day(ledger: Ledger) -> None:
    campaign = ended(ledger, State.UNCERTAIN)
    ledger.leftovers.resolve(campaign.id, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=NOW)
    assert ledger.history.recent(ANNA, NOW - 1) == [NOW]
    assert len(ledger.history.claim_times(NOW - 1)) == 1
