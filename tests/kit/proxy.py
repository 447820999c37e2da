"""A way to a PostgreSQL that a test can cut, delay, or let swallow all that goes over it.

It listens on loopback, and leads to the server's socket, or to its port. Each connection has two
threads, one a direction; what befalls it is the proxy's mood at the moment in which bytes come.
"""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, quote, urlencode, urlsplit, urlunsplit

_CHUNK = 1 << 16
_COMMIT = b"COMMIT"
_PORT = 5432


class Mood(Enum):
    """What becomes of bytes and of new connections."""

    PASS = auto()
    REFUSE = auto()  # new connections are closed at once
    SWALLOW = auto()  # all is taken, and acknowledged, and goes nowhere


class Fate(Enum):
    """How far a connection has come whose COMMIT is to have no answer."""

    NONE = auto()
    WAITED_FOR = auto()  # a COMMIT
    ASKED = auto()  # it went by: the server's next word is dropped, and all is cut


@dataclass(eq=False)
class _Pair:
    client: socket.socket
    server: socket.socket
    fate: Fate = Fate.NONE
    tail: bytes = b""  # of what went to the server: a word may come in two parts
    lock: threading.Lock = field(default_factory=threading.Lock)

    def cut(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Proxy:
    """A way to the server of `url`, by the URL `url` of its own."""

    def __init__(self, url: str) -> None:
        self._target = _target(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.mood = Mood.PASS
        self.delay = 0.0  # seconds, each way
        self.cuts_next_commit = False  # of the connection that is made next
        self.commits_cut = 0
        self._lock = threading.Lock()  # guards the pairs and `commits_cut`
        self._pairs: set[_Pair] = set()
        self.url = _through(url, self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.mood = Mood.REFUSE
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> int:
        """Cut every connection; tells how many there were."""
        with self._lock:
            pairs = [*self._pairs]
        for pair in pairs:
            pair.cut()
        return len(pairs)

    def cut_at_commit(self) -> None:
        """Let each connection's next COMMIT go by, and cut it in place of the answer."""
        with self._lock:
            for pair in self._pairs:
                pair.fate = Fate.WAITED_FOR

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self.mood is Mood.REFUSE:
                    client.close()
                    continue
                server = socket.socket(self._target[0])
                server.connect(self._target[1])
            except OSError:
                client.close()  # the server is down
                continue
            pair = _Pair(client, server)
            if self.cuts_next_commit:
                self.cuts_next_commit, pair.fate = False, Fate.WAITED_FOR
            with self._lock:
                self._pairs.add(pair)
            for ends in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(pair, *ends), daemon=True).start()

    def _pump(self, pair: _Pair, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if self.delay:
                    time.sleep(self.delay)
                if self.mood is Mood.SWALLOW:
                    continue
                if not self._passes(pair, data, to_server=sink is pair.server):
                    break
                sink.sendall(data)
        pair.cut()
        with self._lock:
            self._pairs.discard(pair)
        source.close()

    def _passes(self, pair: _Pair, data: bytes, *, to_server: bool) -> bool:
        with pair.lock:
            if not to_server:
                if pair.fate is not Fate.ASKED:
                    return True
                with self._lock:
                    self.commits_cut += 1
                return False
            if pair.fate is Fate.WAITED_FOR and _COMMIT in pair.tail + data:
                pair.fate = Fate.ASKED
            pair.tail = data[1 - len(_COMMIT) :]
            return True


def _target(url: str) -> tuple[socket.AddressFamily, str | tuple[str, int]]:
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query).get("host", ["localhost"])[0]
    port = parts.port or _PORT
    if host.startswith("/"):
        return socket.AF_UNIX, f"{host}/.s.PGSQL.{port}"
    return socket.AF_INET, (host, port)


def _through(url: str, port: int) -> str:
    parts = urlsplit(url)
    query = {key: value for key, (value, *_) in parse_qs(parts.query).items() if key != "host"}
    user = f"{parts.username}@" if parts.username else ""
    return urlunsplit(
        parts._replace(
            netloc=f"{user}127.0.0.1:{port}", query=urlencode(query, quote_via=quote, safe="")
        )
    )
