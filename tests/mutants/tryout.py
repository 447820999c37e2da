"""Where mutants are tried: in a copy of the checkout; the tree itself is never changed."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from importlib.util import cache_from_source
from pathlib import Path

from tests.mutants.mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]

_LEFT_OUT = shutil.ignore_patterns(".git", ".*_cache", ".hypothesis", "__pycache__", ".venv")
_PYTEST = (sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider")
_TIMEOUT = 180.0  # seconds; a test that hangs has failed


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    HUNG = "hung"  # which kills it, too
    SURVIVED = "SURVIVED"
    EQUIVALENT = "equivalent"
    SPOILED = "SPOILED"  # no test was run: it does not load, or there are no such tests

    @property
    def is_wrong(self) -> bool:
        """Whether the catalogue or a test has to be mended."""
        return self in {Fate.SURVIVED, Fate.SPOILED}


class Tryout:
    """The copy, used for one mutant after another."""

    def __init__(self, folder: Path) -> None:
        self._copy = folder / "checkout"
        shutil.copytree(ROOT, self._copy, ignore=_LEFT_OUT)

    def is_sound(self, mutants: Sequence[Mutant]) -> bool:
        """Whether all of their tests pass without any mutant: else a failure tells nothing."""
        tests = dict.fromkeys(test for each in mutants for test in each.tests)
        return self._pytest(tuple(tests), timeout=None) == 0

    def attempt(self, mutant: Mutant) -> Fate:
        """Apply a mutant, run its tests, and take it back."""
        with self._applied(mutant):
            try:
                code = self._pytest(mutant.tests, _TIMEOUT)
            except subprocess.TimeoutExpired:
                return Fate.HUNG
        match code:
            case 0:
                return Fate.SURVIVED if mutant.equivalent is None else Fate.EQUIVALENT
            case 1:
                return Fate.KILLED
            case _:
                return Fate.SPOILED

    @contextmanager
    def _applied(self, mutant: Mutant) -> Iterator[None]:
        path = self._copy / mutant.file
        whole = path.read_text(encoding="utf-8")
        try:
            _write(path, whole.replace(mutant.old, mutant.new))
            yield
        finally:
            _write(path, whole)

    def _pytest(self, tests: tuple[str, ...], timeout: float | None) -> int:
        environment = {**os.environ, "PYTHONPATH": str(self._copy)}
        with subprocess.Popen(
            [*_PYTEST, *tests],
            cwd=self._copy,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                return process.wait(timeout)
            finally:
                with suppress(ProcessLookupError):  # what it started goes with it
                    os.killpg(process.pid, signal.SIGKILL)


def _write(path: Path, text: str) -> None:
    """Write a module; bytecode of a text as long, of the same second, would be taken for its."""
    path.write_text(text, encoding="utf-8")
    Path(cache_from_source(str(path))).unlink(missing_ok=True)
