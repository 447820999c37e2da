"""Renders a report as one HTML page that needs nothing else; knows no file and no browser."""

import shlex
from dataclasses import dataclass
from datetime import datetime, tzinfo
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, select_autoescape

from waheal.model import State
from waheal.views import words
from waheal.views.report import ReportData, Slot
from waheal.views.summary import by_state

CHART_WIDTH = 720.0
CHART_HEIGHT = 160.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A slot of the timeline as drawn: SVG units from the left and the top."""

    x: float
    width: float
    out_y: float
    out_height: float
    bad_y: float
    bad_height: float
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A label below the timeline; `anchor` as SVG's text-anchor."""

    x: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Share:
    """One state's part in the whole; `part` in per cent."""

    state: State
    number: int
    meaning: str
    part: float


def render_report(
    data: ReportData, *, show_numbers: bool = False, zone: tzinfo | None = None
) -> str:
    """Render the page. Numbers are masked unless `show_numbers`, in labels and reasons as well.

    `zone` is where its moments are told; None is the machine's.
    """
    data = data if show_numbers else data.masked()
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    source = files("waheal.views").joinpath("report.html.j2").read_text(encoding="utf-8")
    total = max(1, data.tally.total)
    ticks = _ticks(data, zone)
    return environment.from_string(source).render(
        data=data,
        name=shlex.quote(data.campaign),
        shares=[Share(*line, part=100 * line[1] / total) for line in by_state(data.tally)],
        settled=words.share(data.tally.total - data.tally.to_send, data.tally.total),
        bars=_bars(data, zone),
        ticks=ticks,
        tallest=max((slot.out + slot.troubled for slot in data.timeline), default=0),
        slot=words.duration(data.slot),
        made=_moment(data.made, zone),
        first=None if data.first is None else _moment(data.first, zone),
        last=None if data.last is None else _moment(data.last, zone),
        width=CHART_WIDTH,
        height=CHART_HEIGHT,
        unlisted=data.tally[State.UNCERTAIN] - len(data.uncertain),
        masked=not show_numbers,
        count=words.count,
        one_line=words.one_line,
    )


def _moment(at: float, zone: tzinfo | None) -> str:
    when = datetime.fromtimestamp(at, zone).astimezone(zone)
    return f"{when:%Y-%m-%d %H:%M} {when.tzname()}"


def _bars(data: ReportData, zone: tzinfo | None) -> list[Bar]:
    tallest = max((slot.out + slot.troubled for slot in data.timeline), default=0) or 1
    pitch = CHART_WIDTH / max(1, len(data.timeline))
    width = min(pitch * 0.8, 24.0)

    def bar(index: int, slot: Slot) -> Bar:
        out = CHART_HEIGHT * slot.out / tallest
        bad = CHART_HEIGHT * slot.troubled / tallest
        trouble = f", {slot.troubled:,} failed or uncertain" if slot.troubled else ""
        return Bar(
            x=round(index * pitch + (pitch - width) / 2, 2),
            width=round(width, 2),
            out_y=round(CHART_HEIGHT - out, 2),
            out_height=round(out, 2),
            bad_y=round(CHART_HEIGHT - out - bad, 2),
            bad_height=round(bad, 2),
            label=f"{_moment(slot.at, zone)}: {slot.out:,} sent{trouble}",
        )

    return [bar(index, slot) for index, slot in enumerate(data.timeline)]


def _ticks(data: ReportData, zone: tzinfo | None) -> list[Tick]:
    slots = data.timeline
    if not slots:
        return []
    many_days = slots[-1].at - slots[0].at > words.DAY
    style = "%d %b %H:%M" if many_days else "%H:%M"
    picks = sorted({0, len(slots) // 2, len(slots) - 1})
    anchors = {picks[0]: "start", picks[-1]: "end"}
    if len(picks) == 1:
        anchors = {picks[0]: "middle"}
    pitch = CHART_WIDTH / len(slots)
    return [
        Tick(
            x=round((pick + 0.5) * pitch, 2),
            label=datetime.fromtimestamp(slots[pick].at, zone).strftime(style),
            anchor=anchors.get(pick, "middle"),
        )
        for pick in picks
    ]
