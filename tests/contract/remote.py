"""The real client, in a process of its own, behind the same protocol as the fake."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event as Flag

from tests.contract.remote_words import Build, Call, Done, Gone, Told
from waheal.host import event_table
from waheal.host.client import ConnectionEvent, News, Outgoing, SendError
from waheal.host.directory import Listing
from waheal.host.life import Life
from waheal.model import Phone, Trust

_SLACK = 60.0


class RemoteLibrary:
    """The process, and what it says."""

    def __init__(self, sessions: Path, trust: Trust, log: Path) -> None:
        self._socket, theirs = socket.socketpair()
        settled = {"GOMAXPROCS": "1", "NEONIZE_BOT_TAG": "off", "SSL_CERT_FILE": trust.ca}
        with theirs, log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.contract.remote_child", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **settled},
                pass_fds=[theirs.fileno()],
                cwd=Path(__file__).parents[2],
            )
        self._pipe = Connection(os.dup(self._socket.fileno()))
        self._changed = threading.Condition()  # guards the three below
        self._done: dict[int, Done] = {}
        self._clients: dict[int, RemoteClient] = {}
        self._asked = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._pipe.send((str(sessions), trust))

    def build(
        self,
        jid: str,
        on_event: Callable[[ConnectionEvent], None],
        on_news: Callable[[News], None],
    ) -> "RemoteClient":
        with self._changed:
            number = len(self._clients)
            client = self._clients[number] = RemoteClient(self, number, on_event, on_news)
        self._pipe.send(Build(number, jid))
        return client

    def call(
        self,
        number: int,
        method: str,
        timeout: float = 0.0,
        message: Outgoing | None = None,
        phones: tuple[Phone, ...] = (),
        lids: tuple[str, ...] = (),
    ) -> bool | str | Mapping[Phone, Listing] | None:
        with self._changed:
            self._asked += 1
            asked = self._asked
            self._pipe.send(Call(asked, number, method, timeout, message, phones, lids))
            assert self._changed.wait_for(lambda: asked in self._done, timeout + _SLACK), method
            done = self._done.pop(asked)
        if done.error is not None:
            raise SendError(done.error)
        return done.value

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._pipe.close()
        self._socket.close()
        self._process.wait()

    def _read(self) -> None:
        while True:
            try:
                said = self._pipe.recv()
            except (EOFError, OSError):
                return
            match said:
                case Done():
                    with self._changed:
                        self._done[said.id] = said
                        self._changed.notify_all()
                case Told(number, event):
                    self._clients[number].hear(event)
                case Gone(number):
                    self._clients[number].gone.set()


class RemoteClient:
    """See `waheal.host.client.Client`."""

    def __init__(
        self,
        library: RemoteLibrary,
        number: int,
        on_event: Callable[[ConnectionEvent], None],
        on_news: Callable[[News], None],
    ) -> None:
        self._library = library
        self._number = number
        self._on_event = on_event
        self._on_news = on_news
        self._life = Life()
        self._gone = Flag()

    @property
    def life(self) -> Life:
        return self._life

    @property
    def gone(self) -> Flag:
        return self._gone

    def hear(self, said: ConnectionEvent | News) -> None:
        if isinstance(said, News):
            self._on_news(said)
        else:
            self._life.apply(event_table.life_change(said))
            self._on_event(said)

    def connect(self, timeout: float) -> bool:
        return bool(self._library.call(self._number, "connect", timeout))

    def is_connected(self) -> bool:
        return bool(self._library.call(self._number, "is_connected"))

    def look_up(self, phones: Sequence[Phone]) -> Mapping[Phone, Listing]:
        listings = self._library.call(self._number, "look_up", phones=tuple(phones))
        assert isinstance(listings, Mapping)
        return listings

    def fetch_devices(self, lids: Sequence[str]) -> None:
        self._library.call(self._number, "fetch_devices", lids=tuple(lids))

    def prepare(self, message: Outgoing) -> None:
        """Done by the child's send."""

    def send(self, message: Outgoing) -> str:
        return str(self._library.call(self._number, "send", message=message))

    def logout(self) -> None:
        self._library.call(self._number, "logout")

    def hang_up(self, timeout: float) -> bool:
        return bool(self._library.call(self._number, "hang_up", timeout))

    def stop(self, timeout: float) -> bool:
        over = bool(self._library.call(self._number, "stop", timeout))
        if over:
            self._gone.set()  # the child's own word of it may still be on its way
        return over
