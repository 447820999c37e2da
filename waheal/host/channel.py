"""The host's end of its channel; knows what is said only by its type.

Two threads, both only queues: one reads, and ends the process at once when the other end is gone
(nothing is finished: the coordinator that would hear of it is dead); one writes, so that nobody
who has something to tell ever waits for the coordinator.
"""

import os
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread

from waheal.wire import MOST_TOGETHER, Command, Report, Setup


class Channel:
    """Commands in, reports out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inbox: SimpleQueue[Command] = SimpleQueue()
        self._outbox: SimpleQueue[Report | Flag] = SimpleQueue()

    def start(self) -> None:
        """Begin to read and to write."""
        Thread(target=self._read, name="reader", daemon=True).start()
        Thread(target=self._write, name="writer", daemon=True).start()

    def receive(self) -> Command:
        """Wait for the next command."""
        return self._inbox.get()

    def receive_setup(self) -> Setup:
        """Wait for the first command."""
        match self._inbox.get():
            case Setup() as setup:
                return setup
            case other:
                raise TypeError(other)

    def tell(self, report: Report) -> None:
        """Put a report on its way; never waits."""
        self._outbox.put(report)

    def flush(self, timeout: float) -> bool:
        """Wait until everything told before is written."""
        written = Flag()
        self._outbox.put(written)
        return written.wait(timeout)

    def _read(self) -> None:
        try:
            while True:
                frame = self._connection.recv()
                for command in frame if isinstance(frame, list) else [frame]:
                    self._inbox.put(command)
        except (EOFError, OSError):
            os._exit(0)

    def _write(self) -> None:
        try:
            while True:
                told = [self._outbox.get(), *self._at_hand()]
                reports = [each for each in told if not isinstance(each, Flag)]
                if reports:
                    self._connection.send(reports if len(reports) > 1 else reports[0])
                for each in told:
                    if isinstance(each, Flag):
                        each.set()
        except OSError:
            os._exit(0)  # the other end is gone; the reader would say the same

    def _at_hand(self) -> list[Report | Flag]:
        """Take what waits with the first."""
        told: list[Report | Flag] = []
        with suppress(Empty):
            while len(told) < MOST_TOGETHER - 1:
                told.append(self._outbox.get_nowait())
        return told
