"""What a command's end means; by itself, so that `--help` and a shell's completion load no more."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's end means to cron and to other programs."""

    OK = 0
    SOME_FAILED = 1
    USAGE = 2
    LEFT_OVER = 3
    NO_DEVICE = 10
    HOME_BUSY = 11
    HOME_UNUSABLE = 12
    OWN_FAULT = 70
    INTERRUPTED = 130


EXIT_PRECEDENCE = (
    ExitCode.INTERRUPTED,
    ExitCode.OWN_FAULT,
    ExitCode.HOME_UNUSABLE,
    ExitCode.HOME_BUSY,
    ExitCode.USAGE,
    ExitCode.NO_DEVICE,
    ExitCode.LEFT_OVER,
    ExitCode.SOME_FAILED,
    ExitCode.OK,
)
"""Where several exit codes hold, the first of these is the process's."""
