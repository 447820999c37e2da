from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
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
    want,
)
from waheal.correspondents import SentBack
from waheal.identity import Lid
from waheal.model import Content, Phone, ReceiptKind, ReplyKind, State
from waheal.records import BY_REPLY, Campaign, Claim
from waheal.store.ledger import Ledger

pytestmark = on_both


def test_every_recipient_is_told_once_in_file_order(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(5, ANNA), row(3, BERT))
        (bert, _), _ = claim_all(ledger, campaign)
        send(ledger, bert, "M")
        ledger.outcomes.receipt(ONE, ["M"], ReceiptKind.DELIVERED, NOW + 9)
        first, second = ledger.recipients.rows(campaign.id)
    assert (first.row, first.phone, first.state, first.text) == (3, BERT, State.DELIVERED, "hello")
    assert (first.device, first.message_id, first.attempt) == (ONE, "M", 1)
    assert (first.claimed, first.ended, first.delivered, first.read) == (NOW, NOW, NOW + 9, None)
    assert (second.row, second.phone, second.state) == (5, ANNA, State.SENDING)
    assert second.unreadable is False


def test_rows_stand_as_they_were_at_the_first_whatever_happens_meanwhile(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA), row(3, BERT))
        rows = ledger.recipients.rows(campaign.id)
        assert next(rows).state is State.PENDING
        claim_all(ledger, campaign)
        assert [each.state for each in rows] == [State.PENDING]


def test_an_export_that_is_given_up_lets_go_of_the_file(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA), row(3, BERT))
        rows = ledger.recipients.rows(campaign.id)
        next(rows)
        rows.close()
        with pytest.raises(StopIteration):
            next(rows)


def replies(ledger: Ledger, claim: Claim, number: int = 1) -> None:
    """Let the recipient answer to this very message."""
    (to,) = [
        each
        for each in ledger.replies.written(claim.phone, None)
        if each.delivery == claim.delivery
    ]
    ledger.replies.add(to, SentBack(ONE, ReplyKind.TEXT, NOW + number, f"R{number}"))


def opted_out(ledger: Ledger, campaign: Campaign) -> float | None:
    (only,) = ledger.recipients.rows(campaign.id)
    return only.opted_out


def test_who_replied_and_is_on_the_list_since_has_opted_out(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA))
        claim = claim_one(ledger, campaign)
        send(ledger, claim)
        ledger.people.suppress(ANNA, NOW + 5, source=BY_REPLY)
        assert opted_out(ledger, campaign) is None  # somebody else put them there
        replies(ledger, claim)
        assert opted_out(ledger, campaign) == NOW + 5
        ledger.people.unsuppress(ANNA)
        assert opted_out(ledger, campaign) is None


@pytest.mark.parametrize(("left", "counts"), [(State.SENT, False), (State.PENDING, True)])
def test_an_opt_out_is_to_the_last_campaign_that_wrote_to_them(
    tmp_path: Path, left: State, *, counts: bool
) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        first, second = start(ledger, row(2, ANNA), name="a"), start(ledger, row(2, ANNA), name="b")
        claim = claim_one(ledger, first)
        send(ledger, claim)
        replies(ledger, claim)
        (later,), _ = claim_all(ledger, second, now=NOW + 10)
        ledger.outcomes.settle(later.delivery, later.attempt, left, now=NOW + 11)
        ledger.people.suppress(ANNA, NOW + 20, source=BY_REPLY)
        assert (opted_out(ledger, first) is not None) == counts


def test_who_was_on_the_list_by_a_lid_before_did_not_opt_out_of_it(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA))
        ledger.people.suppress(Lid("77@lid"), NOW - 50, source=BY_REPLY)
        claim = claim_one(ledger, campaign)
        send(ledger, claim)
        replies(ledger, claim)
        ledger.people.learn(ANNA, "77@lid")
        assert opted_out(ledger, campaign) is None


def test_some_states_may_be_asked_for(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA), row(3, BERT))
        send(ledger, claim_all(ledger, campaign)[0][0])

        def asked(*states: State) -> list[Phone]:
            return [each.phone for each in ledger.recipients.rows(campaign.id, states)]

        assert asked(State.SENT) == [ANNA]
        assert asked(State.FAILED, State.SENDING) == [BERT]
        assert asked() == []


def test_the_first_message_is_that_of_somebody_who_got_it(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA, "to Anna"), row(3, BERT, "to Bert"))
        assert ledger.recipients.message(campaign.id) == Content("to Anna")
        ledger.people.suppress(ANNA, NOW, source="operator")
        ledger.people.suppress_pending([ANNA], NOW)
        send(ledger, claim_one(ledger, campaign))
        assert ledger.recipients.message(campaign.id) == Content("to Bert")
        ledger.people.forget(BERT, NOW)
        assert ledger.recipients.message(campaign.id) == Content("to Anna")
        ledger.people.forget(ANNA, NOW)
        assert ledger.recipients.message(campaign.id) is None


def test_who_opts_out_by_a_lid_alone_has_opted_out(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA))
        (due,) = ledger.work.due(campaign.id, None, NOW, 1)
        (claim,), _ = ledger.work.claim(campaign, [want(due.delivery, lid="77@lid")], now=NOW)
        send(ledger, claim)
        replies(ledger, claim)
        ledger._db.run("DELETE FROM contacts")  # so that only the delivery knows whose it is
        ledger.people.suppress(Lid("77@lid"), NOW + 5, source=BY_REPLY)
        assert opted_out(ledger, campaign) == NOW + 5
