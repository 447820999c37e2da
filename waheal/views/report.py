"""Words a campaign's results for a terminal; counts nothing."""

from collections.abc import Callable, Iterator
from datetime import tzinfo
from math import ceil

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from waheal.model import State, mask
from waheal.reckoning.curves import Curves, ticks
from waheal.reckoning.summing import STEPS, Delay, Results
from waheal.reckoning.variants import MEASURES, Comparison
from waheal.views import words
from waheal.views.comparing import NAMES, notes, sentences, share_of, value
from waheal.views.errand_words import errand_lines
from waheal.views.layout import STYLES
from waheal.views.summary import by_state, next_steps
from waheal.views.tables import votes_table

_BLOCKS = " ▁▂▃▄▅▆▇█"
_WIDEST_BUCKET = 4
_WENT_OUT = frozenset({State.SENT, State.DELIVERED, State.READ})


def report(
    results: Results,
    *,
    zone: tzinfo | None = None,
    most: int = 12,
    show_numbers: bool = False,
    reword: Callable[[str], str] = str,
) -> RenderableType:
    """Word the results: the funnel, its course, what went wrong, devices, variants, what to do.

    `most`: how many devices and reasons are named. `reword` completes the commands in it.
    """
    parts: list[RenderableType] = [_head(results, zone), _funnel(results), *_not_sent(results)]
    parts += map(Text, errand_lines(results.errands))
    if results.curves is not None:
        parts += [Text(), _Drawn(results, results.curves, zone)]
    parts += _delays(results)
    if results.votes:
        parts += [Text(), votes_table(results.votes, results.voters)]
    if results.failures:
        parts += [Text(), _failures(results, most)]
    if results.devices:
        parts += [Text(), _devices(results, most, zone)]
    if results.comparison is not None:
        parts += [Text(), _variants(results.comparison), *_judged(results.comparison)]
    parts += [Text(), *_uncertain(results, show_numbers=show_numbers)]
    steps = next_steps(results.campaign, results.tally, reported=True)
    return Group(*parts, *(Text(f"next: {reword(step)}") for step in steps))


def _head(results: Results, zone: tzinfo | None) -> Text:
    recipients = words.count(results.tally.total, "recipient")
    head = Text.assemble((results.campaign, "bold"), f": {recipients}")
    if results.first is not None and results.last is not None:
        first, last = words.day(results.first, zone), words.day(results.last, zone)
        head.append(f", sent {first} to {last}")
    return head


def _funnel(results: Results) -> Table:
    grid = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    grid.add_column("")
    for head in ("", "of all", "of the step before"):
        grid.add_column(head, justify="right", no_wrap=True)
    grid.add_column("", no_wrap=True)
    for step, number, before in results.funnel:
        part = number / results.tally.total if results.tally.total else 0.0
        grid.add_row(
            NAMES[step],
            Text(f"{number:,}", "bold"),
            _share(number, results.tally.total),
            _share(number, before),
            Text("█" * round(24 * part), "green"),
        )
    return grid


def _share(part: int, whole: int) -> str:
    return words.share(part, whole) if whole else "-"


def _not_sent(results: Results) -> Iterator[Text]:
    """Tell those who are not in the funnel, by state, and those who can't read it."""
    if (told := silent(results)) is not None:
        yield Text(told, "dim")
    others = [each for each in by_state(results.tally) if each[0] not in _WENT_OUT]
    for state, number, meaning in others:
        share = words.share(number, results.tally.total)
        yield Text.assemble((f"{number:,}", STYLES[state]), f" {meaning} ({share})")
    if results.tally.unreadable:
        yield Text(f"{results.tally.unreadable:,} could not be opened by the recipient's phone")


class _Drawn:
    """How many had come so far, a line a step, as blocks over an axis of time."""

    def __init__(self, results: Results, curves: Curves, zone: tzinfo | None) -> None:
        self._curves = curves
        self._zone = zone
        self._top = max(1, results.step("sent"))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it as wide as there is room."""
        buckets = len(self._curves.edges) - 1
        label = max(map(len, STEPS)) + 1
        room = options.max_width - label - len(f" {self._top:,}")
        cells = max(1, min(_WIDEST_BUCKET, room // buckets))
        for name, counts in self._curves.lines.items():
            if not counts[-1]:
                continue
            style = "red" if name == "failed" else "green"
            blocks = "".join(self._block(count) * cells for count in counts)
            last = f" {counts[-1]:,}"
            yield Text.assemble((f"{name:<{label}}", "dim"), (blocks, style), last)
        yield Text.assemble(" " * label, (self._axis(cells, buckets), "dim"))

    def _block(self, count: int) -> str:
        full = len(_BLOCKS) - 1
        return _BLOCKS[min(full, -(-count * full // self._top))]

    def _axis(self, cells: int, buckets: int) -> str:
        """Name some of the edges under them, as far as there is room."""
        edges, width = self._curves.edges, cells * buckets
        span = edges[-1] - edges[0]
        line = ""
        for place in ticks(self._curves, max(2, width // 12), self._zone):
            told = words.tick(edges[place], span, self._zone)
            start = min(place * cells, max(0, width - len(told)))
            if start == 0 or start > len(line):
                line = f"{line:<{start}}{told}"
        return line


def _delays(results: Results) -> Iterator[Text]:
    for what, delay in (("delivered", results.to_delivered), ("read", results.to_read)):
        if delay is not None:
            yield Text(f"{what} {delay_in_words(delay)}", "dim")


def delay_in_words(delay: Delay) -> str:
    """Say how long it took."""
    half, most = (words.duration(max(1, ceil(each))) for each in (delay.median, delay.p90))
    return f"by half of them within {half}, by nine of ten within {most}"


def silent(results: Results) -> str | None:
    """Tell of those whose phones told less than that they replied; None where there are none."""
    number = results.step("read") - results.tally[State.READ]
    if not number:
        return None
    return f"{words.count(number)} of those who read it are known by their reply alone"


def _failures(results: Results, most: int) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right")
    grid.add_column()
    for reason, number in results.failures[:most]:
        grid.add_row(Text(f"{number:,}", "bold red"), f"failed: {words.one_line(reason)}")
    rest = results.failures[most:]
    number = results.other_failures[1] + sum(count for _, count in rest)
    if number:
        grid.add_row(Text(f"{number:,}", "bold red"), "failed for other reasons")
    return grid


def _devices(results: Results, most: int, zone: tzinfo | None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    table.add_column("device", no_wrap=True)
    for head in ("sent", "delivered", "read", "replied", "failed", "uncertain"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("now")
    for line in results.devices[:most]:
        sent, *steps = line.steps[:4]
        table.add_row(
            Text(line.device, "bold"),
            f"{sent:,}",
            *(_share(number, sent) for number in steps),
            *(f"{number:,}" if number else "" for number in (line.failed, line.uncertain)),
            words.held(line.now, results.made, zone),
        )
    if len(results.devices) > most:
        table.add_row(Text(f"and {len(results.devices) - most:,} more", "dim"))
    return table


def _variants(comparison: Comparison) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    table.add_column(words.one_line(comparison.column, 24))
    for head in ("sent", *(NAMES[each] for each in MEASURES)):
        table.add_column(head, justify="right", no_wrap=True)
    for variant in comparison.variants:
        shares = (share_of(variant, measure) for measure in MEASURES)
        table.add_row(Text(value(variant.value), "bold"), f"{variant.sent:,}", *shares)
    return table


def _judged(comparison: Comparison) -> Iterator[Text]:
    yield from (Text(each, "bold") for each in sentences(comparison))
    yield from (Text(each, "dim") for each in notes(comparison))


def _uncertain(results: Results, *, show_numbers: bool) -> Iterator[Text]:
    told = [each for each in results.leftovers if each.state is State.UNCERTAIN][:5]
    if not told:
        return
    numbers = ", ".join(each.phone if show_numbers else mask(each.phone) for each in told)
    rest = results.tally[State.UNCERTAIN] - len(told)
    more = f" and {rest:,} more" if rest > 0 else ""
    yield Text.assemble(("Uncertain: ", "bold yellow"), numbers + more)
