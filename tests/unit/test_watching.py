"""An order is watched on where the ledger was lost meanwhile, as its machines go on with it."""

import time

import pytest

from tests.kit.cluster import Cluster
from tests.kit.ledgers import ANNA, row, start
from tests.kit.proxy import Mood, Proxy
from waheal.acts.watching import Watching
from waheal.errors import LedgerLostError
from waheal.events import Event, Paused, Resumed, RunFinished
from waheal.store.ledger import Ledger

pytestmark = pytest.mark.cluster


def ordered(cluster: Cluster) -> tuple[Ledger, int]:
    """Let paris have begun its part in an order, and live."""
    paris = cluster.join("paris")
    campaign = start(paris, row(2, ANNA))
    order = paris.orders.place(campaign.id, "{}", time.time(), None)
    paris.orders.give(order, [1])
    paris.parts.begin(order, 1, time.time())
    paris.machines.beat()
    return paris, order


def test_it_is_waited_for_and_told(cluster: Cluster) -> None:
    paris, order = ordered(cluster)
    with Proxy(cluster.at) as proxy, Ledger.open(cluster.home("laptop"), at=proxy.url) as looking:
        placed = looking.orders.get(order)
        assert placed is not None
        events = Watching(looking, placed, patience=60.0).events(begun=False)
        told: list[Event] = [next(events)]
        proxy.cut()
        told.append(next(events))
        paris.parts.end(order, 1, time.time(), code=3, reason="out of hours", all_done=False)
        told += events
        kinds = [type(each) for each in told if isinstance(each, Paused | Resumed | RunFinished)]
        assert kinds == [Paused, Resumed, RunFinished]


def test_it_is_given_up_in_time(cluster: Cluster) -> None:
    _, order = ordered(cluster)
    with Proxy(cluster.at) as proxy, Ledger.open(cluster.home("laptop"), at=proxy.url) as looking:
        placed = looking.orders.get(order)
        assert placed is not None
        events = Watching(looking, placed).events(begun=False)
        next(events)
        proxy.mood = Mood.REFUSE
        proxy.cut()
        with pytest.raises(LedgerLostError):
            list(events)
