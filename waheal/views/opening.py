"""Opens the view of a kind on the process's streams; knows which streams, not what is shown."""

import sys
import time
from typing import TextIO

from rich.console import Console

from waheal.views.jsonl import JsonlView
from waheal.views.live import LiveView
from waheal.views.plain import PlainView
from waheal.views.quiet import QuietView
from waheal.views.view import Clock, View, ViewKind

PIPE_WIDTH = 200


def open_view(
    kind: ViewKind,
    *,
    clock: Clock = time.time,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
    show_numbers: bool = False,
) -> View:
    """Open a view of this kind; JSON goes to stdout, everything else to stderr."""
    out, err = stdout or sys.stdout, stderr or sys.stderr
    match kind:
        case ViewKind.LIVE:
            return LiveView(console_for(err), clock=clock, show_numbers=show_numbers)
        case ViewKind.PLAIN:
            return PlainView(err, clock=clock, show_numbers=show_numbers)
        case ViewKind.JSONL:
            return JsonlView(out, clock=clock, stderr=err)
        case ViewKind.QUIET:
            return QuietView(err, clock=clock)


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
