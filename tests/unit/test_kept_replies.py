"""Who replied, as the ledger keeps it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    LONG,
    NOW,
    ONE,
    SHORT,
    claim_all,
    claim_one,
    jid_of,
    on_both,
    open_home,
    open_ledger,
    row,
    send,
    start,
)
from waheal.correspondents import SentBack
from waheal.model import DeviceId, Phone, ReplyKind, State
from waheal.records import CampaignKind
from waheal.store import replies as kept
from waheal.store.ledger import Ledger

pytestmark = on_both

DAY = 86_400.0
HI = SentBack(ONE, ReplyKind.TEXT, NOW + 5, "R1", text="hi")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as ledger:
        ledger.devices.add(ONE, jid_of(ONE), None, NOW)
        yield ledger


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Ledger]:
    """Open a ledger that lies in a file, whatever the others lie in."""
    with Ledger.open(open_home(tmp_path)) as ledger:
        ledger.devices.add(ONE, jid_of(ONE), None, NOW)
        yield ledger


def sent(ledger: Ledger, *phones: Phone, name: str = "c") -> int:
    campaign = start(ledger, *(row(2 + at, each) for at, each in enumerate(phones)), name=name)
    claims, _ = claim_all(ledger, campaign)
    for claim in claims:
        send(ledger, claim, f"{name}-{claim.phone}")
    return campaign.id


def reply(ledger: Ledger, phone: Phone, said: SentBack = HI) -> bool:
    return ledger.replies.add(ledger.replies.written(phone, None)[-1], said)


def test_a_reply_counts_once_and_shows_in_counts_rows_and_the_list(ledger: Ledger) -> None:
    campaign = sent(ledger, ANNA, BERT)
    assert reply(ledger, ANNA)
    assert not reply(ledger, ANNA)  # the same message, heard by another device
    assert reply(ledger, ANNA, replace(HI, message_id="R2", at=NOW + 9, text=None))
    assert ledger.campaigns.tally(campaign).replied == 1
    anna, bert = ledger.recipients.rows(campaign)
    assert (anna.replied, anna.reply_device) == (NOW + 5, ONE)
    assert (bert.replied, bert.reply_device) == (None, None)
    first, second = ledger.replies.page(campaign, 0)
    assert (first.phone, first.at, first.device, first.campaign) == (ANNA, NOW + 5, ONE, "c")
    assert (first.text, second.text, second.at) == ("hi", None, NOW + 9)
    assert ledger.replies.page(campaign, first.id) == [second]


def test_what_was_refused_or_never_left_is_no_message(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA))
    claim = claim_one(ledger, campaign)
    assert len(ledger.replies.written(ANNA, None)) == 1  # it may have left: its answer is awaited
    ledger.outcomes.settle(claim.delivery, 1, State.PENDING, now=NOW, due=NOW)
    assert ledger.replies.written(ANNA, None) == []
    claim = claim_one(ledger, campaign)
    ledger.outcomes.settle(claim.delivery, 2, State.UNCERTAIN, now=NOW, message_id="M")
    assert [each.message_id for each in ledger.replies.written(ANNA, None)] == ["M"]
    ledger.outcomes.settle(claim.delivery, 2, State.PENDING, now=NOW, due=NOW)
    claim = claim_one(ledger, campaign)
    ledger.outcomes.settle(claim.delivery, 3, State.FAILED, now=NOW, reason="no")
    assert ledger.replies.written(ANNA, None) == []


def test_a_person_is_found_by_every_spelling_and_by_the_lid(ledger: Ledger) -> None:
    sent(ledger, LONG)
    assert len(ledger.replies.written(SHORT, None)) == 1
    assert ledger.replies.written(None, "7@lid") == []
    ledger.people.learn(LONG, "7@lid")
    assert len(ledger.replies.written(None, "7@lid")) == 1


def test_what_a_stranger_quotes_tells_who_they_are_but_never_of_whom_is_known(
    ledger: Ledger,
) -> None:
    sent(ledger, ANNA, BERT)
    (found,) = ledger.replies.written(None, "7@lid", f"c-{ANNA}")
    assert found.phone == ANNA
    carl = Phone("+12025550177")
    assert ledger.replies.written(carl, None, f"c-{ANNA}") == []
    (found,) = ledger.replies.written(BERT, None, f"c-{ANNA}")
    assert found.phone == BERT


def test_an_account_is_the_number_behind_a_device(ledger: Ledger) -> None:
    assert ledger.replies.account(ONE) == jid_of(ONE).partition(":")[0]
    assert ledger.replies.account(DeviceId("nobody")) == ""


def test_nobody_fills_the_ledger_by_writing_on(ledger: Ledger) -> None:
    campaign = sent(ledger, ANNA)
    taken = [reply(ledger, ANNA, replace(HI, message_id=f"R{at}")) for at in range(110)]
    assert taken == [True] * kept.MOST_EACH + [False] * 10
    assert len(ledger.replies.page(campaign, 0)) == kept.MOST_EACH


def test_new_is_what_nobody_has_looked_at_in_any_list(ledger: Ledger) -> None:
    one, two = sent(ledger, ANNA), sent(ledger, BERT, name="d")
    reply(ledger, ANNA)
    reply(ledger, BERT, replace(HI, message_id="R2"))
    ledger.replies.looked_at(ledger.replies.page(one, 0, new=True))
    assert ledger.replies.page(one, 0, new=True) == []
    assert [each.phone for each in ledger.replies.page(None, 0, new=True)] == [BERT]
    ledger.replies.looked_at(ledger.replies.page(None, 0, new=True))
    assert ledger.replies.page(two, 0, new=True) == []
    assert len(ledger.replies.page(None, 0)) == 2


def test_tests_to_ones_own_number_are_listed_by_their_name_only(ledger: Ledger) -> None:
    test = ledger.campaigns.open("t", "/t.csv", NOW, kind=CampaignKind.TEST)
    ledger.enrolment.enroll(test.id, [row(2, ANNA)], now=NOW, digest=None)
    send(ledger, claim_one(ledger, test))
    reply(ledger, ANNA)
    assert ledger.replies.page(None, 0) == []
    assert len(ledger.replies.page(test.id, 0)) == 1


class TestWithoutANumber:
    def test_it_waits_for_the_number_once_and_in_order(self, ledger: Ledger) -> None:
        for said in (HI, HI, replace(HI, message_id="R2", quotes="M9")):
            ledger.replies.keep_aside("7@lid", said, NOW)
        first, second = ledger.replies.unclaimed("7@lid")
        assert (first.sent_back, second.sent_back.quotes) == (HI, "M9")
        assert ledger.replies.kept_aside() == {"7@lid"}
        assert ledger.replies.waiting() == 2
        ledger.replies.claimed(first)
        assert ledger.replies.unclaimed("7@lid") == [second]

    def test_it_knows_what_was_written_before_it(self, ledger: Ledger) -> None:
        ledger.replies.keep_aside("7@lid", HI, NOW)
        sent(ledger, ANNA)
        (written,) = ledger.replies.written(ANNA, None)
        ledger.replies.keep_aside("8@lid", replace(HI, message_id="R2"), NOW)
        assert ledger.replies.unclaimed("7@lid")[0].last == 0
        assert ledger.replies.unclaimed("8@lid")[0].last == written.id

    def test_it_is_bounded_by_time_and_number(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(kept, "MOST_UNCLAIMED", 3)
        for number in range(5):
            said = replace(HI, message_id=f"R{number}")
            ledger.replies.keep_aside(f"{number}@lid", said, NOW)
        assert ledger.replies.kept_aside() == {"2@lid", "3@lid", "4@lid"}
        later = NOW + (kept.UNCLAIMED_DAYS + 1) * DAY
        ledger.replies.keep_aside("9@lid", replace(HI, message_id="R9"), later)
        assert ledger.replies.kept_aside() == {"9@lid"}


class TestForgetting:
    def test_the_texts_go_and_the_fact_stays(self, ledger: Ledger) -> None:
        one, two = sent(ledger, ANNA), sent(ledger, BERT, name="d")
        reply(ledger, ANNA)
        reply(ledger, BERT, replace(HI, message_id="R2"))
        ledger.replies.keep_aside("7@lid", replace(HI, message_id="R3"), NOW)
        assert ledger.replies.forget_texts(one) == 1
        assert [each.text for each in ledger.replies.page(None, 0)] == [None, "hi"]
        assert ledger.replies.forget_texts(None) == 2
        assert [each.text for each in ledger.replies.page(None, 0)] == [None, None]
        assert ledger.replies.unclaimed("7@lid")[0].sent_back.text is None
        assert [ledger.campaigns.tally(each).replied for each in (one, two)] == [1, 1]

    def test_nothing_of_a_text_is_left_in_the_files(self, filed: Ledger, tmp_path: Path) -> None:
        sent(filed, ANNA)
        reply(filed, ANNA, replace(HI, text="a most private word"))
        files = list((tmp_path / "home").glob("waheal.db*"))
        assert any(b"most private" in file.read_bytes() for file in files)
        filed.replies.forget_texts(None)
        assert not any(b"most private" in file.read_bytes() for file in files)

    def test_a_person_goes_with_the_fact_and_with_what_waits(self, ledger: Ledger) -> None:
        campaign = sent(ledger, ANNA, BERT)
        reply(ledger, ANNA)
        reply(ledger, BERT, replace(HI, message_id="R2"))
        ledger.people.learn(ANNA, "7@lid")
        for number, lid in enumerate(("7@lid", "8@lid", "9@lid")):
            ledger.replies.keep_aside(lid, replace(HI, message_id=f"S{number}"), NOW)
        ledger.people.forget(ANNA, NOW, lid="9@lid")
        assert [each.phone for each in ledger.replies.page(campaign, 0)] == [BERT]
        assert ledger.replies.kept_aside() == {"8@lid"}
        assert ledger.campaigns.tally(campaign).replied == 1


def test_a_page_and_a_count_read_indexes_only(filed: Ledger, tmp_path: Path) -> None:
    sent(filed, ANNA)
    count = "SELECT COUNT(DISTINCT delivery_id) FROM replies WHERE campaign_id = 1"
    new = "SELECT * FROM replies WHERE id > 1 AND looked = 0 ORDER BY id LIMIT 9"
    with closing(sqlite3.connect(tmp_path / "home" / "waheal.db")) as conn:
        for sql, index in ((count, "replies_delivery"), (new, "replies_new")):
            plan = " ".join(row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {sql}"))
            assert index in plan
            assert "TEMP B-TREE" not in plan
