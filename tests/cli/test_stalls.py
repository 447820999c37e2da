"""Output that nobody takes: a run goes on, finishes, and ends when it is asked to."""

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.cli.support import PATIENCE, command, environment, pending
from tests.kill.scene import until
from tests.kit.streams import Reader, fill, small_pipe
from waheal.model import ExitCode

pytestmark = pytest.mark.real

SOON = 60.0  # seconds for an end that was asked for twice, on a busy machine
REHEARSAL = ("--sandbox", "--sandbox-devices", 1)
SLOWLY = ("--rate-total", "20/min", "--burst")


class Unread:
    """A command whose output nobody reads, unless the test does."""

    def __init__(self, process: subprocess.Popen[bytes], out: BinaryIO, err: BinaryIO) -> None:
        self.process = process
        self.out = out
        self.err = err

    def asked_twice(self) -> int:
        """Ask it to end, and at once again; gives its exit code."""
        self.process.send_signal(signal.SIGINT)
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SOON)


@contextmanager
def unread(home: Path, place: Path, *words: object, full: bool = False) -> Iterator[Unread]:
    """Run a command with two small pipes, which may be full from the beginning."""
    with small_pipe() as (out, stdout), small_pipe() as (err, stderr):
        if full:
            fill(stdout)
            fill(stderr)
        process = subprocess.Popen(
            command(words),
            cwd=place,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
        stdout.close()
        stderr.close()
        try:
            yield Unread(process, out, err)
        finally:
            process.kill()
            process.wait()


def test_a_reader_that_stalls_holds_up_no_run(home: Path, tmp_path: Path, many: Path) -> None:
    with unread(home, tmp_path, "send", many, *REHEARSAL, "--json") as run:
        assert run.process.wait(PATIENCE) == ExitCode.OK
        assert pending(home, many) == 0
        *lines, _half = Reader(run.out).lines()
        assert json.loads(lines[0])["event"] == "run_started"
        assert "nobody reads stdout" in "".join(Reader(run.err).lines())


def test_a_reader_that_lags_misses_nothing(home: Path, tmp_path: Path, many: Path) -> None:
    with unread(home, tmp_path, "send", many, *REHEARSAL, "--json") as run:
        until(lambda: finished(home), PATIENCE, "the run is over, and nobody has read of it")
        events = [json.loads(line) for line in Reader(run.out).lines()]
        assert run.process.wait(PATIENCE) == ExitCode.OK
    names = [each["event"] for each in events]
    assert (names[0], names[-1]) == ("run_started", "run_finished")
    assert names.count("settled") == 40


def test_full_streams_hold_up_no_run(home: Path, tmp_path: Path, many: Path) -> None:
    with unread(home, tmp_path, "send", many, *REHEARSAL, full=True) as run:
        assert run.process.wait(PATIENCE) == ExitCode.OK
    assert pending(home, many) == 0


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_two_requests_end_a_run_whose_streams_are_full(
    home: Path, tmp_path: Path, many: Path, how: tuple[str, ...]
) -> None:
    with unread(home, tmp_path, "send", many, *REHEARSAL, *SLOWLY, *how, full=True) as run:
        until(lambda: 0 < pending(home, many) < 40, PATIENCE, "some are sent")
        assert run.asked_twice() == ExitCode.INTERRUPTED
    assert pending(home, many) > 0


def test_two_requests_end_it_while_the_sandbox_is_paired(
    home: Path, tmp_path: Path, many: Path
) -> None:
    with unread(home, tmp_path, "send", many, *REHEARSAL, *SLOWLY) as run:
        assert any(b"pairing" in line for line in run.err)
        assert run.asked_twice() == ExitCode.INTERRUPTED


def test_two_requests_end_it_while_rows_are_read(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "huge.csv"
    with file.open("w", encoding="utf-8") as rows:
        rows.write("phone,message\n")
        rows.writelines(f"+1212{number:07},hi\n" for number in range(2_000_000, 2_400_000))
    with unread(home, tmp_path, "send", file, *REHEARSAL) as run:
        until(lambda: enrolling(home), PATIENCE, "rows are read")
        assert run.asked_twice() == ExitCode.INTERRUPTED
    assert pending(home, file) == 0


def test_one_request_ends_data_that_nobody_reads(home: Path, tmp_path: Path, many: Path) -> None:
    ready = subprocess.run(
        command(("send", many, *REHEARSAL)), cwd=tmp_path, env=environment(home), check=True
    )
    assert ready.returncode == ExitCode.OK
    with unread(home, tmp_path, "export", "many", "--sandbox", "--format", "json") as run:
        assert os.read(run.out.fileno(), 1)
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(SOON) == ExitCode.INTERRUPTED


def finished(home: Path) -> bool:
    """Whether the run's log has its end."""
    return any('"run_finished"' in log.read_text() for log in home.rglob("waheal.log"))


def enrolling(home: Path) -> bool:
    """Whether one transaction holds the ledger for longer than a mere write takes."""
    for path in home.rglob("waheal.db"):
        with closing(sqlite3.connect(path, timeout=0.3, isolation_level=None)) as ledger:
            try:
                ledger.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
    return False
