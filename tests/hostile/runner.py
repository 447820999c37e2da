"""Runs command lines in a world, and says what no input may bring about."""

import json
import os
import re
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.forks import CPU, Ending, Order
from tests.hostile.world import Command, World, changes
from waheal.model import ExitCode

ROOT = Path(__file__).resolve().parents[2]
_COLOUR = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")
_CODES = frozenset(ExitCode) - {ExitCode.OWN_FAULT}
_REFUSALS = frozenset({ExitCode.USAGE, ExitCode.HOME_BUSY, ExitCode.HOME_UNUSABLE})
_REPORTS = frozenset({b"check", b"doctor"})
_SAFE = frozenset("\n\r\t")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command line ended, and what is wrong with that."""

    command: Command
    ending: Ending
    wrongs: tuple[str, ...]


class Runner:
    """The process that forks for each command line."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.forks"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._used = 0.0

    def close(self) -> None:
        self._process.communicate(timeout=180.0)

    def run(self, world: World, command: Command) -> Ended:
        """Run one, and judge it."""
        before = world.look()
        ending = self._ask(_order(world, command))
        used, self._used = ending["seconds"] - self._used, ending["seconds"]
        ours = [_whole(world, each) for each in command.writes]
        touched = [path for path in changes(before, world.look()) if not _is_in(path, ours)]
        wrongs = [*judged(command, ending), *(f"touched {each!r}" for each in touched)]
        if used > CPU:
            wrongs.append(f"took {used:.1f} s")
        return Ended(command, ending, tuple(wrongs))

    def _ask(self, order: Order) -> Ending:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        ending: Ending = json.loads(self._process.stdout.readline())
        return ending


def _order(world: World, command: Command) -> Order:
    return Order(
        words=[_bytes(word).decode("latin-1") for word in command.words],
        env={**world.environment, **command.env},
        folder=str(world.root / command.folder),
        ours=[str(world.root), *(_whole(world, each) for each in command.writes)],
        apart=command.apart,
        terminal=command.terminal,
        closed=[*command.closed],
        gone=command.gone,
    )


def _whole(world: World, name: str) -> str:
    return os.path.normpath(world.cwd / name)


def _is_in(path: str, folders: list[str]) -> bool:
    """Whether it is one of them, what lies in one, or a folder on the way to one."""
    return any(
        path == each or path.startswith(f"{each}/") or each.startswith(f"{path}/")
        for each in folders
    )


def _bytes(word: str | bytes) -> bytes:
    return word if isinstance(word, bytes) else os.fsencode(word)


def judged(command: Command, ending: Ending) -> list[str]:
    """Say what is wrong with an ending, whatever it was that was asked for."""
    encoding = command.env.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
    out, err = _text(ending["out"], encoding), _text(ending["err"], encoding)
    wrongs = [f"it {each}" for each in ending["noticed"]]
    if ending["code"] not in _CODES:
        wrongs.append(f"ended with {ending['code']}")
    if "Traceback" in out + err:
        wrongs.append("told a traceback")
    shown = out + err if command.terminal else err
    if raw := sorted({repr(char) for char in shown if _raw(char)}):
        wrongs.append(f"wrote {', '.join(raw)} to a terminal")
    if ending["code"] in _REFUSALS and 2 not in command.closed and not _worded(command, out, err):
        wrongs.append("refused without a hint")
    return wrongs


def _text(said: str, encoding: str) -> str:
    return _COLOUR.sub("", said.encode("latin-1").decode(encoding, errors="replace"))


def _raw(char: str) -> bool:
    """Whether it could move a cursor, or turn the line round."""
    return char not in _SAFE and unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}


def _worded(command: Command, out: str, err: str) -> bool:
    if "error: " in err and "\nhint: " in err.replace("\r", ""):
        return True
    words = [_bytes(word) for word in command.words]
    return not words or (words[0] in _REPORTS and bool(out.strip()))
