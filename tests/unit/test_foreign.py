from collections.abc import Iterator

import pytest

from tests.kit.ledgers import (
    ANNA,
    LONG,
    NOW,
    ONE,
    SHORT,
    TWO,
    claim_all,
    claim_one,
    jid_of,
    on_both,
    open_ledger,
    row,
    start,
    states,
)
from waheal.model import ReceiptKind, State
from waheal.records import OwnMessage
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.witness import witness

pytestmark = on_both


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    with open_ledger(home) as opened:
        opened.devices.add(ONE, jid_of(ONE), None, NOW)
        opened.devices.add(TWO, jid_of(TWO), None, NOW)
        yield opened


def test_what_a_lost_ledger_sent_is_in_doubt_and_not_sent_again(ledger: Ledger, home: Home) -> None:
    campaign = start(ledger, row(2, ANNA))
    sent = OwnMessage(witness(home.key(), "c", ANNA, 1), jid_of(TWO), "M")
    assert ledger.foreign.remember([sent]) == 1
    claims, (drop,) = claim_all(ledger, campaign, device=ONE)
    assert claims == []
    assert (drop.state, drop.message_id) == (State.UNCERTAIN, "M")
    ledger.outcomes.receipt(TWO, ["M"], ReceiptKind.DELIVERED, NOW)
    assert states(ledger, campaign) == {ANNA: State.DELIVERED}


def test_of_one_message_that_is_told_twice_at_once_the_id_is_kept(
    ledger: Ledger, home: Home
) -> None:
    campaign = start(ledger, row(2, ANNA))
    key = witness(home.key(), "c", ANNA, 1)
    told = [OwnMessage(key), OwnMessage(key, jid_of(TWO), "M"), OwnMessage(key)]
    assert ledger.foreign.remember(told) == 1
    _, (drop,) = claim_all(ledger, campaign)
    assert drop.message_id == "M"


def test_a_lost_ledger_may_have_spelt_the_number_otherwise(ledger: Ledger, home: Home) -> None:
    campaign = start(ledger, row(2, SHORT))
    sent = OwnMessage(witness(home.key(), "c", LONG, 2), jid_of(TWO), "M")
    ledger.foreign.remember([sent])
    assert claim_all(ledger, campaign)[0] == []
    assert states(ledger, campaign) == {SHORT: State.UNCERTAIN}


def test_a_later_attempt_of_a_lost_ledger_is_known_though_the_first_left_no_trace(
    ledger: Ledger, home: Home
) -> None:
    campaign = start(ledger, row(2, ANNA))
    ledger.foreign.remember([OwnMessage(witness(home.key(), "c", ANNA, 3), jid_of(TWO), "M")])
    claims, (drop,) = claim_all(ledger, campaign, device=ONE)
    assert claims == []
    assert (drop.state, drop.attempt) == (State.UNCERTAIN, 3)


def test_this_ledgers_own_messages_are_not_foreign(ledger: Ledger) -> None:
    claim = claim_one(ledger, start(ledger, row(2, ANNA)))
    assert ledger.foreign.remember([OwnMessage(claim.witness, claim.jid, "M")]) == 0
