"""Messages drawn as bubbles."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from waheal.findings import Preview
from waheal.model import Body, Card, Content, LinkPreview, Location, Media, MediaKind, Phone, Poll
from waheal.views.bubbles import preview, shown

PHONE = Phone("+12025550100")


def drawn(text: str, width: int = 80, body: Body | None = None) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width).print(preview([Preview(2, PHONE, Content(text, body))]))
    return out.getvalue().splitlines()


def test_a_bubble_is_as_wide_as_its_text() -> None:
    assert drawn("Hi Zoë,\nyour table is set for seven o'clock.") == [
        "╭─ to +12025550100, row 2 ─────────────╮",
        "│ Hi Zoë,                              │",
        "│ your table is set for seven o'clock. │",
        "╰──────────────────────────────────────╯",
    ]


def test_media_is_named_above_its_caption() -> None:
    media = Media("/somewhere/menu.pdf", MediaKind.DOCUMENT, "application/pdf", "")
    assert drawn("Our menu", body=media)[1].startswith("│ [document: menu.pdf]")


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (
            Location(-33.8568, 151.2153, "Opera House", "Bennelong Point"),
            ["[location: -33.85680, 151.21530]", "Opera House", "Bennelong Point"],
        ),
        (Location(1.0, 2.0), ["[location: 1.00000, 2.00000]"]),
        (
            Card("Ana", Phone("+15035550185"), "Harbor Tours", "ana@example.org"),
            ["[card: Ana]", "Harbor Tours", "+15035550185", "ana@example.org"],
        ),
        (LinkPreview("https://example.org", "Offer"), ["[link: Offer]", "https://example.org"]),
        (
            Poll(("Yes", "No"), 0),
            ["[poll: choose any of 2]", "( ) Yes", "( ) No"],
        ),
        (Card("Ana", email="a@example.org"), ["[card: Ana]", "a@example.org"]),
    ],
)
def test_each_kind_is_drawn_by_what_it_holds(body: Body, lines: list[str]) -> None:
    assert [line.strip("│ ") for line in drawn("", body=body)[1:-1]] == lines


@pytest.mark.parametrize(
    "text", ["שלום דנה", "مرحبا", "👨\u200d👩\u200d👧 hello", "e\u0301te\u0301"]
)
def test_text_whose_width_terminals_dispute_leaves_the_right_side_open(text: str) -> None:
    top, line, bottom = drawn(text)
    assert top.endswith("╴")
    assert bottom.endswith("╴")
    assert "│" not in line[1:]
    assert f"\u2068{text}\u2069" in unicodedata.normalize("NFC", line) or text in line


def test_control_characters_and_direction_overrides_are_disarmed() -> None:
    assert shown("a\x1b[2Jb\u202ec\td\r\ne") == "a␛[2Jbc    d\ne"


def test_a_long_message_is_cut_and_says_so() -> None:
    lines = drawn("\n".join(str(number) for number in range(100)))
    assert len(lines) == 27
    assert "and 76 more lines" in lines[-2]


@given(st.text(max_size=200), st.integers(14, 100))
def test_no_line_is_wider_than_the_terminal(text: str, width: int) -> None:
    for line in drawn(text, width):
        assert cell_len(line) <= width
        assert "\x1b" not in line
