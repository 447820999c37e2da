"""The simulated phones and the released library open each other's messages."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import TypeVar

import pytest

from waheal.sandbox.credentials import Credentials
from waheal.sandbox.gate import Gate
from waheal.sandbox.inbox import InboxEntry
from waheal.sandbox.journal import Journal
from waheal.sandbox.media_host import MediaHost
from waheal.sandbox.phone import Phone
from waheal.sandbox.plaintext import text_message
from waheal.sandbox.registry import Companion
from waheal.sandbox.server import Server
from waheal.sandbox.world import World

pytestmark = pytest.mark.real

SENDER, READER, STRANGER = "12015550100", "12025550101", "12035550102"
_PATIENCE = 60.0  # seconds, for a machine that is busy
_T = TypeVar("_T")


@dataclass
class Bench:
    """A server on a thread of its own; everything of it is touched there only."""

    world: World
    server: Server
    loop: asyncio.AbstractEventLoop

    def do(self, call: Callable[[], _T]) -> _T:
        async def there() -> _T:
            try:
                return call()
            finally:
                self.server.pump()

        return asyncio.run_coroutine_threadsafe(there(), self.loop).result(_PATIENCE)

    def received(self, number: str, count: int) -> list[InboxEntry]:
        end = time.monotonic() + _PATIENCE
        while len(entries := self.do(lambda: self.world.inbox.entries(f"+{number}"))) < count:
            assert time.monotonic() < end, f"{len(entries)} of {count} messages came"
            time.sleep(0.02)
        return entries

    def device(self) -> Companion:
        return self.do(lambda: next(iter(self.world.find(SENDER))))

    def write(self, number: str, text: str) -> None:
        device = self.device()
        self.do(
            lambda: self.world.correspondence.write(number, device, text_message(text), time.time())
        )

    def restart_phone(self, number: str) -> None:
        def swap() -> None:
            account = self.world.registry.account(number)
            account.phone = Phone.from_state(json.loads(json.dumps(account.phone.to_state())))

        self.do(swap)


@dataclass
class RealClient:
    """The library in a child process, and everything it told."""

    process: subprocess.Popen[str]
    told: Queue[dict[str, str]]
    seen: list[dict[str, str]] = field(default_factory=list)

    def wait_for(self, event: str) -> dict[str, str]:
        while True:
            self.seen.append(self.told.get(timeout=_PATIENCE))
            if self.seen[-1]["event"] == event:
                return self.seen[-1]

    def order(self, **fields: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(fields) + "\n")
        self.process.stdin.flush()

    def wait_for_text(self) -> str:
        return self.wait_for("message")["text"]


@contextmanager
def _serving(folder: Path) -> Iterator[Bench]:
    credentials = Credentials.load(folder / "trust")
    journal = Journal(folder / "journal")
    (folder / "media").mkdir()
    world = World.open(journal, MediaHost(folder / "media"), time.time)
    gate = Gate()
    server = Server(world, credentials, time.time, gate)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(_PATIENCE)
        credentials.write_trust(folder / "trust.json", server.port, gate.token)
        yield Bench(world, server, loop)
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(_PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE)
        loop.close()
        journal.close()


@contextmanager
def _client(folder: Path) -> Iterator[RealClient]:
    reading, writing = os.pipe()
    told: Queue[dict[str, str]] = Queue()
    with (folder / "client.log").open("ab") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                str(Path(__file__).with_name("real_client.py")),
                str(folder / "session.db"),
                str(folder / "trust.json"),
                str(writing),
            ],
            env=os.environ
            | {
                "GOMAXPROCS": "1",
                "NEONIZE_BOT_TAG": "off",
                "SSL_CERT_FILE": str(folder / "trust" / "ca.pem"),
            },
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            text=True,
            pass_fds=(writing,),
        )
    os.close(writing)

    def listen() -> None:
        with os.fdopen(reading) as lines:
            for line in lines:
                told.put(json.loads(line))

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield RealClient(process, told)
    finally:
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()
        listener.join(_PATIENCE)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with _serving(tmp_path) as bench:
        yield bench


def _pair(bench: Bench, client: RealClient) -> None:
    code = client.wait_for("qr")["text"]
    bench.do(lambda: bench.world.linking.scan(code, SENDER, time.time()))
    client.wait_for("connected")


def test_phones_and_the_library_open_each_others_messages(bench: Bench, tmp_path: Path) -> None:
    with _client(tmp_path) as client:
        _pair(bench, client)
        for number in range(3):  # nobody has answered yet: each brings the keys of the session
            client.order(to=READER, text=f"out {number}")
            client.wait_for("sent")
        bench.received(READER, 3)
        bench.restart_phone(READER)
        for number in range(3):  # answered now: each turn moves the ratchet
            bench.write(READER, f"in {number}")
            assert client.wait_for_text() == f"in {number}"
            client.order(to=READER, text=f"out {3 + number}")
            client.wait_for("sent")
        client.order(to=READER, document="a file's bytes")
        client.wait_for("sent")
        *texts, file = bench.received(READER, 7)
        assert [entry.text for entry in texts] == [f"out {number}" for number in range(6)]
        assert {entry.delivered for entry in (*texts, file)} == {1}
        assert file.media_readable
        bench.write(STRANGER, "a phone begins")
        assert client.wait_for_text() == "a phone begins"
        client.order(to=STRANGER, text="and is answered")
        client.wait_for("sent")
        assert bench.received(STRANGER, 1)[0].text == "and is answered"
        assert "undecryptable" not in {told["event"] for told in client.seen}


def test_a_session_outlives_the_client_and_the_phone(bench: Bench, tmp_path: Path) -> None:
    with _client(tmp_path) as client:
        _pair(bench, client)
        client.order(to=READER, text="before")
        client.wait_for("sent")
        bench.received(READER, 1)
        bench.write(READER, "answer")
        assert client.wait_for_text() == "answer"
    bench.restart_phone(READER)
    with _client(tmp_path) as client:
        client.wait_for("connected")
        client.order(to=READER, text="after")
        client.wait_for("sent")
        assert [entry.text for entry in bench.received(READER, 2)] == ["before", "after"]
        bench.write(READER, "again")
        assert client.wait_for_text() == "again"
