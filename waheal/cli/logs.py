"""The home's own log of its runs: one JSON object a line, rotated; never a body, numbers masked."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from waheal.cli.crash import masked
from waheal.documents import Value, event_fields, moment
from waheal.events import Event, RunStarted
from waheal.model import Phone, mask
from waheal.views.view import Clock, Closing

_NAME = "waheal.log"
_LARGEST = 10 << 20  # bytes, before it is rotated
_KEPT = 5


class LogView(Closing):
    """Writes each documented event with its campaign into `logs/waheal.log`.

    A log that can't be written never stops a run: the ledger is the record.
    """

    def __init__(self, logs: Path, *, clock: Clock, show_numbers: bool = False) -> None:
        self._clock = clock
        self._show_numbers = show_numbers
        self._campaign: str | None = None
        self._file: TextIO | None = _open(logs)

    def show(self, event: Event) -> None:
        """Write the event's line, if it has one."""
        if isinstance(event, RunStarted):
            self._campaign = event.campaign
        told = event_fields(event)
        if told is None or self._file is None:
            return
        name, values = told
        line = {
            "at": moment(self._clock()),
            "pid": os.getpid(),
            "event": name,
            "campaign": self._campaign,
            **self._plain(values),
        }
        try:
            self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
        except OSError:
            self.close()  # the disk is full, and the ledger says so louder

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # it is closed, but what it still held can't be written
                file.close()

    def _plain(self, values: Mapping[str, Value]) -> dict[str, Value]:
        if self._show_numbers:
            return dict(values)
        plain = dict[str, Value]()
        for key, value in values.items():
            if key == "phone" and isinstance(value, str):
                plain[key] = mask(Phone(value))
            elif key in {"reason", "cause"} and isinstance(value, str):
                plain[key] = masked(value)
            else:
                plain[key] = value
        return plain


def _open(logs: Path) -> TextIO | None:
    path = logs / _NAME
    try:
        if path.exists() and path.stat().st_size > _LARGEST:
            for number in range(_KEPT - 1, 0, -1):
                old = logs / f"{_NAME}.{number}"
                if old.exists():
                    old.replace(logs / f"{_NAME}.{number + 1}")
            path.replace(logs / f"{_NAME}.1")
        return path.open("a", encoding="utf-8", buffering=1)
    except OSError:
        return None
