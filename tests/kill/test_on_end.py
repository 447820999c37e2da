"""`--on-end` tells once how a run ended, however it ends; after a kill the next run says so."""

import json
import shlex
import signal
import sys
from pathlib import Path

import pytest

from tests.kill.scene import Scene, scene, until
from tests.kit.rig import PATIENCE
from waheal.model import ExitCode, State
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real

UNTOLD = "was killed: its --on-end did not run"


class Hook:
    """A command that notes each time it is run."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "told.jsonl"
        script = f"cat >> {shlex.quote(str(self._file))}"
        self.option = ("--on-end", f"sh -c {shlex.quote(script)}")

    @property
    def told(self) -> list[dict[str, object]]:
        if not self._file.exists():
            return []
        return [json.loads(line) for line in self._file.read_text().splitlines()]

    def once(self) -> dict[str, object]:
        (told,) = self.told
        return told


@pytest.fixture
def hook(tmp_path: Path) -> Hook:
    return Hook(tmp_path)


def ban(made: Scene) -> None:
    banned = FaultOrder(FaultKind.LOGIN_FAILURE, code=402, expire=7200, count=None)
    made.control.faults.order(banned)


def test_it_fires_once_at_the_end_and_not_when_there_is_nothing_to_do(
    tmp_path: Path, hook: Hook
) -> None:
    with scene(tmp_path, recipients=6) as made:
        run = made.send(*hook.option)
        last = run.finish()
        assert run.process.returncode == ExitCode.OK
        told = hook.once()
        assert told["campaign"] == "campaign"
        assert told["exit_code"] == last["exit_code"] == 0
        assert (told["total"], told["pending"]) == (6, 0)
        assert {state: told[state] for state in ("delivered", "failed", "replied")} == {
            state: last[state] for state in ("delivered", "failed", "replied")
        }
        assert run.lines[-1]["event"] == "run_finished"
        assert made.send(*hook.option).wait() == ExitCode.OK
        assert len(hook.told) == 1


def test_it_fires_once_where_a_run_pauses_for_good(tmp_path: Path, hook: Hook) -> None:
    with scene(tmp_path, recipients=6) as made:
        assert made.send(*hook.option, "--limit", "2").wait() == ExitCode.LEFT_OVER
        told = hook.once()
        assert (told["exit_code"], told["pending"]) == (ExitCode.LEFT_OVER, 4)
        assert told["reason"] == "--limit 2 is reached"
        assert told["way_out"]


def test_it_fires_once_when_the_last_device_is_banned(tmp_path: Path, hook: Hook) -> None:
    with scene(tmp_path, devices=2, recipients=6) as made:
        ban(made)
        assert made.send(*hook.option).wait() == ExitCode.NO_DEVICE
        assert hook.once()["exit_code"] == ExitCode.NO_DEVICE
        assert "no device can send" in str(hook.once()["reason"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_fires_once_when_the_run_is_asked_to_end(
    tmp_path: Path, hook: Hook, number: signal.Signals
) -> None:
    with scene(tmp_path) as made:
        made.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=1.0))
        run = made.send(*hook.option)
        assert run.wait_count("settled", 2)
        run.kill(number)
        assert run.wait() == ExitCode.INTERRUPTED
        assert hook.once()["exit_code"] == ExitCode.INTERRUPTED
        assert UNTOLD not in run.told


def test_after_a_kill_it_does_not_fire_and_the_next_run_says_so_once(
    tmp_path: Path, hook: Hook
) -> None:
    with scene(tmp_path) as made:
        made.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=1.0))
        run = made.send(*hook.option)
        assert run.wait_count("settled", 2)
        run.kill(signal.SIGKILL)
        run.wait()
        made.wait_alone(PATIENCE)
        assert hook.told == []
        made.control.faults.clear()
        following = made.send()
        assert following.wait() in (ExitCode.OK, ExitCode.LEFT_OVER)
        assert f"the last run, of campaign, {UNTOLD}" in following.told
        assert hook.told == []
        again = made.send(*hook.option)
        again.wait()
        assert UNTOLD not in again.told


def test_what_it_calls_finds_the_ledger_settled_and_the_home_free(tmp_path: Path) -> None:
    with scene(tmp_path, recipients=4) as made:
        out = tmp_path / "report.json"
        waheal = f"{shlex.quote(sys.executable)} -m waheal.cli"
        trust = shlex.quote(str(made.server.trust_file))
        script = (
            f"{waheal} report campaign --json > {shlex.quote(str(out))} &&"
            f" {waheal} sync --for 1s --trust {trust}"
        )
        run = made.send("--on-end", f"sh -c {shlex.quote(script)}")
        assert run.wait() == ExitCode.OK
        assert "--on-end:" not in run.told
        assert json.loads(out.read_text())["pending"] == 0


def test_what_it_prints_goes_to_stderr_and_its_failure_changes_nothing(tmp_path: Path) -> None:
    with scene(tmp_path, recipients=4) as made:
        run = made.send("--on-end", "sh -c 'echo to stdout; echo to stderr >&2; exit 7'")
        assert run.wait() == ExitCode.OK
        assert "to stdout" in run.told
        assert "to stderr" in run.told
        assert "warning: --on-end: it ended with 7" in run.told
        assert all(line.get("event") for line in run.lines)


def test_a_request_to_end_ends_a_command_that_hangs(tmp_path: Path) -> None:
    with scene(tmp_path, recipients=4) as made:
        ready = tmp_path / "ready"
        script = f"touch {shlex.quote(str(ready))}; exec sleep 600"
        run = made.send("--on-end", f"sh -c {shlex.quote(script)}")
        assert run.wait_count("run_finished", 1)
        until(ready.exists, PATIENCE, "the command is run")
        run.kill(signal.SIGINT)
        assert run.wait() == ExitCode.OK
        assert "warning: --on-end: it was ended by SIGTERM" in run.told
        assert made.tally()[State.DELIVERED] == 4
