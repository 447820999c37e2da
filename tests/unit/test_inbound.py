"""What recipients send: receipts and opt-outs, written before anything else is done with them."""

from dataclasses import replace

import pytest

from tests.kit.ledgers import LONG, NOW, SHORT, claim_all, claim_one, send
from tests.kit.stage import CAMPAIGN, ONE, TWO, Stage, phone
from waheal.engine.inbound import Inbound
from waheal.engine.repliers import Repliers
from waheal.engine.voting import Voting
from waheal.events import OptedOut, Receipt, Settled
from waheal.model import Content, Phone, Planned, ReceiptKind, State
from waheal.policy.optout import Words
from waheal.records import Campaign, Claim, Leftover, Resolution, Suppression
from waheal.store.sessions import Sessions
from waheal.wire import InboundText, ReceiptSeen


@pytest.fixture
def made(made: Stage) -> Stage:
    made.add(ONE, TWO)
    return made


def inbound(made: Stage, sessions: Sessions, campaign: int | None = None) -> Inbound:
    ledger = made.ledger
    repliers = Repliers(ledger.replies, sessions, campaign, keep_texts=False)
    return Inbound(
        ledger.outcomes, ledger.people, repliers, Voting(ledger.votes), sessions, Words(), campaign
    )


def text(words: str, who: Phone | None = None, sender: str = "") -> InboundText:
    return InboundText(ONE, sender, who, words, NOW)


def campaign_of(made: Stage) -> Campaign:
    campaign = made.ledger.campaigns.find(CAMPAIGN)
    assert campaign is not None
    return campaign


def sent(made: Stage) -> Claim:
    made.people(1)
    claim = claim_one(made.ledger, campaign_of(made))
    send(made.ledger, claim, "ID")
    return claim


def test_an_opt_out_suppresses_all_that_is_pending(made: Stage, sessions: Sessions) -> None:
    made.people(2)
    heeded = inbound(made, sessions, made.campaign).text(text("STOP", phone(0)), NOW)
    assert heeded.revoked == {phone(0)}  # not under way, but maybe about to be looked up
    assert isinstance(heeded.events[0], OptedOut)
    assert [each.state for each in heeded.events if isinstance(each, Settled)] == [State.SUPPRESSED]
    assert made.states() == {phone(0): State.SUPPRESSED, phone(1): State.PENDING}


def test_other_campaigns_are_suppressed_and_not_told(made: Stage, sessions: Sessions) -> None:
    made.people(1)
    other = made.ledger.campaigns.open("other", "/other.csv", NOW)
    made.ledger.enrolment.enroll(
        other.id, [Planned(2, phone(0), Content("x"))], now=NOW, digest=None
    )
    heeded = inbound(made, sessions, other.id).text(text("stop", phone(0)), NOW)
    assert len(heeded.events) == 2
    assert made.states() == {phone(0): State.SUPPRESSED}


def test_whoever_is_known_by_lid_only_opts_out_too(made: Stage, sessions: Sessions) -> None:
    made.sessions.map("4711", phone(0).removeprefix("+"))
    inbound(made, sessions).text(text("stop", sender="4711:3@lid"), NOW)
    assert made.ledger.people.is_suppressed(phone(0))
    assert [each.lid for each in made.ledger.people.suppressed()] == ["4711@lid"]


def test_a_text_of_nobody_at_all_is_left_alone(made: Stage, sessions: Sessions) -> None:
    heeded = inbound(made, sessions).text(text("stop"), NOW)
    assert (heeded.events, heeded.revoked) == ((), frozenset())
    assert list(made.ledger.people.suppressed()) == []


def test_an_opt_out_of_whom_only_the_lid_is_known_is_kept(made: Stage, sessions: Sessions) -> None:
    made.people(2)
    claims, _ = claim_all(made.ledger, campaign_of(made))
    known = replace(claims[0], lid="1@lid")
    box = inbound(made, sessions)
    heeded = box.text(text("stop", sender="4711:3@lid"), NOW, [known, claims[1]])
    assert heeded.events == (OptedOut(None, "stop"),)
    assert heeded.revoked == frozenset({claims[1].phone})  # it may be them
    assert list(made.ledger.people.suppressed()) == [Suppression(None, "4711@lid", NOW, "reply")]
    assert box.unwanted([replace(claims[1], ask_lid=True)]) == frozenset()
    assert box.unwanted([replace(known, lid="4711@lid")]) == frozenset({known.phone})
    box.text(text("start", sender="4711:3@lid"), NOW)
    assert list(made.ledger.people.suppressed()) == []


@pytest.mark.parametrize(("file", "wrote"), [(LONG, SHORT), (SHORT, LONG)])
def test_an_opt_out_reaches_the_other_spelling(
    made: Stage, sessions: Sessions, file: Phone, wrote: Phone
) -> None:
    made.enroll(Planned(2, file, Content("x")))
    claim = claim_one(made.ledger, campaign_of(made))
    heeded = inbound(made, sessions).text(text("stop", wrote), NOW, [claim])
    assert heeded.revoked == frozenset({file})
    inbound(made, sessions).text(text("start", file), NOW)
    assert not made.ledger.people.is_suppressed(wrote)


def test_an_opt_out_reaches_the_other_number_of_their_lid(made: Stage, sessions: Sessions) -> None:
    made.people(2)
    claims, _ = claim_all(made.ledger, campaign_of(made))
    moved = replace(claims[1], lid="4711@lid")
    heeded = inbound(made, sessions).text(
        text("stop", phone(0), sender="4711@lid"), NOW, [claims[0], moved]
    )
    assert heeded.revoked == {phone(0), phone(1)}


def test_other_words_change_nothing(made: Stage, sessions: Sessions) -> None:
    made.people(1)
    heeded = inbound(made, sessions).text(text("please stop by tomorrow", phone(0)), NOW)
    assert (heeded.events, heeded.revoked) == ((), frozenset())
    assert not made.ledger.people.is_suppressed(phone(0))


def test_a_start_undoes_only_a_reply_of_their_own(made: Stage, sessions: Sessions) -> None:
    made.ledger.people.suppress(phone(0), NOW, source="operator")
    box = inbound(made, sessions)
    box.text(text("stop", phone(1)), NOW)
    for number in range(2):
        box.text(text("start", phone(number)), NOW)
    assert made.ledger.people.is_suppressed(phone(0))
    assert not made.ledger.people.is_suppressed(phone(1))


def test_a_receipt_is_told_with_what_it_moved(made: Stage, sessions: Sessions) -> None:
    claim = sent(made)
    seen = ReceiptSeen(claim.device, ("ID", "unknown"), ReceiptKind.READ)
    told = inbound(made, sessions).receipt(seen, NOW)
    assert told.events == (Receipt(phone(0), "ID", State.READ, before=State.SENT),)


def test_a_receipt_of_another_campaign_counts_and_is_not_told(
    made: Stage, sessions: Sessions
) -> None:
    claim = sent(made)
    seen = ReceiptSeen(claim.device, ("ID",), ReceiptKind.DELIVERED)
    assert inbound(made, sessions, 99).receipt(seen, NOW).events == ()
    assert made.states() == {phone(0): State.DELIVERED}


def test_a_retry_that_nobody_can_answer_marks_the_message(made: Stage, sessions: Sessions) -> None:
    claim = sent(made)
    seen = ReceiptSeen(claim.device, ("ID",), ReceiptKind.RETRY)
    assert inbound(made, sessions).receipt(seen, NOW).events == ()
    assert made.ledger.campaigns.tally(made.campaign).unreadable == 1


def test_a_receipt_that_overtook_the_answer_is_told_with_it(
    made: Stage, sessions: Sessions
) -> None:
    box = inbound(made, sessions)
    seen = ReceiptSeen(ONE, ("ID",), ReceiptKind.DELIVERED)
    assert box.receipt(seen, NOW).events == ()
    sent(made)
    assert [each.state for each in box.overtaken() if isinstance(each, Receipt)] == [
        State.DELIVERED
    ]
    assert box.overtaken() == []


def test_a_receipt_of_an_earlier_attempt_revokes_the_one_under_way(
    made: Stage, sessions: Sessions
) -> None:
    made.people(1)
    claim = claim_one(made.ledger, campaign_of(made))
    made.ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, message_id="ID")
    made.ledger.leftovers.resolve(
        made.campaign, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=NOW
    )
    claim_one(made.ledger, campaign_of(made))
    seen = ReceiptSeen(claim.device, ("ID",), ReceiptKind.DELIVERED)
    heeded = inbound(made, sessions).receipt(seen, NOW)
    assert (heeded.events, heeded.revoked) == ((), frozenset({phone(0)}))


def test_a_receipt_tells_the_lid_of_a_first_contact(made: Stage, sessions: Sessions) -> None:
    claim = sent(made)
    made.sessions.map("4711", phone(0).removeprefix("+"))
    seen = ReceiptSeen(claim.device, ("ID",), ReceiptKind.DELIVERED)
    inbound(made, sessions).receipt(seen, NOW)
    made.ledger.people.suppress(phone(0), NOW, source="operator")
    assert [each.lid for each in made.ledger.people.suppressed()] == ["4711@lid"]
