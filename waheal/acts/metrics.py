"""Writes how a run stands as OpenMetrics text, for a textfile collector; names no person.

The form: https://prometheus.io/docs/specs/om/open_metrics_spec/. The names are the operators'
(docs/cron.md): more may be added, none is taken away.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from waheal.errors import UsageError
from waheal.events import Event, Note, RunFinished, RunStarted
from waheal.model import DeviceState, ExitCode, State
from waheal.records import Device, Tally
from waheal.store.ledger import Ledger
from waheal.writing import whole_text

EVERY = 15.0
"""Seconds between two writings while a run goes on; collectors ask about as often."""

_MODE = 0o644  # a collector is another user, and nobody is named in it


@dataclass(frozen=True, slots=True)
class Measured:
    """A campaign and its run, which has no exit code before its end. Times are Unix seconds."""

    campaign: str
    tally: Tally
    devices: tuple[Device, ...]
    started: float
    at: float
    exit_code: ExitCode | None = None


class Metrics:
    """One run's file, written at its start and end and now and then between."""

    def __init__(
        self,
        path: Path,
        ledger: Ledger,
        campaign_id: int,
        campaign: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._ledger = ledger
        self._id = campaign_id
        self._campaign = campaign
        self._clock = clock
        self._started = self._written = clock()
        self._failed = False

    def note(self, event: Event) -> Note | None:
        """Write it anew where it is due; a note where that can't be done any more.

        Raises:
            UsageError: it can't be written as the run begins.
        """
        now = self._clock()
        ended = event.exit_code if isinstance(event, RunFinished) else None
        begins = isinstance(event, RunStarted)
        if not begins and ended is None and abs(now - self._written) < EVERY:
            return None
        self._written = now
        try:
            self._write(now, ended)
        except OSError as error:
            if begins:
                raise UsageError(
                    f"--metrics: {self._path} can't be written: {error.strerror}",
                    hint="name a file in a folder that is there",
                ) from error
            first, self._failed = not self._failed, True
            return Note(f"{self._path} can't be written: {error.strerror}") if first else None
        return None

    def _write(self, now: float, ended: ExitCode | None) -> None:
        tally = self._ledger.campaigns.tally(self._id)
        devices = tuple(self._ledger.devices.all(now))
        measured = Measured(self._campaign, tally, devices, self._started, now, ended)
        with whole_text(self._path, mode=_MODE) as file:
            file.write(openmetrics(measured))


def openmetrics(measured: Measured) -> str:
    """Word it as OpenMetrics text."""
    return "".join(f"{line}\n" for line in (*_lines(measured), "# EOF"))


def _lines(measured: Measured) -> Iterator[str]:
    own = {"campaign": measured.campaign}
    tally, over = measured.tally, measured.exit_code is not None
    yield from _family("waheal_recipients", "Recipients of the campaign, by state.")
    for state in State:
        yield _sample("waheal_recipients", tally[state], own | {"state": state.value})
    yield from _family("waheal_recipients_replied", "Recipients who replied.")
    yield _sample("waheal_recipients_replied", tally.replied, own)
    yield from _family("waheal_recipients_unreadable", "Recipients whose phone can't open it.")
    yield _sample("waheal_recipients_unreadable", tally.unreadable, own)
    yield from _family("waheal_devices", "Devices of the home, by state.")
    for each in DeviceState:
        count = sum(device.state is each for device in measured.devices)
        yield _sample("waheal_devices", count, {"state": each.value})
    held = sum(device.chats_from is not None for device in measured.devices)
    yield from _family("waheal_devices_without_new_chats", "Devices that begin no new chat.")
    yield _sample("waheal_devices_without_new_chats", held)
    yield from _family("waheal_run_active", "Whether the run goes on.")
    yield _sample("waheal_run_active", int(not over), own)
    if measured.exit_code is not None:
        yield from _family("waheal_run_exit_code", "The exit code that the run has ended with.")
        yield _sample("waheal_run_exit_code", int(measured.exit_code), own)
    yield from _family("waheal_run_start_time_seconds", "When the run began.", "seconds")
    yield _sample("waheal_run_start_time_seconds", round(measured.started, 3), own)
    yield from _family("waheal_written_time_seconds", "When this was written.", "seconds")
    yield _sample("waheal_written_time_seconds", round(measured.at, 3), own)


def _family(name: str, meaning: str, unit: str | None = None) -> Iterator[str]:
    yield f"# TYPE {name} gauge"
    if unit is not None:
        yield f"# UNIT {name} {unit}"
    yield f"# HELP {name} {meaning}"


def _sample(name: str, value: float, labels: Mapping[str, str] | None = None) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in (labels or {}).items())
    return f"{name}{{{inside}}} {value}" if inside else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
