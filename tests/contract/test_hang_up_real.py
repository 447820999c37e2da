"""A client that is stopped tells first what it has acknowledged: nobody would hear it again."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.contract.host_process import Home
from tests.kit.rig import PATIENCE, phones

pytestmark = pytest.mark.real

TEXTS = [f"text {number}" for number in range(12)]


@contextmanager
def slow_client(home: Home, jid: str) -> Iterator[Connection]:
    ours, theirs = socket.socketpair()
    trust = home.sandbox.trust
    settled = {"GOMAXPROCS": "1", "NEONIZE_BOT_TAG": "off", "SSL_CERT_FILE": trust.ca}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.contract.hang_up_child", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            env={**os.environ, **settled},
            pass_fds=[theirs.fileno()],
            cwd=Path(__file__).parents[2],
        )
    channel = Connection(ours.detach())
    try:
        channel.send((str(home.sessions), trust, jid))
        yield channel
    finally:
        channel.close()
        process.kill()
        process.wait()


def told(channel: Connection) -> str:
    assert channel.poll(PATIENCE), "nothing comes"
    said: str = channel.recv()
    return said


@pytest.mark.parametrize("first", ["stop", "hang up"])
def test_what_a_client_has_acknowledged_is_told_before_it_is_gone(home: Home, first: str) -> None:
    jid = home.pair("a")["a"]
    with slow_client(home, jid) as channel:
        home.control.devices.wait_connected(jid)
        for text in TEXTS:
            home.control.phones.reply(phones(1)[0], jid, text)
        heard = [told(channel)]  # and hears no more until it goes on
        home.control.wait_stats("receipt", len(TEXTS) // 2, PATIENCE, device=jid)
        channel.send(first)
        if first == "hang up":
            assert told(channel) == "hung up"
            home.control.devices.wait_disconnected(jid)
            channel.send("stop")
        channel.send("go on")
        while (text := told(channel)) != "gone":
            heard.append(text)
        channel.send("again")  # what it had not come to waits at the server
        while len(heard) < len(TEXTS):
            heard.append(told(channel))
        assert heard == TEXTS
