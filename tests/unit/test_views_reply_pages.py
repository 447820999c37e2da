"""Replies as a table: whatever they say, however wide the terminal is."""

from datetime import UTC
from io import StringIO

import pytest
from rich.console import Console

from waheal.correspondents import Reply
from waheal.model import DeviceId, Phone, ReplyKind
from waheal.views.reply_pages import LONGEST, Pages, said, spoken

ANN = Phone("+12025550100")


def reply(text: str | None, kind: ReplyKind = ReplyKind.TEXT) -> Reply:
    return Reply(1, 1_700_000_000.0, ANN, DeviceId("shop-with-a-long-name"), "news", kind, text)


def drawn(pages: Pages, *replies: Reply, width: int = 100) -> str:
    out = StringIO()
    Console(file=out, width=width).print(pages.page(replies))
    return out.getvalue()


def test_a_page_has_the_head_once_and_columns_as_wide_as_the_next() -> None:
    pages = Pages(named=False, zone=UTC)
    first, second = drawn(pages, reply("yes")), drawn(pages, reply("no"))
    head, _, line = first.splitlines()[:3]
    assert head.split() == ["when", "who", "device", "campaign", "reply"]
    assert line.index("yes") == head.index("reply") == second.splitlines()[0].index("no")
    assert "2023-11-14 22:13" in line
    assert ANN in line


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_what_they_say_is_shown_at_any_width(width: int) -> None:
    for named in (True, False):
        told = drawn(Pages(named=named), reply("certainly not"), width=width)
        assert "certainly" in told
        assert max(map(len, told.splitlines())) <= width
        assert ("device" in told) == (width >= 80)


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (reply("hi"), "hi"),
        (reply(None), "(not kept)"),
        (reply(None, ReplyKind.AUDIO), "[audio]"),
        (reply("look", ReplyKind.IMAGE), "[image] look"),
        (reply("\x1b[2Jgone \u202e!\n\nend"), r"\x1b[2Jgone \u202e! end"),
        (reply("[red]no[/red] markup"), "[red]no[/red] markup"),
    ],
)
def test_what_was_said_is_one_line_that_moves_nothing(told: Reply, shown: str) -> None:
    assert said(told).plain == shown


def test_a_long_one_is_cut_and_joined_pictures_stay() -> None:
    assert len(said(reply("ha" * LONGEST)).plain) == LONGEST
    family = "\N{WOMAN}\u200d\N{GIRL}"
    assert spoken(f"{family}\tand so on") == f"{family} and so on"
