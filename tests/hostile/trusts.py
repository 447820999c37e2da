"""Trust files: what they hold, what they are, and who answers where they lead."""

import os
from collections.abc import Callable, Iterator
from random import Random

from tests.hostile.words import as_json, deep, odd_files, spoiled, text, value, word
from tests.hostile.world import Command, World
from tests.kit.strangers import answering
from waheal.sandbox.inbox import InboxEntry

_KEY = "0f" * 32
_PROXIES = [
    "http://127.0.0.1:1", "http://[::1]:1", "http://127.0.0.1:1\0@8.8.8.8:80", "http://8.8.8.8:80",
    "http://127.0.0.1:99999", "http://127.0.0.1:0", "http://localhost:1", "https://127.0.0.1:1",
    "http://127.0.0.1:1/x", "http://user@127.0.0.1:1", "http://127.1:1", "http://0x7f000001:1",
    "http://127.0.0.1:\u0661", "http://[::ffff:127.0.0.1]:1", "http://\x1b[2J:1", "http://[:::]:1",
    "http://[::1%lo]:1", "http://127.0.0.1:1\n", "HTTP://127.0.0.1:1", "",
]  # fmt: skip
_REST = {"ca": "ca.pem", "noise_root": _KEY, "token": _KEY}
_CAS = ["ca.pem", "names.csv", "a\0b", "\ud800", "x" * 300, "x/" * 3_000, "pipe", "/dev/zero", ""]
_KEYS = [_KEY, _KEY.upper(), "0f", "zz" * 32, "٣" * 64, "\ud800" * 64, "\x1b[2J", "0" * 100_000]
_PHONE = "+12025550100"
_COMMANDS = [
    ("status",), ("devices", "list"), ("sandbox", "phones"), ("sandbox", "phones", _PHONE),
    ("sandbox", "reply", _PHONE, "dev", "STOP"), ("sandbox", "scan", "a#b,c"),
    ("check", "names.csv", "--message", "Hi"), ("send", "names.csv", "--message", "Hi"),
]  # fmt: skip


def trusts(random: Random, world: World) -> Iterator[Command]:
    """Write a hostile trust file, and name it by the option or by the environment."""
    odd_files(world)
    (world.cwd / "ca.pem").write_text("none\n")
    path = world.cwd / "trust.json"
    match random.randrange(10):
        case 0:
            os.mkfifo(path)
        case 1:
            path.symlink_to(random.choice(["/dev/zero", "loop", "../outside/victim", "pipe"]))
        case 2:
            path.mkdir()
        case _:
            path.write_bytes(_file(random))
    for words in random.sample(_COMMANDS, 2):
        yield _attached(random, words)


def _attached(random: Random, words: tuple[str, ...]) -> Command:
    if random.random() < 0.3:
        return Command(words, env={"WAHEAL_TRUST": "trust.json"})
    return Command([*words, "--trust", "trust.json"])


def _file(random: Random) -> bytes:
    whole = as_json(_whole(random))
    odd = [
        deep(random),
        random.randbytes(random.randrange(100)),
        b" " * random.choice([1 << 10, 1 << 20]),
        spoiled(random, whole),
        as_json(value(random)),
        whole.decode().encode(random.choice(["utf-16", "utf-7"])),
    ]
    return random.choice([*odd, whole, whole, whole, whole])


def _whole(random: Random) -> dict[str, object]:
    told: dict[str, object] = {"proxy": _PROXIES[0], **_REST}
    odd = {"proxy": _PROXIES, "ca": _CAS, "noise_root": _KEYS, "token": _KEYS}
    for name in random.sample([*told], random.randrange(1, 3)):
        told[name] = random.choice([random.choice(odd[name]), value(random), text(random)])
    return told


def answers(random: Random, world: World) -> Iterator[Command]:
    """Let a trust file lead to somebody who answers what no sandbox would."""
    (world.cwd / "ca.pem").write_text("none\n")
    with answering(_answer(random)) as port:
        told = {"proxy": f"http://127.0.0.1:{port}", **_REST}
        (world.cwd / "trust.json").write_bytes(as_json(told))
        yield Command(
            [
                *random.choice(_COMMANDS[2:6]),
                *random.choice([[], ["--json"]]),
                "--trust",
                "trust.json",
            ]
        )


def _answer(random: Random) -> bytes:
    body = random.choice([as_json(_body(random)), deep(random), random.randbytes(50), b""])
    ok = b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%b"
    whole = ok % (random.choice([200, 200, 400, 403, 408, 500, 302]), len(body), body)
    if random.random() < 0.4:
        return whole
    odd: list[Callable[[], bytes]] = [
        lambda: random.choice([b"", b"SSH-2.0-x\r\n", b"\r\n\r\n", b"HTTP/1.1\r\n", b"\0" * 99]),
        lambda: b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * random.choice([50, 500]) + b"\r\n{}",
        lambda: b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        lambda: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + body,
        lambda: b"HTTP/1.1 200 OK\r\n\r\n[" + b"1," * (random.choice([1, 100]) << 20),
        lambda: spoiled(random, whole),
    ]
    return random.choice(odd)()


def _body(random: Random) -> object:
    seen = InboxEntry(_PHONE, "d", word(random), "A", random.choice([1.0, 1e300]), 1, 1)
    entry: dict[str, object] = {**seen.to_row(), "text": word(random), "problem": word(random)}
    for name in random.sample([*entry], random.randrange(3)):
        entry[name] = value(random)
    told: dict[str, object] = {
        "received": [entry],
        "jid": word(random),
        "error": word(random),
        "devices": [],
    }
    if random.random() < 0.3:
        told[random.choice([*told])] = value(random)
    return told
