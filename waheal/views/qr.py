"""Draws a QR code in the terminal, redrawn in place as its text changes; knows no pairing."""

import io
import threading
import time
from collections.abc import Callable, Sequence

import segno
from rich.console import Console
from rich.style import Style
from rich.text import Text

from waheal.views.screen import Screen
from waheal.views.talk import Talk

_TICK = 1.0  # seconds
QUIET_ZONE = 2  # modules; scanners of phones manage with less than the standard's four
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


class QrView:
    """One QR code on a terminal at a time, with words and a countdown below it.

    It is drawn anew each second until it is closed. `apart`: on the alternate screen, so that a
    link that anybody could use does not stay in the scrollback.
    """

    def __init__(
        self,
        console: Console,
        talk: Talk,
        *,
        apart: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._screen = Screen(console, talk, apart=apart)
        self._clock = clock
        self._lock = threading.Lock()  # guards the three below; drawing, too
        self._lines: list[Text] = []
        self._words: Sequence[str] = ()
        self._until = 0.0
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="qr", daemon=True)

    def show(self, code: str, words: Sequence[str] = (), lasts: float = 0.0) -> None:
        """Draw the code in the place of the last one; `lasts` seconds are counted down."""
        with self._lock:
            self._lines = qr_lines(code, colour=not self._console.no_color)
            self._words = words
            self._until = self._clock() + lasts if lasts else 0.0
        self.draw()
        if not self._ticker.ident:
            self._ticker.start()

    def draw(self) -> None:
        """Draw it as it is now, or tell that the window is too small for it."""
        with self._lock:
            if not self._lines or self._over.is_set():
                return
            width, height = self._screen.size
            words = [Text(word) for word in (*self._words, *self._countdown())]
            lines = self._lines
            if lines[0].cell_len > width or len(lines) + len(words) > height:
                lines = _too_small(lines[0].cell_len, len(lines) + len(words) + 1)
            self._screen.draw([*lines, *words])

    def close(self) -> None:
        """Take the code away."""
        with self._lock:
            was_shown, self._lines = bool(self._lines), []
        self._over.set()
        if self._ticker.ident:
            self._ticker.join()
        if was_shown:
            self._screen.finish()

    def _countdown(self) -> list[str]:
        if not self._until:
            return []
        left = round(self._until - self._clock())
        return [f"{left} s left to scan it" if left > 0 else "the next code is on its way"]

    def _tick(self) -> None:
        while not self._over.wait(_TICK):
            self.draw()


def _too_small(columns: int, rows: int) -> list[Text]:
    return [
        Text(f"The QR code needs {columns} columns and {rows} rows.", "bold yellow"),
        Text("Make the window larger or its letters smaller,", "bold yellow"),
        Text("or pair with --qr-file code.png or --code PHONE.", "bold yellow"),
    ]


def qr_png(code: str) -> bytes:
    """Give the QR code as a picture (PNG)."""
    out = io.BytesIO()
    segno.make(code, error="m", micro=False).save(out, kind="png", scale=8, border=4)
    return out.getvalue()


def qr_lines(code: str, *, colour: bool = True) -> list[Text]:
    """Draw a text as a QR code, two modules a cell in height, light margin included.

    With colour it is black on white whatever the terminal's colours. Without, light modules are
    filled, which suits a dark terminal.
    """
    border = QUIET_ZONE
    matrix = [
        [1 if module else 0 for module in row]
        for row in segno.make(code, error="l", micro=False).matrix_iter(border=border)
    ]
    if not colour:
        matrix = [[1 - module for module in row] for row in matrix]
    if len(matrix) % 2:
        matrix.append([0 if colour else 1] * len(matrix[0]))
    style = Style(color="#000000", bgcolor="#ffffff") if colour else Style()
    return [
        Text("".join(_HALVES[pair] for pair in zip(upper, lower, strict=True)), style)
        for upper, lower in zip(matrix[::2], matrix[1::2], strict=True)
    ]
