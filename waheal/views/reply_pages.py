"""Tabulates replies as they come, a page after the other; knows no store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from waheal.correspondents import Reply
from waheal.model import ReplyKind
from waheal.views import words

LONGEST = 1_000  # characters of a reply
_WHEN = _WHO = 16
_NAMES = 6, 14  # a device's or a campaign's column is as wide, or is left out
_REPLY = 20  # what is said has at least so much room
_GAP = 2


class Pages:
    """Tables under one head, whose columns are as wide on each page; `named`: of one campaign."""

    def __init__(self, *, named: bool, zone: tzinfo | None = None) -> None:
        self._named = named
        self._zone = zone
        self._first = True

    def page(self, replies: Sequence[Reply]) -> "ReplyTable":
        """Draw some more of them."""
        page = ReplyTable(replies, self._named, self._zone, headed=self._first)
        self._first = False
        return page


@dataclass(frozen=True, slots=True)
class ReplyTable:
    """Some replies, as wide as the console: where that is narrow, without their devices' names."""

    replies: Sequence[Reply]
    named: bool
    zone: tzinfo | None
    headed: bool

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw them."""
        table = Table(
            box=box.SIMPLE_HEAD,
            show_header=self.headed,
            pad_edge=False,
            padding=(0, _GAP - 1, 0, 0),  # the box has a blank between two columns
            header_style="dim",
            show_edge=False,
            expand=True,
        )
        heads = self._heads(options.max_width)
        for head, width in heads.items():
            table.add_column(head, width=width, overflow="fold")
        table.add_column("reply", ratio=1, overflow="fold")
        for each in self.replies:
            cells = {
                "when": words.day(each.at, self.zone),
                "who": each.phone,
                "device": words.one_line(each.device),
                "campaign": words.one_line(each.campaign),
            }
            table.add_row(*(Text(cells[head]) for head in heads), said(each))
        yield table

    def _heads(self, room: int) -> dict[str, int]:
        """Give the columns that there is room for beside the reply, and how wide they are."""
        heads = {"who": _WHO}
        left = room - _WHO - _GAP - _REPLY - _WHEN - _GAP
        if left >= 0:
            heads = {"when": _WHEN, **heads}
        names = ["device"] if self.named else ["device", "campaign"]
        least, most = _NAMES
        width = min(most, left // len(names) - _GAP)
        return heads | dict.fromkeys(names if width >= least else (), width)


def said(reply: Reply) -> Text:
    """Give what somebody replied, in one line; what is no text is named in brackets."""
    text = Text(spoken(reply.text or "", LONGEST))
    if reply.kind is ReplyKind.TEXT:
        return text or Text("(not kept)", "dim")
    return Text.assemble((f"[{reply.kind.value}]", "dim"), " " if text else "", text)


def spoken(text: str, limit: int | None = None) -> str:
    """Put a text in one line in which nothing is left that a terminal would obey."""
    line = words.visible(" ".join(text.split()), keep="")
    return line if limit is None or len(line) <= limit else line[: limit - 1] + "…"
