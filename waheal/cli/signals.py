"""What Ctrl-C and its sisters mean, from the first request to end to the last; knows no run.

Theory of operation. Handlers run on the main thread, between two of its steps: one that hangs in a
call (the database's, a terminal's) hears nothing. So each request is also written into a pipe, at
once and by the interpreter itself, which a thread reads that hangs in nothing else.
"""

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from waheal.model import ExitCode

LONGEST = 8.0
"""Seconds that an end in order may take once it was asked for twice."""

_ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """Make the first request to end a KeyboardInterrupt, so that what was begun is left tidily.

    That is not interrupted again. But after the second request the process ends within `LONGEST`
    seconds whatever hangs, at the third one at once: as a kill would end it, but with 130.
    """
    asked = list[int]()

    def interrupt(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        if len(asked) == 1:
            raise KeyboardInterrupt

    with _insistent(), _handled(interrupt):
        yield


@contextmanager
def draining(first: Callable[[str], None], second: Callable[[], None]) -> Iterator[None]:
    """Call `first` with the reason on the first request to end, `second` on every other one."""
    asked = list[int]()

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        if len(asked) == 1:
            first("Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name)
        else:
            second()

    with _handled(ask):
        yield


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {each: signal.signal(each, handler) for each in _ASKED}
    try:
        yield
    finally:
        for each, old in before.items():
            signal.signal(each, old)


@contextmanager
def _insistent() -> Iterator[None]:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_insist, args=(reader,), name="last resort", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writer)


def _insist(reader: int) -> None:
    """Count the requests that are written into the pipe; returns when it is closed."""
    with open(reader, "rb", buffering=0) as requests:
        for _ in range(2):
            if not requests.read(1):
                return
        third, _, _ = select.select([requests], [], [], LONGEST)
        if third and not requests.read(1):
            return
        os._exit(ExitCode.INTERRUPTED)
