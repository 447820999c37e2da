"""What hosts have said and the ledger has not written yet: a file that outlives the coordinator.

Theory of operation. A turn costs about as much for one answer as for ten, so it gathers for a
moment. What died with the coordinator meanwhile would be lost for good, for WhatsApp tells it to
nobody twice. So it goes into this file first, on the thread that reads it, and out of it once the
ledger has it. Nobody waits for the disk: after a power loss such a message is in doubt, and
evidence settles what it can. What a host could not say lies in a file of its own beside its log.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from waheal.hearsay import SUFFIX, Said, take_lines, to_lines
from waheal.store.home import Home
from waheal.wire import InboundText, Report
from waheal.writing import write_whole

_OPEN = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_MOST = 1 << 24  # bytes that are read back; a turn leaves some kilobytes


class Unwritten:
    """One home's file, and those of its hosts. Only the run that holds the home's lock writes it.

    Its methods are called under the inbox's lock, but for `read`, `leave` and `clear`.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._path = home.unwritten_path
        self._descriptor: int | None = None
        self._end = self._marked = 0

    def keep(self, host_log: str, reports: Sequence[Report]) -> None:
        """Add what is told only once; it outlives this process at once.

        It is a help, and where it can't be written the message goes its way without it.
        """
        if lines := to_lines(host_log, reports):
            with suppress(OSError):
                self._end += os.pwrite(self._file(), lines, self._end)

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
        """Give what an earlier run left, and its hosts; texts in the order of their times."""
        said = Said()
        for path in (self._path, *self._of_hosts()):
            with suppress(OSError):
                file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
                try:
                    take_lines(os.read(file, _MOST), said)
                finally:
                    os.close(file)
        said.texts.sort(key=lambda text: text.at)
        return said

    def leave(self, texts: Sequence[InboundText]) -> None:
        """Let go of all but these texts, which the next command that listens is to take."""
        if texts:
            with suppress(OSError):
                write_whole(self._path, to_lines("", texts))
                self._forget(self._of_hosts())
        else:
            self.clear()

    def clear(self) -> None:
        """Let go of all of it: the ledger has it, and what stays says nothing new."""
        self._forget((self._path, *self._of_hosts()))

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _forget(self, paths: Iterable[Path]) -> None:
        for path in paths:
            with suppress(OSError):
                path.unlink()

    def _of_hosts(self) -> Iterator[Path]:
        yield from sorted(self._home.logs.glob(f"*{SUFFIX}"))

    def _file(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, _OPEN, 0o600)
        return self._descriptor
