"""Orders of several machines: one of a campaign at a time, done with the last part."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.ledgers import ANNA, NOW, on_both, open_home, open_ledger, row, start
from waheal.errors import HomeUnusableError
from waheal.store.ledger import Ledger

pytestmark = on_both

PARIS, LYON = 1, 2


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        yield opened


def placed(ledger: Ledger, *machines: int) -> int:
    campaign = start(ledger, row(2, ANNA))
    order = ledger.orders.place(campaign.id, "{}", NOW, None)
    ledger.orders.give(order, machines)
    return order


def done(ledger: Ledger, order: int) -> bool:
    found = ledger.orders.get(order)
    assert found is not None
    return found.done is not None


def test_it_is_done_once_each_part_has_ended(ledger: Ledger) -> None:
    order = placed(ledger, PARIS, LYON)
    for machine in (PARIS, LYON):
        ledger.parts.begin(order, machine, NOW)
    ledger.parts.end(order, PARIS, NOW, code=0, reason=None, all_done=False)
    assert (done(ledger, order), ledger.parts.missing(LYON)) == (False, [order])
    ledger.parts.end(order, LYON, NOW, code=3, reason="out of hours", all_done=False)
    assert (done(ledger, order), ledger.orders.all_open()) == (True, [])
    assert [(each.code, each.reason) for each in ledger.parts.of(order)] == [
        (0, None), (3, "out of hours"),
    ]  # fmt: skip


def test_who_has_not_begun_is_not_waited_for_once_nobody_is_left(ledger: Ledger) -> None:
    order = placed(ledger, PARIS, LYON)
    ledger.parts.begin(order, PARIS, NOW)
    ledger.parts.end(order, PARIS, NOW, code=0, reason=None, all_done=True)
    assert (done(ledger, order), ledger.parts.missing(LYON)) == (True, [])


def test_a_stop_ends_what_was_not_begun_and_waits_for_the_rest(ledger: Ledger) -> None:
    order = placed(ledger, PARIS, LYON)
    ledger.parts.begin(order, PARIS, NOW)
    ledger.orders.stop(order, "waheal stop", NOW)
    assert ledger.orders.stopped([order]) == {order: "waheal stop"}
    assert (done(ledger, order), ledger.parts.missing(LYON)) == (False, [])
    ledger.parts.end(order, PARIS, NOW, code=130, reason="waheal stop", all_done=False)
    assert done(ledger, order)


def test_a_machine_that_is_given_up_holds_nothing_up(ledger: Ledger) -> None:
    order = placed(ledger, PARIS, LYON)
    ledger.parts.begin(order, LYON, NOW)
    ledger.orders.give_up(LYON, NOW)
    ledger.parts.begin(order, PARIS, NOW)
    ledger.parts.end(order, PARIS, NOW, code=0, reason=None, all_done=False)
    assert done(ledger, order)


def test_a_campaign_has_one_open_order(ledger: Ledger) -> None:
    order = placed(ledger, PARIS)
    found = ledger.orders.get(order)
    assert found is not None
    assert ledger.orders.open_one(found.campaign_id) == found
    with pytest.raises(HomeUnusableError):
        ledger.orders.place(found.campaign_id, "{}", NOW, None)


def test_what_all_did_is_counted_together(ledger: Ledger) -> None:
    order = placed(ledger, PARIS, LYON)
    ledger.parts.note(order, PARIS, 3, 2, 1)
    ledger.parts.note(order, LYON, 4, 1, 0)
    with ledger.transaction():
        assert ledger.parts.hold(order) == (7, 3, 1)
    assert ledger.parts.counts(order) == (7, 3, 1)
