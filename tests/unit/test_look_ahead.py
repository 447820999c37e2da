"""Looking ahead, on the fake: who is asked for together, and what the answers lead to."""

import pytest

from tests.kit.host_rig import PHONE, Rig, jid_of
from tests.kit.sends import make_send
from waheal.host.client import TextCame
from waheal.host.directory import Listing
from waheal.model import Accepted, NotSent, Phone, Rejected
from waheal.wire import InboundText, Offline, Revoke

JID = jid_of("1")
NEXT = tuple(Phone(f"+1555556{number:04}") for number in range(3))
REFUSED = "failed to send usync query: info query returned status 429: rate-overlimit"
UNANSWERED = "failed to send usync query: info query timed out"
LOST = "failed to send usync query: websocket disconnected before info query returned response"


def lid(phone: str) -> str:
    """Tell the LID that the fake's directory has."""
    return f"1{phone[1:]}@lid"


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.world.link(JID)
    return rig


def send(
    rig: Rig,
    delivery: int,
    phone: str = PHONE,
    *,
    known: str | None = None,
    ahead: tuple[tuple[Phone, str | None], ...] = (),
    heard: int = 0,
) -> None:
    rig.senders.put(make_send(delivery, "1", JID, phone, lid=known, ahead=ahead, heard=heard))


def strangers(*phones: Phone) -> tuple[tuple[Phone, str | None], ...]:
    return tuple((phone, None) for phone in phones)


def test_all_are_asked_for_at_once_and_those_with_a_lid_only_for_their_devices(rig: Rig) -> None:
    known = (NEXT[2], "7@lid")
    send(rig, 1, ahead=(*strangers(*NEXT[:2]), known))
    assert isinstance(rig.answers(1)[1].outcome, Accepted)
    assert rig.world.looked_up == [(PHONE, *NEXT[:2])]
    assert rig.world.fetched == [("7@lid", lid(PHONE), lid(NEXT[0]), lid(NEXT[1]))]


def test_nobody_is_asked_for_where_nobody_comes_next(rig: Rig) -> None:
    send(rig, 1)
    rig.answers(1)
    assert rig.world.looked_up == []
    assert rig.world.fetched == []


def test_fifty_are_asked_for_at_once_and_no_more(rig: Rig) -> None:
    many = [Phone(f"+1555557{number:04}") for number in range(60)]
    send(rig, 1, ahead=strangers(*many))
    rig.answers(1)
    assert [len(each) for each in rig.world.looked_up] == [50, 11]
    assert [len(each) for each in rig.world.fetched] == [50, 11]


def test_a_number_with_two_spellings_is_asked_for_under_both(rig: Rig) -> None:
    brazil = Phone("+5521998765432")
    rig.world.listings[brazil] = Listing(registered=False)
    rig.world.listings[Phone("+552198765432")] = Listing(registered=True, lid="5@lid")
    send(rig, 1, ahead=strangers(brazil))
    send(rig, 2, brazil)
    answers = rig.answers(2)
    assert isinstance(answers[1].outcome, Accepted)
    refused = answers[2].outcome
    assert isinstance(refused, Rejected)
    assert "not on WhatsApp with this spelling, but as +552198765432" in refused.reason


def test_a_plain_no_is_used_once_and_without_another_question(rig: Rig) -> None:
    rig.world.listings[NEXT[0]] = Listing(registered=False)
    send(rig, 1, ahead=strangers(NEXT[0]))
    send(rig, 2, NEXT[0])
    assert rig.answers(2)[2].outcome == Rejected("not on WhatsApp")
    assert len(rig.world.looked_up) == 1
    send(rig, 3, NEXT[0])  # a resend is tried
    assert isinstance(rig.answers(3)[3].outcome, Accepted)


def test_the_recipients_own_no_is_used_too(rig: Rig) -> None:
    rig.world.listings[PHONE] = Listing(registered=False)
    send(rig, 1, ahead=strangers(NEXT[0]))
    assert rig.answers(1)[1].outcome == Rejected("not on WhatsApp")
    assert rig.world.sent == []


@pytest.mark.parametrize("said", [None, Listing(registered=True), Listing(lid=None)])
def test_no_answer_is_no_no(rig: Rig, said: Listing | None) -> None:
    rig.world.listings[NEXT[0]] = said
    send(rig, 1, ahead=strangers(NEXT[0]))
    send(rig, 2, NEXT[0])
    assert isinstance(rig.answers(2)[2].outcome, Accepted)


def test_a_refusal_stops_the_looking_and_not_the_device(rig: Rig) -> None:
    rig.world.refused_lookups[JID] = REFUSED
    send(rig, 1, ahead=strangers(*NEXT))
    assert isinstance(rig.answers(1)[1].outcome, Accepted)
    del rig.world.refused_lookups[JID]
    send(rig, 2, NEXT[0], ahead=strangers(*NEXT[1:]))
    assert isinstance(rig.answers(2)[2].outcome, Accepted)
    assert rig.world.looked_up == []  # not for a while
    assert not [each for each in rig.reports if isinstance(each, Offline)]


@pytest.mark.parametrize("error", [UNANSWERED, LOST])
def test_what_was_not_answered_is_not_asked_once_more_by_the_same_send(
    rig: Rig, error: str
) -> None:
    rig.world.refused_lookups[JID] = error
    send(rig, 1, ahead=strangers(*NEXT))
    outcome = rig.answers(1)[1].outcome
    assert isinstance(outcome, NotSent)
    assert outcome.quarantine is None
    assert rig.world.sent == []


def test_who_wrote_meanwhile_is_not_looked_up(rig: Rig) -> None:
    hang = rig.hangs(1)
    send(rig, 2, ahead=strangers(*NEXT[:2]), known="9@lid")
    rig.world.client(JID).hear(TextCame("4@lid", NEXT[0], "STOP", 5.0))
    rig.wait(lambda told: any(isinstance(each, InboundText) for each in told))
    hang.released.set()
    rig.answers(2)
    assert rig.world.looked_up == [(NEXT[1],)]


def test_who_was_revoked_meanwhile_is_not_looked_up(rig: Rig) -> None:
    hang = rig.hangs(1)
    send(rig, 2, ahead=strangers(*NEXT[:2]), known="9@lid")
    rig.senders.revoke(Revoke(phones=frozenset({NEXT[0]})))
    hang.released.set()
    assert isinstance(rig.answers(2)[2].outcome, Accepted)
    assert rig.world.looked_up == [(NEXT[1],)]


def test_a_recipient_who_was_revoked_takes_nobody_along(rig: Rig) -> None:
    hang = rig.hangs(1)
    send(rig, 2, ahead=strangers(*NEXT))
    rig.senders.revoke(Revoke(phones=frozenset({PHONE})))
    hang.released.set()
    assert isinstance(rig.answers(2)[2].outcome, NotSent)
    assert rig.world.looked_up == []
