"""What recipients send back, taken in: whose it is, what of it is kept, and when it is told."""

from dataclasses import replace

import pytest

from tests.kit.ledgers import LONG, NOW, SHORT, jid_of, send, start, want
from tests.kit.ledgers import row as planned
from tests.kit.stage import ONE, Stage, phone
from waheal.correspondents import Reply
from waheal.engine.inbound import Inbound
from waheal.engine.repliers import Repliers
from waheal.engine.voting import Voting
from waheal.events import OptedOut, Replied
from waheal.model import DeviceId, Phone, ReceiptKind, ReplyKind, State
from waheal.policy.answering import MOST_TEXT
from waheal.policy.optout import Words
from waheal.records import Claim
from waheal.store.sessions import Sessions
from waheal.wire import InboundText, ReceiptSeen

THREE = DeviceId("three")  # of another account than ONE
ANNA, LID = phone(0), "77@lid"
HI = InboundText(ONE, "12025550100@s.whatsapp.net", ANNA, "hi", NOW + 1, message_id="R1")
BY_LID = replace(HI, sender=LID, phone=None)


@pytest.fixture
def made(made: Stage) -> Stage:
    made.add(ONE, THREE)
    return made


def inbound(
    made: Stage, sessions: Sessions, campaign: int | None = None, *, keep: bool = True
) -> Inbound:
    repliers = Repliers(made.ledger.replies, sessions, campaign, keep_texts=keep)
    ledger = made.ledger
    return Inbound(
        ledger.outcomes, ledger.people, repliers, Voting(ledger.votes), sessions, Words(), campaign
    )


def claimed(made: Stage, who: Phone = ANNA, *, name: str = "c", device: DeviceId = ONE) -> Claim:
    campaign = start(made.ledger, planned(2, who), name=name)
    lanes = (made.ledger.work.due(campaign.id, lane, NOW, 9) for lane in (None, ONE, THREE))
    (due,) = (each for lane in lanes for each in lane)
    (claim,), _ = made.ledger.work.claim(campaign, [want(due.delivery, device)], now=NOW)
    return claim


def sent(made: Stage, who: Phone = ANNA, *, name: str = "c", device: DeviceId = ONE) -> Claim:
    claim = claimed(made, who, name=name, device=device)
    send(made.ledger, claim, f"ID-{name}")
    return claim


def kept(made: Stage) -> list[Reply]:
    return made.ledger.replies.page(None, 0)


def test_a_reply_is_told_and_kept_with_its_time_and_device(made: Stage, sessions: Sessions) -> None:
    sent(made)
    heeded = inbound(made, sessions).text(HI, NOW)
    assert heeded.events == (Replied(ANNA, ONE, ReplyKind.TEXT),)
    (reply,) = kept(made)
    assert (reply.phone, reply.device, reply.at, reply.text) == (ANNA, ONE, NOW + 1, "hi")


def test_what_it_says_is_kept_only_where_it_is_asked_for(made: Stage, sessions: Sessions) -> None:
    sent(made)
    inbound(made, sessions, keep=False).text(HI, NOW)
    assert kept(made)[0].text is None


def test_no_more_of_it_is_kept_than_is_bearable(made: Stage, sessions: Sessions) -> None:
    sent(made)
    inbound(made, sessions).text(replace(HI, text="ha" * MOST_TEXT), NOW)
    assert kept(made)[0].text == "ha" * (MOST_TEXT // 2)


def test_the_same_message_counts_once_whatever_devices_hear_it_in_whichever_run(
    made: Stage, sessions: Sessions
) -> None:
    sent(made)
    assert inbound(made, sessions).text(HI, NOW).events
    assert not inbound(made, sessions).text(replace(HI, device=THREE), NOW + 9).events
    sent(made, name="d")
    assert not inbound(made, sessions).text(HI, NOW + 99).events
    assert [each.campaign for each in kept(made)] == ["c"]


def test_who_was_not_written_to_has_replied_to_nothing(made: Stage, sessions: Sessions) -> None:
    assert not inbound(made, sessions).text(HI, NOW).events
    assert made.ledger.replies.waiting() == 0
    sent(made)
    assert kept(made) == []


def test_while_a_message_is_under_way_a_reply_waits_for_its_landing(
    made: Stage, sessions: Sessions
) -> None:
    sent(made, name="first")
    claim = claimed(made, name="second")
    taken = inbound(made, sessions)
    assert taken.text(HI, NOW).events == ()
    assert taken.landed(claim) == []  # it has not
    send(made.ledger, claim, "ID-second")
    assert taken.landed(claim) == [Replied(ANNA, ONE, ReplyKind.TEXT)]
    assert [each.campaign for each in kept(made)] == ["second"]
    assert made.ledger.replies.kept_aside() == frozenset()


def test_one_that_the_message_was_handed_back_for_is_to_the_one_before(
    made: Stage, sessions: Sessions
) -> None:
    sent(made, name="first")
    claim = claimed(made, name="second")
    taken = inbound(made, sessions)
    taken.text(HI, NOW)
    made.ledger.outcomes.settle(claim.delivery, 1, State.PENDING, now=NOW, due=NOW)
    assert taken.landed(claim) == [Replied(ANNA, ONE, ReplyKind.TEXT)]
    assert [each.campaign for each in kept(made)] == ["first"]


def test_who_wrote_before_the_first_message_left_has_replied_to_nothing(
    made: Stage, sessions: Sessions
) -> None:
    claim = claimed(made, name="first")
    taken = inbound(made, sessions)
    taken.text(HI, NOW)
    made.ledger.outcomes.settle(claim.delivery, 1, State.PENDING, now=NOW, due=NOW)
    assert taken.landed(claim) == []
    assert made.ledger.replies.kept_aside() == frozenset()


def test_a_killed_run_leaves_it_to_the_next_to_tell(made: Stage, sessions: Sessions) -> None:
    claim = claimed(made, name="first")
    inbound(made, sessions).text(HI, NOW)
    made.ledger.outcomes.settle(claim.delivery, 1, State.UNCERTAIN, now=NOW, message_id="M")
    assert inbound(made, sessions).all_reached() == [Replied(ANNA, ONE, ReplyKind.TEXT)]
    assert inbound(made, sessions).all_reached() == []


def test_it_is_to_the_account_that_it_came_to_and_else_to_the_last(
    made: Stage, sessions: Sessions
) -> None:
    sent(made, name="first", device=ONE)
    sent(made, name="second", device=THREE)
    taken = inbound(made, sessions)
    taken.text(HI, NOW)
    taken.text(replace(HI, device=THREE, message_id="R2"), NOW)
    taken.text(replace(HI, device=DeviceId("gone"), message_id="R3"), NOW)
    taken.text(replace(HI, message_id="R4", quotes="ID-second"), NOW)
    assert [each.campaign for each in kept(made)] == ["first", "second", "second", "second"]


def test_a_run_tells_of_its_own_campaign_and_keeps_them_all(
    made: Stage, sessions: Sessions
) -> None:
    claim = sent(made, name="first")
    sent(made, name="other", who=phone(1))
    first = made.ledger.campaigns.find("first")
    assert first is not None
    taken = inbound(made, sessions, first.id)
    other = replace(HI, phone=phone(1), sender="", message_id="R2")
    assert taken.text(other, NOW).events == ()
    assert taken.text(HI, NOW).events == (Replied(claim.phone, ONE, ReplyKind.TEXT),)
    assert len(kept(made)) == 2


def test_an_opt_out_is_a_reply_too(made: Stage, sessions: Sessions) -> None:
    sent(made)
    replied, opted_out = inbound(made, sessions).text(replace(HI, text="STOP"), NOW).events
    assert isinstance(replied, Replied)
    assert isinstance(opted_out, OptedOut)


@pytest.mark.parametrize("kind", list(ReplyKind))
def test_whatever_comes_is_a_reply_of_its_kind(
    made: Stage, sessions: Sessions, kind: ReplyKind
) -> None:
    sent(made)
    inbound(made, sessions).text(replace(HI, text="", kind=kind), NOW)
    (reply,) = kept(made)
    assert (reply.kind, reply.text) == (kind, None)


def test_a_reaction_is_no_opt_out_whatever_its_sign(made: Stage, sessions: Sessions) -> None:
    sent(made)
    stop = replace(HI, text="stop", kind=ReplyKind.REACTION)
    inbound(made, sessions).text(stop, NOW)
    assert not made.ledger.people.is_suppressed(ANNA)
    assert kept(made)[0].text == "stop"


def test_every_spelling_of_a_number_is_the_recipient(made: Stage, sessions: Sessions) -> None:
    sent(made, who=LONG)
    inbound(made, sessions).text(replace(HI, phone=SHORT, sender=""), NOW)
    assert [each.phone for each in kept(made)] == [LONG]


class TestByLid:
    def test_one_that_the_library_knows_counts_at_once(
        self, made: Stage, sessions: Sessions
    ) -> None:
        sent(made)
        made.sessions.map("77", ANNA.removeprefix("+"))
        assert inbound(made, sessions).text(BY_LID, NOW).events
        assert made.ledger.replies.waiting() == 0

    def test_one_that_the_ledger_knows_counts_at_once(
        self, made: Stage, sessions: Sessions
    ) -> None:
        sent(made)
        made.ledger.people.learn(ANNA, LID)
        assert inbound(made, sessions).text(BY_LID, NOW).events

    def test_one_that_quotes_a_message_counts_at_once(
        self, made: Stage, sessions: Sessions
    ) -> None:
        sent(made)
        assert inbound(made, sessions).text(replace(BY_LID, quotes="ID-c"), NOW).events

    def test_an_unknown_one_counts_once_their_number_was_written_to(
        self, made: Stage, sessions: Sessions
    ) -> None:
        assert not inbound(made, sessions).text(BY_LID, NOW).events
        later = inbound(made, sessions)  # another run
        claim = sent(made)
        assert later.landed(claim) == []  # whose it is is not known yet
        made.sessions.map("77", ANNA.removeprefix("+"))
        assert later.landed(claim) == [Replied(ANNA, ONE, ReplyKind.TEXT)]
        assert later.landed(claim) == []
        assert [each.text for each in kept(made)] == ["hi"]

    def test_it_waits_on_while_its_number_is_known_and_was_not_written_to(
        self, made: Stage, sessions: Sessions
    ) -> None:
        inbound(made, sessions).text(BY_LID, NOW)
        made.sessions.map("77", ANNA.removeprefix("+"))
        later = inbound(made, sessions)
        assert later.all_reached() == []
        claim = sent(made)
        assert len(later.landed(claim)) == 1

    def test_it_is_to_what_was_written_before_it_came(
        self, made: Stage, sessions: Sessions
    ) -> None:
        sent(made, name="first")
        inbound(made, sessions).text(BY_LID, NOW)
        sent(made, name="second")
        made.sessions.map("77", ANNA.removeprefix("+"))
        assert len(inbound(made, sessions).all_reached()) == 1
        assert [each.campaign for each in kept(made)] == ["first"]

    def test_a_receipt_or_a_text_with_the_number_tells_whose_the_others_were(
        self, made: Stage, sessions: Sessions
    ) -> None:
        sent(made)
        taken = inbound(made, sessions)
        taken.text(BY_LID, NOW)
        made.sessions.map("77", ANNA.removeprefix("+"))
        seen = taken.receipt(ReceiptSeen(ONE, ("ID-c",), ReceiptKind.READ), NOW)
        assert [each for each in seen.events if isinstance(each, Replied)]
        taken.text(replace(BY_LID, sender="78@lid", message_id="R2"), NOW)
        named = replace(HI, sender="78@lid", phone=ANNA, message_id="R3")
        assert len(taken.text(named, NOW).events) == 2
        assert made.ledger.replies.waiting() == 0

    def test_a_stop_so_sent_holds_and_counts(self, made: Stage, sessions: Sessions) -> None:
        claim = sent(made)
        inbound(made, sessions).text(replace(BY_LID, text="STOP"), NOW)
        made.sessions.map("77", ANNA.removeprefix("+"))
        assert inbound(made, sessions).landed(claim)
        made.ledger.people.learn(ANNA, LID)
        assert made.ledger.people.is_suppressed(ANNA)

    def test_a_device_number_in_the_name_changes_nothing(
        self, made: Stage, sessions: Sessions
    ) -> None:
        sent(made)
        made.ledger.people.learn(ANNA, LID)
        assert inbound(made, sessions).text(replace(BY_LID, sender="77:3@lid"), NOW).events


def test_these_devices_are_of_two_accounts() -> None:
    assert jid_of(ONE).partition(":")[0] != jid_of(THREE).partition(":")[0]
