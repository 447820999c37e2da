"""The entry point: what holds for every command, and how each of them ends."""

import errno
import os
import re
import resource
import select
import sys
import termios
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO

import typer

from waheal.cli.app import GROUPS, build, called, completed
from waheal.cli.signals import interruptible
from waheal.errors import MACHINE_HINT, MachineError, UsageError, WahealError, used_up
from waheal.exit_codes import ExitCode

_STDIN, _STDOUT, _STDERR = 0, 1, 2
_ASCII = frozenset({"ascii", "us-ascii", "ansi_x3.4-1968", "646"})
_COMPLETE = "_WAHEAL_COMPLETE"
_SIZES = ("COLUMNS", "LINES", "TERMINAL_WIDTH")
_SIZE = re.compile("[1-9][0-9]{0,3}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MACHINES = frozenset({"x86_64", "amd64", "aarch64", "arm64"})


def main() -> int:
    """Run the command line; its end is the process's exit code."""
    os.umask(0o077)  # nothing that waheal writes is anyone else's, from the first file on
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold texts and keys
    words = sys.argv[1:]
    _open_streams()
    _forget_odd_sizes()
    if any(word.startswith("--ledger") for word in words):
        from waheal.cli.unseen import hide_password  # noqa: PLC0415 - only for this

        hide_password(words)
    try:
        with interruptible():
            return _ended(words)
    except KeyboardInterrupt:  # while another end was told
        return ExitCode.INTERRUPTED
    except RuntimeError as error:  # before it began: the machine had no thread for it
        return _told(words, error)


def _ended(words: list[str]) -> int:
    try:
        _refuse_elsewhere(os.uname().sysname, os.uname().machine)
        return _run(words)
    except (KeyboardInterrupt, typer.Abort):
        _leave_who_stalls()
        return _tell("interrupted", "run it again to go on", ExitCode.INTERRUPTED)
    except SystemExit as error:  # typer's way to end a completion, or when nobody reads stdout
        return ExitCode.INTERRUPTED if error.code else ExitCode.OK
    except Exception as error:  # noqa: BLE001 - the edge: each is told in a line or two
        return _told(words, error)


def _told(words: list[str], error: Exception) -> int:
    match error:
        case WahealError():
            return _refuse(words, error.message, error.hint, error.exit_code)
        case typer.TyperException():
            from waheal.cli.usage import in_own_words  # noqa: PLC0415 - only for this

            return _refuse(words, *in_own_words(error, called(words)), ExitCode.USAGE)
        case KeyError() | ValueError() if os.environ.get(_COMPLETE):  # then no command is run
            return _tell(
                "there is nothing to complete", f"leave {_COMPLETE} to the shell", ExitCode.USAGE
            )
        case OSError(errno=errno.ENOSPC):  # of what is written to stdout: else it is translated
            _leave(sys.stdout)
            return _tell("the disk is full", "make room and run it again", ExitCode.HOME_UNUSABLE)
        case OSError(errno=errno.EIO) if _hung_up(sys.stdout):  # nobody is there to be told
            _leave(sys.stdout)
            return ExitCode.INTERRUPTED
        case _:
            return _unforeseen(error, words)


def _run(words: list[str]) -> int:
    _refuse_bytes(words)
    words = completed(words)
    spoken = [*words, *os.environ.get("COMP_WORDS", "").split()]
    command = typer.main.get_command(build(spoken))
    is_group_alone = not words or words in GROUPS
    result: object = command.main(
        args=[*words, "--help"] if is_group_alone else words,
        prog_name="waheal",
        standalone_mode=False,
    )
    sys.stdout.flush()  # while what goes wrong with it can still be told
    if is_group_alone:
        return ExitCode.USAGE
    return result if isinstance(result, int) else ExitCode.OK


def _refuse_bytes(words: list[str]) -> None:
    """See to it that all that was said is text: Python takes other bytes for lone surrogates."""
    said = {f"word {number} of the command": word for number, word in enumerate(words, 1)}
    said |= {name: value for name, value in os.environ.items() if name.startswith("WAHEAL_")}
    for place, word in said.items():
        if _SURROGATE.search(word):
            raise UsageError(f"{place} is not UTF-8", hint="write it, or rename the file, in UTF-8")


def _refuse_elsewhere(system: str, machine: str) -> None:
    if system != "Linux" or machine.lower() not in _MACHINES:
        raise UsageError(
            f"waheal does not run on {system} {machine}",
            hint="use Linux on x86-64 or arm64, such as a small virtual machine or a container",
        )


def _open_streams() -> None:
    # A daemon may have closed them; the next file to be opened would be taken for them.
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or os.fdopen(_STDIN, encoding="utf-8")
    sys.stdout = sys.stdout or os.fdopen(_STDOUT, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(_STDERR, "w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Texts are not ASCII, whatever the locale is; what another one lacks is spelled out.
            ascii_only = stream.encoding.lower() in _ASCII
            stream.reconfigure(encoding="utf-8" if ascii_only else None, errors="backslashreplace")


def _forget_odd_sizes() -> None:
    """Take no width from the environment that no terminal has: all of it would be filled."""
    for name in _SIZES:
        if not _SIZE.fullmatch(os.environ.get(name, "80")):
            del os.environ[name]


def _leave(stream: TextIO) -> None:
    """Let what it still holds go nowhere, or Python's own end would fail with it."""
    descriptor = os.open(os.devnull, os.O_WRONLY)
    os.dup2(descriptor, stream.fileno())
    os.close(descriptor)


def _hung_up(stream: TextIO) -> bool:
    """Whether it leads to a terminal that was closed."""
    try:
        termios.tcgetattr(stream.fileno())
    except termios.error as error:
        return errno.EIO in error.args
    except OSError:  # no descriptor: it is in memory
        return False
    return False


def _leave_who_stalls() -> None:
    """Let nothing that still waits for a reader hold up Python's own end."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # no descriptor: it is in memory
            _, ready, _ = select.select([], [stream.fileno()], [], 0)
            if not ready:
                _leave(stream)


def _refuse(words: list[str], message: str, hint: str | None, code: ExitCode) -> int:
    if words[:1] == ["check"] and ("--json" in words or os.environ.get("WAHEAL_JSON")):
        from waheal.cli.check import write_refusal  # noqa: PLC0415 - only for this

        write_refusal(message)
    return _tell(message, hint, code)


def _tell(message: str, hint: str | None, code: ExitCode) -> int:
    from waheal.cli.console import say_error  # noqa: PLC0415 - Rich, which --help loads anyway

    say_error(message, hint)
    return code


def _unforeseen(error: Exception, words: list[str]) -> int:
    if used_up(error):
        what = "the machine has no more processes, threads, open files or memory for it"
        return _tell(what, MACHINE_HINT, MachineError.exit_code)
    from waheal.cli import crash  # noqa: PLC0415 - needed once in a blue moon

    path = crash.write_report(error, words)
    where = f"its report is {path}" if path else "its report could not be written"
    return _tell(
        f"a fault of waheal's own ({type(error).__name__}): {where}",
        "report it with that file; run the command again to go on",
        ExitCode.OWN_FAULT,
    )


if __name__ == "__main__":
    sys.exit(main())
