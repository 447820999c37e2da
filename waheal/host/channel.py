"""The host's end of its channel; knows what is said only by its type.

Two threads, both only queues: one reads, and ends the process at once when the other end is gone
(nothing is finished: the coordinator that would hear of it is dead); one writes, so that nobody
who has something to tell ever waits for the coordinator.
"""

import os
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread

from waheal.wire import Command, Report, Setup


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
                self._inbox.put(self._connection.recv())
        except (EOFError, OSError):
            os._exit(0)

    def _write(self) -> None:
        try:
            while True:
                match self._outbox.get():
                    case Flag() as written:
                        written.set()
                    case report:
                        self._connection.send(report)
        except OSError:
            os._exit(0)  # the other end is gone; the reader would say the same
