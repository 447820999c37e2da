"""Whoever watches an order is told of each message once, whichever machine sent it."""

import pytest

from tests.kit.cluster import Cluster
from tests.kit.ledgers import (
    ANNA,
    BERT,
    CARL,
    NOW,
    ONE,
    TWO,
    claim_all,
    row,
    send,
    server_of,
    start,
    want,
)
from waheal.acts import onlooking
from waheal.acts.onlooking import Onlooker
from waheal.events import Settled
from waheal.model import State
from waheal.store import sightings
from waheal.store.ledger import Ledger

pytestmark = pytest.mark.cluster


def test_each_ending_is_told_once_with_its_machine(
    cluster: Cluster, paris: Ledger, lyon: Ledger
) -> None:
    campaign = start(paris, row(2, ANNA), row(3, BERT), row(4, CARL))
    start(paris, row(2, ANNA), name="another")
    due = paris.work.due(campaign.id, None, NOW, 3)
    (before,), _ = paris.work.claim(campaign, [want(due[0].delivery)], now=NOW)
    watching = cluster.open(cluster.home("laptop"))
    onlooker = Onlooker(watching, campaign.id)
    assert list(onlooker.look()) == []
    (other,), _ = lyon.work.claim(campaign, [want(due[1].delivery, TWO)], now=NOW)
    assert list(onlooker.look()) == []
    send(paris, before, "M1")
    send(lyon, other, "M2")
    assert list(onlooker.look()) == [
        Settled(ANNA, ONE, State.SENT, 1, "M1", None, machine="paris"),
        Settled(BERT, TWO, State.SENT, 1, "M2", None, machine="lyon"),
    ]
    (last,), _ = lyon.work.claim(campaign, [want(due[2].delivery, TWO)], now=NOW)
    lyon.outcomes.settle(last.delivery, 1, State.FAILED, now=NOW, reason="not on WhatsApp")
    assert [(each.phone, each.state, each.machine) for each in onlooker.look()] == [
        (CARL, State.FAILED, "lyon")
    ]
    assert list(onlooker.look()) == []


def test_what_was_done_since_the_order_is_told_but_not_ones_own(
    paris: Ledger, lyon: Ledger
) -> None:
    ordered = lyon.sightings.now
    campaign = start(paris, row(2, ANNA), row(3, BERT))
    due = paris.work.due(campaign.id, None, NOW, 2)
    for ledger, each, device in ((paris, due[0], ONE), (lyon, due[1], TWO)):
        wanted = [want(each.delivery, device)]
        (claim,), _ = ledger.work.claim(campaign, wanted, now=ordered)
        send(ledger, claim, str(device))
    onlooker = Onlooker(lyon, campaign.id, ordered)
    assert [each.phone for each in onlooker.look(but=lyon.machines.mine)] == [ANNA]
    assert list(Onlooker(lyon, campaign.id, ordered - 120.0).look()) == []


def test_what_another_campaign_sends_is_not_told(paris: Ledger, lyon: Ledger) -> None:
    campaign = start(paris, row(2, ANNA))
    another = start(paris, row(2, BERT), name="another")
    onlooker = Onlooker(lyon, campaign.id)
    (claim,), _ = claim_all(paris, another)
    send(paris, claim)
    assert list(onlooker.look()) == []


def test_a_number_that_shows_after_a_higher_one_is_told(paris: Ledger, lyon: Ledger) -> None:
    campaign = start(paris, row(2, ANNA), row(3, BERT))
    due = paris.work.due(campaign.id, None, NOW, 2)
    onlooker = Onlooker(lyon, campaign.id)
    now = lyon.sightings.now
    with paris.turn():
        (late,), _ = paris.work.claim(campaign, [want(due[0].delivery)], now=now)
        paris.work.pending(campaign.id)  # by then it has its number
        with lyon.turn():
            (early,), _ = lyon.work.claim(campaign, [want(due[1].delivery, TWO)], now=now)
            send(lyon, early, "M2")
        assert [each.phone for each in onlooker.look()] == [BERT]
    send(paris, late, "M1")
    assert [each.phone for each in onlooker.look()] == [ANNA]


def test_it_is_read_in_portions_and_what_is_old_is_read_no_more(
    paris: Ledger, lyon: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onlooking, "PORTION", 1)
    monkeypatch.setattr(sightings, "PORTION", 1)
    campaign = start(paris, row(2, ANNA), row(3, BERT), row(4, CARL))
    onlooker = Onlooker(lyon, campaign.id)
    claims, _ = claim_all(paris, campaign, now=lyon.sightings.now - 60.0)
    for number, claim in enumerate(claims):
        send(paris, claim, f"M{number}")
    assert [each.phone for each in onlooker.look()] == [ANNA, BERT, CARL]
    server_of(lyon).run("UPDATE attempts SET outcome = NULL")
    assert list(onlooker.look()) == []
