"""Writes lines to a stream whose reader may go away; knows nothing of what they say."""

import contextlib
import os
import threading
from typing import IO


class Talk:
    """A stream for lines; once it fails it is left alone, since the run must go on."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lock = threading.Lock()  # guards _lost and the order of lines; I/O happens under it
        self._lost: OSError | None = None

    @property
    def lost(self) -> OSError | None:
        """Why nothing is written any more, if so."""
        return self._lost

    def say(self, text: str) -> bool:
        """Write the text and flush; False when the stream is lost, now or before."""
        with self._lock:
            if self._lost is None:
                try:
                    self._write(text)
                except OSError as error:
                    self._lost = error
                    _silence(self._stream)
            return self._lost is None

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except BlockingIOError:
            # Another program made the shared terminal or pipe non-blocking. What did not fit is
            # still in Python's buffer.
            os.set_blocking(self._stream.fileno(), True)
            self._stream.flush()


def _silence(stream: IO[str]) -> None:
    """Point the stream's descriptor at nothing, so that Python's flush at exit can't fail."""
    with contextlib.suppress(OSError):  # no descriptor (a test's stream): nothing is left to fail
        descriptor = stream.fileno()
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, descriptor)
        os.close(nothing)
