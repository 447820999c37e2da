"""Tables of devices, campaigns, checks and problems; each has its row, and knows no store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from waheal.model import DeviceId, DeviceState, Phone, State
from waheal.records import Tally
from waheal.views import words
from waheal.views.layout import STYLES
from waheal.views.summary import by_state, next_steps


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device as `devices list` tells it. Moments are Unix seconds; `limit` is a day's cap."""

    device: DeviceId
    phone: Phone | None
    state: DeviceState
    reason: str | None = None
    until: float | None = None
    last_success: float | None = None
    sent_today: int = 0
    limit: int | None = None
    next_allowed: float | None = None


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as `status` tells it; `last_run` in Unix seconds."""

    name: str
    tally: Tally
    last_run: float | None = None
    note: str | None = None


class CheckStatus(StrEnum):
    """How a check of doctor's came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check of doctor's, and what to do about it."""

    name: str
    status: CheckStatus
    detail: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """What is wrong in a campaign file; `row` as a spreadsheet numbers it, None for the file."""

    row: int | None
    column: str | None
    problem: str
    hint: str | None = None
    warning: bool = False


@dataclass(frozen=True, slots=True)
class ConfigRow:
    """A setting, its value and where that comes from."""

    key: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """Somebody who is not written to; `since` in Unix seconds."""

    phone: Phone
    since: float
    source: str


_CHECK_STYLE: dict[CheckStatus, str] = {
    CheckStatus.OK: "green",
    CheckStatus.WARN: "bold yellow",
    CheckStatus.FAIL: "bold red",
}
_DEVICE_STYLE: dict[DeviceState, str] = {
    DeviceState.READY: "green",
    DeviceState.PAUSED: "cyan",
    DeviceState.QUARANTINED: "bold red",
}


def by_need(rows: Iterable[DeviceRow]) -> list[DeviceRow]:
    """Sort devices: those that wait for the operator, those that rest, paused ones, the rest.

    Within each, the one unused for longest comes first.
    """

    def need(row: DeviceRow) -> tuple[int, float, str]:
        rank = {DeviceState.QUARANTINED: 0, DeviceState.PAUSED: 2, DeviceState.READY: 3}
        resting = row.state is DeviceState.QUARANTINED and row.until is not None
        return rank[row.state] + resting, row.last_success or 0.0, row.device

    return sorted(rows, key=need)


def devices_table(
    rows: Iterable[DeviceRow],
    *,
    now: float,
    zone: tzinfo | None = None,
    most: int | None = None,
) -> RenderableType:
    """Tabulate devices by need, at most so many; the rest is counted by state."""
    sorted_rows = by_need(rows)
    shown = sorted_rows[:most]
    table = _table("device", "number", "state", "last sent", "today", "next")
    for row in shown:
        table.add_row(
            Text(row.device, "bold"),
            row.phone or "",
            _device_state(row, now, zone),
            words.ago(row.last_success, now),
            f"{row.sent_today:,}" + ("" if row.limit is None else f" of {row.limit:,}"),
            _next(row, now, zone),
        )
    return Group(table, Text(_device_totals(sorted_rows, len(shown)), "dim"))


def _device_state(row: DeviceRow, now: float, zone: tzinfo | None) -> Text:
    text = Text(row.state.value, _DEVICE_STYLE[row.state])
    if row.reason:
        text.append(f": {words.one_line(row.reason)}", "")
    if row.until is not None:
        text.append(f", {words.until(row.until, now, zone)}")
    elif row.state is DeviceState.QUARANTINED:
        text.append(", needs you")
    return text


def _next(row: DeviceRow, now: float, zone: tzinfo | None) -> str:
    if row.state is not DeviceState.READY:
        return ""
    if row.next_allowed is None or row.next_allowed <= now:
        return "now"
    return words.until(row.next_allowed, now, zone).removeprefix("until ")


def _device_totals(rows: Sequence[DeviceRow], shown: int) -> str:
    if not rows:
        return "No device yet. hint: pair one with `waheal devices pair LABEL`"
    totals = [
        f"{words.count(number)} {state.value}"
        for state in DeviceState
        if (number := sum(1 for row in rows if row.state is state))
    ]
    more = f"; the first {shown:,} are shown" if shown < len(rows) else ""
    return f"{words.count(len(rows), 'device')}: {', '.join(totals)}{more}"


def status_table(
    rows: Sequence[CampaignRow], *, now: float, zone: tzinfo | None = None
) -> RenderableType:
    """Tabulate where campaigns stand: one row each, the counts in words."""
    if not rows:
        return Text("No campaign yet. hint: `waheal check CAMPAIGN.csv`, then `waheal send` it")
    table = _table("campaign", "done", "where they stand", "last run")
    for row in rows:
        done = row.tally.total - row.tally[State.PENDING] - row.tally[State.SENDING]
        stand = ", ".join(f"{number:,} {state.value}" for state, number, _ in by_state(row.tally))
        if row.note:
            stand += f" ({row.note})"
        last = "never" if row.last_run is None else words.day(row.last_run, zone)
        table.add_row(
            Text(row.name, "bold"),
            f"{words.share(done, row.tally.total)} of {row.tally.total:,}"
            if row.tally.total
            else "",
            stand or "nobody",
            f"{last} ({words.ago(row.last_run, now)})" if row.last_run else last,
        )
    return table


def campaign_status(row: CampaignRow, *, now: float, zone: tzinfo | None = None) -> RenderableType:
    """Tell where one campaign stands, a state a line, and what to do next."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right")
    grid.add_column()
    for state, number, meaning in by_state(row.tally):
        grid.add_row(Text(f"{number:,}", STYLES[state]), meaning)
    last = "not sent yet"
    if row.last_run is not None:
        last = f"last run {words.day(row.last_run, zone)} ({words.ago(row.last_run, now)})"
    total = words.count(row.tally.total, "recipient")
    head = Text.assemble((row.name, "bold"), f": {total}, {last}")
    if row.note:
        head.append(f"; {row.note}")
    steps = [Text(f"next: {step}") for step in next_steps(row.name, row.tally)]
    return Group(head, grid, *steps)


def doctor_table(rows: Iterable[CheckRow]) -> RenderableType:
    """Tell each check in its order, the hint below those that are not ok, and a count."""
    told = list(rows)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column()
    for row in told:
        detail = Text(row.detail)
        if row.hint and row.status is not CheckStatus.OK:
            detail.append(f"\nhint: {row.hint}", "italic")
        mark = Text(row.status.value, _CHECK_STYLE[row.status])
        grid.add_row(mark, Text(row.name, "bold"), detail)
    counts = [
        f"{words.count(number)} {status.value}"
        for status in CheckStatus
        if (number := sum(1 for row in told if row.status is status))
    ]
    return Group(grid, Text(f"{words.count(len(told), 'check')}: {', '.join(counts)}", "dim"))


def problems_table(
    rows: Iterable[ProblemRow], *, total: int | None = None, most: int = 50
) -> RenderableType:
    """Tabulate what is wrong with a file, row by row; of more than `most`, count the rest.

    `total` is how many there are, where `rows` holds only the first.
    """
    told = list(rows)
    table = _table("row", "column", "what is wrong", "how to mend it")
    table.columns[0].justify = "right"
    for row in told[:most]:
        what = Text(words.one_line(row.problem, 500))
        if row.warning:
            what = Text.assemble(("warning: ", "yellow"), what)
        table.add_row(
            "file" if row.row is None else f"{row.row:,}",
            Text(words.one_line(row.column or "")),
            what,
            Text(words.one_line(row.hint or "", 500), "italic"),
        )
    rest = (len(told) if total is None else total) - min(most, len(told))
    return Group(table, Text(f"and {rest:,} more", "dim")) if rest > 0 else table


def config_table(rows: Iterable[ConfigRow]) -> RenderableType:
    """Tabulate settings: key, value, and where it comes from."""
    table = _table("setting", "value", "from")
    for row in rows:
        table.add_row(Text(row.key, "bold"), Text(row.value), Text(row.source, "dim"))
    return table


def suppressions_table(
    rows: Iterable[SuppressionRow], *, zone: tzinfo | None = None
) -> RenderableType:
    """Tabulate who is not written to, since when, and how that came."""
    table = _table("number", "since", "how")
    for row in rows:
        table.add_row(row.phone, words.day(row.since, zone), Text(words.one_line(row.source)))
    if not table.row_count:
        return Text("Nobody is suppressed.")
    return Group(table, Text(words.count(table.row_count, "number"), "dim"))


def _table(*heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    for index, head in enumerate(heads):
        # The first column tells the row: it is never cut, whatever the width.
        table.add_column(head, overflow="fold", no_wrap=index == 0)
    return table
