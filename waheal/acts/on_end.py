"""Runs the operator's command once a run is over, with what that came to; judges nothing.

Its words are split as a shell splits them, but no shell reads them: `sh -c '…'` asks for one. It
gets the summary as JSON on its input, and each field as a variable. What it prints goes to stderr.
"""

import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import inf

from waheal.acts.workspace import Workspace
from waheal.documents import Value
from waheal.errors import UsageError
from waheal.store.ledger import Ledger

LONGEST = 60.0
"""Seconds that it may take before it is ended."""

PREFIX = "WAHEAL_RUN_"
"""What its variables begin with: no setting of waheal's does."""

_STDERR = 2
_LOOK = 0.5  # seconds between two looks whether it is still to be waited for
_LEAVE = 5.0  # seconds between the request to end and the end by force
_HURRIED = 3.0  # seconds that it has where the operator does not want to wait
_PROMISED = "on end"  # a note: a run is under way whose end is to be told


def words_of_command(text: str) -> list[str]:
    """Split a command into its words, as a shell does.

    Raises:
        UsageError: it has none, or a quote is not closed, or there is no such program.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(
            f"--on-end {text!r} can't be split into words: {error}", hint="see to its quotes"
        ) from error
    if not words:
        raise UsageError("--on-end names no command", hint="such as 'mail -s waheal me'")
    if shutil.which(words[0]) is None:
        raise UsageError(
            f"--on-end: there is no program {words[0]!r}",
            hint="write its whole path; no shell reads the command, but sh -c '…' asks for one",
        )
    return words


class OnEnd:
    """One run's command. It never changes how the run ends."""

    def __init__(
        self, words: Sequence[str], workspace: Workspace, *, longest: float = LONGEST
    ) -> None:
        self._words = list(words)
        self._workspace = workspace
        self._longest = longest
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = False  # to end, by the operator
        self._until = inf  # monotonic

    def promise(self, ledger: Ledger, campaign: str) -> None:
        """Note that it is to be run, for the next run to know if this one is killed before."""
        ledger.notes.set(_key(ledger), campaign)

    def fulfil(self, ledger: Ledger) -> None:
        """Note that it is run now."""
        ledger.notes.set(_key(ledger), None)

    def run(self, summary: Mapping[str, Value]) -> str | None:
        """Run it, and wait for its end; tells what went wrong, None where nothing did."""
        self._until = time.monotonic() + (_HURRIED if self._asked else self._longest)
        try:
            self._process = process = subprocess.Popen(
                self._words,
                stdin=subprocess.PIPE,
                stdout=_STDERR,
                stderr=_STDERR,
                env=self._environment(summary),
                start_new_session=True,  # Ctrl-C is waheal's to pass on
            )
        except OSError as error:
            return f"it could not be started: {error.strerror}"
        try:
            if self._wait(process, json.dumps(summary).encode() + b"\n"):
                return self._came_to(process.returncode)
            self._end(process)
            return f"it took longer than {self._longest:.0f} s, and was ended"
        finally:
            self._process = None

    def hurry(self) -> None:
        """Wait for it no longer than a moment: the operator says so. Safe in a signal handler."""
        self._asked = True
        self._until = min(self._until, time.monotonic() + _HURRIED)
        if (process := self._process) is not None:
            _signal(process, signal.SIGTERM)

    def _wait(self, process: "subprocess.Popen[bytes]", told: bytes) -> bool:
        """Hand it the summary, and wait for its end; False where that does not come in time."""
        unsaid: bytes | None = told
        while (left := self._until - time.monotonic()) > 0.0:
            try:
                process.communicate(unsaid, min(left, _LOOK))
            except subprocess.TimeoutExpired:
                unsaid = None  # it goes on with what it was given
            else:
                return True
        return False

    def _came_to(self, code: int) -> str | None:
        if code < 0:
            return f"it was ended by {signal.Signals(-code).name}"
        return f"it ended with {code}" if code else None

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.0 if self._asked else _LEAVE)
        _signal(process, signal.SIGKILL)  # what it has begun may live on
        process.wait()
        if process.stdin is not None:
            with suppress(OSError):  # it may never have read what it was told
                process.stdin.close()

    def _environment(self, summary: Mapping[str, Value]) -> dict[str, str]:
        """Give its variables; a `waheal report` in it is to find this home."""
        told = {
            f"{PREFIX}{name.upper()}": "" if value is None else str(value)
            for name, value in summary.items()
        }
        home = {"WAHEAL_HOME": str(self._workspace.private)}
        sandbox = {"WAHEAL_SANDBOX": "1"} if self._workspace.sandbox else {}
        return {**os.environ, **told, **home, **sandbox, **self._ledger()}

    def _ledger(self) -> dict[str, str]:
        at = self._workspace.at
        if at is None:
            return {}
        return {"WAHEAL_LEDGER": at.text, **({"WAHEAL_LEDGER_PLAIN": "1"} if at.plain else {})}


def broken_promise(ledger: Ledger) -> str | None:
    """Give the campaign whose last run was killed before its command; tells it once."""
    campaign = ledger.notes.get(_key(ledger))
    if campaign is not None:
        ledger.notes.set(_key(ledger), None)
    return campaign


def _key(ledger: Ledger) -> str:
    """Name the note: of a ledger that machines share, this one's."""
    return f"{_PROMISED} {ledger.machines.mine}" if ledger.remote else _PROMISED


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send it to the command and to whatever that has begun."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
