"""What a host could not say any more, on file for the next run; decides nothing."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from waheal.hearsay import said_path, to_lines
from waheal.wire import Report

_OPEN = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class LastWords:
    """The file of a host beside its log, made with the first word that is told only once."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def keep(self, reports: Sequence[Report]) -> None:
        """Add these; where that can't be, what they say is in doubt."""
        if lines := to_lines(self._log.name, reports):
            with suppress(OSError):
                file = os.open(said_path(self._log), _OPEN, 0o600)
                try:
                    os.write(file, lines)
                finally:
                    os.close(file)
