"""An order that is placed by the clock: two workers, real hosts and a sandbox."""

import time

import pytest

from tests.cli.support import PATIENCE
from tests.cluster.test_orders import claims
from tests.kit.machines import Machines, campaign

pytestmark = [pytest.mark.cluster, pytest.mark.real, pytest.mark.soak]

ALL = 6


def test_a_time_that_comes_is_ordered_once_of_all_machines(machines: Machines) -> None:
    news = campaign(machines.folder, "news", ALL)
    for name in ("paris", "lyon"):
        machines.worker(name)
    kept = machines.run("lyon", "cluster", "schedule", news, "--cron", "* * * * *")
    assert (kept.code, "news is ordered next on" in kept.err) == (0, True), kept.err
    end = time.monotonic() + PATIENCE
    while sum(machines.arrived(ALL)) < ALL:
        assert time.monotonic() < end
        time.sleep(0.5)
    gone = machines.run("paris", "cluster", "unschedule", "news")
    assert gone.code == 0, gone.err
    assert machines.arrived(ALL) == [1] * ALL
    assert sum(claims(machines).values()) == ALL
    assert machines.run("paris", "cluster", "--json").document["schedules"] == []
