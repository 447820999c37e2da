"""`python -m waheal.sandbox`: the sandbox as a process, until it is told or its parent ends."""

import argparse
import asyncio
import fcntl
import json
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from waheal.sandbox.credentials import Credentials
from waheal.sandbox.gate import Gate
from waheal.sandbox.journal import Journal
from waheal.sandbox.json_fields import FieldError
from waheal.sandbox.media_host import MediaHost
from waheal.sandbox.server import Server
from waheal.sandbox.world import World

_JOURNAL, _MEDIA = "journal.jsonl", "media"
_REFUSED = 2  # the exit code with which its last words, on stderr, say what is to be mended
_WRITABLE = 0o022  # by others than the owner


@dataclass(frozen=True, slots=True)
class _Options:
    state: Path
    port: int
    trust_file: Path | None
    parent_fd: int | None


class _RefusedError(Exception):
    """The folder can't be taken."""


def _read_options(arguments: list[str]) -> _Options:
    parser = argparse.ArgumentParser(prog="python -m waheal.sandbox", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder to keep everything in")
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--trust-file", type=Path, help="where to write what clients must trust")
    parser.add_argument("--parent-fd", type=int, help="end when this pipe's other end closes")
    read = parser.parse_args(arguments)
    return _Options(read.state, read.port, read.trust_file, read.parent_fd)


def _watch_parent(loop: asyncio.AbstractEventLoop, descriptor: int, ended: asyncio.Event) -> None:
    def readable() -> None:
        if not os.read(descriptor, 4096):
            loop.remove_reader(descriptor)
            ended.set()

    loop.add_reader(descriptor, readable)


def _claim(state: Path) -> None:
    """Take the folder for as long as this process lives.

    Raises:
        _RefusedError: another sandbox has it, or another user.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = state.stat()
    if found.st_uid != os.geteuid() or found.st_mode & _WRITABLE:
        raise _RefusedError(f"{state} is another user's, or others may write into it")
    # Never closed: the lock is held until the process ends, however it does.
    descriptor = os.open(state / "lock", os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _RefusedError(f"another sandbox runs in {state}") from None


async def _serve(options: _Options) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    if options.parent_fd is not None:
        _watch_parent(loop, options.parent_fd, ended)
    _claim(options.state)
    credentials = Credentials.load(options.state)
    journal = Journal(options.state / _JOURNAL)
    try:
        world = World.open(journal, MediaHost(options.state / _MEDIA), time.time)
        gate = Gate()
        server = Server(world, credentials, time.time, gate)
        await server.start(options.port)
        trust_file = options.state / "trust.json"
        for path in {trust_file, options.trust_file or trust_file}:
            credentials.write_trust(path, server.port, gate.token)
        ready = {"port": server.port, "trust_file": str(trust_file.resolve())}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await ended.wait()
        await server.stop()
    finally:
        journal.close()


def main() -> None:
    """Serve until SIGINT, SIGTERM or the end of the parent."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold texts and keys
    options = _read_options(sys.argv[1:])
    try:
        asyncio.run(_serve(options))
    except (OSError, FieldError, _RefusedError) as error:
        sys.stderr.write(f"it can't serve from {options.state}: {error}\n")
        raise SystemExit(_REFUSED) from error


if __name__ == "__main__":
    main()
