from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    NOW,
    ONE,
    ORIGIN,
    TWO,
    claim_one,
    on_both,
    open_home,
    open_ledger,
    row,
    send,
    start,
    want,
)
from waheal.model import State
from waheal.store.ledger import Ledger

pytestmark = on_both


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        yield opened


def test_a_doubt_tells_all_that_evidence_is_judged_by(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA))
    (due,) = ledger.work.due(campaign.id, None, NOW, 1)
    ((claim,), _) = ledger.work.claim(campaign, [want(due.delivery, lid="77@lid")], now=NOW)
    ledger.outcomes.running(claim.delivery, 1, running=True, now=NOW)
    (doubt,) = ledger.doubts.open()
    assert (doubt.delivery, doubt.attempt, doubt.campaign) == (claim.delivery, 1, "c")
    assert (doubt.phone, doubt.device, doubt.jid, doubt.lid) == (ANNA, ONE, claim.jid, "77@lid")
    assert (doubt.claimed, doubt.origin) == (NOW, ORIGIN)
    assert doubt.running
    assert doubt.state is State.SENDING
    assert doubt.last_witness is None
    assert ledger.doubts.find(claim.delivery, 1) == doubt


def test_the_last_witness_is_of_the_same_sessions_last_accepted_message(ledger: Ledger) -> None:
    before = claim_one(ledger, start(ledger, row(2, BERT), name="before"))
    send(ledger, before, "M1")
    other = start(ledger, replace(row(2, ANNA), pinned=TWO), name="other")
    (due,) = ledger.work.due(other.id, TWO, NOW, 1)
    ((another,), _) = ledger.work.claim(other, [want(due.delivery, TWO)], now=NOW)
    send(ledger, another, "M2")
    claim_one(ledger, start(ledger, row(2, ANNA), name="now"))
    (doubt,) = ledger.doubts.open()
    assert doubt.last_witness == before.witness


def test_doubts_are_found_by_state_over_all_campaigns(ledger: Ledger) -> None:
    first = start(ledger, row(2, ANNA), name="first")
    second = start(ledger, row(2, BERT), name="second")
    claim = claim_one(ledger, first, device=ONE)
    claim_one(ledger, second, device=TWO)
    ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW)
    assert [doubt.phone for doubt in ledger.doubts.open()] == [ANNA, BERT]
    assert [doubt.phone for doubt in ledger.doubts.open(State.UNCERTAIN)] == [ANNA]


def test_what_is_settled_is_in_doubt_no_more(ledger: Ledger) -> None:
    claim = claim_one(ledger, start(ledger, row(2, ANNA)))
    send(ledger, claim)
    assert ledger.doubts.open() == []
    assert ledger.doubts.find(claim.delivery, 1) is None
