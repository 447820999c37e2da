"""Opens the view of a kind on the process's streams; knows which streams, not what is shown."""

import io
import sys
import time
from typing import TextIO

from rich.console import Console

from waheal.views.jsonl import JsonlView
from waheal.views.live import LiveView
from waheal.views.plain import PlainView
from waheal.views.quiet import QuietView
from waheal.views.talk import Talk
from waheal.views.view import Clock, View, ViewKind

PIPE_WIDTH = 200


def open_view(
    kind: ViewKind,
    talk: Talk,
    *,
    clock: Clock = time.time,
    stdout: TextIO | None = None,
    show_numbers: bool = False,
    pace: str = "",
    passing: bool = False,
) -> View:
    """Open a view of this kind; JSON goes to stdout, everything else is talk.

    `pace`: the limits that are set, in words. `passing`: nothing of it is there afterwards, so that
    there is no next step.
    """
    match kind:
        case ViewKind.LIVE:
            console = pad_for(talk.stream)
            return LiveView(
                console, talk, clock=clock, show_numbers=show_numbers, pace=pace, passing=passing
            )
        case ViewKind.PLAIN:
            return PlainView(talk, clock=clock, show_numbers=show_numbers, passing=passing)
        case ViewKind.JSONL:
            return JsonlView(stdout or sys.stdout, clock=clock, talk=talk)
        case ViewKind.QUIET:
            return QuietView(talk, clock=clock)


def console_for(stream: TextIO) -> Console:
    """Give a console on a stream: a terminal's own width, else so wide that nothing is cut.

    Rich honours NO_COLOR, and colours nothing where no terminal is.
    """
    return Console(
        file=stream,
        width=None if stream.isatty() else PIPE_WIDTH,
        highlight=False,
        emoji=False,
        markup=False,
    )


def pad_for(stream: TextIO) -> Console:
    """Give a console that draws as it suits the stream, for whoever captures it.

    Rich writes what was not captured to its stream, if that is nothing at all; and a thread that
    hangs in a write to a terminal makes even that wait.
    """
    return console_for(_Pad(stream))


class _Pad(io.TextIOWrapper):
    """A stream's encoding, and whether it is a terminal, without the stream."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(io.BytesIO(), encoding=stream.encoding)
        self._terminal = stream.isatty()

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._terminal
