"""Draws a block of lines in place at the bottom of a terminal; knows nothing of what they say.

Theory of operation: the cursor rests in column 0 of the row below the block. A new drawing goes
up by the rows that the old one takes *now* (a terminal that was made narrower has wrapped its
lines into more rows), overwrites line by line without blanking first, and erases what is left.
"""

import threading
from collections.abc import Iterable, Sequence

from rich.console import Console, RenderableType
from rich.control import Control
from rich.segment import ControlType, Segment
from rich.text import Text

from waheal.views.talk import Talk

_ERASE_LINE = Segment("\x1b[K", None, [(ControlType.ERASE_IN_LINE, 0)])
_ERASE_BELOW = Segment("\x1b[J", None, [(ControlType.ERASE_IN_LINE, 0)])


class Screen:
    """A block of lines on a terminal, redrawn in place.

    `apart`: on the terminal's alternate screen, so that nothing of it stays. `talk` leads to the
    console's stream. When the terminal is gone nothing is drawn any more, and nothing fails.
    """

    def __init__(self, console: Console, talk: Talk, *, apart: bool = False) -> None:
        self.console = console
        self._apart = apart
        self._talk = talk
        self._lock = (
            threading.Lock()
        )  # guards the fields below and the order of drawings; Rich's rendering under it
        self._widths: list[int] = []  # cells of each line that stands on the terminal
        self._hidden = False
        self._away = False  # on the alternate screen

    @property
    def behind(self) -> bool:
        """Whether the terminal lacks the last drawing yet: it is slow, or held by Ctrl-S."""
        return self._talk.behind

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows that a block may take: one row stays free for the cursor."""
        width, height = self.console.size
        return width, max(1, height - 1)

    def draw(self, lines: Iterable[Text]) -> None:
        """Put these lines, each cut to the width, in the place of the last ones."""
        with self._lock:
            width, height = self.size
            shown = list(lines)[:height]
            for line in shown:
                line.truncate(width, overflow="ellipsis")
            self._write([*self._home(), *self._body(shown), _ERASE_BELOW])
            self._widths = [line.cell_len for line in shown]

    def finish(self, *last: RenderableType) -> None:
        """Take the block away, print what is to stay instead, show the cursor again."""
        with self._lock:
            if self._widths:
                self._write([*self._home(), _ERASE_BELOW])
            self._widths = []
            self._cursor(shown=True)
            self._return()
            self._print(last)

    def leave(self, *last: RenderableType) -> None:
        """Let the block stand as it is, or print what is to stay of it; show the cursor again."""
        with self._lock:
            self._widths = []
            self._return()
            self._print(last)
            self._cursor(shown=True)

    def _return(self) -> None:
        """Go back to the screen that stays."""
        if self._away:
            self._away = False
            self._print([_Raw([Control.alt_screen(enable=False).segment])])

    def _home(self) -> list[Segment]:
        width = max(1, self.console.size.width)
        rows = sum(max(1, -(-cells // width)) for cells in self._widths)
        rows = min(rows, self.console.size.height - 1)  # what scrolled away can't be reached
        moves = [(ControlType.CARRIAGE_RETURN,)]
        up = Control((ControlType.CURSOR_UP, rows)).segment if rows else None
        return [Control(*moves).segment, *([up] if up else [])]

    def _body(self, lines: Sequence[Text]) -> list[Segment]:
        options = self.console.options.update(no_wrap=True, overflow="crop", highlight=False)
        body: list[Segment] = []
        for line in lines:
            body += self.console.render_lines(line, options, pad=False)[0]
            body += [_ERASE_LINE, Segment.line()]
        return body

    def _write(self, segments: list[Segment]) -> None:
        if self._apart and not self._away:
            self._away = True
            self._print([_Raw([Control.alt_screen(enable=True).segment])])
        if not self._hidden:
            self._cursor(shown=False)
        self._print([_Raw(segments)])

    def _cursor(self, *, shown: bool) -> None:
        self._print([_Raw([Control.show_cursor(shown).segment])])
        self._hidden = not shown

    def _print(self, things: Sequence[RenderableType]) -> None:
        # Written by Talk, not by Rich: Rich ends the process when its stream breaks.
        with self.console.capture() as captured:
            for thing in things:
                self.console.print(thing, end="" if isinstance(thing, _Raw) else "\n")
        # A block fits its terminal as it is drawn; only what stays is worded to its end.
        self._talk.say(captured.get(), as_is=all(isinstance(each, _Raw) for each in things))


class _Raw:
    """Segments that Rich prints as they are."""

    def __init__(self, segments: list[Segment]) -> None:
        self._segments = segments

    def __rich_console__(self, _console: object, _options: object) -> Iterable[Segment]:
        return self._segments
