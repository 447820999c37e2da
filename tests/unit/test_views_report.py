"""The report, on the terminal and as a page of its own."""

import io
import re
from dataclasses import replace
from datetime import UTC
from html.parser import HTMLParser

import pytest
from rich.console import Console

from waheal.model import DeviceId, Phone, State
from waheal.records import Recipient
from waheal.views.html import render_report
from waheal.views.report import MOST_OPTIONS, MOST_SLOTS, MOST_UNCERTAIN, ReportData, gather, report

NOW = 1_800_000_000.0


def phone(number: int) -> Phone:
    return Phone(f"+1202555{100 + number % 100:04}")


def recipient(
    row: int,
    state: State,
    device: str | None = None,
    ended: float | None = None,
    reason: str | None = None,
    *,
    unreadable: bool = False,
) -> Recipient:
    label = None if device is None else DeviceId(device)
    return Recipient(
        row, phone(row - 2), state, 1, label, None, reason, unreadable, NOW, None, ended, None,
        None, "",
    )  # fmt: skip


def rows() -> list[Recipient]:
    device = "berlin-01"
    return [
        recipient(2, State.READ, device, NOW),
        recipient(3, State.SENT, device, NOW + 70, unreadable=True),
        recipient(4, State.FAILED, device, NOW + 80, "<b>not</b> on WhatsApp"),
        recipient(5, State.UNCERTAIN, "a&b", NOW + 90, "its host died"),
        recipient(6, State.PENDING),
        recipient(7, State.SUPPRESSED, reason="no consent"),
    ]


@pytest.fixture
def data() -> ReportData:
    return gather("spring <menu>", rows(), now=NOW + 3600)


def test_counts_every_recipient_once(data: ReportData) -> None:
    assert data.tally.total == 6
    assert data.tally.unreadable == 1
    assert data.failures == (("<b>not</b> on WhatsApp", 1),)
    assert [(slot.out, slot.troubled) for slot in data.timeline] == [(1, 0), (1, 2)]
    assert [(line.device, line.out, line.failed) for line in data.devices] == [
        ("berlin-01", 2, 1),
        ("a&b", 0, 0),
    ]


@pytest.mark.parametrize("days", [0, 1, 3, 30, 400])
def test_a_timeline_has_few_slots_however_long_it_took(days: int) -> None:
    steps = (
        recipient(number, State.SENT, ended=NOW + number * 864.0 * days) for number in range(101)
    )
    made = gather("spring", steps, now=NOW)
    assert len(made.timeline) <= MOST_SLOTS + 1
    assert sum(slot.out for slot in made.timeline) == 101


def test_only_so_many_uncertain_ones_are_listed_and_all_are_counted() -> None:
    many = (recipient(number, State.UNCERTAIN, ended=NOW) for number in range(MOST_UNCERTAIN + 50))
    made = gather("spring", many, now=NOW)
    assert len(made.uncertain) == MOST_UNCERTAIN
    assert "And 50 more" in render_report(made)


def test_the_terminal_summary_tells_counts_reasons_and_what_to_do(data: ReportData) -> None:
    out = io.StringIO()
    Console(file=out, width=160).print(report(data, zone=UTC))
    told = out.getvalue()
    assert "spring <menu>: 6 recipients, sent 2027-01-15 08:00" in told
    assert "failed: <b>not</b> on WhatsApp" in told
    assert "+1202•••0103" in told
    assert "waheal resolve 'spring <menu>'" in told


class Page(HTMLParser):
    """Collects what a browser would fetch, and whether the tags close."""

    VOID = frozenset({"meta", "br", "line", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.fetched += [
            str(value) for name, value in attrs if name in {"src", "href", "xlink:href", "srcset"}
        ]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_page_is_whole_and_fetches_nothing(data: ReportData) -> None:
    html = render_report(data, zone=UTC)
    page = Page()
    page.feed(html)
    assert page.open == []
    assert page.fetched == []
    assert not re.search(r"https?:|url\(|@import", html)
    assert not page.tags & {"script", "link", "iframe", "img"}


def test_the_page_escapes_what_campaigns_and_servers_say(data: ReportData) -> None:
    html = render_report(data)
    assert "<menu>" not in html
    assert "<b>not</b>" not in html
    assert "&lt;b&gt;not&lt;/b&gt; on WhatsApp" in html


def test_the_page_masks_numbers_unless_told_otherwise(data: ReportData) -> None:
    assert "+1202•••0103" in render_report(data)
    assert "+12025550103" not in render_report(data)
    assert "+12025550103" in render_report(data, show_numbers=True)


def test_the_page_masks_numbers_that_are_labels_or_stand_in_names_and_reasons() -> None:
    number = "447700900123"
    made = gather(
        f"list {number}",
        [
            recipient(2, State.FAILED, number, NOW, f"no LID found for {number}"),
            recipient(3, State.UNCERTAIN, number, NOW, f"{number} did not answer"),
        ],
        now=NOW,
    ).with_device_states({DeviceId(number): "quarantined"})
    html = render_report(made)
    assert not [part for part in (number, "900123") if part in html]
    assert html.count("+4477•••0123") == 2
    assert "quarantined" in html
    assert number in render_report(made, show_numbers=True)


def test_the_page_can_be_read_aloud_and_in_the_dark(data: ReportData) -> None:
    html = render_report(data)
    assert '<html lang="en">' in html
    assert 'role="img"' in html
    assert 'scope="col"' in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html


def test_the_page_tells_how_devices_stand_now(data: ReportData) -> None:
    html = render_report(data.with_device_states({DeviceId("berlin-01"): "quarantined: banned"}))
    assert "quarantined: banned" in html


def test_an_empty_campaign_has_a_page_too() -> None:
    html = render_report(gather("spring", [], now=NOW))
    assert "0 recipients" in html
    assert "<svg" not in html


def asked(row: int, options: tuple[str, ...], vote: tuple[str, ...] | None) -> Recipient:
    return replace(recipient(row, State.READ, "one", NOW), options=options, vote=vote)


def test_a_polls_options_are_counted_by_who_chose_them_last() -> None:
    options = ("Yes", "No", "Call +447700900123")
    data = gather(
        "poll",
        [
            asked(2, options, ("Yes", "No")),
            asked(3, options, ("Yes",)),
            asked(4, options, ()),
            asked(5, options, None),
        ],
        now=NOW,
    )
    assert (data.voters, data.votes) == (2, (("Yes", 2), ("No", 1), ("Call +447700900123", 0)))
    assert data.masked().votes[2] == ("Call …23", 0)
    out = io.StringIO()
    Console(file=out, width=80).print(report(data, zone=UTC))
    told = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert told[2:6] == ["2 voted", "2 100 % Yes", "1 50 % No", "0 0 % Call +447700900123"]


def test_options_of_every_row_are_counted_within_bounds() -> None:
    rows = [asked(row, (f"a{row}", f"b{row}"), (f"b{row}",)) for row in range(2, 200)]
    data = gather("poll", rows, now=NOW)
    assert len(data.votes) == MOST_OPTIONS + 1
    assert sum(number for _, number in data.votes) == data.voters == 198
