"""Notices calls that take long; knows neither threads nor clients, only when a call began."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Generic, TypeVar

Call = TypeVar("Call", bound=Hashable)


@dataclass(slots=True)
class _Watch:
    began: float  # monotonic seconds
    overdue_at: float | None = None
    slow: bool = False


class Watchdog(Generic[Call]):
    """Tells once when a call is slow, and once when a guarded part of it is overdue.

    `slow` and `overdue` are called on the watchdog's own thread, and must not block.
    """

    def __init__(
        self,
        slow_after: float,
        slow: Callable[[Call], None],
        overdue: Callable[[Call], None],
        now: Callable[[], float],
    ) -> None:
        self._slow_after = slow_after
        self._slow = slow
        self._overdue = overdue
        self._now = now
        # Guards _calls; never held across I/O, nor while anyone is told.
        self._changed = Condition()
        self._calls: dict[Call, _Watch] = {}

    def start(self) -> None:
        """Watch on a thread of its own; it sleeps while there is nothing to watch."""
        Thread(target=self._run, name="watchdog", daemon=True).start()

    def begin(self, call: Call) -> None:
        """Note that a call has begun."""
        with self._changed:
            self._calls[call] = _Watch(self._now())
            if len(self._calls) == 1:
                self._changed.notify()

    def guard(self, call: Call, seconds: float) -> None:
        """From now on it has so many seconds to return, or to be guarded again."""
        with self._changed:
            if call in self._calls:
                self._calls[call].overdue_at = self._now() + seconds

    def end(self, call: Call) -> bool:
        """Note that a call is over; whether it had been slow."""
        with self._changed:
            watch = self._calls.pop(call, None)
        return watch is not None and watch.slow

    def check(self) -> float | None:
        """Tell of every call that is due; in how many seconds to look again, if at all."""
        now = self._now()
        with self._changed:
            slow = [
                call
                for call, watch in self._calls.items()
                if not watch.slow and now >= watch.began + self._slow_after
            ]
            overdue = [
                call
                for call, watch in self._calls.items()
                if watch.overdue_at is not None and now >= watch.overdue_at
            ]
            for call in slow:
                self._calls[call].slow = True
            for call in overdue:
                self._calls[call].overdue_at = None
        for call in slow:
            self._slow(call)
        for call in overdue:
            self._overdue(call)
        with self._changed:
            # Never longer than slowness takes: a call that begins meanwhile wakes nobody.
            return self._slow_after if self._calls else None

    def _run(self) -> None:
        while True:
            wait = self.check()
            with self._changed:
                if wait is None:
                    self._changed.wait_for(lambda: bool(self._calls))
                else:
                    self._changed.wait(wait)
