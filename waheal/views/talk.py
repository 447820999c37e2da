"""Writes to a stream whose reader may stall or go away; knows nothing of what is said.

Theory of operation. Whoever speaks leaves bytes in a queue and goes on; a thread of the stream's
own writes them, in order. It writes to the descriptor, past Python's stream: that one has a lock,
which a thread that is stuck in a write would still hold when the process is to end. A stream
without a descriptor is in memory, where nobody is waited for, and is written to at once.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TextIO

ROOM = 8 << 20
"""Bytes that may wait for a reader: some forty thousand events."""

PATIENCE = 5.0
"""Seconds for which a reader that takes nothing is waited for at the end."""

_BATCH = 512  # pieces


class Talk:
    """A stream for lines. To say something never waits for the reader.

    A reader that lags misses nothing while what waits for it is less than `ROOM` bytes. Past that
    what is said is left out until it has caught up, so that what it misses is one piece. Once the
    stream fails it is left alone, since the run must go on. `reword` has the last word on each.
    """

    def __init__(self, stream: TextIO, reword: Callable[[str], str] = str) -> None:
        self.stream = stream
        self._reword = reword
        self._descriptor = _descriptor(stream)
        # Guards the next three and the order of lines; no I/O under it.
        self._lock = threading.Lock()
        self._said = 0  # bytes
        self._full = False
        self._writer: threading.Thread | None = None
        self._queue: SimpleQueue[bytes | threading.Event | None] = SimpleQueue()
        self._written = 0  # bytes; only the writer changes it
        self._lost: OSError | None = None
        self._whole: bool | None = None  # once it is closed: whether everything was written

    @property
    def lost(self) -> OSError | None:
        """Why nothing is written any more, if so."""
        return self._lost

    @property
    def behind(self) -> bool:
        """Whether something still waits for the reader."""
        return self._said > self._written

    def say(self, text: str, *, always: bool = False, as_is: bool = False) -> bool:
        """Have the text written; False when it is left out.

        `always`: however much waits; `as_is`: without the last word of `reword`.
        """
        text = text if as_is else self._reword(text)
        if self._descriptor is None:
            return self._say_at_once(text)
        data = _encoded(self.stream, text)
        with self._lock:
            if threaded := self._begin(self._descriptor):
                over = self._lost is not None or self._whole is not None
                if over or not (self._has_room(len(data)) or always):
                    return False
                self._said += len(data)
                self._queue.put(data)
        return threaded or self._say_at_once(text)

    def flush(self) -> bool:
        """Wait for the reader as long as it takes something; tells whether it has everything."""
        if self._writer is not None:
            reached, before = threading.Event(), self._written
            self._queue.put(reached)
            while not reached.wait(PATIENCE):
                if self._written == before:
                    return False
                before = self._written
        return self._lost is None

    def close(self) -> bool:
        """Flush, and end the thread; it is left where it is when nobody reads.

        A second call only tells the same.
        """
        if self._whole is None:
            self._whole = self.flush()
            self._queue.put(None)
        return self._whole

    def _begin(self, stream: int) -> bool:
        """Have a thread that writes; False where the machine has none left."""
        if self._writer is not None or self._lost is not None:
            return True
        try:
            # Its own descriptor: a write that hangs may outlive the stream, whose number another
            # file could get.
            mine = os.dup(stream)
        except OSError as error:
            self._lost = error
            return True
        writer = threading.Thread(target=self._write, args=(mine,), name="talk", daemon=True)
        try:
            writer.start()
        except RuntimeError:
            os.close(mine)
            return False
        self._writer = writer
        return True

    def _has_room(self, size: int) -> bool:
        waiting = self._said - self._written
        self._full = waiting > 0 and (self._full or waiting + size > ROOM)
        return not self._full

    def _say_at_once(self, text: str) -> bool:
        if self._lost is None:
            try:
                speak(self.stream, text)
            except OSError as error:
                self._lost = error
        return self._lost is None

    def _write(self, descriptor: int) -> None:
        ended = False
        while not ended:
            pieces = self._gather()
            data = b"".join(each for each in pieces if isinstance(each, bytes))
            if self._lost is None:
                self._put_down(descriptor, data)
            for each in pieces:
                if isinstance(each, threading.Event):
                    each.set()
            ended = None in pieces
        os.close(descriptor)

    def _gather(self) -> list[bytes | threading.Event | None]:
        """Wait for a piece, and take what came together with it.

        After a write a thread waits its turn among Python's: one write for each line would be slow.
        """
        pieces = [self._queue.get()]
        with suppress(Empty):
            while len(pieces) < _BATCH:
                pieces.append(self._queue.get_nowait())
        return pieces

    def _put_down(self, descriptor: int, data: bytes) -> None:
        try:
            _put(descriptor, data)
            self._written += len(data)
        except OSError as error:
            self._lost = error


def speak(stream: TextIO, text: str) -> None:
    """Write the text, and wait until the reader has taken it.

    Raises: OSError: it can't be written.
    """
    descriptor = _descriptor(stream)
    if descriptor is None:
        stream.write(text)
        stream.flush()
    else:
        _put(descriptor, _encoded(stream, text))


def _descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except OSError:
        return None


def _encoded(stream: TextIO, text: str) -> bytes:
    return text.encode(stream.encoding, stream.errors or "strict")


def _put(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            # Another program made the shared terminal or pipe non-blocking.
            os.set_blocking(descriptor, True)
