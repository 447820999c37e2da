"""What bounds an order holds over all of it: two workers, real hosts and a sandbox."""

import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from tests.cli.support import control
from tests.cluster.test_orders import claims, is_over, until, wait_until_claimed
from tests.kit.ledgers import server_of
from tests.kit.machines import Machines, campaign
from waheal.model import ExitCode
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = [pytest.mark.cluster, pytest.mark.real, pytest.mark.soak]

ALL = 150
UNDER_WAY = 8  # two devices a machine, two claims a device
SECONDS = 20


def reasons(machines: Machines) -> list[str]:
    with machines.workspace("paris").ledger(readonly=True) as ledger:
        return [str(each.reason) for each in ledger.parts.of(1)]


def claimed_at(machines: Machines) -> list[float]:
    """Tell when each message was claimed, of either machine."""
    with machines.workspace("paris").ledger(readonly=True) as ledger:
        rows = server_of(ledger).all("SELECT claimed FROM attempts ORDER BY claimed")
    return [float(row[0] or 0) for row in rows]


def test_a_limit_is_the_orders(machines: Machines) -> None:
    news = campaign(machines.folder, "news", ALL)
    for name in ("paris", "lyon"):
        machines.worker(name)
    sent = machines.run("paris", "send", news, "--limit", 20, "--rate", "60/min")
    assert sent.code == ExitCode.LEFT_OVER, sent.err
    did = claims(machines)
    assert (sum(did.values()), all(did.values())) == (20, True)
    assert sum(machines.arrived(ALL)) == 20
    assert any("--limit 20 is reached" in each for each in reasons(machines))


def test_a_share_of_errors_is_the_orders(machines: Machines) -> None:
    news = campaign(machines.folder, "news", ALL)
    assert machines.trust is not None
    control(machines.trust).faults.order(FaultOrder(FaultKind.NOT_ON_WHATSAPP, count=None))
    for name in ("paris", "lyon"):
        machines.worker(name)
    words = ("--pause-after-errors", "20%", "--rate", "60/min", "--json")
    sent = machines.run("paris", "send", news, *words)
    assert sent.code == ExitCode.LEFT_OVER, sent.err
    ended = sent.events[-1]
    # The 50th of all of them ends it; were they counted by machine, it would be the 100th.
    assert 50 <= int(str(ended["failed"])) <= 50 + UNDER_WAY
    assert all(claims(machines).values())
    assert all("failed, more than 20%" in each for each in reasons(machines))


@pytest.mark.parametrize("bound", ["--max-runtime", "--until"])
def test_its_end_is_one_moment_for_all_machines(machines: Machines, bound: str) -> None:
    news = campaign(machines.folder, "news", ALL)
    machines.worker("paris")
    last = datetime.fromtimestamp(time.time() + SECONDS, UTC).isoformat()
    value = f"{SECONDS}s" if bound == "--max-runtime" else last
    ordered = machines.run(
        "paris", "send", news, bound, value, "--rate", "30/min", "--detach"
    )  # fmt: skip
    assert ordered.code == ExitCode.OK, ordered.err
    wait_until_claimed(machines, 1)
    machines.worker("lyon")  # it has not as long as paris
    with machines.workspace("paris").ledger(readonly=True) as ledger:
        order = ledger.orders.get(1)
    assert order is not None
    assert order.ends is not None
    until(machines, lambda: is_over(machines))
    times = claimed_at(machines)
    assert times[-1] < order.ends  # lyon has no twenty seconds of its own
    assert sum(machines.arrived(ALL)) == len(times)
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert any("--until or --max-runtime has come" in each for each in reasons(machines))
