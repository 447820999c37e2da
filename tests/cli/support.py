"""Runs waheal as an operator does: a process of its own, in an environment of its own."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from waheal.acts.status import status
from waheal.acts.workspace import open_home
from waheal.errors import WahealError
from waheal.model import State

ROOT = Path(__file__).resolve().parents[2]
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
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return {**kept, "HOME": str(home), "WAHEAL_HOME": str(home), "TZ": "UTC", **(more or {})}


def command(words: Sequence[object]) -> list[str]:
    """The command line that runs this waheal."""
    return [sys.executable, "-m", "waheal.cli", *map(str, words)]


def pending(home: Path, campaign: Path) -> int:
    """How many of a rehearsal's recipients are still to go; 0 before it has begun."""
    try:
        return status(open_home(home, sandbox=True), campaign.stem).tally[State.PENDING]
    except WahealError:
        return 0
