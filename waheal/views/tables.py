"""Tables of devices, campaigns, findings, problems and settings; they know no store."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from waheal.events import Running
from waheal.findings import Alike, Caution, Finding, Problem, Status
from waheal.model import DeviceId, DeviceState, ErrandKind, mask_numbers
from waheal.reckoning.polling import PollCount
from waheal.records import Campaign, Device, Suppression, Tally
from waheal.views import words
from waheal.views.errand_words import errand_lines
from waheal.views.layout import STYLES
from waheal.views.summary import by_state, next_steps, replied
from waheal.waits import Standstill


@dataclass(frozen=True, slots=True)
class ConfigRow:
    """A setting, its value and where that comes from."""

    key: str
    value: str
    source: str


_SAID = 500  # characters of what is said of a file
_STATUS_STYLE: dict[Status, str] = {
    Status.OK: "green",
    Status.WARN: "bold yellow",
    Status.FAIL: "bold red",
}
_WORST_FIRST = (Status.FAIL, Status.WARN, Status.OK)
_DEVICE_STYLE: dict[DeviceState, str] = {
    DeviceState.READY: "green",
    DeviceState.PAUSED: "cyan",
    DeviceState.QUARANTINED: "bold red",
}


def devices_table(
    devices: Iterable[Device],
    *,
    now: float,
    daily: int | None = None,
    nexts: Mapping[DeviceId, float] | None = None,
    zone: tzinfo | None = None,
    most: int | None = None,
    reword: Callable[[str], str] = str,
) -> RenderableType:
    """Tabulate devices in their order, at most so many; the rest is counted by state.

    `daily` is a device's limit of a day, `nexts` (Unix seconds) when it may send again.
    `reword` completes the commands in it.
    """
    told = list(devices)
    shown = told[:most]
    limit = "" if daily is None else f" of {daily:,}"
    table = _table("device", "number", "state", "last sent", "today", "next")
    for device in shown:
        table.add_row(
            Text(device.label, "bold"),
            device.phone or "",
            _device_state(device, now, zone),
            words.ago(device.last_success, now),
            f"{device.sent_today:,}{limit}",
            _next(device, (nexts or {}).get(device.label, now), now, zone),
        )
    return Group(table, Text(reword(_device_totals(told, len(shown))), "dim"))


def _device_state(device: Device, now: float, zone: tzinfo | None) -> Text:
    text = Text(device.state.value, _DEVICE_STYLE[device.state])
    if device.reason:
        text.append(f": {words.one_line(device.reason)}", "")
    if device.until is not None:
        text.append(f", {words.until(device.until, now, zone)}")
    elif device.state is DeviceState.QUARANTINED:
        text.append(", needs you")
    if device.chats_from is not None:
        text.append(f"; no new chats {words.until(device.chats_from, now, zone)}", "yellow")
        text.append(f": {words.one_line(device.chats_why or '')}", "")
    elif device.quota is not None:
        used, total = device.quota
        text.append(f"; {used:,} of {total:,} new chats used, as WhatsApp warns", "yellow")
    if device.budget is not None:
        opens = device.budget_from
        shut = "new chats" if opens is None else f"no new chats {words.until(opens, now, zone)}"
        text.append(f"; {shut}: {words.budget(device.budget)}", "" if opens is None else "yellow")
    if device.bare:
        text.append("; first messages go without a token", "yellow")
    return text


def _next(device: Device, at: float, now: float, zone: tzinfo | None) -> str:
    if device.state is not DeviceState.READY:
        return ""
    return "now" if at <= now else words.until(at, now, zone).removeprefix("until ")


def _device_totals(devices: Sequence[Device], shown: int) -> str:
    if not devices:
        return "No device yet. hint: pair one with `waheal devices pair LABEL`"
    totals = [
        f"{words.count(number)} {state.value}"
        for state in DeviceState
        if (number := sum(1 for device in devices if device.state is state))
    ]
    more = f"; the first {shown:,} are shown" if shown < len(devices) else ""
    return f"{words.count(len(devices), 'device')}: {', '.join(totals)}{more}"


def status_table(
    campaigns: Sequence[tuple[Campaign, Tally]],
    *,
    now: float,
    zone: tzinfo | None = None,
    reword: Callable[[str], str] = str,
) -> RenderableType:
    """Tabulate where campaigns stand: one row each, the counts in words."""
    if not campaigns:
        none = "No campaign yet. hint: `waheal check CAMPAIGN.csv`, then `waheal send CAMPAIGN.csv`"
        return Text(reword(none))
    table = _table("campaign", "done", "where they stand", "last run")
    for campaign, tally in campaigns:
        table.add_row(
            Text(campaign.name, "bold"),
            _done(tally),
            _where(tally),
            "never" if campaign.last_run is None else _last_run(campaign.last_run, now, zone),
        )
    return table


def _where(tally: Tally) -> str:
    counts = [f"{number:,} {state.value}" for state, number, _ in by_state(tally)]
    counts += [f"{tally.replied:,} replied"] if tally.replied else []
    return ", ".join(counts) or "nobody"


def _done(tally: Tally) -> str:
    if not tally.total:
        return ""
    return f"{words.share(tally.total - tally.to_send, tally.total)} of {tally.total:,}"


def _last_run(at: float, now: float, zone: tzinfo | None) -> str:
    return f"{words.day(at, zone)} ({words.ago(at, now)})"


def campaign_status(
    campaign: Campaign,
    tally: Tally,
    *,
    now: float,
    zone: tzinfo | None = None,
    stop: Standstill | None = None,
    running: Running | None = None,
    held: bool = False,
    errands: Mapping[ErrandKind, Tally] | None = None,
    poll: PollCount | None = None,
    reword: Callable[[str], str] = str,
) -> RenderableType:
    """Tell where one campaign stands, a state a line, why its run stopped, and what to do next.

    `running`: the run that is under way. `held`: the home is used by it, or by another. `reword`
    completes the commands in it.
    """
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right")
    grid.add_column()
    for state, number, meaning in by_state(tally):
        grid.add_row(Text(f"{number:,}", STYLES[state]), meaning)
    last = "not sent yet"
    if running is not None:
        last = f"running since {words.clock_time(running.since, zone)}"
    elif campaign.last_run is not None:
        last = f"last run {_last_run(campaign.last_run, now, zone)}"
    total = words.count(tally.total, "recipient")
    head = Text.assemble((campaign.name, "bold"), f": {total}, {last}")
    steps = next_steps(campaign.name, tally, stop=stop, running=held or running is not None)
    lines = [f"next: {step}" for step in steps]
    if stop is not None:
        lines.insert(0, f"{'waiting' if stop.is_wait else 'stopped'}: {stop.reason}")
    if (told := replied(tally)) is not None:
        lines.insert(0, told)
    lines[:0] = errand_lines(errands or {})
    if running is not None:
        lines.insert(0, _course(running, now, zone))
    parts: list[RenderableType] = [head, grid]
    if poll is not None and poll.votes:
        parts += [Text(), votes_table(poll.votes, poll.voters), Text()]
    return Group(*parts, *map(Text, map(reword, lines)))


def votes_table(votes: Sequence[tuple[str, int]], voters: int) -> Table:
    """List a poll's options, each with who chose it last and their share of who voted."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right")
    grid.add_column(justify="right")
    grid.add_column()
    grid.add_row(Text(f"{voters:,}", "bold"), "", "voted")
    for option, number in votes:
        grid.add_row(
            f"{number:,}", words.share(number, voters) if voters else "-", words.one_line(option)
        )
    return grid


def _course(running: Running, now: float, zone: tzinfo | None) -> str:
    """Tell how fast a run goes, and when it ends at that rate."""
    told = f"{words.count(running.lately, 'message')} in the last minute"
    if running.ends is None:
        return told
    done = words.until(running.ends, now, zone).removeprefix("until ")
    return f"{told}; {words.roughly(running.ends - now)} left, done {done}"


def doctor_table(findings: Iterable[Finding], reword: Callable[[str], str] = str) -> RenderableType:
    """Tell each finding, the worst first, the hint below those that are not ok, and a count.

    What was not looked at is named in one line with the finding that is in its way.
    """
    told = list(findings)
    apart = defaultdict[str, list[str]](list)
    for finding in told:
        if finding.result.told_by:
            apart[finding.result.told_by].append(finding.check)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column()
    shown = [each for each in told if not each.result.told_by]
    for finding in sorted(shown, key=lambda each: _WORST_FIRST.index(each.result.status)):
        result = finding.result
        detail = Text(result.detail)
        if result.hint and result.status is not Status.OK:
            detail.append(f"\nhint: {reword(result.hint)}", "italic")
        if apart[finding.check]:
            detail.append(f"\nnot looked at: {', '.join(apart[finding.check])}", "dim")
        mark = Text(result.status.value, _STATUS_STYLE[result.status])
        grid.add_row(mark, Text(finding.check, "bold"), detail)
    counts = [
        f"{words.count(number)} {status.value}"
        for status in Status
        if (number := sum(1 for finding in told if finding.result.status is status))
    ]
    return Group(grid, Text(f"{words.count(len(told), 'check')}: {', '.join(counts)}", "dim"))


def problems_table(
    problems: Iterable[Problem | Caution],
    *,
    total: int | None = None,
    most: int = 50,
    reword: Callable[[str], str] = str,
) -> RenderableType:
    """Tabulate what is wrong with a file, row by row; of more than `most`, count the rest.

    `total` is how many there are, where `problems` holds only the first. `reword` completes the
    commands in it.
    """
    told = list(problems)
    table = _table("row", "column", "what is wrong", "how to mend it")
    table.columns[0].justify = "right"
    for each in told[:most]:
        cell = _cell(each)
        what = Text(words.one_line(each.problem, _SAID) + (f": {cell}" if cell else ""))
        if isinstance(each, Caution):
            what = Text.assemble(("warning: ", "yellow"), what)
        table.add_row(
            "file" if each.row is None else f"{each.row:,}",
            Text(words.one_line(each.column or "")),
            what,
            Text(words.one_line(reword(each.hint or ""), _SAID), "italic"),
        )
    rest = (len(told) if total is None else total) - min(most, len(told))
    return Group(table, Text(f"and {rest:,} more", "dim")) if rest > 0 else table


def alike_table(
    groups: Sequence[Alike],
    *,
    masked: bool = False,
    most: int = 50,
    reword: Callable[[str], str] = str,
) -> RenderableType:
    """Tabulate what is wrong with a file by its kind: how many rows have it, and such as which.

    `masked`: numbers are not shown whole. `reword` completes the commands in it.
    """
    table = _table("column", "what is wrong", "how to mend it")
    for each in groups[:most]:
        first = each.first
        what = Text(_of_rows(each, masked=masked))
        if isinstance(first, Caution):
            what = Text.assemble(("warning: ", "yellow"), what)
        table.add_row(
            Text(words.one_line(first.column or "")),
            what,
            Text(words.one_line(reword(first.hint or ""), _SAID), "italic"),
        )
    rest = len(groups) - most
    return Group(table, Text(f"and {rest:,} kinds more", "dim")) if rest > 0 else table


def _of_rows(alike: Alike, *, masked: bool) -> str:
    first = alike.first
    what, cell = words.one_line(first.problem, _SAID), _cell(first, masked=masked)
    if masked:
        what = mask_numbers(what)
    if first.row is None:
        return what
    if alike.rows == 1:
        return f"row {first.row:,}: {what}" + (f": {cell}" if cell else "")
    many = words.count(alike.rows, "row")
    if not alike.same:
        return f"{many}, such as row {first.row:,}: {what}" + (f": {cell}" if cell else "")
    such = f"such as {cell} (row {first.row:,})" if cell else f"first in row {first.row:,}"
    return f"{many}: {what}, {such}"


def _cell(found: Problem | Caution, *, masked: bool = False) -> str:
    """Give what stands in the cell, in quotes; nothing where the finding itself has it."""
    if not found.cell or repr(found.cell) in found.problem:
        return ""
    quoted = repr(words.one_line(found.cell))
    return mask_numbers(quoted) if masked else quoted


def config_table(rows: Iterable[ConfigRow]) -> RenderableType:
    """Tabulate settings: key, value, and where it comes from."""
    table = _table("setting", "value", "from")
    for row in rows:
        table.add_row(Text(row.key, "bold"), Text(row.value), Text(row.source, "dim"))
    return table


def machines_table(rows: Iterable[tuple[str, ...]]) -> RenderableType:
    """Tabulate machines: name, folder, devices, in flight, in doubt, when they were seen last."""
    table = _table("machine", "home", "devices", "in flight", "in doubt", "last seen")
    for name, *rest in rows:
        table.add_row(Text(name, "bold"), *map(Text, rest))
    return table


def orders_table(rows: Iterable[tuple[str, ...]]) -> RenderableType:
    """Tabulate open orders: campaign, since when, how many are to go, and how each machine is."""
    table = _table("order", "placed", "to go", "machines")
    for name, *rest in rows:
        table.add_row(Text(name, "bold"), *map(Text, rest))
    return table


def schedules_table(rows: Iterable[tuple[str, ...]]) -> RenderableType:
    """Tabulate what is ordered when: campaign, cron expression, next time, and the last."""
    table = _table("schedule", "cron", "next", "last")
    for name, *rest in rows:
        table.add_row(Text(name, "bold"), *map(Text, rest))
    return table


@dataclass(frozen=True, slots=True)
class BenchRow:
    """One run of `waheal bench`, as it is shown; the processor's time is of one message."""

    what: str
    rate: str
    coordinator: str
    hosts: str
    memory: str


def bench_table(rows: Iterable[BenchRow]) -> RenderableType:
    """Tabulate how fast runs were, and with what."""
    heads = ("to whom", "messages", "processor: coordinator", "hosts", "memory of the hosts")
    table = _table(*heads)
    for row in rows:
        table.add_row(Text(row.what, "bold"), row.rate, row.coordinator, row.hosts, row.memory)
    return table


def topics_table(topics: Iterable[tuple[str, str]]) -> RenderableType:
    """Tabulate the pages that `waheal help` shows: topic and title."""
    table = _table("page", "about")
    for topic, title in topics:
        table.add_row(Text(topic, "bold"), title)
    return Group(table, Text("waheal help PAGE shows one, waheal help COMMAND its --help", "dim"))


def suppressions_table(
    suppressed: Iterable[Suppression], *, zone: tzinfo | None = None
) -> RenderableType:
    """Tabulate who is not written to, since when, and how that came."""
    table = _table("number", "since", "how")
    for each in suppressed:
        who = each.phone or each.lid
        table.add_row(who, words.day(each.since, zone), Text(words.one_line(each.source)))
    if not table.row_count:
        return Text("Nobody is suppressed.")
    return Group(table, Text(words.count(table.row_count, "number"), "dim"))


def _table(*heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    for index, head in enumerate(heads):
        # The first column tells the row: it is never cut, whatever the width.
        table.add_column(head, overflow="fold", no_wrap=index == 0)
    return table
