"""How commands speak: data on stdout, talk on stderr; knows no command."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from waheal.cli.typed import typed
from waheal.errors import UsageError
from waheal.views.opening import console_for, pad_for
from waheal.views.talk import Talk, speak
from waheal.views.words import visible
from waheal.writing import whole_text


@dataclass(frozen=True, slots=True)
class _Visible:
    """Draws another, with what the terminal would obey spelled out, save for the colours."""

    drawn: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for each in console.render(self.drawn, options):
            plain = each.control is not None or each.text.isprintable()
            yield each if plain else Segment(visible(each.text), each.style)


def say(text: str) -> None:
    """Give a line of talk, on stderr; that nobody hears it is no fault."""
    with suppress(OSError):
        speak(sys.stderr, f"{visible(typed(text))}\n")


def say_error(message: str, hint: str | None) -> None:
    """Tell what went wrong, and the way out; somebody who does not listen is not waited for."""
    with closing(Talk(sys.stderr)) as talk:
        talk.say(in_words(message, hint))


def talk_on(stream: TextIO) -> Talk:
    """Open a stream for lines, in which each command works as it stands."""
    return Talk(stream, typed)


def in_words(message: str, hint: str | None) -> str:
    """Word an error, in a line or two; neither begins another, whatever it quotes."""
    told = f"error: {visible(message, keep='')}\n"
    return told + (f"hint: {visible(typed(hint), keep='')}\n" if hint else "")


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
    if sys.stdout.isatty():
        lines = (visible(line, keep="\t") for line in lines)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def show(renderable: RenderableType) -> None:
    """Something for people, on stdout."""
    console_for(sys.stdout).print(_Visible(renderable))


def drawn(renderable: RenderableType, stream: TextIO) -> str:
    """Draw something for people as it suits the stream, without writing it."""
    console = pad_for(stream)
    with console.capture() as captured:
        console.print(_Visible(renderable))
    return captured.get()
