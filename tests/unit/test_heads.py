"""Looks for work begin where the last one found its first, and nobody is passed over for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.ledgers import NOW, ONE, jid_of, on_both, open_home, open_ledger, row, start, want
from waheal.model import Phone, State
from waheal.records import Campaign
from waheal.store.heads import _WHOLE_S, Heads
from waheal.store.ledger import Ledger

pytestmark = on_both

FILE = [row(number, Phone(f"+44770090{number:04}")) for number in range(2, 12)]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        opened.devices.add(ONE, jid_of(ONE), None, NOW)
        yield opened


def looked(ledger: Ledger, campaign: Campaign, most: int, *, later: float = 0.0) -> list[int]:
    """Look for so many, and tell their rows."""
    with ledger.turn():
        return [each.row for each in ledger.work.due(campaign.id, None, NOW + later, most)]


def claimed(ledger: Ledger, campaign: Campaign, most: int) -> list[tuple[int, int]]:
    """Claim so many, and tell each delivery and attempt."""
    with ledger.turn():
        due = ledger.work.due(campaign.id, None, NOW, most)
        claims, _ = ledger.work.claim(campaign, [want(each.delivery) for each in due], now=NOW)
    return [(each.delivery, each.attempt) for each in claims]


def test_looks_go_on_in_the_files_order(ledger: Ledger) -> None:
    campaign = start(ledger, *FILE)
    for first in range(2, 12, 2):
        assert looked(ledger, campaign, 2) == [first, first + 1]
        claimed(ledger, campaign, 2)
    assert looked(ledger, campaign, 2) == []


def test_who_is_pending_again_before_is_found_where_there_is_not_enough(ledger: Ledger) -> None:
    campaign = start(ledger, *FILE)
    (first, *_) = claimed(ledger, campaign, 6)
    assert looked(ledger, campaign, 2) == [8, 9]
    ledger.outcomes.settle(*first, State.PENDING, now=NOW)
    assert looked(ledger, campaign, 5) == [2, 8, 9, 10, 11]


def test_who_is_pending_again_before_is_found_a_little_later(ledger: Ledger) -> None:
    campaign = start(ledger, *FILE)
    (first, *_) = claimed(ledger, campaign, 6)
    assert looked(ledger, campaign, 2) == [8, 9]
    ledger.outcomes.settle(*first, State.PENDING, now=NOW)
    assert looked(ledger, campaign, 2, later=_WHOLE_S) == [2, 8]
    assert looked(ledger, campaign, 2, later=-1.0) == [2, 8]  # and by a clock that was put back


def test_each_stream_begins_where_it_was(ledger: Ledger) -> None:
    campaign = start(ledger, *FILE)
    gone = claimed(ledger, campaign, 4)
    for (delivery, attempt), due in zip(gone, (NOW - 3, NOW - 2, NOW - 1, NOW + 9), strict=True):
        ledger.outcomes.settle(delivery, attempt, State.PENDING, now=NOW, due=due)
    assert looked(ledger, campaign, 2) == [2, 3]
    claimed(ledger, campaign, 2)
    assert looked(ledger, campaign, 4) == [4, 6, 7, 8]
    assert looked(ledger, campaign, 9, later=9.0) == [4, 5, 6, 7, 8, 9, 10, 11]


def test_a_file_that_keeps_nothing_dead_is_always_looked_at_from_the_beginning() -> None:
    heads = Heads(keeps_dead=False)
    begins, whole = heads.of(1, NOW)
    heads.note(1, ([], []), NOW, whole=True)
    assert heads.of(1, NOW) == (begins, True) == (heads.from_the_beginning(), True)
    assert whole
