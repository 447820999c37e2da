"""The entry point: what holds for every command, and how each of them ends."""

import os
import sys

import typer

from waheal.cli.app import build
from waheal.errors import UsageError, WahealError
from waheal.model import ExitCode

_MACHINES = frozenset({"x86_64", "amd64", "aarch64", "arm64"})


def main() -> int:
    """Run the command line; its end is the process's exit code."""
    os.umask(0o077)  # nothing that waheal writes is anyone else's, from the first file on
    words = sys.argv[1:]
    try:
        _refuse_elsewhere(os.uname().sysname, os.uname().machine)
        return _run(words)
    except WahealError as error:
        return _tell(error.message, error.hint, error.exit_code)
    except typer.TyperException as error:
        return _tell(error.format_message(), _help_hint(error), ExitCode.USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return _tell("interrupted", None, ExitCode.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the edge: reported whole, told in one line
        return _own_fault(error, words)


def _run(words: list[str]) -> int:
    spoken = [*words, *os.environ.get("COMP_WORDS", "").split()]
    command = typer.main.get_command(build(spoken))
    result: object = command.main(
        args=words or ["--help"], prog_name="waheal", standalone_mode=False
    )
    if not words:
        return ExitCode.USAGE
    return result if isinstance(result, int) else ExitCode.OK


def _refuse_elsewhere(system: str, machine: str) -> None:
    if system != "Linux" or machine.lower() not in _MACHINES:
        raise UsageError(
            f"waheal does not run on {system} {machine}",
            hint="use Linux on x86-64 or arm64, such as a small virtual machine or a container",
        )


def _help_hint(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "waheal")
    return f"see `{path} --help`"


def _tell(message: str, hint: str | None, code: ExitCode) -> int:
    from waheal.cli.console import say_error  # noqa: PLC0415 - Rich, which --help loads anyway

    say_error(message, hint)
    return code


def _own_fault(error: Exception, words: list[str]) -> int:
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
