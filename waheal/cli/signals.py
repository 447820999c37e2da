"""What Ctrl-C and its sisters mean while something runs; knows no run."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from waheal.cli.console import say

_ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """Make every request to end a KeyboardInterrupt, so that what was begun is left tidily."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled(interrupt):
        try:
            yield
        except KeyboardInterrupt:
            say("interrupted; run it again to go on")
            raise


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
