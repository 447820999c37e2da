"""What an order keeps of what was asked for, and that its bounds are moments of the whole."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.ledgers import ANNA, NOW, open_home, open_ledger, row, start
from waheal.acts.orders import SendOrder
from waheal.acts.placing import order_of, place
from waheal.acts.wishes import Bounds, Machinery, Pacing, ReplyWords, Route
from waheal.errors import UsageError
from waheal.model import State
from waheal.policy.breaker import ErrorShare
from waheal.store.ledger import Ledger

ASKED = SendOrder(
    Path("/tmp/c.csv"),  # noqa: S108 - only a name
    "c",
    pace=Pacing(rate=["20/min", "200/h"], window="09:00-18:00", gap="3s"),
    route=Route("shop-*", sticky=False),
    bounds=Bounds(limit=10, pause_after_errors="20%", start="2020-01-02T03:04"),
    machinery=Machinery(senders=3),
    replies=ReplyWords(["genug"], ["wieder"]),
    keep_replies=True,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        yield opened


def test_a_machine_heeds_what_was_asked_for(ledger: Ledger) -> None:
    placed = place(ledger, start(ledger, row(2, ANNA)), ASKED, NOW)
    assert order_of(placed).settings() == ASKED.settings()
    assert order_of(placed).replies == ASKED.replies


def test_how_long_it_may_take_counts_from_its_placing_on_every_machine(ledger: Ledger) -> None:
    asked = replace(ASKED, bounds=Bounds(max_runtime="2h"))
    placed = place(ledger, start(ledger, row(2, ANNA)), asked, NOW)
    assert placed.ends == order_of(placed).settings().until == NOW + 7200.0
    sooner = replace(ASKED, bounds=Bounds(max_runtime="2h", until="2023-11-14T22:30+00:00"))
    other = place(ledger, start(ledger, row(2, ANNA), name="d"), sooner, NOW)
    assert other.ends == 1_700_001_000.0


def test_the_same_again_finds_the_order_that_stands_and_anything_else_is_refused(
    ledger: Ledger,
) -> None:
    campaign = start(ledger, row(2, ANNA))
    first = place(ledger, campaign, ASKED, NOW)
    assert place(ledger, campaign, ASKED, NOW + 60.0) == first
    with pytest.raises(UsageError, match="with other options") as refused:
        place(ledger, campaign, replace(ASKED, pace=Pacing()), NOW)
    assert "`waheal stop c`" in str(refused.value.hint)


def test_a_share_of_errors_counts_what_all_machines_settled() -> None:
    share = ErrorShare(0.2, after=10)
    share.note(State.FAILED)
    assert share.tripped is None
    share.are(settled=12, failed=3)
    assert share.tripped == "3 of 12 failed, more than 20%"
