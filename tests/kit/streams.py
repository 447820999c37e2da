"""Streams whose readers stall: a pipe that is full at once, and a reader that begins when told."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

SMALL = 4096
"""Bytes that the smallest pipe holds."""


@contextmanager
def small_pipe() -> Iterator[tuple[BinaryIO, TextIO]]:
    """Give a pipe's ends; what is beyond `SMALL` bytes waits until somebody reads.

    Whoever still waits with the block's end finds the pipe broken.
    """
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, SMALL)
    with os.fdopen(reader, "rb") as source, os.fdopen(writer, "w", encoding="utf-8") as stream:
        yield source, stream


class Reader:
    """Reads a stream to its end, from now on, by a descriptor of its own."""

    def __init__(self, source: BinaryIO) -> None:
        self._read = bytearray()
        self._source = os.dup(source.fileno())
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._thread.start()

    def lines(self) -> list[str]:
        """Wait for the end; the writing end must be closed."""
        self._thread.join()
        return self._read.decode().splitlines()

    def _go_on(self) -> None:
        while data := os.read(self._source, 65536):
            self._read += data
        os.close(self._source)


def fill(stream: TextIO) -> None:
    """Fill a pipe to the last byte."""
    os.set_blocking(stream.fileno(), False)
    try:
        while True:
            os.write(stream.fileno(), b"\n")
    except BlockingIOError:
        os.set_blocking(stream.fileno(), True)
