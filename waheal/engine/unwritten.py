"""What hosts have said and the ledger has not written yet: a file that outlives the coordinator.

Theory of operation. A turn costs about as much for one answer as for ten, so it gathers for a
moment. What died with the coordinator meanwhile would be in doubt for good where the receipt had
come as well, for WhatsApp tells neither twice. So an ok and a receipt go into this file first, on
the thread that reads them, and out of it once the ledger has them. Nobody waits for the disk:
after a power loss such a message is in doubt, and evidence settles what it can.

An ok from here is judged like one that is heard, and counts only for an attempt of the run that
the file names: a file of another time says nothing of an attempt that it does not know.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from waheal.model import Accepted, DeviceId, ReceiptKind
from waheal.wire import Answer, ReceiptSeen, Report

_OPEN = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_MOST = 1 << 24  # bytes that are read back; a turn leaves some kilobytes


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt of one run: `stamp` is the run's."""

    stamp: str
    delivery: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Said:
    """What was said and not written: message ids of accepted attempts, and receipts by host log."""

    accepted: dict[Attempt, str] = field(default_factory=dict)
    receipts: list[tuple[str, ReceiptSeen]] = field(default_factory=list)


class Unwritten:
    """One home's file. Only the run that holds the home's lock writes it.

    Its methods are called under the inbox's lock, but for `read` and `clear`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._end = self._marked = 0
        self.stamp = ""
        """The run's, once it has one; until then nothing is accepted."""

    def keep(self, host_log: str, reports: Sequence[Report]) -> None:
        """Add what settles something; it outlives this process at once.

        It is a help, and where it can't be written the message goes its way without it.
        """
        lines = [line for each in reports if (line := self._line(host_log, each)) is not None]
        if not lines:
            return
        with suppress(OSError):
            self._end += os.pwrite(self._file(), "".join(lines).encode(), self._end)

    def mark(self) -> None:
        """All that is kept so far has been gathered for a turn."""
        self._marked = self._end

    def written(self) -> None:
        """Let go of what was marked: the ledger has it."""
        if not self._marked:
            return
        with suppress(OSError):
            file = self._file()
            rest = os.pread(file, self._end - self._marked, self._marked)
            os.pwrite(file, rest, 0)  # first: a kill in between leaves a line twice, or half of one
            os.ftruncate(file, len(rest))
            self._end, self._marked = len(rest), 0

    def read(self) -> Said:
        """Give what an earlier run left; half a line says nothing."""
        said = Said()
        with suppress(OSError):
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                data = os.read(file, _MOST)
            finally:
                os.close(file)
            for line in data.splitlines():
                with suppress(ValueError, RecursionError):
                    _take(json.loads(line), said)
        return said

    def clear(self) -> None:
        """Let go of all of it: the ledger has it, and what stays says nothing new."""
        with suppress(OSError):
            self._path.unlink()

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _file(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, _OPEN, 0o600)
        return self._descriptor

    def _line(self, host_log: str, report: Report) -> str | None:
        match report:
            case Answer(delivery, attempt, _, Accepted(message_id)) if self.stamp:
                return json.dumps(["ok", self.stamp, delivery, attempt, message_id]) + "\n"
            case ReceiptSeen(device, ids, kind) if kind is not ReceiptKind.RETRY:
                return json.dumps(["receipt", host_log, device, kind, *ids]) + "\n"
            case _:
                return None


def _take(line: object, said: Said) -> None:
    match line:
        case ["ok", str(stamp), int(delivery), int(attempt), str(message_id)]:
            said.accepted[Attempt(stamp, delivery, attempt)] = message_id
        case ["receipt", str(host_log), str(device), str(kind), *ids]:
            told = tuple(each for each in ids if isinstance(each, str))
            receipt = ReceiptSeen(DeviceId(device), told, ReceiptKind(kind))
            said.receipts.append((host_log, receipt))
