"""`python -m tests.hostile.forks`: runs command lines, each in a fork of its own, within limits.

What waheal imports is imported once; a command costs a fork, which is what makes thousands of
them affordable. An order is a JSON line on stdin, and how it ended is one on stdout.
"""

import gc
import importlib
import json
import os
import pty
import resource
import select
import signal
import sys
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import TextIO, TypedDict

from tests.hostile.watching import watch
from waheal.cli.__main__ import main as waheal
from waheal.cli.app import ENTRIES

CPU = 10  # seconds
MEMORY = 300 << 20  # bytes of data: what a process allocates, without what it maps
_PATIENCE = 120.0  # seconds: whoever waits uses no CPU
_MOST = 8 << 20  # bytes of output
_STREAMS = (1, 2)


class Order(TypedDict):
    """A command line; words in Latin-1, a character a byte."""

    words: list[str]
    env: dict[str, str]
    folder: str
    ours: list[str]
    apart: bool
    terminal: bool
    closed: list[int]
    gone: bool


class Ending(TypedDict):
    """How it ended; bytes in Latin-1. `noticed`: what it did that it was not to do."""

    code: int
    out: str
    err: str
    seconds: float
    noticed: list[str]


def run(order: Order) -> Ending:
    """Run a command line in a fork, and tell how it ended."""
    pairs = [_terminal() if order["terminal"] else _file() for _ in _STREAMS]
    notes = os.memfd_create("notes")
    child = os.fork()
    if child == 0:
        _become(order, [inner for _, inner in pairs], notes)
    for _, inner in pairs:
        os.close(inner)
    said = [bytearray(), bytearray()]
    code = _follow(child, [outer for outer, _ in pairs], said, terminal=order["terminal"])
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN)
    ending = Ending(
        code=code,
        out=said[0].decode("latin-1"),
        err=said[1].decode("latin-1"),
        seconds=seconds.ru_utime + seconds.ru_stime,
        noticed=_whole(notes).decode(errors="replace").splitlines(),
    )
    for descriptor in (*(outer for outer, _ in pairs), notes):
        os.close(descriptor)
    return ending


def _terminal() -> tuple[int, int]:
    outer, inner = pty.openpty()
    tty.setraw(inner)
    return outer, inner


def _file() -> tuple[int, int]:
    outer = os.memfd_create("said")
    return outer, os.dup(outer)


def _follow(child: int, outers: list[int], said: list[bytearray], *, terminal: bool) -> int:
    """Read what is said until the child has ended; its exit code, or minus its signal."""
    process = os.pidfd_open(child)
    ends = time.monotonic() + _PATIENCE
    reading = dict(zip(outers, said, strict=True)) if terminal else {}
    over = False
    while not over:
        ready, _, _ = select.select([process, *reading], [], [], max(0.0, ends - time.monotonic()))
        if not ready or sum(map(len, said)) > _MOST:
            os.kill(child, signal.SIGALRM)
        over = process in ready and not _drain(reading)
        _drain(reading)
    os.close(process)
    _, status, _ = os.wait4(child, 0)
    if not terminal:
        for outer, text in zip(outers, said, strict=True):
            text.extend(_whole(outer))
    return os.waitstatus_to_exitcode(status)


def _drain(reading: dict[int, bytearray]) -> bool:
    """Take what is there; tells whether there was anything."""
    ready, _, _ = select.select([*reading], [], [], 0)
    for outer in ready:
        try:
            data = os.read(outer, 1 << 16)
        except OSError:  # whoever wrote has gone
            data = b""
        reading[outer] += data
        if not data:
            del reading[outer]
    return bool(ready)


def _whole(descriptor: int) -> bytes:
    return os.pread(descriptor, _MOST, 0)


def _become(order: Order, streams: list[int], notes: int) -> None:
    """Be the command line, and end with it."""
    os.setsid()
    for number, inner in zip(_STREAMS, streams, strict=True):
        os.dup2(inner, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number in order["closed"]:
        os.close(number)
    os.chdir(order["folder"])
    if order["gone"]:
        Path(order["folder"]).rmdir()
    _limit()
    words = [word.encode("latin-1") for word in order["words"]]
    if order["apart"]:
        command: list[str | bytes] = [sys.executable, "-m", "waheal.cli", *words]
        os.execve(sys.executable, command, order["env"])  # noqa: S606 - there is no shell in it
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    watch(notes, order["ours"])
    sys.argv = ["waheal", *map(os.fsdecode, words)]
    os._exit(_within(waheal))


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 1))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))


def _within(call: Callable[[], int]) -> int:
    """Give Python's own end too: its last words are what an operator would see."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        setattr(sys, name, _stream(number))
    try:
        return call()
    except BaseException:  # noqa: BLE001 - printed as the interpreter would
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()


def _stream(number: int) -> TextIO | None:
    """Open a stream as the interpreter does: None where its descriptor is closed."""
    try:
        os.fstat(number)
    except OSError:
        return None
    return os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False)


def main() -> None:
    """Serve orders until stdin ends."""
    for entry in ENTRIES:
        importlib.import_module(entry.module)
    for name in ("takeover", "pair", "remove", "sandbox", "send", "check", "doctor"):
        importlib.import_module(f"waheal.acts.{name}")
    gc.freeze()  # a fork that collects would copy it all
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
