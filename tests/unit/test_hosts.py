"""Host processes, with a tiny script in the library's place."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

import waheal
from waheal.engine.hosts import Asked, Died, Heard, Host, HostInbox, Message, environment, spawn
from waheal.model import Trust
from waheal.wire import Command, Finish, Ready, Revoke, Setup

PATIENCE = 60.0

SCRIPT = """\
#!{python}
import os, signal, sys, time
sys.path.insert(0, {root!r})
from multiprocessing.connection import Connection
from waheal.wire import Finish, Ready, Revoke
pipe = Connection(int(sys.argv[-1]))
setup = pipe.recv()
fds = ",".join(str(fd) for fd in range(3, 64) if os.path.exists(f"/proc/self/fd/{{fd}}"))
{body}
"""

ECHO = """\
pipe.send(Ready(os.getpid(), fds))
while True:
    try:
        command = pipe.recv()
    except EOFError:
        os._exit(7)
    if isinstance(command, Finish):
        pipe.send(Ready(0, "last words"))
        os._exit(0)
    pipe.send(Ready(os.getpgid(0), os.environ["GOMAXPROCS"]))
"""
DEAF = "pipe.send(Ready(os.getpid(), fds))\ntime.sleep(600)"


class Nest:
    """Spawns such scripts, and leaves none behind."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.inbox = HostInbox()
        self.hosts: list[Host] = []
        self._unread: list[Message] = []
        self._patch = monkeypatch

    def spawn(self, body: str, lock_fd: int | None = None) -> Host:
        script = self.root / "host"
        root = str(Path(waheal.__file__).parents[1])
        script.write_text(SCRIPT.format(python=sys.executable, root=root, body=body))
        script.chmod(0o700)
        with self._patch.context() as patch:
            patch.setattr("waheal.engine.hosts.sys.executable", str(script))
            setup = Setup(sessions="sessions.db")
            host = spawn(0, setup, logs=self.root / "logs", lock_fd=lock_fd, inbox=self.inbox)
        self.hosts.append(host)
        return host

    def next(self) -> Message:
        if not self._unread:
            self._unread = self.inbox.gather(PATIENCE)
        return self._unread.pop(0)

    def hears(self) -> Ready:
        message = self.next()
        assert isinstance(message, Heard)
        assert isinstance(message.report, Ready)
        return message.report

    def buries(self) -> str:
        message = self.next()
        assert isinstance(message, Died)
        return message.cause


@pytest.fixture
def nest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nest]:
    nest = Nest(tmp_path, monkeypatch)
    yield nest
    for host in nest.hosts:
        host.kill()
        assert host.wait(PATIENCE)


def test_what_a_host_reports_comes_into_the_inbox(nest: Nest) -> None:
    host = nest.spawn(ECHO)
    assert nest.hears().pid == host.pid
    host.send(Revoke())
    answer = nest.hears()
    assert answer.library == "1"  # GOMAXPROCS was there at exec
    assert answer.pid != os.getpgid(0)  # the terminal's Ctrl-C does not reach it


def test_reports_that_come_in_one_frame_are_heard_one_by_one(nest: Nest) -> None:
    nest.spawn('pipe.send([Ready(1, "a"), Ready(2, "b")])')
    assert [nest.hears().pid, nest.hears().pid] == [1, 2]


def test_commands_that_wait_are_taken_together_up_to_the_end() -> None:
    host = Host.__new__(Host)
    host._outbox = SimpleQueue()
    for command in (Revoke(), Finish(), None):
        host._outbox.put(command)
    assert host._at_hand() == [Revoke(), Finish()]
    assert host._outbox.get() is None


def test_last_words_come_before_the_death(nest: Nest) -> None:
    host = nest.spawn(ECHO)
    nest.hears()
    host.send(Finish())
    assert nest.hears().library == "last words"
    assert nest.buries() == "ended with code 0"
    assert host.wait(0.0)


def test_a_killed_host_is_buried_with_its_signal(nest: Nest) -> None:
    host = nest.spawn(ECHO)
    nest.hears()
    host.kill()
    assert nest.buries() == "killed by signal 9"


def test_what_is_sent_to_a_dead_host_harms_nobody(nest: Nest) -> None:
    host = nest.spawn(ECHO)
    nest.hears()
    host.kill()
    nest.buries()
    host.send(Revoke())
    host.kill()


def test_a_host_that_reads_nothing_blocks_nobody(nest: Nest) -> None:
    host = nest.spawn(DEAF)
    nest.hears()
    large: Command = Setup(sessions="x" * 100_000)
    for _ in range(50):
        host.send(large)
    assert not host.wait(0.0)


def test_a_host_inherits_the_lock_and_no_other_hosts_pipe(nest: Nest, tmp_path: Path) -> None:
    first = nest.spawn(ECHO)
    nest.hears()
    with (tmp_path / "lock").open("w") as lock:
        nest.spawn(ECHO, lock_fd=lock.fileno())
        inherited = nest.hears().library.split(",")
        assert len(inherited) == 2
        assert str(lock.fileno()) in inherited
    # So the first one's end is seen, though the second lives.
    first.kill()
    assert nest.buries() == "killed by signal 9"


def test_a_host_that_nobody_could_hear_is_ended(
    nest: Nest, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Host] = []

    def refuse(host: Host, _inbox: HostInbox) -> None:
        ended.append(host)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Host, "start", refuse)
    with pytest.raises(RuntimeError):
        nest.spawn(DEAF)
    assert ended[0].wait(0.0)


def test_only_the_latest_logs_are_kept(nest: Nest) -> None:
    logs = nest.root / "logs"
    logs.mkdir()
    for number in range(60):
        (logs / f"host-20200101T000000.{number:06d}-0.log").touch()
    host = nest.spawn(ECHO)
    nest.hears()
    left = sorted(logs.glob("host-*.log"))
    assert len(left) == 41
    assert left[-1] == host.log


def test_a_batch_is_gathered_at_once() -> None:
    inbox = HostInbox()
    for _ in range(600):
        inbox.put(Asked("Ctrl-C"))
    assert len(inbox.gather(0.0)) == 512
    assert len(inbox.gather(0.0)) == 88
    assert inbox.gather(0.0) == []


def test_gathering_waits_no_longer_than_it_may() -> None:
    before = time.monotonic()
    assert HostInbox().gather(0.05) == []
    assert time.monotonic() - before < PATIENCE


def test_the_environment_is_settled_before_exec() -> None:
    settled = environment(Trust("http://127.0.0.1:1", "/ca.pem", "00"))
    assert (settled["GOMAXPROCS"], settled["NEONIZE_BOT_TAG"]) == ("1", "off")
    assert settled["SSL_CERT_FILE"] == "/ca.pem"
    assert settled["GOGC"] == os.environ.get("GOGC", "400")
    assert environment(None, 1500)["GOGC"] == os.environ.get("GOGC", "75")
    assert environment(None).get("SSL_CERT_FILE") == os.environ.get("SSL_CERT_FILE")


def test_hosts_of_the_tests_run_this_checkout(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-P", "-c", "import waheal; print(waheal.__file__)"],
        cwd=tmp_path,
        env=environment(None),
        capture_output=True,
        text=True,
        check=True,
    )
    checkout = Path(__file__).resolve().parents[2]
    assert Path(told.stdout.strip()) == checkout / "waheal" / "__init__.py"
    assert Path(waheal.__file__) == checkout / "waheal" / "__init__.py"
