"""A host process as the coordinator has one: its channel, its log, what it reported."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from tests.contract.sandbox import Sandbox
from waheal.client_version import ClientVersion
from waheal.model import DeviceId, Outcome
from waheal.wire import (
    Answer,
    Command,
    Finish,
    HostSettings,
    Pair,
    PairCode,
    Paired,
    PairFailed,
    QrCode,
    Ready,
    Report,
    Role,
    Setup,
)

R = TypeVar("R")

PATIENCE = 90.0  # seconds: the machine may be busy


class HostProcess:
    def __init__(self, setup: Setup, log: Path, environment: dict[str, str] | None = None) -> None:
        ours, theirs = socket.socketpair()
        settled = {"GOMAXPROCS": "1", "NEONIZE_BOT_TAG": "off"}
        if setup.settings.trust is not None:
            settled["SSL_CERT_FILE"] = setup.settings.trust.ca
        self.log = log
        with theirs, log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "waheal.host", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **settled, **(environment or {})},
                pass_fds=[theirs.fileno()],
            )
        self._socket = ours
        self._pipe = Connection(os.dup(ours.fileno()))
        self._changed = threading.Condition()  # guards the reports
        self.reports: list[Report] = []
        self._over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.tell(setup)

    def tell(self, command: Command) -> None:
        self._pipe.send(command)

    def wait(self, find: Callable[[list[Report]], R | None], timeout: float = PATIENCE) -> R:
        """Wait until `find` finds something in what was reported."""
        found: list[R] = []

        def look() -> bool:
            result = find(self.reports)
            found[:] = [] if result is None else [result]
            return bool(found) or self._over

        with self._changed:
            self._changed.wait_for(look, timeout)
        assert found, f"{self.reports[-30:]}\n{self.log.read_text()[-3000:]}"
        return found[0]

    def first(self, kind: type[R], *, after: int = 0, timeout: float = PATIENCE) -> R:
        """Wait for the first report of this kind, from number `after` on."""
        return self.wait(
            lambda told: next((each for each in told[after:] if isinstance(each, kind)), None),
            timeout,
        )

    def answers(self, count: int, timeout: float = PATIENCE) -> dict[int, Answer]:
        def find(told: list[Report]) -> dict[int, Answer] | None:
            found = [each for each in told if isinstance(each, Answer)]
            return {each.delivery: each for each in found} if len(found) >= count else None

        return self.wait(find, timeout)

    def outcome(self, delivery: int) -> Outcome:
        """Wait for the answer to this delivery's Send."""

        def find(told: list[Report]) -> Answer | None:
            answers = (each for each in told if isinstance(each, Answer))
            return next((each for each in answers if each.delivery == delivery), None)

        return self.wait(find).outcome

    def wait_for_log(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while words not in self.log.read_text():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)  # nobody tells of a line in a file

    def finish(self) -> int:
        self.tell(Finish())
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """Close the channel; the process must end by itself."""
        if self._pipe.closed:
            return
        self._socket.shutdown(socket.SHUT_RDWR)  # closing would not wake the reader
        self._reader.join()
        self._pipe.close()
        self._socket.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def _read(self) -> None:
        try:
            while True:
                frame = self._pipe.recv()
                with self._changed:
                    self.reports += frame if isinstance(frame, list) else [frame]
                    self._changed.notify_all()
        except (EOFError, OSError):
            with self._changed:
                self._over = True
                self._changed.notify_all()


class Home:
    """A folder with a session database, and the hosts that a test starts on it."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.control = sandbox.control
        self.sessions = folder / "sessions.db"
        self._folder = folder
        self._hosts: list[HostProcess] = []

    @property
    def next_log(self) -> Path:
        return self._folder / f"host-{len(self._hosts)}.log"

    def host(self, setup: Setup, environment: dict[str, str] | None = None) -> HostProcess:
        host = HostProcess(setup, self.next_log, environment)
        self._hosts.append(host)
        return host

    def sender(
        self,
        *,
        call_timeout: float = 90.0,
        max_open: int = 1000,
        connect_timeout: float = 20.0,
    ) -> HostProcess:
        host = self.host(
            Setup(
                str(self.sessions),
                log=str(self.next_log),
                settings=HostSettings(
                    self.sandbox.trust,
                    call_timeout=call_timeout,
                    max_open=max_open,
                    connect_timeout=connect_timeout,
                ),
            )
        )
        host.first(Ready)
        return host

    def pair(self, *labels: str, version: ClientVersion | None = None) -> dict[str, str]:
        """Link new devices; their sessions by label."""
        settings = HostSettings(self.sandbox.trust, version)
        host = self.host(Setup(str(self.sessions), Role.PAIR, settings))
        host.first(Ready)
        sessions: dict[str, str] = {}
        for label in labels:
            start = len(host.reports)
            host.tell(Pair(DeviceId(label)))
            self.control.phones.scan(host.first(QrCode, after=start).code)
            sessions[label] = host.first(Paired, after=start).jid
        assert host.finish() == 0
        return sessions

    def close(self) -> None:
        for host in self._hosts:
            host.close()


__all__ = ["Home", "HostProcess", "PairCode", "PairFailed"]
