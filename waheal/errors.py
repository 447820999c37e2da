"""What can go wrong, in the operator's words; each error knows its exit code and its way out.

WahealError
├── UsageError          2   wrong usage, or a campaign that does not check
├── HomeBusyError      11   another run holds the home
│   └── FencedOffError      ... or has taken this machine's part in the ledger meanwhile
├── HomeUnusableError  12   disk full, read-only, corrupt, newer, not ours
│   └── LedgerLostError      the way to the ledger's server is lost
├── MachineError       12   out of processes, open files or memory
└── OwnFault           70   a fault of waheal's own
"""

import errno

from waheal.exit_codes import ExitCode

_USED_UP = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})


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


class FencedOffError(HomeBusyError):
    """Another run has taken this machine's part in the ledger: this one writes nothing more."""

    def __init__(self, ledger: str) -> None:
        super().__init__(
            f"another run has taken this machine's part in {ledger}; this one wrote nothing more",
            hint="see that no copy of the home is used anywhere else",
        )


class HomeUnusableError(WahealError):
    """The home or its ledger can't be used."""

    exit_code = ExitCode.HOME_UNUSABLE


class LedgerLostError(HomeUnusableError):
    """The way to the server that holds the ledger is lost, or there is none; or it is held up.

    What was begun may have been committed, or not: nobody knows before it is asked again.
    """


MACHINE_HINT = "see how many processes, files and how much memory this user may have; run it again"
"""The way out of a `MachineError`."""


class MachineError(WahealError):
    """The machine, or what this user may have of it, is used up."""

    exit_code = ExitCode.HOME_UNUSABLE


class OwnFault(WahealError):  # noqa: N818 - operators are told of a fault, not of an error
    """A fault of waheal's own, such as a host that dies over and over."""

    exit_code = ExitCode.OWN_FAULT


def used_up(error: BaseException) -> bool:
    """Tell whether an error says that there is no process, thread, file or memory to be had."""
    match error:
        case MachineError() | MemoryError():
            return True
        case OSError():
            return error.errno in _USED_UP
        case RuntimeError():  # Python has no kind for it
            return str(error) == "can't start new thread"
        case _:
            return False


def code_of(error: BaseException) -> ExitCode:
    """Tell what a command ends with that this error ended."""
    if isinstance(error, WahealError):
        return error.exit_code
    return MachineError.exit_code if used_up(error) else ExitCode.OWN_FAULT
