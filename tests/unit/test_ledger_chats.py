"""What the ledger tells of new chats: by person, over spellings and accounts, and by device."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    CARL,
    LONG,
    NOW,
    ONE,
    SHORT,
    on_both,
    open_home,
    open_ledger,
    row,
    start,
    want,
)
from waheal.chat_records import ChatLimits
from waheal.model import ChatHold, DeviceId, Phone, ReceiptKind, State
from waheal.store.ledger import Ledger
from waheal.store.sessions import phone_of

pytestmark = on_both

OTHER = DeviceId("other")
_NAMES = count()


def begun(ledger: Ledger, phone: Phone, jid: str) -> bool:
    return phone_of(jid) in ledger.chats.with_people([phone, CARL])[phone].begun


def refused(ledger: Ledger, phone: Phone) -> Mapping[Phone, float]:
    return ledger.chats.with_people([CARL, phone])[phone].refused


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        opened.devices.add(ONE, "111:1@s.whatsapp.net", Phone("+12025550111"), NOW)
        opened.devices.add(OTHER, "222:1@s.whatsapp.net", Phone("+12025550122"), NOW)
        yield opened


def tried(
    ledger: Ledger,
    phone: Phone,
    state: State,
    *,
    device: DeviceId = ONE,
    refused: bool = False,
    new_chat: bool = True,
    at: float = NOW,
) -> str:
    """Let a device try somebody, in a campaign of its own; tells the message's id."""
    campaign = start(ledger, row(2, phone), name=f"c{next(_NAMES)}")
    (due,) = (
        due for lane in (None, ONE, OTHER) for due in ledger.work.due(campaign.id, lane, at, 1)
    )
    found = ledger.devices.find(device, at)
    assert found is not None
    asked = replace(want(due.delivery, device), jid=found.jid or "", new_chat=new_chat)
    (claim,), _ = ledger.work.claim(campaign, [asked], now=at)
    assert claim.new_chat == new_chat
    message = f"M{claim.delivery}"
    assert ledger.outcomes.settle(
        claim.delivery, 1, state, now=at, message_id=message, counts=refused, refused=refused
    )
    return message


def test_a_chat_is_begun_once_a_message_got_through(ledger: Ledger) -> None:
    assert not begun(ledger, ANNA, "111:1@s.whatsapp.net")
    tried(ledger, ANNA, State.PENDING, refused=True)
    assert not begun(ledger, ANNA, "111:1@s.whatsapp.net")
    tried(ledger, ANNA, State.SENT)
    assert begun(ledger, ANNA, "111:1@s.whatsapp.net")
    assert begun(ledger, ANNA, "111:42@s.whatsapp.net")  # the account, however paired
    assert not begun(ledger, ANNA, "222:1@s.whatsapp.net")
    assert not begun(ledger, BERT, "111:1@s.whatsapp.net")


def test_a_person_has_one_chat_however_spelt(ledger: Ledger) -> None:
    tried(ledger, LONG, State.SENT)
    tried(ledger, SHORT, State.PENDING, device=OTHER, refused=True)
    assert begun(ledger, SHORT, "111:1@s.whatsapp.net")
    assert set(refused(ledger, LONG)) == {"+222"}


def test_who_refused_somebody_and_when_last(ledger: Ledger) -> None:
    tried(ledger, ANNA, State.PENDING, refused=True)
    tried(ledger, ANNA, State.PENDING, refused=True, at=NOW + 5.0)
    tried(ledger, ANNA, State.PENDING, device=OTHER)  # failed otherwise
    assert refused(ledger, ANNA) == {"+111": NOW + 5.0}
    assert refused(ledger, BERT) == {}


def test_refusals_in_a_row_are_counted_by_person_since_the_last_chat(ledger: Ledger) -> None:
    tried(ledger, ANNA, State.PENDING, refused=True)
    tried(ledger, ANNA, State.PENDING, refused=True)
    assert ledger.chats.refused_in_a_row(ONE, 0.0) == 1
    tried(ledger, CARL, State.SENT, new_chat=False)  # a chat that existed says nothing
    tried(ledger, BERT, State.PENDING)  # nor does one that failed otherwise
    tried(ledger, BERT, State.PENDING, refused=True)
    assert ledger.chats.refused_in_a_row(ONE, 0.0) == 2
    assert ledger.chats.refused_in_a_row(OTHER, 0.0) == 0
    tried(ledger, CARL, State.SENT)
    assert ledger.chats.refused_in_a_row(ONE, 0.0) == 0


def shut(ledger: Ledger, until: float, device: DeviceId = ONE) -> None:
    ledger.chats.keep(device, ChatLimits(until, ChatHold.REFUSED, NOW, 1))


def test_holds_in_a_row_are_over_once_a_chat_was_begun_after_one(ledger: Ledger) -> None:
    assert ledger.chats.limits(ONE) == ChatLimits()
    shut(ledger, NOW + 60.0)
    tried(ledger, ANNA, State.SENT, at=NOW + 30.0)  # it was on its way before
    assert ledger.chats.limits(ONE).holds == 1
    tried(ledger, BERT, State.SENT, at=NOW + 90.0)
    assert ledger.chats.limits(ONE).holds == 0


def test_what_is_kept_of_an_account_comes_back_as_it_was(ledger: Ledger) -> None:
    kept = ChatLimits(
        NOW + 60.0, ChatHold.UNDELIVERED, NOW, 2, (45, 50), NOW + 90.0,
        capped=True, lock_told=NOW - 1.0, quota_told=NOW - 2.0,
    )  # fmt: skip
    ledger.chats.keep(ONE, kept)
    assert ledger.chats.limits(ONE) == kept
    assert ledger.chats.limits(OTHER) == ChatLimits()


def test_the_devices_of_a_number_share_what_it_may_begin(ledger: Ledger) -> None:
    second = DeviceId("second")
    ledger.devices.add(second, "111:2@s.whatsapp.net", Phone("+12025550111"), NOW)
    shut(ledger, NOW + 60.0, second)
    held = {each.label: each.chats_from for each in ledger.devices.all(NOW)}
    assert held == {ONE: NOW + 60.0, second: NOW + 60.0, OTHER: None}
    assert ledger.chats.limits(ONE) == ledger.chats.limits(second)
    tried(ledger, ANNA, State.SENT, at=NOW + 90.0)
    assert ledger.chats.limits(second).holds == 0


def test_only_first_messages_without_any_receipt_are_unanswered(ledger: Ledger) -> None:
    for phone in (ANNA, BERT):
        tried(ledger, phone, State.SENT)
    assert ledger.chats.unanswered(ONE, 0.0, NOW + 1.0, 2) == 2
    assert ledger.chats.unanswered(ONE, 0.0, NOW, 2) == 0  # not yet that old
    assert ledger.chats.unanswered(ONE, 0.0, NOW + 1.0, 8) == 2
    read = tried(ledger, CARL, State.SENT)
    ledger.outcomes.receipt(ONE, [read], ReceiptKind.READ, NOW)
    assert ledger.chats.unanswered(ONE, 0.0, NOW + 1.0, 2) == 0


def test_only_what_went_out_since_then_counts(ledger: Ledger) -> None:
    tried(ledger, ANNA, State.SENT)
    assert ledger.chats.unanswered(ONE, NOW + 60.0, NOW + 90.0, 1) == 0
    tried(ledger, BERT, State.SENT, at=NOW + 61.0)
    assert ledger.chats.unanswered(ONE, NOW + 60.0, NOW + 90.0, 8) == 1
    tried(ledger, ANNA, State.PENDING, refused=True)
    assert ledger.chats.refused_in_a_row(ONE, NOW) == 1
    assert ledger.chats.refused_in_a_row(ONE, NOW + 1.0) == 0


def test_begun_chats_count_where_something_left_or_was_refused(ledger: Ledger) -> None:
    assert ledger.chats.first_begun(ONE) is None
    tried(ledger, ANNA, State.SENT)
    tried(ledger, BERT, State.PENDING, refused=True, at=NOW + 1.0)
    tried(ledger, CARL, State.PENDING, at=NOW + 2.0)
    tried(ledger, CARL, State.SENT, new_chat=False, at=NOW + 3.0)
    assert ledger.chats.begun_times(NOW) == {ONE: [NOW, NOW + 1.0]}
    assert ledger.chats.begun_times(NOW + 0.5) == {ONE: [NOW + 1.0]}
    assert ledger.chats.first_begun(ONE) == NOW


def test_a_hold_stays_with_its_number_however_that_is_paired_again(ledger: Ledger) -> None:
    shut(ledger, NOW + 60.0)
    ledger.devices.add(ONE, "111:2@s.whatsapp.net", Phone("+12025550111"), NOW)
    assert [each.chats_from for each in ledger.devices.all(NOW)] == [NOW + 60.0, None]
    ledger.devices.add(ONE, "333:1@s.whatsapp.net", Phone("+12025550133"), NOW)
    assert [each.chats_from for each in ledger.devices.all(NOW)] == [None, None]
    ledger.devices.remove(ONE, NOW)
    ledger.devices.add(DeviceId("new"), "111:3@s.whatsapp.net", Phone("+12025550111"), NOW)
    assert [each.chats_from for each in ledger.devices.all(NOW)] == [NOW + 60.0, None]
