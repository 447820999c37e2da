"""`python -m tests.bench.bare_crowd SESSIONS TRUST THREADS`: the library, and a loop over it.

Reads `[[jid, phone], …]` as a line of JSON; connects each device, so many at once; then sends one
text through each. Says after either how many seconds of wall and of processor that took, and what
failed. Only the door to the library is waheal's.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event as Flag

from waheal.host import trust_patch, whatsapp
from waheal.model import Trust

_PATIENCE = 120.0


class _Client:
    def __init__(self, library: whatsapp.Library) -> None:
        self._up = Flag()
        self._client = whatsapp.LibraryClient(library, self._hear, lambda _error: None)

    def _hear(self, code: int, _data: bytes) -> None:
        if code == whatsapp.EventCode.CONNECTED:
            self._up.set()

    def connect(self, jid: str) -> str:
        self._client.start(jid)
        return "" if self._up.wait(_PATIENCE) else "not connected"

    def send(self, phone: str) -> str:
        to = whatsapp.jid_of(f"{phone.removeprefix('+')}@s.whatsapp.net")
        message = whatsapp.e2e.Message(conversation=f"to {phone}")
        return whatsapp.send(self._client.uuid, to, message)[1]


def _timed(threads: int, work: Sequence[Callable[[], str]]) -> None:
    began, used = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        failed = [error for error in pool.map(lambda each: each(), work) if error]
    told = {
        "seconds": time.monotonic() - began,
        "processor": time.process_time() - used,
        "failed": failed[:5],
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main() -> None:
    sessions, trust, threads = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    checked = trust_patch.check(Trust(**json.loads(trust.read_text())))
    library = whatsapp.Library(sessions, checked)
    library.bring_database_up_to_date()
    pairs: list[tuple[str, str]] = json.loads(sys.stdin.readline())
    clients = [_Client(library) for _ in pairs]
    told = list(zip(clients, pairs, strict=True))
    _timed(threads, [partial(client.connect, jid) for client, (jid, _) in told])
    _timed(threads, [partial(client.send, phone) for client, (_, phone) in told])
    sys.stdin.readline()


if __name__ == "__main__":
    main()
