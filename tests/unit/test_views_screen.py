"""A block that is drawn in place."""

import io
import os
import re

from rich.console import Console
from rich.text import Text

from waheal.views.screen import Screen
from waheal.views.talk import Talk

_CODES = re.compile(r"\x1b\[\??(\d*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Terminal(io.StringIO):
    """As much of a terminal as a block needs: it wraps, moves up, and erases."""

    def __init__(self, columns: int = 20) -> None:
        super().__init__()
        self.columns = columns
        self.rows = [""]
        self.row = 0
        self.column = 0
        self.cursor_shown = True

    def write(self, text: str) -> int:
        for number, code, move, plain in _CODES.findall(text):
            self._code(int(number or 1), code)
            if move == "\r":
                self.column = 0
            elif move:
                self.row, self.column = self.row + 1, 0
                self.rows += [""] * (self.row + 1 - len(self.rows))
            for char in plain:
                self._put(char)
        return len(text)

    def _code(self, number: int, code: str) -> None:
        match code:
            case "A":
                self.row = max(0, self.row - number)
            case "K":
                self.rows[self.row] = self.rows[self.row][: self.column]
            case "J":
                del self.rows[self.row + 1 :]
                self.rows[self.row] = self.rows[self.row][: self.column]
            case "l" | "h":
                self.cursor_shown = code == "h"

    def _put(self, char: str) -> None:
        assert self.column < self.columns, "a line went past the edge"
        line = self.rows[self.row].ljust(self.column)
        self.rows[self.row] = line[: self.column] + char + line[self.column + 1 :]
        self.column += 1

    def narrow(self, columns: int) -> None:
        """Wrap what stands into fewer columns, as terminals do."""
        wrapped: list[str] = []
        for index, line in enumerate(self.rows):
            if index == self.row:
                self.row = len(wrapped)
            pieces = [line[at : at + columns] for at in range(0, len(line), columns)]
            wrapped += pieces or [""]
        self.rows, self.columns = wrapped, columns

    @property
    def text(self) -> list[str]:
        return [line.rstrip() for line in self.rows if line.strip()]


def screen_on(terminal: io.StringIO) -> Screen:
    return Screen(console_on(terminal), Talk(terminal))


def console_on(terminal: io.StringIO, columns: int = 20) -> Console:
    return Console(file=terminal, width=columns, height=10, force_terminal=True)


def block(*lines: str) -> list[Text]:
    return [Text(line) for line in lines]


def test_a_drawing_takes_the_place_of_the_last_one() -> None:
    terminal = Terminal()
    screen = screen_on(terminal)
    screen.draw(block("one", "two is longer", "three"))
    screen.draw(block("four", "five"))
    assert terminal.text == ["four", "five"]


def test_lines_are_cut_at_the_edge_and_rows_at_the_bottom() -> None:
    terminal = Terminal()
    screen_on(terminal).draw(block(*["x" * 50] * 40))
    assert terminal.text == ["x" * 19 + "…"] * 9


def test_a_narrower_terminal_leaves_nothing_of_the_wider_drawing() -> None:
    terminal = Terminal()
    console = console_on(terminal)
    screen = Screen(console, Talk(terminal))
    screen.draw(block("a" * 20, "b" * 15, "c"))
    terminal.narrow(8)
    console.width = 8
    screen.draw(block("d", "e"))
    assert terminal.text == ["d", "e"]


def test_the_end_takes_the_block_away_and_gives_the_cursor_back() -> None:
    terminal = Terminal()
    screen = screen_on(terminal)
    screen.draw(block("one", "two"))
    assert not terminal.cursor_shown
    screen.finish(Text("done"))
    assert terminal.text == ["done"]
    assert terminal.cursor_shown


def test_a_block_can_be_left_standing() -> None:
    terminal = Terminal()
    screen = screen_on(terminal)
    screen.draw(block("one"))
    screen.leave()
    assert terminal.text == ["one"]
    assert terminal.cursor_shown


def test_a_terminal_that_is_gone_stops_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=1) as gone:
        talk = Talk(gone)
        screen = Screen(Console(file=gone, width=20, height=10, force_terminal=True), talk)
        screen.draw(block("one"))
        screen.draw(block("two"))
        screen.finish(Text("done"))
