"""How commands speak: data on stdout, talk on stderr; knows no command."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import RenderableType

from waheal.errors import UsageError
from waheal.views.opening import console_for
from waheal.writing import whole_text


def say(text: str) -> None:
    """Give a line of talk, on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def say_error(message: str, hint: str | None) -> None:
    """Tell what went wrong, and the way out."""
    say(f"error: {message}")
    if hint:
        say(f"hint: {hint}")


def write_json(document: object) -> None:
    """One JSON document, on stdout."""
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    sys.stdout.flush()


def write_json_line(event: Mapping[str, object]) -> None:
    """One JSON object a line, on stdout, at once."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Write a file of its owner's, in UTF-8, that is there whole or not at all.

    Links, pipes and devices are treated as `writing.whole_bytes` says.

    Raises:
        UsageError: it can't be written.
    """
    try:
        with whole_text(path) as file:
            yield file
    except OSError as error:
        raise UsageError(
            f"{path} can't be written: {error.strerror}", hint="name another file"
        ) from error


def write_lines(lines: Iterable[str]) -> None:
    """Lines of data, on stdout."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def show(renderable: RenderableType) -> None:
    """Something for people, on stdout."""
    console_for(sys.stdout).print(renderable)


def show_on_stderr(renderable: RenderableType) -> None:
    """Something for people that is no data, on stderr."""
    console_for(sys.stderr).print(renderable)
