"""A machine that loses its power: a session of processes, whose hosts have their own groups."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def cut_power(session: int) -> int:
    """End every process of a session at once, so that none hears of another's end; tells how many.

    Each is stopped first, and killed once none is missing.
    """
    stopped: set[int] = set()
    while new := {*_of(session)} - stopped:
        for pid in new:
            _tell(pid, signal.SIGSTOP)
        stopped |= new
    for pid in stopped:
        _tell(pid, signal.SIGKILL)
    while any(_of(session)):
        time.sleep(0.01)
    return len(stopped)


def _of(session: int) -> Iterator[int]:
    """Find who lives of a session in proc(5)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, _parent, _group, its, *_ = stat.read_text().rpartition(")")[2].split()
            if int(its) == session and state not in "ZX":
                yield int(stat.parent.name)


def _tell(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
