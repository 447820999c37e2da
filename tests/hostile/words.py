"""Words, names and values that mean harm, or only come from elsewhere."""

import json
import os
from random import Random

from tests.hostile.world import World

SCREEN = [
    "\x1b[2J", "\x1b]0;owned\x07", "\x9b2J", "a\rb", "a\nhint: pay", "\x08\x08", "\u202eevil",
    "\u2066x", "\u2028", "\x7f", "[bold]x[/]", "[/nothing]", "[link=http://x]y[/link]",
]  # fmt: skip
"""What a terminal, or Rich, would obey."""

BYTES = [b"caf\xe9", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xaf", b"a\x80"]
PLACES = [
    "../outside/victim", "../outside/new", "/etc/passwd/x", "/dev/zero", "/dev/full",
    "/proc/self/mem", "/proc/self/environ", "/proc", "~who/x", "~", ".", "..", "", "/", "pipe",
    "link", "loop", "folder", "socket", "closed", "gone/x", "file:x?mode=rwc", "-", "%2e%2e/x",
    "names.csv/x",
]  # fmt: skip
PLAIN = ["x", "news", "-1", "0", "--", "%s", "%(a)s", "{0}", "{{ 7*7 }}", "'; DROP TABLE x;--"]
LONG = ["x" * 300, "é" * 200, "x" * 5_000, "a/" * 3_000, "1" * 5_000]
FIGURES = [
    "nan", "inf", "-inf", "1e999", "99999999999999999999", "0x10", "1_000", "٣", "²", "0", "-1",
    "1" * 400, "1" * 5_000, "9" * 400 + "h", "1e308d", "1e400/min", "9999-12-31", "0001-01-01",
    "20/0s", "0/min", "1/1e999d", "25:61", "mon-xyz", "99999999999d", "1e-320", "100%%", "nan%",
]  # fmt: skip

#: Numbers as JSON and TOML may hold them, beyond what anything needs.
GREAT = [0, -1, 1 << 31, 1 << 63, 1 << 64, 10**400, 0.5, float("nan"), float("inf"), -1e308]


def word(random: Random) -> str:
    """Make a word that can be an argument: no NUL in it."""
    return random.choice(random.choice([SCREEN, PLACES, PLAIN, LONG, FIGURES]))


def raw_word(random: Random) -> bytes:
    """Make a word as a shell may give it, with bytes that are no text."""
    if random.random() < 0.4:
        return random.choice(BYTES)
    return os.fsencode(word(random))


def text(random: Random) -> str:
    """Make a text that a file may hold, with NULs and lone surrogates."""
    return random.choice([word(random), "a\0b", "\ud800", "\udcff", "\x1b[2J\0"])


def value(random: Random, depth: int = 3) -> object:
    """Make a value as JSON has it."""
    kinds: list[object] = [None, True, text(random), random.choice(GREAT), [], {}]
    chosen = random.choice(kinds)
    if chosen == [] and depth:
        return [value(random, depth - 1) for _ in range(random.randrange(4))]
    if chosen == {} and depth:
        return {text(random): value(random, depth - 1) for _ in range(random.randrange(4))}
    return chosen


def deep(random: Random) -> bytes:
    """Make JSON that is nested deeper than anybody's stack, or one that is no JSON any more."""
    depth = random.choice([500, 5_000, 60_000])
    opened, closed = random.choice([(b"[", b"]"), (b'{"a":', b"}")])
    return opened * depth + b"1" + closed * random.choice([0, depth])


def spoiled(random: Random, whole: bytes) -> bytes:
    """Cut, double or change some bytes."""
    data = bytearray(whole)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(data) + 1)
        match random.randrange(4):
            case 0:
                del data[at:]
            case 1:
                data[at:at] = random.choice([*BYTES, b"\0", b"\x1b[2J", b"\xef\xbb\xbf"])
            case 2:
                data[at : at + 1] = random.randbytes(1)
            case _:
                del data[at : at + random.randrange(40)]
    return bytes(data)


def as_json(told: object) -> bytes:
    """Write JSON as Python does: with NaN, and lone surrogates as escapes."""
    return json.dumps(told).encode()


def odd_files(world: World) -> None:
    """Put a pipe, links, a folder and a closed file where commands look for files."""
    cwd = world.cwd
    os.mkfifo(cwd / "pipe")
    (cwd / "link").symlink_to("/dev/zero")
    (cwd / "loop").symlink_to("loop")
    (cwd / "folder").mkdir()
    (cwd / "closed").write_text("x\n")
    (cwd / "closed").chmod(0)
