"""Draws what the first recipients will get as chat bubbles; knows no campaign file.

Terminals disagree on how wide joined emoji, combining marks and right-to-left runs are. A bubble
with such text leaves its right side open, so that no border can stand askew; and the text is
wrapped in isolates, so that its direction stays its own.
"""

import unicodedata
from collections.abc import Iterable
from typing import assert_never

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from waheal.findings import Preview
from waheal.model import Body, Card, LinkPreview, Location, Media, Poll

WIDEST = 64
TALLEST = 24
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_WOBBLY = frozenset({"R", "AL", "AN", "NSM", "BN"})


def preview(rows: Iterable[Preview]) -> RenderableType:
    """Draw a bubble for each recipient, of at most `TALLEST` lines of text."""
    return Group(*(Bubble(row) for row in rows))


class Bubble:
    """One message in its bubble, as wide as its text needs and the console allows."""

    def __init__(self, row: Preview) -> None:
        self._head = f"to {row.phone}, row {row.row:,}"
        body = row.content.body
        lines = (*around(body), row.content.text, *under(body))
        self._body = shown("\n".join(filter(None, lines)))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it: a head in the border, the text, a tail."""
        room = max(8, min(options.max_width, WIDEST) - 4)
        wrapped = [
            line
            for part in self._body.split("\n")
            for line in (Text(part).wrap(console, room) or [Text()])
        ]
        if len(wrapped) > TALLEST:
            more = len(wrapped) - TALLEST
            wrapped = [*wrapped[:TALLEST], Text(f"… and {more} more lines", "dim")]
        open_ended = any(wobbly(char) for char in self._body)
        widest = max((line.cell_len for line in wrapped), default=0)
        inner = min(room, max(widest, cell_len(self._head) + 2))
        head = Text(f" {self._head} ", "dim")
        head.truncate(inner + 1, overflow="ellipsis")
        rule = "─" * (inner + 1 - head.cell_len)
        yield Text.assemble(("╭─", "green"), head, (rule + ("╴" if open_ended else "╮"), "green"))
        for line in wrapped:
            yield _side(line, inner, open_ended=open_ended)
        yield Text("╰" + "─" * (inner + 2) + ("╴" if open_ended else "╯"), "green")


def around(body: Body | None) -> list[str]:
    """Say in lines what goes with a message's words."""
    match body:
        case None:
            return []
        case Media(path, kind):
            return [f"[{kind.value}: {path.rsplit('/', 1)[-1]}]"]
        case Location(latitude, longitude, name, address):
            return [f"[location: {latitude:.5f}, {longitude:.5f}]", name, address]
        case Card(name, phone, organisation, email):
            return [f"[card: {name}]", organisation, phone or "", email]
        case LinkPreview(url, title, text, picture):
            shown = "" if picture is None else f" ({picture.path.rsplit('/', 1)[-1]})"
            return [f"[link: {title}{shown}]", text, url]
        case Poll(options, answers):
            many = {0: "any", 1: "one"}.get(answers, f"up to {answers}")
            return [f"[poll: choose {many} of {len(options)}]"]
        case other:
            assert_never(other)


def under(body: Body | None) -> list[str]:
    """Say in lines what can be chosen below a message's words."""
    return [f"( ) {option}" for option in body.options] if isinstance(body, Poll) else []


def _side(line: Text, inner: int, *, open_ended: bool) -> Text:
    if open_ended:
        isolated = Text.assemble(_FIRST_STRONG_ISOLATE, line, _POP_ISOLATE)
        return Text.assemble(("│ ", "green"), isolated)
    line.truncate(inner, pad=True)
    return Text.assemble(("│ ", "green"), line, (" │", "green"))


def shown(text: str) -> str:
    """Give text as a terminal may print it: tabs as blanks, controls as their pictures.

    Newlines stay. Direction overrides are left out: they could turn the border round.
    """
    return "".join(_char(char) for char in text.replace("\r\n", "\n").replace("\r", "\n"))


def _char(char: str) -> str:
    if char == "\n":
        return char
    if char == "\t":
        return "    "
    if unicodedata.category(char) == "Cc":
        return chr(0x2400 + ord(char)) if ord(char) < 0x20 else "␡"  # noqa: PLR2004 - C0 has pictures
    if unicodedata.bidirectional(char) in {
        "LRE",
        "RLE",
        "LRO",
        "RLO",
        "PDF",
        "LRI",
        "RLI",
        "FSI",
        "PDI",
    }:
        return ""
    return "�" if unicodedata.category(char) == "Cs" else char


def wobbly(char: str) -> bool:
    """Tell whether terminals may disagree on where the character's line ends."""
    if char == "\n" or char < "\u0300":
        return False
    return unicodedata.bidirectional(char) in _WOBBLY or ord(char) >= 0x1F000  # noqa: PLR2004 - emoji
