"""An order that is placed by the clock: two workers, real hosts and a sandbox."""

import pytest

from tests.cluster.test_orders import claims
from tests.kit.machines import Machines, campaign

pytestmark = [pytest.mark.cluster, pytest.mark.real, pytest.mark.soak]

ALL = 6


def test_a_time_that_comes_is_ordered_once_of_all_machines(machines: Machines) -> None:
    news = campaign(machines.folder, "news", ALL)
    workers = [machines.worker(name) for name in ("paris", "lyon")]
    kept = machines.run("lyon", "cluster", "schedule", news, "--cron", "* * * * *")
    assert (kept.code, "news is ordered next on" in kept.err) == (0, True), kept.err
    for worker in workers:
        worker.wait_for("begins order 1: news")
        worker.wait_for("through with order 1: news", "exit code 0")
    assert machines.arrived(ALL) == [1] * ALL
    assert sum(claims(machines).values()) == ALL
    shown = machines.run("paris", "cluster", "--json").document["schedules"]
    assert isinstance(shown, list)
    assert [(each["campaign"], each["exit_code"]) for each in shown] == [("news", 0)]
    gone = machines.run("paris", "cluster", "unschedule", "news")
    assert gone.code == 0, gone.err
    assert machines.run("paris", "cluster", "--json").document["schedules"] == []
