"""The first request to end drains, the second ends at once; both lose nothing."""

import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.kill.scene import Scene, scene, until
from tests.kit.rig import PATIENCE
from waheal.model import ExitCode, State
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_request_lets_what_is_in_flight_finish(
    tmp_path: Path, number: signal.Signals
) -> None:
    with scene(tmp_path) as made:
        made.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=1.0))
        run = made.send()
        assert run.wait_count("settled", 4)
        run.kill(number)
        last = run.finish()
        assert run.process.returncode == last["exit_code"] == ExitCode.INTERRUPTED
        tally = made.tally()
        assert (tally[State.UNCERTAIN], tally[State.SENDING], tally[State.FAILED]) == (0, 0, 0)
        assert tally[State.PENDING] == last["pending"]
        assert 0 < tally[State.PENDING] < 26
        assert len(made.received()) == 30 - tally[State.PENDING]
        made.wait_alone(PATIENCE)
        made.control.faults.clear()
        assert made.send().wait() == ExitCode.OK
        made.assert_each_got_it_once()


def test_it_says_how_many_are_in_flight(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=1.0))
        run = made.send(json=False)
        until(lambda: made.tally()[State.DELIVERED] >= 3, PATIENCE, "three are sent")
        run.kill(signal.SIGINT)
        assert run.wait() == ExitCode.INTERRUPTED
        assert re.search(r"\b[1-6]\b.*in flight", run.told), run.told


def test_waheal_stop_drains_it(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=1.0))
        run = made.send()
        assert run.wait_count("settled", 2)
        stop = made.command("stop")
        assert stop.wait() == ExitCode.OK
        assert stop.document() == {"stopping": True, "pid": run.pid}
        assert run.finish()["exit_code"] == ExitCode.INTERRUPTED
        assert made.tally()[State.UNCERTAIN] == 0


def test_the_second_request_ends_at_once_and_leaves_the_rest_in_doubt(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        assert made.send("--limit", "6").wait() == ExitCode.LEFT_OVER
        made.control.faults.order(FaultOrder(FaultKind.NO_ACK, count=None, delivered=True))
        run = made.send()
        made.control.phones.wait_received(9)  # each of three devices now waits for an ack
        run.kill(signal.SIGINT)
        run.kill(signal.SIGTERM)
        last = run.finish(45.0)  # the library would wait for 75 s
        assert run.process.returncode == last["exit_code"] == ExitCode.INTERRUPTED
        made.wait_alone(PATIENCE)
        assert made.tally()[State.SENDING] == 0
        made.control.faults.clear()
        assert made.send().wait() in (ExitCode.OK, ExitCode.LEFT_OVER)
        tally = made.tally()
        assert tally[State.PENDING] == 0
        shown = made.received()
        assert max(shown.values()) == 1
        assert len(shown) + tally[State.UNCERTAIN] >= tally.total


@contextmanager
def stopped_hosts(made: Scene) -> Iterator[None]:
    for host in made.hosts():
        host.kill(signal.SIGSTOP)
    yield


@contextmanager
def locked_ledger(made: Scene) -> Iterator[None]:
    with closing(sqlite3.connect(made.home.ledger_path, isolation_level=None)) as ledger:
        ledger.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def silent_network(made: Scene) -> Iterator[None]:
    made.control.faults.order(FaultOrder(FaultKind.BLACK_HOLE))
    yield


@pytest.mark.parametrize("hanging", [stopped_hosts, locked_ledger, silent_network])
def test_the_second_request_ends_it_whatever_hangs(
    tmp_path: Path, hanging: Callable[[Scene], AbstractContextManager[None]]
) -> None:
    with scene(tmp_path) as made:
        made.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=1.0))
        run = made.send()
        assert run.wait_count("settled", 4)
        with hanging(made):
            run.kill(signal.SIGINT)
            run.kill(signal.SIGTERM)
            assert run.wait(45.0) == ExitCode.INTERRUPTED  # the library would wait for 75 s
        made.wait_alone(PATIENCE)
        made.control.faults.clear()
        assert made.send().wait() in (ExitCode.OK, ExitCode.LEFT_OVER)
        assert max(made.received().values()) == 1


def test_a_run_that_waits_for_its_start_is_seen_to_and_ends_when_asked(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        run = made.send("--start", "2099-12-01T09:00", "--max-wait", "1m")
        assert run.wait_count("paused", 1)
        told = run.named("paused")[0]
        assert (told["until"], "--start" in str(told["reason"])) == (
            datetime(2099, 12, 1, 9).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            True,
        )
        status = made.command("status", made.campaign.stem)
        assert status.wait() == ExitCode.OK
        standing = status.document()
        assert (standing["running"], standing["stopped"]) == (True, told["reason"])
        assert made.hosts() == []
        run.kill(signal.SIGINT)
        last = run.finish()
        assert run.process.returncode == last["exit_code"] == ExitCode.INTERRUPTED
        assert (last["pending"], last["seconds"]) == (30, 0.0)
        assert made.received() == {}
