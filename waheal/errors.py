"""What can go wrong, in the operator's words; each error knows its exit code and its way out.

WahealError
├── UsageError          2   wrong usage, or a campaign that does not check
├── HomeBusyError      11   another run holds the home
├── HomeUnusableError  12   disk full, read-only, corrupt, newer, not ours
└── OwnFault           70   a fault of waheal's own
"""

from waheal.model import ExitCode


class WahealError(Exception):
    """Something that the operator is told in one line, with a hint."""

    exit_code = ExitCode.OWN_FAULT

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(WahealError):
    """The command's words, its file or its options can't be used as they are."""

    exit_code = ExitCode.USAGE


class HomeBusyError(WahealError):
    """Another run holds the home's lock."""

    exit_code = ExitCode.HOME_BUSY


class HomeUnusableError(WahealError):
    """The home or its ledger can't be used."""

    exit_code = ExitCode.HOME_UNUSABLE


class OwnFault(WahealError):  # noqa: N818 - operators are told of a fault, not of an error
    """A fault of waheal's own, such as a host that dies over and over."""

    exit_code = ExitCode.OWN_FAULT
