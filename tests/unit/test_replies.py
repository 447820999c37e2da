"""Replies: which Sends must be claimed again, because their recipient may have written."""

import threading

import pytest

from tests.kit.sends import make_send
from waheal.host.replies import MOST_NAMELESS, Replies
from waheal.model import DeviceId, Phone
from waheal.wire import InboundText

ANNA = "+15555550111"


def wrote(replies: Replies, phone: str | None, lid: str = "1@lid") -> None:
    text = InboundText(DeviceId("any"), lid, None if phone is None else Phone(phone), "STOP", 0.0)
    replies.tell(text, lambda _report: None)


def unheard(replies: Replies, phone: str = ANNA, *, heard: int = 0, lid: str | None = None) -> bool:
    return replies.unheard(make_send(1, "a", "jid", phone, heard=heard, lid=lid))


def test_nobody_wrote() -> None:
    assert not unheard(Replies())


def test_a_text_is_unheard_until_the_claim_has_heard_it() -> None:
    replies = Replies()
    wrote(replies, ANNA)
    assert unheard(replies)
    assert unheard(replies), "asking does not use it up"
    assert not unheard(replies, heard=1)
    wrote(replies, ANNA)
    assert unheard(replies, heard=1)
    assert not unheard(replies, heard=2)


def test_texts_are_counted_whoever_wrote_them() -> None:
    replies = Replies()
    wrote(replies, "+15555550122", "2@lid")
    wrote(replies, ANNA)
    assert unheard(replies, heard=1)
    assert not unheard(replies, "+15555550122", heard=1)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("+5511987654321", "+551187654321"),
        ("+5491123456789", "+541123456789"),
        ("+5215512345678", "+525512345678"),
    ],
)
def test_the_spellings_of_a_number_are_one_person(ours: str, theirs: str) -> None:
    for one, other in ((ours, theirs), (theirs, ours)):
        replies = Replies()
        wrote(replies, one)
        assert unheard(replies, other)


def test_a_known_lid_tells_who_wrote_whatever_the_number() -> None:
    replies = Replies()
    wrote(replies, "+4915112345678", "1@lid")
    assert unheard(replies, lid="1@lid")
    assert not unheard(replies, lid="2@lid")
    assert not unheard(replies)


def test_a_text_without_a_number_may_be_from_anyone_whose_lid_is_not_known() -> None:
    replies = Replies()
    wrote(replies, None, "1@lid")
    assert unheard(replies)
    assert unheard(replies, lid="1@lid")
    assert not unheard(replies, lid="2@lid")
    assert not unheard(replies, heard=1)


def test_a_chatty_contact_holds_others_for_so_many_texts_only() -> None:
    replies = Replies()
    for told in range(MOST_NAMELESS):
        wrote(replies, None, "1@lid")
        assert unheard(replies, heard=told)
    wrote(replies, None, "1@lid")
    assert not unheard(replies, heard=MOST_NAMELESS)
    assert unheard(replies, heard=MOST_NAMELESS, lid="1@lid"), "its own messages it still holds"
    wrote(replies, None, "2@lid")
    assert unheard(replies, heard=MOST_NAMELESS + 1), "and it uses up nobody else's texts"


def test_a_text_is_told_before_the_next_one_gets_its_number() -> None:
    replies = Replies()
    told: list[str] = []
    second = threading.Event()

    def write_second() -> None:
        text = InboundText(DeviceId("b"), "2@lid", None, "hi", 0.0)
        replies.tell(text, lambda _text: told.append("second"))
        second.set()

    def out(_text: InboundText) -> None:
        threading.Thread(target=write_second).start()
        assert not second.wait(0.2), "it overtook the first"
        told.append("first")

    replies.tell(InboundText(DeviceId("a"), "1@lid", Phone(ANNA), "STOP", 0.0), out)
    assert second.wait(60)
    assert told == ["first", "second"]


def test_texts_are_told_in_the_order_of_their_numbers() -> None:
    replies = Replies()
    order: list[str] = []

    def write(lid: str) -> None:
        for _ in range(200):
            text = InboundText(DeviceId("a"), lid, None, "hi", 0.0)
            replies.tell(text, lambda told: order.append(told.sender))

    writers = [threading.Thread(target=write, args=(f"{n}@lid",)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    for number in range(4):
        lid = f"{number}@lid"
        last = len(order) - order[::-1].index(lid)
        assert unheard(replies, heard=last - 1, lid=lid)
        assert not unheard(replies, heard=last, lid=lid)
