"""Measures commands and calls: medians, interleaved, since the machine is shared; judges nothing.

`peak` is the largest resident set that the kernel saw (`ru_maxrss`). A child starts with its
parent's, which is far below what is measured here.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a command printed, and how many seconds after its start."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command cost: seconds of wall and of processor, and its peak in MB."""

    seconds: float
    processor: float
    peak: float
    code: int
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return "".join(line.text for line in self.lines)


def processor_of(pid: int) -> float:
    """Tell the seconds of processor that a process has used (proc(5), stat, after its name)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def queued_of(pid: int) -> float:
    """Tell the seconds for which a process's threads could have run, and others did.

    Of those that live (proc(5), schedstat); so much of what it waited for is the neighbours'.
    """
    found = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # it has ended meanwhile
            found += int((task / "schedstat").read_text().split()[1])
    return found / 1e9


def peak_of(pid: int) -> float:
    """Tell the largest resident set of a process so far, in MB (proc(5), status)."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def run(words: Sequence[str], *, codes: frozenset[int] = frozenset({0})) -> Spent:
    """Run a command to its end; one that ends with another code is the benchmark's end, too."""
    began = time.monotonic()
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    # What these commands say on stderr stays far below what the pipe holds.
    with process.stdout, process.stderr:
        lines = tuple(Line(time.monotonic() - began, text) for text in process.stdout)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in codes:
            tail = "".join(line.text for line in lines[-5:])
            raise SystemExit(
                f"{' '.join(words)} ended with {process.returncode}:\n"
                f"{tail}{process.stderr.read()[-2000:]}"
            )
    processor = usage.ru_utime + usage.ru_stime
    return Spent(seconds, processor, usage.ru_maxrss / 1024, process.returncode, lines)


def waheal(*words: str, codes: frozenset[int] = frozenset({0})) -> Spent:
    """Run a command of waheal's."""
    return run([sys.executable, "-m", "waheal.cli", *words], codes=codes)


def middle(found: Sequence[Spent]) -> Spent:
    """Give the one of the median time."""
    return sorted(found, key=lambda spent: spent.seconds)[len(found) // 2]


def seconds(work: Callable[[], object]) -> float:
    """Tell how long a call takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def interleaved(
    times: int, *measures: Callable[[], float], warm_up: bool = True
) -> tuple[float, ...]:
    """Take turns, so that a busy neighbour is everyone's; the median of each.

    `warm_up`: once each beforehand, uncounted.
    """
    if warm_up:
        for measure in measures:
            measure()
    rounds = [[measure() for measure in measures] for _ in range(times)]
    return tuple(median(found) for found in zip(*rounds, strict=True))


def share(values: Sequence[float], part: float) -> float:
    """Tell the value that so large a part (0..1) of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(part * (len(ordered) - 1)))]
