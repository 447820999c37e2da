from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    NOW,
    claim_all,
    claim_one,
    enrol,
    open_home,
    row,
    send,
    start,
    states,
)
from waheal.errors import UsageError
from waheal.model import Phone, State
from waheal.records import Suppression
from waheal.store.home import Home
from waheal.store.ledger import Ledger


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    with Ledger.open(home) as opened:
        yield opened


def test_a_change_is_told_from_none(ledger: Ledger) -> None:
    assert ledger.people.suppress(ANNA, NOW, source="operator")
    assert not ledger.people.suppress(ANNA, NOW, source="reply")
    assert not ledger.people.unsuppress(ANNA, source="reply")
    assert ledger.people.unsuppress(ANNA)
    assert not ledger.people.unsuppress(ANNA)


def test_an_opt_out_keeps_its_first_time_and_source(ledger: Ledger) -> None:
    ledger.people.suppress(ANNA, NOW, source="reply")
    ledger.people.suppress(ANNA, NOW + 5, source="operator", lid="77@lid")
    assert list(ledger.people.suppressed()) == [Suppression(ANNA, "77@lid", NOW, "reply")]


def test_nobody_else_is_suppressed(ledger: Ledger) -> None:
    ledger.people.suppress(ANNA, NOW, source="reply", lid="77@lid")
    assert ledger.people.is_suppressed(ANNA)
    assert not ledger.people.is_suppressed(BERT)


def test_an_opt_out_can_be_taken_back_only_from_where_it_came_if_so_asked(ledger: Ledger) -> None:
    ledger.people.suppress(ANNA, NOW, source="operator")
    ledger.people.unsuppress(ANNA, source="reply")
    assert ledger.people.is_suppressed(ANNA)
    ledger.people.unsuppress(ANNA)
    assert not ledger.people.is_suppressed(ANNA)


def test_a_long_list_is_streamed_by_number(ledger: Ledger) -> None:
    phones = [Phone(f"+44770090{number:06d}") for number in range(2_500)]
    with ledger.transaction():
        for phone in reversed(phones):
            ledger.people.suppress(phone, NOW, source="import")
    assert [each.phone for each in ledger.people.suppressed()] == phones


def test_a_forgotten_person_leaves_only_the_opt_out(ledger: Ledger, home: Home) -> None:
    campaign = start(ledger, row(2, ANNA, "a private word"), row(3, BERT))
    claims, _ = claim_all(ledger, campaign)
    for number, claim in enumerate(claims):
        send(ledger, claim, f"ID-{number}")
    ledger.people.forget(ANNA, NOW)
    assert [each.phone for each in ledger.people.suppressed()] == [ANNA]
    for table in ("deliveries", "attempts", "contacts"):
        rows = repr([tuple(each) for each in ledger._db.all(f"SELECT * FROM {table}")])  # noqa: S608
        assert ANNA not in rows
        assert "private" not in rows
        assert "ID-0" not in rows
    ledger.close()  # reading the file beside an open connection would drop its locks
    for file in home.root.iterdir():
        assert b"a private word" not in file.read_bytes()


def test_counts_and_limits_stay_true_after_a_forget(ledger: Ledger) -> None:
    campaign = start(ledger, row(2, ANNA), row(3, BERT))
    claims, _ = claim_all(ledger, campaign)
    send(ledger, claims[0])
    ledger.people.forget(ANNA, NOW)
    tally = ledger.campaigns.tally(campaign.id)
    assert (tally[State.SENT], tally[State.SENDING]) == (1, 1)
    assert sum(map(len, ledger.history.claim_times(NOW).values())) == 2


def test_a_forgotten_person_is_not_written_to_when_the_file_still_names_them(
    ledger: Ledger,
) -> None:
    campaign = start(ledger, row(2, ANNA))
    send(ledger, claim_one(ledger, campaign))
    ledger.people.forget(ANNA, NOW)
    enrol(ledger, campaign, row(2, ANNA))
    assert states(ledger, campaign)[ANNA] is State.SUPPRESSED
    assert claim_all(ledger, campaign) == ([], [])


def test_nobody_is_forgotten_while_a_message_is_in_doubt(ledger: Ledger) -> None:
    claim = claim_one(ledger, start(ledger, row(2, ANNA)))
    with pytest.raises(UsageError, match="under way or in doubt"):
        ledger.people.forget(ANNA, NOW)
    ledger.outcomes.settle(claim.delivery, 1, State.PENDING, now=NOW)
    ledger.people.forget(ANNA, NOW)
