"""Shows a run on a terminal as it goes; knows events and Rich, and nothing of sending."""

import threading
from datetime import tzinfo

from rich.console import Console
from rich.text import Text

from waheal.events import Event
from waheal.model import ExitCode
from waheal.views.board import Board
from waheal.views.layout import Layout
from waheal.views.screen import Screen
from waheal.views.summary import summary
from waheal.views.talk import Talk
from waheal.views.view import Clock, Closing

PROMISE = (
    "Each message heals its own device on the way; nothing runs for a device that sends nothing."
)


ENDS = {
    ExitCode.OK: "bold green",
    ExitCode.SOME_FAILED: "bold yellow",
    ExitCode.LEFT_OVER: "bold yellow",
    ExitCode.INTERRUPTED: "bold yellow",
}
"""The colour of a run's headline; what is not here went wrong."""


class LiveView(Closing):
    """The live display. Events only update a board; it is drawn at most every `refresh` seconds.

    `refresh` None draws only when `draw` is called. `pace`: the limits that are set, in words.
    """

    def __init__(
        self,
        console: Console,
        talk: Talk,
        *,
        clock: Clock,
        zone: tzinfo | None = None,
        passing: bool = False,
        show_numbers: bool = False,
        pace: str = "",
        refresh: float | None = 0.2,
    ) -> None:
        # Apart: what a block leaves behind where a terminal is resized can't be taken back.
        self._screen = Screen(console, talk, apart=True)
        self._zone = zone
        self._clock = clock
        self._layout = Layout(zone=zone, show_numbers=show_numbers, pace=pace)
        self._board = Board()
        self._board.passing = passing
        self._lock = threading.Lock()  # guards the board; no I/O under it
        self._greeted = False
        self._closed = threading.Event()
        self._ticker: threading.Thread | None = None
        if refresh is not None:
            self._ticker = threading.Thread(
                target=self._tick, args=(refresh,), name="display", daemon=True
            )
            self._ticker.start()

    def show(self, event: Event) -> None:
        """Take one event; it is seen at the next drawing."""
        now = self._clock()
        with self._lock:
            self._board.take(event, now)

    def draw(self) -> None:
        """Draw the board as it stands."""
        lines = self.frame(*self._screen.size)
        if self._board.started is not None and not self._greeted:
            self._greeted = True
            self._screen.finish(Text(PROMISE, "dim"))
        self._screen.draw(lines)

    def frame(self, width: int, height: int) -> list[Text]:
        """Lay the board out as it stands, in at most `height` lines of `width` cells."""
        with self._lock:
            return self._layout.lines(self._board, self._clock(), width, height)

    def close(self) -> None:
        """Replace the display by the run's end in words; without an end, leave it standing."""
        if self._closed.is_set():
            return
        self._closed.set()
        if self._ticker is not None:
            self._ticker.join()
        finished = self._board.finished
        if finished is None:
            left = self.frame(*self._screen.size) if self._board.started is not None else []
            self._screen.leave(*left)
            return
        first, *rest = summary(self._board, finished, self._clock(), self._zone)
        lines = [Text(first, ENDS.get(finished.exit_code, "bold red")), *map(Text, rest)]
        self._screen.finish(Text("\n").join(lines))

    def _tick(self, seconds: float) -> None:
        while not self._closed.wait(seconds):
            if not self._screen.behind:  # else drawings would pile up
                self.draw()
