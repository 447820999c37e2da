from collections.abc import Iterator
from dataclasses import replace
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
    TWO,
    claim_all,
    claim_one,
    enrol,
    jid_of,
    on_both,
    open_home,
    open_ledger,
    row,
    send,
    start,
    states,
)
from waheal.model import Content, Media, MediaKind, Phone, Planned, State
from waheal.records import Enrolled
from waheal.store.ledger import Ledger

pytestmark = on_both

PICTURE = Media("/x/a.png", MediaKind.IMAGE, "image/png", "ab" * 32)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        opened.devices.add(ONE, jid_of(ONE), None, NOW)
        opened.devices.add(TWO, jid_of(TWO), None, NOW)
        yield opened


def test_rows_become_pending_deliveries_character_for_character(ledger: Ledger) -> None:
    text = " Zoë\n{{ 7*7 }}\t\U0001d4b3 "
    planned = Planned(2, ANNA, Content(text, PICTURE), ONE, NOW - 5, NOW + 5, zone="Asia/Omsk")
    campaign = start(ledger, planned)
    (due,) = ledger.work.due(campaign.id, ONE, NOW, 10)
    assert (due.phone, due.row, due.content.text, due.content.media) == (ANNA, 2, text, PICTURE)
    assert (due.pinned, due.lane, due.not_before, due.expires) == (ONE, ONE, NOW - 5, NOW + 5)
    assert due.zone == "Asia/Omsk"


def test_the_same_file_again_changes_nothing(ledger: Ledger) -> None:
    rows = [row(2, ANNA), replace(row(3, BERT), content=Content("hello", PICTURE), pinned=ONE)]
    campaign = start(ledger, *rows)
    assert enrol(ledger, campaign, *rows) == Enrolled(kept=2)
    known = ledger.campaigns.find("c")
    assert known is not None
    assert known.digest == "d"


def test_a_recipient_who_is_in_another_zone_is_changed(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA))
    there = replace(row(2, ANNA), zone="Asia/Omsk")
    assert enrol(ledger, campaign, there) == Enrolled(changed=1)
    assert enrol(ledger, campaign, there) == Enrolled(kept=1)
    assert [due.zone for due in ledger.work.due(campaign.id, None, NOW, 10)] == ["Asia/Omsk"]


def test_more_rows_than_a_chunk_are_enrolled_and_kept(ledger: Ledger) -> None:
    rows = [row(n + 2, Phone(f"+44770090{n:06d}")) for n in range(45_000)]
    campaign = ledger.campaigns.open("c", "/c", NOW)
    assert enrol(ledger, campaign, *rows) == Enrolled(added=45_000)
    assert enrol(ledger, campaign, *rows[1:]) == Enrolled(gone=1, kept=44_999)


def test_whose_row_is_bad_is_left_as_it_is(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT), row(4, CARL))
    done = ledger.enrolment.enroll(
        campaign.id, [row(2, ANNA)], now=NOW, digest=None, bad=lambda: [BERT, BERT, ANNA]
    )
    assert done == Enrolled(kept=1, gone=1)
    assert states(ledger, campaign) == {
        ANNA: State.PENDING,
        BERT: State.PENDING,
        CARL: State.EXPIRED,
    }


def test_of_two_rows_with_one_number_the_first_counts(ledger: Ledger) -> None:
    campaign = ledger.campaigns.open("c", "/c", NOW)
    twice = [row(2, ANNA, "first"), row(3, ANNA, "second")]
    assert enrol(ledger, campaign, *twice) == Enrolled(added=1)
    assert enrol(ledger, campaign, *twice, row(4, BERT), row(5, BERT)) == Enrolled(added=1, kept=1)
    assert [each.content.text for each in ledger.work.due(campaign.id, None, NOW, 10)] == [
        "first",
        "hello",
    ]


@pytest.mark.parametrize(
    "change",
    [
        row(2, ANNA, "other"),
        replace(row(2, ANNA), content=Content("hello", PICTURE)),
        replace(row(2, ANNA), pinned=TWO),
        replace(row(2, ANNA), not_before=NOW + 60),
        replace(row(2, ANNA), expires=NOW + 60),
    ],
)
def test_a_changed_row_reaches_those_not_yet_sent_to(ledger: Ledger, change: Planned) -> None:
    campaign = start(ledger, row(2, ANNA))
    assert enrol(ledger, campaign, change) == Enrolled(changed=1)
    (due,) = ledger.work.due(campaign.id, change.pinned, NOW + 60, 10)
    assert (due.content.text, due.content.media, due.pinned) == (
        change.content.text,
        change.content.media,
        change.pinned,
    )
    assert (due.not_before, due.expires) == (change.not_before, change.expires)
    assert enrol(ledger, campaign, row(2, ANNA)) == Enrolled(changed=1)
    assert len(ledger.work.due(campaign.id, None, NOW, 10)) == 1


def test_a_changed_text_leaves_alone_who_was_sent_to(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA, "old"))
    send(ledger, claim_one(ledger, campaign))
    assert enrol(ledger, campaign, row(7, ANNA, "new")) == Enrolled(kept=1, outdated=1)
    (exported,) = ledger.recipients.rows(campaign.id)
    assert (exported.text, exported.row, exported.state) == ("old", 7, State.SENT)


def test_a_pending_row_that_left_the_file_expires_and_comes_back(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT), row(4, CARL))
    (first, *_) = ledger.work.due(campaign.id, None, NOW, 1)
    assert first.phone == ANNA
    assert enrol(ledger, campaign, row(2, ANNA)) == Enrolled(gone=2, kept=1)
    reasons = {each.phone: each.reason for each in ledger.recipients.rows(campaign.id)}
    assert reasons == {ANNA: None, BERT: "not in the file", CARL: "not in the file"}
    assert enrol(ledger, campaign, row(2, ANNA), row(3, BERT, "new")) == Enrolled(back=1, kept=1)
    assert states(ledger, campaign)[BERT] is State.PENDING
    assert [each.content.text for each in ledger.work.due(campaign.id, None, NOW, 9)] == [
        "hello",
        "new",
    ]


def test_nobody_expires_when_some_of_the_file_could_not_be_read(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    done = ledger.enrolment.enroll(
        campaign.id, [row(2, ANNA)], now=NOW, digest=None, whole=lambda: False
    )
    assert done.gone == 0
    assert ledger.campaigns.tally(campaign.id)[State.PENDING] == 2
    assert [each.phone for each in ledger.work.due(campaign.id, None, NOW, 10)] == [ANNA]


def test_a_retry_that_waits_is_not_hurried_by_a_new_text(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA))
    claim = claim_one(ledger, campaign)
    ledger.outcomes.settle(claim.delivery, 1, State.PENDING, now=NOW, due=NOW + 600, counts=True)
    enrol(ledger, campaign, row(2, ANNA, "new"))
    enrol(ledger, campaign, replace(row(2, ANNA, "new"), not_before=NOW + 5))
    assert ledger.work.next_due(campaign.id, NOW) == NOW + 600


def test_a_later_expiry_brings_an_expired_row_back(ledger: Ledger) -> None:
    campaign = start(ledger, replace(row(2, ANNA), expires=NOW - 1))
    assert [each.phone for each in ledger.work.expire(campaign.id, NOW)] == [ANNA]
    assert enrol(ledger, campaign, replace(row(2, ANNA), expires=NOW - 1)) == Enrolled(kept=1)
    assert enrol(ledger, campaign, replace(row(2, ANNA), expires=NOW + 9)) == Enrolled(back=1)


def test_a_row_whose_consent_says_no_is_suppressed_until_it_says_yes(ledger: Ledger) -> None:
    campaign = ledger.campaigns.open("c", "/c", NOW)
    no = replace(row(2, ANNA), consent=False)
    assert enrol(ledger, campaign, no) == Enrolled(added=1, suppressed=1)
    assert [each.reason for each in ledger.recipients.rows(campaign.id)] == ["no consent"]
    assert enrol(ledger, campaign, no) == Enrolled(kept=1)
    assert enrol(ledger, campaign, row(2, ANNA)) == Enrolled(back=1)
    assert enrol(ledger, campaign, no) == Enrolled(suppressed=1)


def test_who_opted_out_is_suppressed_and_counted(ledger: Ledger) -> None:
    ledger.people.suppress(ANNA, NOW, source="operator")
    campaign = ledger.campaigns.open("c", "/c", NOW)
    both = [row(2, ANNA), row(3, BERT)]
    assert enrol(ledger, campaign, *both) == Enrolled(added=2, suppressed=1)
    ledger.people.suppress(BERT, NOW, source="operator")
    assert enrol(ledger, campaign, *both) == Enrolled(suppressed=1, kept=1)
    assert set(states(ledger, campaign).values()) == {State.SUPPRESSED}


def test_taking_back_an_opt_out_does_not_make_up_for_a_missing_consent(ledger: Ledger) -> None:
    ledger.people.suppress(ANNA, NOW, source="operator")
    campaign = start(ledger, row(2, ANNA))
    enrol(ledger, campaign, replace(row(2, ANNA), consent=False))
    ledger.people.unsuppress(ANNA)
    ledger.campaigns.open("c", campaign.path, NOW)
    assert states(ledger, campaign) == {ANNA: State.SUPPRESSED}


def test_a_recipient_keeps_the_device_that_wrote_before(ledger: Ledger) -> None:
    first = start(ledger, row(2, ANNA), name="first")
    send(ledger, claim_one(ledger, first, device=TWO))
    second = start(ledger, row(2, ANNA), replace(row(3, BERT), pinned=ONE), name="second")
    assert ledger.work.lanes(second.id) == {TWO: (1, False), ONE: (1, True)}


def test_a_removed_device_is_nobodys_lane(ledger: Ledger) -> None:
    first = start(ledger, row(2, ANNA), name="first")
    send(ledger, claim_one(ledger, first, device=TWO))
    ledger.devices.remove(TWO, NOW)
    assert ledger.work.lanes(start(ledger, row(2, ANNA), name="second").id) == {}


def test_an_exception_out_of_the_file_rolls_everything_back(ledger: Ledger) -> None:
    def broken() -> Iterator[Planned]:
        yield row(2, ANNA)
        raise ValueError("row 3")

    campaign = start(ledger, row(2, BERT))
    with pytest.raises(ValueError, match="row 3"):
        ledger.enrolment.enroll(campaign.id, broken(), now=NOW, digest="other")
    assert states(ledger, campaign) == {BERT: State.PENDING}
    known = ledger.campaigns.find("c")
    assert known is not None
    assert known.digest == "d"


@pytest.mark.parametrize(("known", "named"), [(LONG, SHORT), (SHORT, LONG)])
def test_a_row_that_respells_a_number_is_the_recipient_of_before(
    ledger: Ledger, known: Phone, named: Phone
) -> None:
    campaign = start(ledger, row(2, known, "old"), row(3, ANNA))
    assert enrol(ledger, campaign, row(2, named, "new"), row(3, ANNA)) == Enrolled(
        changed=1, kept=1
    )
    (first, _) = ledger.work.due(campaign.id, None, NOW, 10)
    assert (first.phone, first.content.text) == (known, "new")
    send(ledger, claim_all(ledger, campaign)[0][0])
    assert enrol(ledger, campaign, row(7, named, "newer"), row(3, ANNA)) == Enrolled(
        kept=2, outdated=1
    )
    assert states(ledger, campaign) == {known: State.SENT, ANNA: State.SENDING}


def test_of_two_rows_that_spell_one_number_the_first_counts(ledger: Ledger) -> None:
    campaign = ledger.campaigns.open("c", "/c", NOW)
    assert enrol(ledger, campaign, row(2, SHORT, "first"), row(3, LONG)) == Enrolled(added=1)
    assert enrol(ledger, campaign, row(2, LONG, "first"), row(3, SHORT)) == Enrolled(kept=1)
    assert [each.phone for each in ledger.work.due(campaign.id, None, NOW, 9)] == [SHORT]


def test_whose_bad_row_spells_them_otherwise_is_left_as_it_is(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, LONG), row(3, ANNA))
    done = ledger.enrolment.enroll(
        campaign.id, [row(3, ANNA)], now=NOW, digest=None, bad=lambda: [SHORT]
    )
    assert done == Enrolled(kept=1)
    assert states(ledger, campaign) == {LONG: State.PENDING, ANNA: State.PENDING}


def test_two_spellings_from_before_stay_two_recipients(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, LONG), row(3, ANNA))
    ledger._db.run("UPDATE deliveries SET phone = ? WHERE phone = ?", (SHORT, ANNA))
    assert enrol(ledger, campaign, row(3, SHORT)) == Enrolled(kept=1, gone=1)
    assert states(ledger, campaign) == {LONG: State.EXPIRED, SHORT: State.PENDING}


def test_who_opted_out_under_another_spelling_is_suppressed(ledger: Ledger) -> None:
    ledger.people.suppress(SHORT, NOW, source="operator")
    campaign = ledger.campaigns.open("c", "/c", NOW)
    assert enrol(ledger, campaign, row(2, LONG)) == Enrolled(added=1, suppressed=1)
