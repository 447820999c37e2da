"""The queues' tables are gone: the ledger does not care, and they are made anew."""

import pytest

from tests.cluster.test_orders import wait_until_claimed
from tests.kit.machines import Machines, campaign

pytestmark = [pytest.mark.cluster, pytest.mark.soak, pytest.mark.real]

ALL = 12


def test_an_order_under_way_goes_on_and_the_next_is_placed_once_workers_listen_anew(
    machines: Machines, url: str
) -> None:
    import psycopg  # noqa: PLC0415 - of an extra

    news = campaign(machines.folder, "news", ALL)
    later = campaign(machines.folder, "later", ALL)
    paris = machines.worker("paris")
    machines.run("paris", "send", news, "--rate", "30/min", "--detach")
    wait_until_claimed(machines, 4)
    with machines.workspace("paris").ledger(readonly=True) as ledger:
        queues = ledger.orders.queue_schema
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(f"DROP SCHEMA {queues} CASCADE")
    paris.wait_for("through with order 1", "exit code 0")
    assert machines.arrived(ALL) == [1] * ALL
    refused = machines.run("lyon", "send", later)
    assert (refused.code, "`waheal cluster init`" in refused.err) == (12, True), refused.err
    assert machines.run("lyon", "cluster", "init").code == 0
    assert paris.end() == 0  # what it listened to is gone
    machines.worker("paris")
    assert machines.run("lyon", "send", later).code == 0
    assert machines.arrived(ALL) == [2] * ALL
