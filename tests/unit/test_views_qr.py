"""QR codes in the terminal."""

import io

import pytest
import segno
from rich.console import Console
from rich.text import Text

from waheal.views.qr import QUIET_ZONE, QrView, qr_lines, qr_png
from waheal.views.talk import Talk

CODE = "2@" + "Ab3/" * 50


def modules(lines: list[Text]) -> list[list[int]]:
    rows: list[list[int]] = []
    for line in lines:
        rows.append([1 if char in "▀█" else 0 for char in line.plain])
        rows.append([1 if char in "▄█" else 0 for char in line.plain])
    return rows


def expected() -> list[list[int]]:
    code = segno.make(CODE, error="l", micro=False)
    return [[1 if module else 0 for module in row] for row in code.matrix_iter(border=QUIET_ZONE)]


def test_with_colour_the_dark_modules_are_black_on_white() -> None:
    lines = qr_lines(CODE)
    assert modules(lines)[: len(expected())] == expected()
    style = lines[0].style
    assert str(style) == "#000000 on #ffffff"


def test_without_colour_the_light_modules_are_filled() -> None:
    drawn = modules(qr_lines(CODE, colour=False))[: len(expected())]
    assert drawn == [[1 - module for module in row] for row in expected()]


@pytest.mark.parametrize("colour", [True, False])
def test_every_line_is_as_wide_as_the_others(colour: bool) -> None:
    assert len({line.cell_len for line in qr_lines(CODE, colour=colour)}) == 1


def test_a_new_code_takes_the_place_of_the_last_and_nothing_stays() -> None:
    out = io.StringIO()
    view = QrView(Console(file=out, width=100, height=50, force_terminal=True), Talk(out))
    view.show("first", ("shop-1, 1 of 6",))
    assert out.getvalue().startswith("\x1b[?1049h")
    rows = len(qr_lines("first")) + 1
    out.truncate(0)
    view.show("second", ("shop-1, 1 of 6",))
    assert f"\x1b[{rows}A" in out.getvalue()
    view.close()
    assert out.getvalue().endswith("\x1b[?1049l")
    drawn = out.getvalue()
    view.draw()
    assert out.getvalue() == drawn


def test_it_counts_down_until_the_next_code() -> None:
    out, now = io.StringIO(), [100.0]
    console = Console(file=out, width=100, height=50, force_terminal=True, color_system=None)
    view = QrView(console, Talk(out), clock=lambda: now[0])
    view.show("first", ("shop-1, 1 of 6",), 60.0)
    assert "60 s left to scan it" in out.getvalue()
    for later, words in ((142.6, "17 s left to scan it"), (161.0, "the next code is on its way")):
        now[0] = later
        out.truncate(0)
        view.draw()
        assert words in out.getvalue()
        assert "shop-1, 1 of 6" in out.getvalue()
    view.close()


def test_the_picture_is_a_png_of_the_code() -> None:
    assert qr_png(CODE).startswith(b"\x89PNG\r\n")
    assert qr_png(CODE) != qr_png(CODE[:-1])


def test_a_window_that_is_too_small_is_told_instead_of_a_broken_code() -> None:
    out = io.StringIO()
    QrView(Console(file=out, width=30, height=10, force_terminal=True), Talk(out)).show(CODE)
    assert "▀" not in out.getvalue()
    assert "QR code needs" in out.getvalue()
