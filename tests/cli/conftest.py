"""Runs waheal as an operator does: a process of its own, in an environment of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 120.0  # seconds: the machine may be busy


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """The JSON document that stdout is."""
        told: object = json.loads(self.out)
        assert isinstance(told, dict)
        return told

    @property
    def events(self) -> list[dict[str, object]]:
        """The JSON objects that stdout's lines are."""
        return [json.loads(line) for line in self.out.splitlines()]


Waheal = Callable[..., Done]


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """As bare as cron's, so that nothing of the developer's own leaks in."""
    kept = {key: os.environ[key] for key in ("PATH", "PYTHONPATH") if key in os.environ}
    return {**kept, "HOME": str(home), "WAHEAL_HOME": str(home), "TZ": "UTC", **(more or {})}


def command(words: Sequence[object]) -> list[str]:
    """The command line that runs this waheal."""
    return [sys.executable, "-m", "waheal.cli", *map(str, words)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Name a home that is not there yet."""
    return tmp_path / "home"


@pytest.fixture
def waheal(home: Path, tmp_path: Path) -> Waheal:
    """Give a function that runs a command in the home and waits for its end."""

    def run(*words: object, env: Mapping[str, str] | None = None) -> Done:
        done = subprocess.run(
            command(words),
            cwd=tmp_path,
            env=environment(home, env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Write a campaign of three."""
    path = tmp_path / "news.csv"
    rows = [f'+1202555010{number},Ann {number},"Hi {{{{ name }}}}"' for number in range(3)]
    path.write_text("\n".join(["phone,name,message", *rows]) + "\n", encoding="utf-8")
    return path
