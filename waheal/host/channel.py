"""The host's end of its channel; knows what is said only by its type.

Two threads, both only queues: one reads, and sees to the end of the process when the other end is
gone; one writes what would have to wait, so that nobody who has something to tell ever does. What
need not wait is written by who tells it: so it outlives this process, and no thread wakes for it.
"""

import os
import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Lock, Thread

from waheal.wire import MOST_TOGETHER, Answer, Command, ReceiptSeen, Report, Setup

_LAST_MOMENT = 3.0
"""Seconds until the process ends whose other end is gone; a new run waits longer for the lock."""

_UNREAD = 1.0  # seconds for which what was written may not have been read yet
_FRAMES = 1024  # of those, the latest that are kept

_SMALL = (Answer, ReceiptSeen)
"""Told with each message, and far smaller than the room that there is when there is any."""

Keep = Callable[[Sequence[Report]], None]
"""Puts reports where the next run finds them."""


class Channel:
    """Commands in, reports out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._room = select.poll()
        self._room.register(connection, select.POLLOUT)
        # Guards the way out while nothing waits for the writer, and the count of what does; what is
        # written under it has room, and goes at once.
        self._lock = Lock()
        self._waiting = 0
        self._outbox: SimpleQueue[Report | Flag] = SimpleQueue()
        self._inbox: SimpleQueue[Command | None] = SimpleQueue()
        self._keep: Keep | None = None
        self._gone = False
        self._unread: deque[tuple[float, list[Report]]] = deque(maxlen=_FRAMES)

    def start(self) -> None:
        """Begin to read and to write."""
        Thread(target=self._read, name="reader", daemon=True).start()
        Thread(target=self._write, name="writer", daemon=True).start()

    def receive(self) -> Command | None:
        """Wait for the next command; None where none will come, and the process is to end."""
        return self._inbox.get()

    def receive_setup(self) -> Setup:
        """Wait for the first command."""
        match self._inbox.get():
            case Setup() as setup:
                return setup
            case other:
                raise TypeError(other)

    def outlive(self, keep: Keep) -> None:
        """From now on, live for a moment longer than the other end, and keep what is told then.

        Until this is called the process ends with it at once. Kept is also what may not have been
        read: that it was read can't be known.
        """
        self._keep = keep

    def tell(self, report: Report) -> None:
        """Put a report on its way; never waits, and what is told earlier is heard earlier."""
        with self._lock:
            if not self._waiting and isinstance(report, _SMALL) and self._has_room():
                self._say([report])
            else:
                self._leave(report)

    def flush(self, timeout: float) -> bool:
        """Wait until everything told before is written."""
        written = Flag()
        with self._lock:
            self._leave(written)
        return written.wait(timeout)

    def _has_room(self) -> bool:
        """Whether a small report is written without a wait: much of the buffer is free."""
        return not self._gone and [ready for _, ready in self._room.poll(0)] == [select.POLLOUT]

    def _leave(self, told: Report | Flag) -> None:
        self._waiting += 1
        self._outbox.put(told)

    def _read(self) -> None:
        try:
            while True:
                frame = self._connection.recv()
                for command in frame if isinstance(frame, list) else [frame]:
                    self._inbox.put(command)
        except (EOFError, OSError):
            self._lose()
        with self._lock:
            self._leave(Flag())  # the writer may have nothing to say, and keeps what was unread
        self._inbox.put(None)
        time.sleep(_LAST_MOMENT)
        os._exit(0)

    def _write(self) -> None:
        while True:
            told = [self._outbox.get(), *self._at_hand()]
            self._say([each for each in told if not isinstance(each, Flag)])
            with self._lock:
                self._waiting -= len(told)
            for each in told:
                if isinstance(each, Flag):
                    each.set()

    def _say(self, reports: list[Report]) -> None:
        if reports and not self._gone:
            try:
                self._connection.send(reports if len(reports) > 1 else reports[0])
                self._unread.append((time.monotonic(), reports))
            except OSError:
                self._lose()
            else:
                return
        if self._gone and self._keep is not None:
            since = time.monotonic() - _UNREAD
            unread = [each for at, frame in self._unread if at >= since for each in frame]
            self._unread.clear()
            self._keep([*unread, *reports])

    def _lose(self) -> None:
        """Note that the other end is gone, as the reader and the writer may both find out."""
        if self._keep is None:
            os._exit(0)
        self._gone = True

    def _at_hand(self) -> list[Report | Flag]:
        """Take what waits with the first."""
        told: list[Report | Flag] = []
        with suppress(Empty):
            while len(told) < MOST_TOGETHER - 1:
                told.append(self._outbox.get_nowait())
        return told
