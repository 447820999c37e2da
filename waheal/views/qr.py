"""Draws a QR code in the terminal, redrawn in place as its text changes; knows no pairing."""

import segno
from rich.console import Console
from rich.style import Style
from rich.text import Text

from waheal.views.screen import Screen
from waheal.views.talk import Talk

QUIET_ZONE = 2  # modules; scanners of phones manage with less than the standard's four
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


class QrView:
    """One QR code on a terminal at a time, with a line of words below it."""

    def __init__(self, console: Console, talk: Talk) -> None:
        self._console = console
        self._screen = Screen(console, talk)

    def show(self, code: str, caption: str = "") -> None:
        """Draw the code in the place of the last one; tell when the window is too small."""
        width, height = self._screen.size
        lines = qr_lines(code, colour=not self._console.no_color)
        words = [Text(caption)] if caption else []
        if lines[0].cell_len > width or len(lines) + len(words) > height:
            need = f"{lines[0].cell_len} columns and {len(lines) + len(words) + 1} rows"
            lines = [
                Text(f"The QR code needs {need}: make the window larger,", "bold yellow"),
                Text("make its letters smaller, or pair by `--code PHONE`.", "bold yellow"),
            ]
        self._screen.draw([*lines, *words])

    def close(self, last: str = "") -> None:
        """Take the code away and say how it ended."""
        if last:
            self._screen.finish(Text(last))
        else:
            self._screen.finish()


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
