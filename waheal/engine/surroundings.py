"""What the engine is given of the world: the time, and how host processes are started."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from waheal.engine.hosts import Host, HostInbox, spawn
from waheal.engine.unwritten import Unwritten
from waheal.wire import Setup


class Starter(Protocol):
    """Starts a host process, as `hosts.spawn` does."""

    def __call__(
        self, number: int, setup: Setup, *, logs: Path, lock_fd: int | None, inbox: HostInbox
    ) -> Host:
        """Start a host whose reports come into `inbox`.

        Raises: OSError: the machine has no room for it.
        """


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The world as the engine meets it; a test passes one of its own.

    `now` gives Unix seconds, `monotonic` seconds that nobody sets back, `inbox` an empty inbox
    that keeps what it is given on that file, if any: in it the engine waits, and nowhere else.
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    start: Starter = spawn
    inbox: Callable[[Unwritten | None], HostInbox] = HostInbox


REAL = Surroundings()
"""This machine's clocks and processes."""
