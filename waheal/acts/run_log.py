"""The home's own log of its runs: one JSON object a line; never a body, numbers masked.

It is rotated as it grows, by the standard library's handler. A log that can't be written never
stops a run: the ledger is the record.
"""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Self

from waheal.documents import moment, run_fields
from waheal.events import Event, RunStarted
from waheal.model import ErrandKind, Phone, mask, mask_label, mask_numbers

NAME = "waheal.log"
_LARGEST = 10 << 20  # bytes, before it is rotated
_KEPT = 5
_NOBODYS = frozenset({"message_id", "state", "until"})  # their digits are no person's number


class RunLog:
    """Writes each documented event with its campaign into `logs/waheal.log`."""

    def __init__(
        self, logs: Path, *, clock: Callable[[], float], show_numbers: bool = False
    ) -> None:
        self._clock = clock
        self._show_numbers = show_numbers
        self._campaign: str | None = None
        self._errand: ErrandKind | None = None
        self._file = _open(logs / NAME)

    def write(self, event: Event) -> None:
        """Write the event's line, if it has one."""
        if isinstance(event, RunStarted):
            self._campaign, self._errand = event.campaign, event.errand
        told = run_fields(event, self._errand)
        if told is None or self._file is None or self._file.broken:
            return
        name, values = told
        line = {
            "at": moment(self._clock()),
            "pid": os.getpid(),
            "event": name,
            **self._plain({"campaign": self._campaign, **values}),
        }
        self._file.say(json.dumps(line, separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # it is closed, but what it still held can't be written
                file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _plain(self, values: Mapping[str, str | int | float | None]) -> dict[str, object]:
        return {key: self._shown(key, value) for key, value in values.items()}

    def _shown(self, key: str, value: str | float | None) -> str | float | None:
        if self._show_numbers or key in _NOBODYS or not isinstance(value, str):
            return value
        match key:
            case "phone":
                return mask(Phone(value))
            case "device" | "campaign":
                return mask_label(value)
            case _:
                return mask_numbers(value)


class _Handler(RotatingFileHandler):
    """The standard handler's rotation, but that it says nothing when the disk is full.

    A line costs one call into the system: a record's way there costs ten times that.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_LARGEST, backupCount=_KEPT)
        self._size = path.stat().st_size
        self.broken = False

    def say(self, line: bytes) -> None:
        """Write a line; in the file once it returns.

        Where it can't be written, nothing more is: the ledger, on the same disk, says so louder.
        """
        try:
            if self._size + len(line) > self.maxBytes:
                self.doRollover()
                self._size = 0
            if self.stream is not None:  # None once it is closed
                self._size += os.write(self.stream.fileno(), line)
        except OSError:
            self.broken = True


def _open(path: Path) -> _Handler | None:
    try:
        return _Handler(path)
    except OSError:
        return None
