"""The journal of witnesses: what this home has claimed ever, beside both databases; append-only.

A ledger that is restored alone forgets what it claimed since, and the session database forgets a
device's messages when that is logged out. The journal outlives both: each claim's witness is in it
before its message can leave. It says nothing but that: the witness of an attempt that the ledger
does not know was made by a ledger that is gone.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from waheal.errors import HomeUnusableError

WIDTH = 32
"""Bytes of a witness; the file is nothing but witnesses, one behind the other."""

_APPEND = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_PORTION = WIDTH * 4096


class ClaimJournal:
    """One home's journal. Only the run that holds the home's lock appends."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, witnesses: Iterable[bytes]) -> None:
        """Add them: they outlive this process at once, and a power loss once the disk has them.

        Not waited for, as it would double the syncs of a run (0.6 ms a turn): the journal is asked
        only where the ledger is gone, and a device besides.
        Raises: HomeUnusableError: the file can't be written.
        """
        added = b"".join(witnesses)
        if not added:
            return
        try:
            descriptor = os.open(self._path, _APPEND, 0o600)
            try:
                # Past the last whole one: half a witness is what a crash left, and says nothing.
                end = os.fstat(descriptor).st_size // WIDTH * WIDTH
                if os.pwrite(descriptor, added, end) != len(added):
                    raise OSError(28, "No space left on device")
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _unusable(self._path, error) from error

    def since(self, mark: int) -> Iterator[list[bytes]]:
        """Read what was added after so many, some at a time.

        From the start where the file holds fewer: another one stands in its place.
        Raises: HomeUnusableError: the file can't be read.
        """
        if not self._path.exists():
            return
        try:
            with self._path.open("rb") as file:
                file.seek(mark * WIDTH if mark <= self.count() else 0)
                while len(portion := file.read(_PORTION)) >= WIDTH:
                    whole = len(portion) // WIDTH * WIDTH
                    yield [portion[at : at + WIDTH] for at in range(0, whole, WIDTH)]
        except OSError as error:
            raise _unusable(self._path, error) from error

    def count(self) -> int:
        """Tell how many witnesses it holds."""
        try:
            return self._path.stat().st_size // WIDTH
        except FileNotFoundError:
            return 0


def _unusable(path: Path, error: OSError) -> HomeUnusableError:
    return HomeUnusableError(
        f"the journal {path} can't be used: {error.strerror}",
        hint="free space, or mend its owner and mode (600)",
    )
