"""Hosts that take a Send and answer at once that it was accepted: in this process, or as a child.

As a child it also makes a Signal session with each recipient in the session database, as the
library does beside a run; within the process they are there before.
"""

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

from waheal.engine.hosts import Died, Host, HostInbox
from waheal.host.channel import Channel
from waheal.model import Accepted
from waheal.seal import seal, seal_path
from waheal.wire import Answer, Command, Finish, Ready, Send, Setup


class PromptHost(Host):
    """A host without a process."""

    def __init__(self, number: int, log: Path, inbox: HostInbox) -> None:
        self.number = number
        self.log = log
        self._inbox = inbox
        self._over = False

    def send(self, command: Command) -> None:
        match command:
            case Send():
                self._inbox.put_reports(self, [answer(command)])
            case Finish():
                self._over = True
                self._inbox.put(Died(self, "ended with code 0"))
            case _:
                pass

    def lives(self) -> bool:
        return not self._over

    def wait(self, timeout: float) -> bool:  # noqa: ARG002 - the real one's shape
        return self._over


def within(
    number: int,
    setup: Setup,
    *,
    logs: Path,
    lock_fd: int | None,  # noqa: ARG001 - the real one's shape
    inbox: HostInbox,
) -> Host:
    """Start one in this process."""
    return PromptHost(number, new_log(logs, number, setup), inbox)


def apart(
    number: int,
    setup: Setup,
    *,
    logs: Path,
    lock_fd: int | None,  # noqa: ARG001 - the real one's shape
    inbox: HostInbox,
) -> Host:
    """Start one as a child, behind a pipe as the real one."""
    log = new_log(logs, number, setup)
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.prompt", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    host = Host(number, process, Connection(ours.detach()), log)
    host.start(inbox)
    host.send(setup)
    return host


def new_log(logs: Path, number: int, setup: Setup) -> Path:
    logs.mkdir(mode=0o700, exist_ok=True)
    log = logs / f"host-{number}.log"
    log.touch()
    seal(Path(setup.sessions), seal_path(log))
    return log


def answer(send: Send) -> Answer:
    sent = Accepted(f"ID{send.delivery}-{send.attempt}")
    return Answer(send.delivery, send.attempt, send.device, sent)


def meet(sessions: sqlite3.Connection, sends: list[tuple[str, str]]) -> None:
    """Write the Signal sessions of these devices (JID) with these people (+digits)."""
    sessions.execute("BEGIN IMMEDIATE")
    sessions.executemany(
        "INSERT OR IGNORE INTO whatsmeow_sessions VALUES (?, ?, x'00')",
        ((jid, f"{phone[1:]}:0") for jid, phone in sends),
    )
    sessions.execute("COMMIT")


def main() -> None:
    channel = Channel(Connection(int(sys.argv[1])))
    channel.start()
    setup = channel.receive_setup()
    channel.tell(Ready(os.getpid(), "none"))
    with closing(sqlite3.connect(setup.sessions, isolation_level=None, timeout=10)) as sessions:
        while (first := channel.receive()) != Finish():
            sends = [first] if isinstance(first, Send) else []
            meet(sessions, [(each.jid, each.phone) for each in sends])
            for each in sends:
                channel.tell(answer(each))
    channel.flush(5.0)
    os._exit(0)


if __name__ == "__main__":
    main()
