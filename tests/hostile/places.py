"""Names, labels and paths: every option that takes one, and every argument."""

import os
from collections.abc import Iterator, Sequence
from random import Random

from tests.hostile.words import BYTES, FIGURES, PLACES, odd_files, raw_word, spoiled, word
from tests.hostile.world import Command, Word, World
from tests.kit.ledgers import row, start
from waheal.model import Phone
from waheal.store.home import Home
from waheal.store.ledger import Ledger

_CHECK = ("check", "names.csv", "--message", "Hi")
_DRY = ("send", "names.csv", "--message", "Hi", "--dry-run")
_PATHS: list[Sequence[Word]] = [
    ("check", "{}", "--message", "Hi"), ("send", "{}", "--message", "Hi", "--dry-run"),
    ("check", "names.csv", "--template", "{}"), (*_CHECK, "--media", "{}"),
    ("check", "media.csv", "--message", "Hi", "--media-root", "{}"), ("suppress", "import", "{}"),
    ("devices", "import", "{}"), ("status", "--trust", "{}"), ("status", "--home", "{}"),
    ("suppress", "add", "+12025550100", "--home", "{}"), ("report", "{}"), ("export", "{}"),
    ("sandbox", "phones", "--trust", "{}"), (*_DRY, "--template", "{}"), (*_DRY, "--trust", "{}"),
]  # fmt: skip
_OUTPUTS: list[Sequence[Word]] = [
    ("export", "old", "--output", "{}"), ("report", "old", "--html", "{}"),
    ("suppress", "export", "--output", "{}"), ("check", "bad.csv", "--rejected", "{}"),
    ("export", "old", "--format", "json", "--output", "{}"),
]  # fmt: skip
_NAMES: list[Sequence[Word]] = [
    ("{}",), ("{}", "{}"), ("--{}",), ("check", "--{}"), ("status", "{}"), ("devices", "{}"),
    ("devices", "pause", "{}"), ("devices", "remove", "{}"), ("devices", "list", "--match", "{}"),
    ("devices", "list", "--state", "{}"), ("suppress", "add", "{}"), ("suppress", "forget", "{}"),
    ("suppress", "remove", "{}", "--region", "{}"), ("resolve", "{}", "--resend"),
    ("resolve", "old", "--accept", "--phone", "{}"), ("report", "{}"), ("export", "{}"),
    ("export", "old", "--format", "{}"), ("sandbox", "reply", "{}", "{}", "{}", "--trust", "{}"),
    ("sandbox", "{}"), ("config", "--{}"), ("suppress", "list", "--home={}"),
]  # fmt: skip
_OPTIONS = [
    "--name", "--message", "--region", "--phone-column", "--opt-out-footer", "--devices", "--rate",
    "--daily", "--gap", "--jitter", "--rate-total", "--per-recipient", "--window", "--days",
    "--expires", "--limit", "--max-runtime", "--until", "--pause-after-errors", "--max-tries",
    "--max-wait", "--stop-words", "--start-words", "--senders", "--hosts", "--max-open",
    "--test-to", "--sandbox-devices",
]  # fmt: skip


def paths(random: Random, world: World) -> Iterator[Command]:
    """Name what is no file, or is one that means harm, where a file is wanted."""
    lay_out(random, world)
    for template in random.sample(_PATHS, 3):
        named = random.choice([*PLACES, "/etc/passwd", "odd.csv", "odd.csv", "odd.csv"])
        home = [named] if "--home" in template else []
        yield Command(_filled(template, [named]), writes=home, terminal=random.random() < 0.7)


def outputs(random: Random, world: World) -> Iterator[Command]:
    """Name what can't be written, or should not be, where a file is to be made."""
    lay_out(random, world)
    for template in random.sample(_OUTPUTS, 2):
        named = random.choice([each for each in PLACES if "pipe" not in each] + ["new", "x" * 300])
        yield Command(_filled(template, [named]), writes=[named])


def names(random: Random, world: World) -> Iterator[Command]:
    """Call things what nobody would: on the command line, as bytes."""
    lay_out(random, world)
    for _ in range(2):
        if random.random() < 0.5:
            option = random.choice(_OPTIONS)
            command = random.choice([_CHECK, _DRY])
            told = random.choice([*FIGURES, word(random)])
            yield Command([*command, f"{option}={told}"])
        else:
            template = random.choice(_NAMES)
            fill = [raw_word(random) for _ in template]
            home = [os.fsdecode(fill[0])] if "--home={}" in template else []
            yield Command(_filled(template, fill), writes=home, terminal=random.random() < 0.7)


def _filled(template: Sequence[Word], fill: Sequence[Word]) -> list[Word]:
    """Put a word into each gap, the last one into all that are left."""
    left = [each if isinstance(each, bytes) else each.encode() for each in fill]
    made = list[Word]()
    for each in template:
        if isinstance(each, str) and "{}" in each:
            made.append(each.encode().replace(b"{}", left[0]))
            left = left[1:] or left
        else:
            made.append(each)
    return made


def lay_out(random: Random, world: World) -> None:
    """Put a campaign's files, and a home with a campaign in it, beside the odd ones."""
    odd_files(world)
    cwd = world.cwd
    (cwd / "media.csv").write_text("phone,media\n+12025550100,../outside/victim\n")
    (cwd / "bad.csv").write_text("phone,message\nnone,Hi\n\x1b[2J,\x1b]0;x\x07\n")
    (cwd / "odd.csv").write_bytes(_file(random))
    with Ledger.open(Home.open(world.home, create=True)) as ledger:
        start(ledger, row(1, Phone("+12025550100"), "a\rb"), name="old")


def _file(random: Random) -> bytes:
    lines = [
        b"phone,name,message,media,device,expires,consent", b"+12025550100,Ann,Hi {{ name }},,,,",
        b"+1,\x1b[2J,\x1b]0;x\x07,closed,\x1b[2J,\x1b[2J,\x1b[2J", b'"', b"\xff\xfe", b"none",
        b"\x1b[2J\xe2\x80\xae,x", b"+44 7700 900000\x1b[2J", b"lid:1@lid", b"=1+1", b"\0",
    ]  # fmt: skip
    body = random.choice([b"\n", b"\r", b"\r\n", b";"]).join(random.choices(lines, k=6))
    return random.choice([body, lines[0] + b"\n" + body, spoiled(random, body), *BYTES])
