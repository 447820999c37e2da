"""The sandbox's port: what anybody on the machine may send it, and what who has the token may."""

import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.hostile.forks import MEMORY
from tests.hostile.runner import ROOT
from tests.hostile.words import BYTES, GREAT, as_json, deep, spoiled, text, value
from waheal.sandbox.control import Control, ControlError, FaultKind

_PATIENCE = 60.0  # seconds: the machine may be busy
_CPU = 10.0  # seconds
_SOON = 0.3  # seconds: an answer, if there is one
_ECHO = 1 << 16
_OPERATIONS = {
    "received": ["phone", "count", "timeout"], "devices": ["device", "logins", "online", "timeout"],
    "stats": ["kind", "count", "device", "timeout"], "scan": ["qr", "phone"],
    "enter_code": ["phone", "code"], "reply": ["phone", "device", "text"],
    "mark_read": ["phone", "message_id"], "release_receipts": [], "clear_faults": [],
    "order": ["kind", "device", "recipient", "count", "code", "ban_code", "expire", "seconds",
              "delivered", "conflict", "receipt"],
    "act": ["device", "action", "code"], "provision": ["count"], "none": [],
}  # fmt: skip
_PLAIN: dict[str, object] = {
    "phone": "+12025550100", "device": "", "kind": "login", "count": 1, "timeout": 0.01,
    "qr": "2@a,b,c,d#x", "code": "ABCDEFGH", "text": "hi", "message_id": "A", "action": "drop",
    "seconds": 0.01, "delivered": True, "online": False, "logins": 0, "recipient": "",
    "ban_code": 1, "expire": 1, "conflict": "", "receipt": "",
}  # fmt: skip


#: A server that is ordered to be gone, or to be silent, is.
_FAULTS = frozenset(FaultKind) - {FaultKind.SERVER_GONE, FaultKind.BLACK_HOLE}


@dataclass(frozen=True, slots=True)
class Served:
    """A sandbox in a process of its own, within limits."""

    process: subprocess.Popen[bytes]
    control: Control
    port: int
    log: Path

    def cpu(self) -> float:
        """Tell the seconds that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Serve for as long as the block runs."""
    log = folder.with_suffix(".log")
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "waheal.sandbox", "--state", str(folder)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=said,
            preexec_fn=_limited,  # noqa: PLW1509 - it sets a limit, and the test has one thread here
        )
    with process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        trust = json.loads(Path(ready["trust_file"]).read_text())
        control = Control(trust["proxy"], trust["token"], patience=_PATIENCE)
        try:
            yield Served(process, control, ready["port"], log)
        finally:
            process.terminate()


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))


def play_port(folder: Path, seeds: Iterable[int]) -> list[str]:
    """Send a server the inputs of the seeds, and tell what was wrong, a line an input."""
    told = list[str]()
    with serving(folder) as served:
        for seed in seeds:
            data = _input(Random(f"port:{seed}"), served)  # noqa: S311 - to be repeated
            if wrongs := _judged(served, data):
                told.append(f"port {seed}: {', '.join(wrongs)}: {data[:500]!a}")
            if served.process.poll() is not None:
                break
    return told


def _judged(served: Served, data: bytes) -> list[str]:
    said, used = served.log.stat().st_size, served.cpu()
    answer = _asked(served, data)
    wrongs = list[str]()
    if served.control.token.encode() in answer:
        wrongs.append("it told the token")
    if b" 500 " in answer[:20] or b"Traceback" in answer:
        wrongs.append("it told of a fault")
    try:
        served.control.faults.clear()
        served.control.stats()
    except (OSError, ControlError) as error:
        wrongs.append(f"it answers nobody any more: {error}")
    if served.log.stat().st_size > said:
        wrongs.append(f"it logged {served.log.read_bytes()[said:][-300:]!r}")
    if served.cpu() - used > _CPU:
        wrongs.append("it took long")
    return wrongs


def _asked(served: Served, data: bytes) -> bytes:
    answer = bytearray()
    with (
        contextlib.suppress(OSError),  # cut off, or nothing more to say
        socket.create_connection(("127.0.0.1", served.port), _PATIENCE) as peer,
    ):
        peer.sendall(data)
        peer.settimeout(_SOON)
        while len(answer) < _ECHO and (more := peer.recv(_ECHO)):
            answer += more
            if answer.startswith(b"HTTP/1.1 4"):
                break
    return bytes(answer)


def _input(random: Random, served: Served) -> bytes:
    match random.randrange(8):
        case 0:
            return random.randbytes(random.choice([1, 100, 40_000]))
        case 1:
            return _odd_head(random, served)
        case 2:
            return spoiled(random, _request(served, as_json(_operation(random))))
        case 3:
            return _request(
                served, random.choice([deep(random), b"", b"{", as_json(value(random))])
            )
        case 4:
            return _request(served, as_json(_operation(random))) * random.choice([2, 50])
        case _:
            return _request(served, as_json(_operation(random)))


def _operation(random: Random) -> dict[str, object]:
    name = random.choice([*_OPERATIONS])
    names = _OPERATIONS[name]
    told: dict[str, object] = {"op": name} | {each: _PLAIN[each] for each in names}
    if name == "order":
        told["kind"] = random.choice([*_FAULTS])
    for each in random.sample(names, min(len(names), random.randrange(1, 3))):
        told[each] = random.choice([value(random), text(random), random.choice(GREAT)])
    if random.random() < 0.1:
        told["op"] = value(random)
    return told


def _request(served: Served, body: bytes) -> bytes:
    head = (
        f"POST /control HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n"
        f"Authorization: Bearer {served.control.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _odd_head(random: Random, served: Served) -> bytes:
    verbs = [b"GET", b"POST", b"PUT", b"CONNECT", b"\x1b[2J", b"OPTIONS", b"", b"G" * 40_000]
    targets = [b"/control", b"/control/watch", b"/../x", b"*", b"http://x/", b"\0", b"x:443"]
    own = f"127.0.0.1:{served.port}".encode()
    lines = [
        b"Host: " + random.choice([own, b"evil:1", b"", own + b".evil", b"[::1]:x", b"\xff"]),
        b"Origin: " + random.choice([b"null", b"http://127.0.0.1", b""]),
        b"Authorization: " + random.choice([b"", b"Bearer", b"Bearer " + b"0" * 64, *BYTES]),
        b"Content-Length: " + random.choice([b"-1", b"9" * 40, b"+5", b"1e3", b"\xb2", b"5, 5"]),
        b"Transfer-Encoding: chunked", b"Upgrade: websocket", b"x" * 40_000, b"no colon", b" : x",
    ]  # fmt: skip
    chosen = random.sample(lines, random.randrange(1, 5))
    first = b" ".join(
        [random.choice(verbs), random.choice(targets), random.choice([b"HTTP/1.1", b"HTTP/9", b""])]
    )
    return b"\r\n".join([first, *chosen]) + random.choice([b"\r\n\r\n", b"\r\n", b""])
