"""What Ctrl-C and its sisters mean, from the first request to end to the last; knows no run.

Theory of operation. Handlers run on the main thread, between two of its steps: one that hangs in a
call (the database's, a terminal's) hears nothing. So each request is also written into a pipe, at
once and by the interpreter itself, which a thread reads that hangs in nothing else.
"""

import math
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from waheal.exit_codes import ExitCode

LONGEST = 8.0
"""Seconds that an end in order may take once it was asked for twice."""

_ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_AT_ONCE = 3  # requests
_NUDGE = signal.SIGURG  # makes a call that waits return for a moment; nobody else uses it here
_NUDGED = 0.25  # seconds between two


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
    # Under nohup a hang-up is ignored, and is to be.
    nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    heeded = [each for each in _ASKED if not (nohup and each is signal.SIGHUP)]
    before = {each: signal.signal(each, handler) for each in heeded}
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
    calm = signal.signal(_NUDGE, lambda _number, _frame: None)
    try:
        threading.Thread(
            target=_insist, args=(reader, threading.get_ident()), name="last resort", daemon=True
        ).start()
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writer)
        signal.signal(_NUDGE, calm)


def _insist(reader: int, main: int) -> None:
    """Count the requests that are written into the pipe; returns when it is closed.

    From the first one on the main thread is nudged: one that came right before a call that waits
    would not be heard until the call returns.
    """
    asked, until = 0, math.inf
    with open(reader, "rb", buffering=0) as numbers:
        while asked < _AT_ONCE and time.monotonic() < until:
            written, _, _ = select.select([numbers], [], [], _NUDGED if asked else None)
            if not written:
                signal.pthread_kill(main, _NUDGE)
                continue
            number = numbers.read(1)
            if not number:
                return
            asked += number[0] in _ASKED
            if asked > 1:
                until = min(until, time.monotonic() + LONGEST)
        os._exit(ExitCode.INTERRUPTED)
