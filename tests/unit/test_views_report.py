"""The report, on the terminal and as a page of its own."""

import io
import re
from dataclasses import replace
from datetime import UTC
from html.parser import HTMLParser

import pytest
from rich.console import Console

from tests.unit.test_summing import NOW, recipient, rows
from waheal.model import Content, DeviceId, DeviceState, Media, MediaKind, State
from waheal.reckoning.polling import MOST_OPTIONS
from waheal.reckoning.summing import MOST_LEFTOVERS, Results, sum_up
from waheal.records import Device, Recipient
from waheal.views.charts import scale
from waheal.views.html import render_report
from waheal.views.report import report
from waheal.views.sharing import for_client, masked

NUMBER = "447700900123"


@pytest.fixture
def results() -> Results:
    return sum_up("spring <menu>", rows(), now=NOW + 3600, zone=UTC)


def device(label: str, state: DeviceState, reason: str | None, until: float | None) -> Device:
    return Device(DeviceId(label), None, None, state, reason, until, None, 0, None, paused=False)


def told(results: Results, width: int = 100, *, show_numbers: bool = False) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(report(results, zone=UTC, show_numbers=show_numbers))
    return out.getvalue()


def test_the_terminal_tells_the_funnel_reasons_and_what_to_do(results: Results) -> None:
    out = told(results)
    assert "spring <menu>: 6 recipients, sent 2027-01-15 08:00" in out
    assert re.search(r"sent +2 +33 % +33 %", out)
    assert re.search(r"delivered +1 +17 % +50 %", out)
    assert "failed: <b>not</b> on WhatsApp" in out
    assert "delivered by half of them within 2 s, by nine of ten within 2 s" in out
    assert "+1202•••0103" in out
    assert "+12025550103" in told(results, show_numbers=True)
    assert "waheal resolve 'spring <menu>'" in out


def test_whoever_only_replied_is_told_apart() -> None:
    silent = [recipient(2, State.SENT, "one", NOW, replied=NOW + 9)]
    made = sum_up("c", silent, now=NOW, zone=UTC)
    assert "1 of those who read it are known by their reply alone" in told(made)
    assert "1 of those who read it are known by their reply alone" in render_report(made)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits_the_terminal(width: int) -> None:
    many = [*rows(), *(recipient(9, State.READ, "shop-1", NOW + 60 * n) for n in range(900))]
    lines = told(sum_up("c", many, now=NOW, zone=UTC), width).splitlines()
    assert max(map(len, lines)) <= width
    assert any("█" in line for line in lines)


class Page(HTMLParser):
    """Collects what a browser would fetch, and whether the tags close."""

    VOID = frozenset({"meta", "br", "line", "rect", "path"})

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


def test_the_page_is_whole_and_fetches_nothing(results: Results) -> None:
    html = render_report(results, zone=UTC)
    page = Page()
    page.feed(html)
    assert page.open == []
    assert page.fetched == []
    assert not re.search(r"https?:|url\(|@import", html)
    assert not page.tags & {"script", "link", "iframe", "img"}


def test_the_page_escapes_what_campaigns_and_servers_say(results: Results) -> None:
    html = render_report(replace(results, message=Content("<i>Hi</i>")))
    assert "<menu>" not in html
    assert "<b>not</b>" not in html
    assert "<i>Hi" not in html
    assert "&lt;b&gt;not&lt;/b&gt; on WhatsApp" in html


def test_the_page_masks_numbers_unless_told_otherwise(results: Results) -> None:
    assert "+1202•••0103" in render_report(results)
    assert "+12025550103" not in render_report(results)
    assert "+12025550103" in render_report(results, show_numbers=True)


def numbered() -> Results:
    """Make results that have a number wherever one may stand."""
    told = [
        recipient(2, State.FAILED, NUMBER, NOW, f"no LID found for {NUMBER}"),
        recipient(3, State.UNCERTAIN, NUMBER, NOW, f"{NUMBER} did not answer"),
    ]
    made = sum_up(
        f"list {NUMBER}", told, now=NOW, zone=UTC, column="by", value_of=lambda _each: NUMBER
    ).with_devices([device(NUMBER, DeviceState.QUARANTINED, "banned", None)])
    media = Media(f"/tmp/{NUMBER}.png", MediaKind.IMAGE, "image/png", "00")  # noqa: S108 - only a name
    return replace(made, message=Content(f"call {NUMBER}", media))


def test_the_page_masks_numbers_wherever_they_stand() -> None:
    html = render_report(numbered())
    assert not [part for part in (NUMBER, "900123") if part in html]
    assert html.count("+4477•••0123") >= 2
    assert "banned" in html
    assert NUMBER in render_report(numbered(), show_numbers=True)


def test_a_clients_page_has_no_command_no_device_and_nothing_of_a_number(results: Results) -> None:
    html = render_report(numbered(), client=True)
    assert not re.search(r"\d{5}|0123|…\d|•", _body(html))
    told = render_report(
        results.with_devices([device("berlin-01", DeviceState.READY, None, None)]), client=True
    )
    assert not [word for word in ("waheal", "berlin-01", "--", "<code>") if word in _body(told)]
    assert "its host died" in told


def _body(html: str) -> str:
    return html.partition("<body>")[2]


def test_the_failed_and_uncertain_stand_with_their_row_and_what_to_do(results: Results) -> None:
    html = render_report(results)
    assert "waheal resolve &#39;spring &lt;menu&gt;&#39; --failed --resend" in html
    row = html[html.index('<th scope="row">5</th>') :]
    assert row.index("its host died") < row.index("ask them") < row.index("</tr>")


def test_only_so_many_are_listed_and_the_page_says_so() -> None:
    many = (recipient(n, State.UNCERTAIN, ended=NOW) for n in range(MOST_LEFTOVERS + 50))
    html = render_report(sum_up("spring", many, now=NOW, zone=UTC))
    assert "And 50 more: <code>waheal export spring --state failed,uncertain</code>" in html


def test_the_page_can_be_read_aloud_and_in_the_dark(results: Results) -> None:
    html = render_report(results, zone=UTC)
    assert '<html lang="en">' in html
    assert re.search(r'<svg[^>]* role="img" aria-label="Curves from 2027-01-15 08:00 UTC', html)
    assert "At the end: sent 2, delivered 1, read 1, failed or uncertain 2." in html
    assert 'scope="col"' in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html


def test_the_page_tells_how_devices_stand_and_what_holds_them(results: Results) -> None:
    until = device("berlin-01", DeviceState.QUARANTINED, "rate limited", NOW + 7200)
    html = render_report(results.with_devices([until]), zone=UTC)
    assert "rate limited until 10:00" in html
    assert "removed" in html  # the other one


def test_the_page_has_the_message_and_the_settings(results: Results) -> None:
    media = Media("/srv/ticket.pdf", MediaKind.DOCUMENT, "application/pdf", "00")
    made = replace(
        results, message=Content("Hello Ann\nSTOP ends it", media), manner={"rate": "20/min"}
    )
    html = render_report(made)
    assert "Hello Ann\nSTOP ends it" in html
    assert "document: ticket.pdf" in html
    assert "/srv" not in html
    assert "<dt>At most, each device</dt><dd>20/min</dd>" in html


def test_an_empty_campaign_has_a_page_too() -> None:
    html = render_report(sum_up("spring", [], now=NOW, zone=UTC))
    assert "0 recipients" in html
    assert "<svg" not in html


def asked(row: int, options: tuple[str, ...], vote: tuple[str, ...] | None) -> Recipient:
    return replace(recipient(row, State.READ, "one", NOW), options=options, vote=vote)


def test_a_polls_options_are_counted_by_who_chose_them_last() -> None:
    options = ("Yes", "No", "Call +447700900123")
    found = sum_up(
        "poll",
        [
            asked(2, options, ("Yes", "No")),
            asked(3, options, ("Yes",)),
            asked(4, options, ()),
            asked(5, options, None),
        ],
        now=NOW,
    )
    assert (found.voters, found.votes) == (2, (("Yes", 2), ("No", 1), ("Call +447700900123", 0)))
    assert masked(found).votes[2] == ("Call …23", 0)
    assert for_client(found).votes[2] == ("Call …", 0)
    out = io.StringIO()
    Console(file=out, width=80).print(report(found, zone=UTC))
    told = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    at = told.index("2 voted")
    assert told[at + 1 : at + 4] == ["2 100 % Yes", "1 50 % No", "0 0 % Call +447700900123"]
    page = render_report(found, zone=UTC)
    assert "What they chose" in page
    assert NUMBER not in page


def test_options_of_every_row_are_counted_within_bounds() -> None:
    rows = [asked(row, (f"a{row}", f"b{row}"), (f"b{row}",)) for row in range(2, 200)]
    found = sum_up("poll", rows, now=NOW)
    assert len(found.votes) == MOST_OPTIONS + 1
    assert sum(number for _, number in found.votes) == found.voters == 198


@pytest.mark.parametrize("top", [1, 4, 5, 6, 99, 2_500, 1_000_000])
def test_an_axis_has_few_round_numbers_up_to_the_top(top: int) -> None:
    made = scale(top)
    assert made[0] == 0
    assert made[-2] < top <= made[-1]
    assert len(made) <= 6
    assert str(made[1]).rstrip("0") in {"1", "2", "5"}
