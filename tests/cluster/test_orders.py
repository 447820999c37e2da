"""One order, two machines: by the commands, real hosts and a sandbox, whatever dies meanwhile."""

import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.cli.support import PATIENCE
from tests.kit.machines import Machines, campaign, phones_of
from tests.kit.postgres import Server
from waheal.model import ExitCode
from waheal.store.schema import VERSION

pytestmark = [pytest.mark.cluster, pytest.mark.real]

ALL = 24


def claims(machines: Machines, order: int = 1) -> dict[str, int]:
    """Count what each machine claimed of an order."""
    workspace = machines.workspace("paris")
    with workspace.ledger(readonly=True) as ledger:
        names = {each.id: each.name for each in ledger.machines.listed()}
        return {names[each.machine]: each.claimed for each in ledger.parts.of(order)}


def wait_until_claimed(machines: Machines, least: int) -> None:
    """Wait until both machines together have claimed so many."""
    end = time.monotonic() + 60.0
    while sum(claims(machines).values()) < least:
        assert time.monotonic() < end
        time.sleep(0.2)


def until(machines: Machines, done: Callable[[], bool]) -> None:
    """Wait for something that the ledger tells."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, machines.run("paris", "cluster").out
        time.sleep(0.5)


def is_over(machines: Machines) -> bool:
    with machines.workspace("paris").ledger(readonly=True) as ledger:
        return not ledger.orders.all_open()


def test_both_do_their_part_and_the_end_is_the_campaigns(machines: Machines) -> None:
    news = campaign(machines.folder, "news", ALL)
    workers = [machines.worker(name) for name in ("paris", "lyon")]
    sent = machines.run("paris", "send", news, "--rate", "120/min", "--json")
    assert sent.code == ExitCode.OK, sent.err
    assert (sent.events[0]["event"], sent.events[0]["total"]) == ("run_started", ALL)
    settled = [each for each in sent.events if each["event"] == "settled"]
    assert Counter(each["phone"] for each in settled) == Counter(phones_of(ALL))
    assert Counter(each["machine"] for each in settled) == claims(machines)
    ended = sent.events[-1]
    assert (ended["event"], ended["exit_code"], ended["pending"]) == ("run_finished", 0, 0)
    assert machines.arrived(ALL) == [1] * ALL
    did = claims(machines)
    assert (sum(did.values()), all(did.values())) == (ALL, True)
    again = machines.run("lyon", "send", news, "--same")
    assert (again.code, "nothing" in again.err) == (ExitCode.OK, True), again.err
    assert [worker.end() for worker in workers] == [0, 0]


@pytest.mark.soak
def test_an_idle_home_does_its_part_itself_and_a_limit_holds_over_the_order(
    machines: Machines,
) -> None:
    news = campaign(machines.folder, "news", ALL)
    machines.worker("lyon")
    sent = machines.run("paris", "send", news, "--rate", "120/min", "--limit", "10")
    assert sent.code == ExitCode.LEFT_OVER, sent.err
    assert sum(machines.arrived(ALL)) == sum(claims(machines).values()) == 10


def test_a_killed_machine_goes_on_with_its_own_part_and_with_nobody_elses(
    machines: Machines,
) -> None:
    news = campaign(machines.folder, "news", ALL)
    paris, lyon = (machines.worker(name) for name in ("paris", "lyon"))
    ordered = machines.run("lyon", "send", news, "--rate", "30/min", "--detach")
    assert ordered.code == ExitCode.OK, ordered.err
    paris.wait_for("begins order 1")
    wait_until_claimed(machines, 8)
    paris.kill()
    machines.worker("paris").wait_for("begins order 1")
    lyon.wait_for("through with order 1")
    assert not any("begins order" in line for line in lyon.lines)
    watched = machines.run("paris", "send", news, "--same", "--rate", "30/min")
    assert watched.code in {ExitCode.OK, ExitCode.LEFT_OVER}, watched.err
    assert max(machines.arrived(ALL)) == 1
    doubt = machines.run("paris", "status", "news", "--json").document["uncertain"]
    assert sum(machines.arrived(ALL)) >= ALL - int(str(doubt))


@pytest.mark.soak
def test_a_worker_that_is_asked_to_end_leaves_the_rest_to_its_next_start(
    machines: Machines,
) -> None:
    news = campaign(machines.folder, "news", ALL)
    paris = machines.worker("paris")
    machines.run("paris", "send", news, "--rate", "30/min", "--detach")
    wait_until_claimed(machines, 4)
    assert paris.end() == 0
    assert "it goes on at the next start" in "".join(paris.lines)
    machines.worker("paris").wait_for("through with order 1", "exit code 0")
    assert machines.arrived(ALL) == [1] * ALL


@pytest.mark.soak
def test_stop_ends_an_order_everywhere(machines: Machines) -> None:
    news = campaign(machines.folder, "news", ALL)
    workers = [machines.worker(name) for name in ("paris", "lyon")]
    machines.run("paris", "send", news, "--rate", "12/min", "--detach")
    for worker in workers:
        worker.wait_for("begins order 1")
    wait_until_claimed(machines, 2)
    told = machines.run("lyon", "stop", "news")
    assert "to end" in told.err
    for worker in workers:
        worker.wait_for("through with order 1", "exit code 130")
    left = machines.run("lyon", "status", "news", "--json").document
    assert int(str(left["pending"])) > 0
    assert machines.run("lyon", "cluster", "--json").document["orders"] == []


def test_a_worker_ends_once_a_newer_waheal_has_changed_the_ledger(
    machines: Machines, url: str
) -> None:
    import psycopg  # noqa: PLC0415 - of an extra

    def changed(version: int) -> None:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("UPDATE meta SET value = %s WHERE key = 'schema'", (str(version),))

    news = campaign(machines.folder, "news", 8)
    worker = machines.worker("paris")
    machines.run("paris", "send", news, "--rate", "6/min", "--detach")
    wait_until_claimed(machines, 1)
    changed(VERSION + 1)
    assert worker.process.wait(PATIENCE) == ExitCode.HOME_UNUSABLE
    assert any("was written by a newer waheal" in line for line in worker.lines), worker.lines
    changed(VERSION)
    left = machines.run("paris", "status", "news", "--json").document
    assert (left["sending"], left["uncertain"], left["pending"] != 0) == (0, 0, True)
    assert len(machines.run("paris", "cluster", "--json").document["orders"]) == 1  # type: ignore[arg-type]


@pytest.mark.soak
def test_a_worker_outlives_its_ledgers_absence(machines_apart: Machines, server: Server) -> None:
    machines = machines_apart
    news = campaign(machines.folder, "news", ALL)
    workers = [machines.worker(name) for name in ("paris", "lyon")]
    machines.run("paris", "send", news, "--rate", "30/min", "--detach")
    wait_until_claimed(machines, 4)
    server.stop()
    away = machines.run("paris", "status")
    assert (away.code, "can't be reached; nothing was sent" in away.err) == (12, True)
    for worker in workers:
        worker.wait_for("can't be reached")  # its run waits for it, and keeps its hosts
    server.start()
    until(machines, lambda: is_over(machines))  # one may be through before the other has begun
    assert machines.arrived(ALL) == [1] * ALL


@pytest.mark.soak
def test_an_idle_worker_waits_for_its_ledger_too(machines_apart: Machines, server: Server) -> None:
    machines = machines_apart
    worker = machines.worker("paris")
    server.stop()
    for _ in range(2):  # longer the second time
        worker.wait_for("trying again in")
    server.start()
    worker.wait_for("the ledger is reached again")
    news = campaign(machines.folder, "news", 4)
    assert machines.run("lyon", "send", news, "--json").code == ExitCode.OK
    assert sum(claims(machines).values()) == 4
