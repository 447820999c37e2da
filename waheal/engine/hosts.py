"""Host processes: starting, talking to, reaping; knows nothing of deliveries.

A host is `python -m waheal.host FD` with its environment set at exec, because Go reads it only
then. Two threads serve each host, both only queues: one reads its reports into the run's inbox,
one writes its commands, so that a host that stopped reading never blocks the coordinator.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue

from waheal.engine.unwritten import Unwritten
from waheal.model import Trust
from waheal.seal import seal, seal_path
from waheal.wire import MOST_TOGETHER, Command, Report, Role, Setup

_KEPT_LOGS = 40  # a log is evidence for its messages in doubt, so the latest stay


@dataclass(frozen=True, slots=True)
class Heard:
    """A report from a host."""

    host: "Host"
    report: Report


@dataclass(frozen=True, slots=True)
class Died:
    """A host process is reaped; nothing of it runs any more.

    `crashed`: by a fault of the library's, or of its own; not killed, and not asked to end.
    """

    host: "Host"
    cause: str
    crashed: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The operator asks for the end: once what is in flight is over, or `at_once`."""

    reason: str
    at_once: bool = False


Message = Heard | Died | Asked

_BATCH = 512
# The library's heap is small (10 MB beside 50 devices), so it is collected at each few messages:
# at the default of 100 that is 4 to 6 % of a host's processor. A host of many clients has a large
# one, that is seldom collected, and would be twice as large.
_GOGC, _GOGC_OF_MANY = "400", "75"
_MANY = 500  # clients open at once
_REAPED = 5.0  # seconds for a killed process to be gone

# Go ends with 2 where nobody recovers, and by these signals where its own code faults.
_GO_FAULT = 2
_CRASHES = frozenset(
    {_GO_FAULT, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}
)


class HostInbox:
    """What hosts and operators tell; anybody may put, from any thread or signal handler."""

    def __init__(self, unwritten: Unwritten | None = None) -> None:
        self._messages: SimpleQueue[Message] = SimpleQueue()
        self._unwritten = unwritten
        self._lock = threading.Lock()  # guards the file; short writes that no disk is waited for

    def put(self, message: Message) -> None:
        """Leave a message."""
        self._messages.put(message)

    def put_reports(self, host: "Host", reports: Sequence[Report]) -> None:
        """Leave what a host said, and keep it on file until `written`."""
        with self._lock:
            if self._unwritten is not None:
                self._unwritten.keep(host.log.name, reports)
            for report in reports:
                self._messages.put(Heard(host, report))

    def gather(self, patience: float) -> list[Message]:
        """Wait up to `patience` seconds for a message, and take what came together with it."""
        messages: list[Message] = []
        with suppress(Empty):
            messages.append(self._messages.get(timeout=patience))
            with self._lock:
                self._gather(messages)
        return messages

    def _gather(self, messages: list[Message]) -> None:
        with suppress(Empty):
            while len(messages) < _BATCH:
                messages.append(self._messages.get_nowait())
            return
        if self._unwritten is not None:
            self._unwritten.mark()

    def linger(self, seconds: float) -> list[Message]:
        """Let so many seconds pass, and take what came meanwhile."""
        time.sleep(seconds)  # not a wait for the first: it would wake this thread for each
        return self.gather(0.0)

    def written(self) -> None:
        """Let go of what was gathered: the ledger has it."""
        with self._lock:
            if self._unwritten is not None:
                self._unwritten.written()


class Host:
    """One living host process with its pipe.

    `number` stays when a host is replaced, `log` (a file name in the home's logs) does not.
    """

    def __init__(
        self, number: int, process: subprocess.Popen[bytes], pipe: Connection, log: Path
    ) -> None:
        self.number = number
        self.log = log
        self._process = process
        self._pipe = pipe
        self._outbox: SimpleQueue[Command | None] = SimpleQueue()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def lives(self) -> bool:
        """Whether the process has not ended yet."""
        return self._process.poll() is None

    def send(self, command: Command) -> None:
        """Queue a command. A dead host never reads it: its death is told in the inbox."""
        self._outbox.put(command)

    def kill(self) -> None:
        """End the process at once; `Died` follows in the inbox."""
        self._process.kill()

    def wait(self, timeout: float) -> bool:
        """Wait for the process to end; False when it is still there after `timeout` seconds."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def start(self, inbox: HostInbox) -> None:
        """Begin to read and to write."""
        threading.Thread(target=self._read, args=(inbox,), daemon=True).start()
        threading.Thread(target=self._write, daemon=True).start()

    def _read(self, inbox: HostInbox) -> None:
        try:
            while True:
                frame = self._pipe.recv()
                inbox.put_reports(self, frame if isinstance(frame, list) else [frame])
        except (EOFError, OSError):
            code = self._process.wait()
        self._outbox.put(None)
        inbox.put(Died(self, _cause(code), crashed=code in _CRASHES))

    def _write(self) -> None:
        try:
            while (command := self._outbox.get()) is not None:
                commands = [command, *self._at_hand()]
                self._pipe.send(commands if len(commands) > 1 else command)
        except OSError:
            return  # the reader sees the same end, and tells it
        self._pipe.close()

    def _at_hand(self) -> list[Command]:
        """Take the commands that wait with the first: a turn's claims go out together."""
        commands: list[Command] = []
        with suppress(Empty):
            while len(commands) < MOST_TOGETHER - 1:
                command = self._outbox.get_nowait()
                if command is None:
                    self._outbox.put(None)  # the end is the last that comes
                    break
                commands.append(command)
        return commands


def spawn(number: int, setup: Setup, *, logs: Path, lock_fd: int | None, inbox: HostInbox) -> Host:
    """Start a host; `Ready` follows in the inbox once the library is loaded.

    The child inherits `lock_fd`, so that the home stays locked as long as it lives, and nothing
    else: another host's pipe in its hands would keep that host from seeing its end.
    """
    log = _new_log(logs, number)
    if setup.role is Role.SEND:
        setup = replace(setup, log=str(log), lock=lock_fd)
        seal(Path(setup.sessions), seal_path(log))
    ours, theirs = socket.socketpair()
    fds = [theirs.fileno(), *([] if lock_fd is None else [lock_fd])]
    with theirs, log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "waheal.host", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment(setup.settings.trust, setup.settings.max_open),
            pass_fds=fds,
            process_group=0,  # the terminal's Ctrl-C is for the coordinator alone
        )
    host = Host(number, process, Connection(ours.detach()), log)
    try:
        host.start(inbox)
    except RuntimeError:  # no thread is to be had: nobody would hear it
        host.kill()
        host.wait(_REAPED)
        raise
    host.send(setup)
    return host


def environment(trust: Trust | None, clients: int = 1) -> dict[str, str]:
    """Make the environment that a process which loads the library must find at exec.

    `clients`: so many may be open in it at once.
    """
    settled = {"GOMAXPROCS": "1", "NEONIZE_BOT_TAG": "off"}
    if trust is not None:
        settled["SSL_CERT_FILE"] = trust.ca
    return {"GOGC": _GOGC if clients <= _MANY else _GOGC_OF_MANY, **os.environ, **settled}


def _new_log(logs: Path, number: int) -> Path:
    logs.mkdir(mode=0o700, exist_ok=True)
    for old in sorted(logs.glob("host-*.log"))[:-_KEPT_LOGS]:
        old.unlink(missing_ok=True)
        seal_path(old).unlink(missing_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    return logs / f"host-{stamp}-{number}.log"


def _cause(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"ended with code {code}"
