from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    CARL,
    LONG,
    NOW,
    ONE,
    ORIGIN,
    SHORT,
    TWO,
    claim_all,
    claim_one,
    enrol,
    jid_of,
    on_both,
    open_ledger,
    row,
    send,
    start,
    states,
    want,
)
from waheal.identity import Lid
from waheal.model import Phone, State
from waheal.records import Dropped
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.witness import witness

pytestmark = on_both


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    with open_ledger(home) as opened:
        opened.devices.add(ONE, jid_of(ONE), None, NOW)
        yield opened


def test_due_ones_come_in_file_order_and_later_ones_at_their_time(ledger: Ledger) -> None:
    campaign = start(ledger, row(4, ANNA), row(2, BERT), replace(row(3, CARL), not_before=NOW + 60))
    assert [each.row for each in ledger.work.due(campaign.id, None, NOW, 10)] == [2, 4]
    assert [each.row for each in ledger.work.due(campaign.id, None, NOW + 60, 10)] == [2, 3, 4]
    assert [each.row for each in ledger.work.due(campaign.id, None, NOW + 60, 2)] == [2, 3]
    (second,) = [
        each.delivery for each in ledger.work.due(campaign.id, None, NOW, 9) if each.row == 2
    ]
    left = ledger.work.due(campaign.id, None, NOW + 60, 1, exclude=frozenset({second}))
    assert [each.row for each in left] == [3]


def test_the_next_due_time_is_the_earliest_to_come(ledger: Ledger) -> None:
    campaign = start(
        ledger,
        row(2, ANNA),
        replace(row(3, BERT), not_before=NOW + 60),
        replace(row(4, CARL), not_before=NOW + 30),
    )
    assert ledger.work.next_due(campaign.id, NOW) == NOW + 30
    assert ledger.work.next_due(campaign.id, NOW + 30) == NOW + 60
    assert ledger.work.next_due(campaign.id, NOW + 60) is None


def test_deferred_ones_wait_until_then_or_until_their_reason_is_gone(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    ids = [each.delivery for each in ledger.work.due(campaign.id, None, NOW, 10)]
    ledger.work.defer(ids[:1], NOW + 100, "window", NOW)
    ledger.work.defer(ids[1:], NOW + 100, "often", NOW)
    assert ledger.work.due(campaign.id, None, NOW, 10) == []
    ledger.work.undefer(campaign.id, ["window"], NOW)
    assert [each.delivery for each in ledger.work.due(campaign.id, None, NOW, 10)] == ids[:1]


def test_lanes_are_let_go_but_for_what_is_pinned(ledger: Ledger) -> None:
    first = start(ledger, row(2, ANNA), name="first")
    send(ledger, claim_one(ledger, first))
    campaign = start(ledger, row(2, ANNA), replace(row(3, BERT), pinned=ONE), name="second")
    assert ledger.work.lanes(campaign.id) == {ONE: (2, True)}
    ledger.work.unlane(campaign.id, ONE)
    assert ledger.work.lanes(campaign.id) == {ONE: (1, True)}
    assert [each.phone for each in ledger.work.due(campaign.id, None, NOW, 10)] == [ANNA]


def test_a_claim_commits_the_attempt_with_its_witness(ledger: Ledger, home: Home) -> None:
    campaign = start(ledger, row(2, ANNA, "text"))
    claim = claim_one(ledger, campaign)
    assert (claim.attempt, claim.device, claim.jid) == (1, ONE, jid_of(ONE))
    assert (claim.phone, claim.content.text) == (ANNA, "text")
    assert claim.witness == witness(home.key(), "c", ANNA, 1)
    (doubt,) = ledger.doubts.open(State.SENDING)
    assert (doubt.witness, doubt.origin) == (claim.witness, ORIGIN)


def test_nothing_is_claimed_twice(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA))
    (due,) = ledger.work.due(campaign.id, None, NOW, 10)
    wants = [want(due.delivery), want(due.delivery, TWO)]
    claims, dropped = ledger.work.claim(campaign, wants, now=NOW)
    assert len(claims) == 1
    assert dropped == []
    assert ledger.work.claim(campaign, wants, now=NOW) == ([], [])


def test_another_campaigns_delivery_is_not_claimed(ledger: Ledger) -> None:
    first, second = start(ledger, row(2, ANNA)), start(ledger, row(2, ANNA), name="second")
    (due,) = ledger.work.due(first.id, None, NOW, 10)
    assert ledger.work.claim(second, [want(due.delivery)], now=NOW) == ([], [])


def test_the_claim_itself_enforces_an_opt_out(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    ledger.people.suppress(ANNA, NOW, source="operator")
    claims, dropped = claim_all(ledger, campaign)
    assert [claim.phone for claim in claims] == [BERT]
    (drop,) = dropped
    assert drop == Dropped(drop.delivery, ANNA, 0, State.SUPPRESSED, "opted out", campaign.id)
    assert states(ledger, campaign)[ANNA] is State.SUPPRESSED


def test_an_opt_out_under_another_number_is_enforced_by_the_lid(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA))
    ledger.people.suppress(BERT, NOW, source="reply", lid="77@lid")
    (due,) = ledger.work.due(campaign.id, None, NOW, 10)
    claims, dropped = ledger.work.claim(campaign, [want(due.delivery, lid="77@lid")], now=NOW)
    assert claims == []
    assert [drop.state for drop in dropped] == [State.SUPPRESSED]


def test_a_claim_tells_the_lid_that_it_was_made_by(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    first, second = ledger.work.due(campaign.id, None, NOW, 10)
    wants = [want(first.delivery, lid="77@lid"), want(second.delivery)]
    claims, _dropped = ledger.work.claim(campaign, wants, now=NOW)
    assert [claim.lid for claim in claims] == ["77@lid", None]


def test_one_person_under_two_numbers_is_written_to_once(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    wants = [
        want(each.delivery, lid="77@lid") for each in ledger.work.due(campaign.id, None, NOW, 10)
    ]
    claims, dropped = ledger.work.claim(campaign, wants, now=NOW)
    assert [claim.phone for claim in claims] == [ANNA]
    assert [(drop.phone, drop.reason) for drop in dropped] == [(BERT, f"same person as {ANNA}")]


def test_a_person_is_known_again_by_what_was_learned_before(ledger: Ledger) -> None:
    first = start(ledger, row(2, ANNA), name="first")
    send(ledger, claim_one(ledger, first))
    ledger.people.learn(ANNA, "77@lid")
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    (anna,) = ledger.work.due(campaign.id, ONE, NOW, 10)
    (claim,), _ = ledger.work.claim(campaign, [want(anna.delivery)], now=NOW)
    assert claim.lid == "77@lid"
    (bert,) = ledger.work.due(campaign.id, None, NOW, 10)
    _, (drop,) = ledger.work.claim(campaign, [want(bert.delivery, lid="77@lid")], now=NOW)
    assert drop.reason == f"same person as {ANNA}"


def test_one_person_under_two_spellings_is_written_to_once(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, LONG), row(3, BERT))
    ledger._db.run("UPDATE deliveries SET phone = ? WHERE phone = ?", (SHORT, BERT))  # as of old
    claims, dropped = claim_all(ledger, campaign)
    assert [claim.phone for claim in claims] == [LONG]
    assert [(drop.phone, drop.reason) for drop in dropped] == [(SHORT, f"same person as {LONG}")]


def test_a_delivery_that_is_wished_for_twice_is_claimed_once(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA))
    claims, dropped = ledger.work.claim(campaign, [want(1), want(1, TWO)], now=NOW)
    assert [(claim.device, claim.attempt) for claim in claims] == [(ONE, 1)]
    assert dropped == []


def test_more_are_claimed_at_once_than_one_statement_takes(ledger: Ledger) -> None:
    people = [Phone(f"+1{202 + number // 100}555{number % 100 + 100:04d}") for number in range(600)]
    campaign = start(ledger, *(row(number, phone) for number, phone in enumerate(people, start=2)))
    claims, _ = ledger.work.claim(campaign, [want(number + 1) for number in range(600)], now=NOW)
    assert [claim.phone for claim in claims] == people


def test_what_is_past_its_expiry_is_dropped_by_the_claim(ledger: Ledger) -> None:
    campaign = start(ledger, replace(row(2, ANNA), expires=NOW))
    claims, (drop,) = claim_all(ledger, campaign)
    assert claims == []
    assert (drop.state, drop.reason) == (State.EXPIRED, "expired")


def test_expired_ones_are_set_aside_at_once(ledger: Ledger) -> None:
    campaign = start(ledger, replace(row(2, ANNA), expires=NOW + 5), row(3, BERT))
    assert ledger.work.expire(campaign.id, NOW) == []
    assert [drop.phone for drop in ledger.work.expire(campaign.id, NOW + 5)] == [ANNA]
    assert ledger.work.expire(campaign.id, NOW + 5) == []


def test_an_opt_out_reaches_every_campaign(ledger: Ledger) -> None:
    first = start(ledger, row(2, ANNA), row(3, BERT), name="first")
    second = start(ledger, row(2, ANNA), name="second")
    ledger.people.suppress(ANNA, NOW, source="reply")
    dropped = ledger.people.suppress_pending([ANNA], NOW)
    assert {drop.campaign_id for drop in dropped} == {first.id, second.id}
    assert states(ledger, first) == {ANNA: State.SUPPRESSED, BERT: State.PENDING}


def test_an_opt_out_reaches_the_persons_other_number(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA))
    (due,) = ledger.work.due(campaign.id, None, NOW, 1)
    ledger.work.claim(campaign, [want(due.delivery, lid="77@lid")], now=NOW)
    ledger.outcomes.settle(due.delivery, 1, State.PENDING, now=NOW)
    ledger.people.suppress(BERT, NOW, source="reply", lid="77@lid")
    assert [drop.phone for drop in ledger.people.suppress_pending([BERT], NOW)] == [ANNA]


def test_what_others_suppressed_meanwhile_is_set_aside_in_one_sweep(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    ledger.people.suppress(BERT, NOW, source="operator")
    assert [drop.phone for drop in ledger.people.suppress_listed(campaign.id, NOW)] == [BERT]
    assert ledger.people.suppress_listed(campaign.id, NOW) == []


@pytest.mark.parametrize("how_many", [1, 399, 1201])
def test_any_number_of_opt_outs_fits_a_call(ledger: Ledger, how_many: int) -> None:
    phones = [Phone(f"+44770090{number:06d}") for number in range(how_many)]
    campaign = start(ledger, *(row(number, phone) for number, phone in enumerate(phones, 2)))
    assert len(ledger.people.suppress_pending(phones, NOW)) == how_many
    assert ledger.campaigns.tally(campaign.id)[State.SUPPRESSED] == how_many


def test_nobody_is_sent_to_while_their_row_is_bad(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA, "old"), row(3, BERT), row(4, CARL))
    ledger.work.defer([1], NOW + 5.0, "tried again", NOW)
    ledger.enrolment.enroll(
        campaign.id, [row(3, BERT)], now=NOW, digest=None, bad=lambda: [ANNA, BERT, CARL]
    )
    due = ledger.work.due(campaign.id, None, NOW + 9.0, 10)
    assert ([each.phone for each in due], ledger.work.next_due(campaign.id, NOW)) == ([BERT], None)
    enrol(ledger, campaign, row(2, ANNA, "mended"), row(3, BERT), row(4, CARL))
    due = ledger.work.due(campaign.id, None, NOW + 9.0, 10)
    assert [each.content.text for each in due] == ["mended", "hello", "hello"]


def test_a_key_that_is_lost_meanwhile_is_not_made_anew(ledger: Ledger, home: Home) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    claim_all(ledger, campaign)
    home.key_path.unlink()
    claim_all(ledger, start(ledger, row(2, CARL), name="d"))
    assert not home.key_path.exists()


# Who is looked up ahead.


def test_only_who_would_be_claimed_is_looked_up_ahead(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT), row(4, CARL))
    ids = {due.phone: due.delivery for due in ledger.work.due(campaign.id, None, NOW, 9)}
    ledger.people.suppress(BERT, NOW, source="operator")
    asked = {ids[ANNA]: "1@lid", ids[BERT]: None, ids[CARL]: None}
    assert ledger.work.claimable(campaign, asked, NOW) == {ids[ANNA]: "1@lid", ids[CARL]: None}
    ledger.work.claim(campaign, [want(ids[ANNA])], now=NOW)
    assert ledger.work.claimable(campaign, asked, NOW) == {ids[CARL]: None}
    ledger.people.suppress(Lid("5@lid"), NOW, source="reply")
    assert ledger.work.claimable(campaign, {ids[CARL]: "5@lid"}, NOW) == {}
