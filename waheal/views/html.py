"""Renders a campaign's results as one HTML page that needs nothing else; knows no file."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, select_autoescape
from markupsafe import Markup

from waheal.model import Content, State
from waheal.reckoning.curves import Curves
from waheal.reckoning.summing import Results
from waheal.reckoning.variants import MEASURES
from waheal.views import comparing, words
from waheal.views.advice import commands, what_to_do
from waheal.views.bubbles import around, under
from waheal.views.charts import drawn
from waheal.views.errand_words import errand_lines
from waheal.views.report import delay_in_words, silent
from waheal.views.sharing import for_client, masked
from waheal.views.summary import by_state, next_steps

_SETTINGS = {
    "rate": "At most, each device",
    "daily": "At most in a day, each device",
    "gap": "Time between two messages of a device",
    "jitter": "That time is longer at random by up to",
    "rate_total": "At most, all devices together",
    "burst": "As many at once as the limits let",
    "new_chats": "New chats, each device",
    "ramp": "New chats, growing with the device's age",
    "per_recipient": "At most to one recipient, over all campaigns",
    "window": "Hours, in the recipient's own zone",
    "days": "Days, in the recipient's own zone",
    "expires": "Nothing was to go out after",
}
_CAME = {**comparing.NAMES, "failed": "failed or uncertain"}


@dataclass(frozen=True, slots=True)
class Share:
    """One state's part in the whole; `part` in per cent."""

    state: State
    number: int
    meaning: str
    part: float


@dataclass(frozen=True, slots=True)
class Reached:
    """A step of the funnel: its name, its count, its shares in words, and its part in per cent."""

    name: str
    number: int
    of_all: str
    of_before: str
    part: float


def render_report(
    results: Results,
    *,
    show_numbers: bool = False,
    client: bool = False,
    zone: tzinfo | None = None,
    reword: Callable[[str], str] = str,
) -> str:
    """Render the page. Numbers are masked unless `show_numbers`, in labels and reasons as well.

    `client`: it is for whoever ordered the campaign, and has no command, no device and nothing of a
    number. `zone` is where its moments are told; None is the machine's.
    `reword` completes the commands on it.
    """
    shown = for_client(results) if client else results if show_numbers else masked(results)
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    source = files("waheal.views").joinpath("report.html.j2").read_text(encoding="utf-8")
    name = shlex.quote(shown.campaign)
    left = frozenset(each.state for each in shown.leftovers)
    return environment.from_string(source).render(
        data=shown,
        client=client,
        masked=not show_numbers,
        shares=_shares(shown),
        funnel=_funnel(shown),
        settled=words.share(shown.tally.total - shown.tally.to_send, shown.tally.total),
        steps=[]
        if client
        else [reword(each) for each in next_steps(shown.campaign, shown.tally, reported=True)],
        commands=[] if client else list(commands(name, left)),
        name=name,
        first=None if shown.first is None else _moment(shown.first, zone),
        last=None if shown.last is None else _moment(shown.last, zone),
        made=_moment(shown.made, zone),
        chart=None if shown.curves is None else Markup(_chart(shown.curves, zone)),  # noqa: S704 - drawn here
        course=None if shown.curves is None else _course(shown.curves, zone),
        message=_message(shown.message),
        settings=[
            (told, shown.manner[key]) for key, told in _SETTINGS.items() if key in shown.manner
        ],
        errand_lines=errand_lines(shown.errands),
        unlisted=_unlisted(shown),
        sentences=list(comparing.sentences(shown.comparison)) if shown.comparison else [],
        notes=list(comparing.notes(shown.comparison)) if shown.comparison else [],
        measures=[(each, comparing.NAMES[each]) for each in MEASURES],
        share_of=comparing.share_of,
        value=comparing.value,
        share=lambda part, whole: words.share(part, whole) if whole else "-",
        held=lambda device: words.held(device, shown.made, zone),
        delay=delay_in_words,
        silent=silent(shown),
        what_to_do=what_to_do,
        count=words.count,
        one_line=words.one_line,
    )


def _moment(at: float, zone: tzinfo | None) -> str:
    when = datetime.fromtimestamp(at, zone).astimezone(zone)
    return f"{when:%Y-%m-%d %H:%M} {when.tzname()}"


def _shares(results: Results) -> list[Share]:
    total = max(1, results.tally.total)
    return [Share(*line, part=100 * line[1] / total) for line in by_state(results.tally)]


def _funnel(results: Results) -> list[Reached]:
    total = results.tally.total
    return [
        Reached(
            comparing.NAMES[name].capitalize(),
            number,
            words.share(number, total) if total else "-",
            words.share(number, before) if before else "-",
            100 * number / max(1, total),
        )
        for name, number, before in results.funnel
    ]


def _chart(curves: Curves, zone: tzinfo | None) -> str:
    last = ", ".join(
        f"{_CAME[name]} {counts[-1]:,}" for name, counts in curves.lines.items() if counts[-1]
    )
    begin, end = _moment(curves.edges[0], zone), _moment(curves.edges[-1], zone)
    return drawn(curves, f"Curves from {begin} to {end}. At the end: {last}.", zone)


@dataclass(frozen=True, slots=True)
class Passage:
    """The curves as a table: who are in it, and for each time how many had come by then."""

    names: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, Sequence[int]]]
    each: str


def _course(curves: Curves, zone: tzinfo | None) -> Passage:
    rows = zip(curves.edges[1:], *curves.lines.values(), strict=True)
    return Passage(
        [(name, _CAME[name]) for name in curves.lines],
        [(_moment(edge, zone), counts) for edge, *counts in rows],
        words.duration(curves.width),
    )


def _message(content: Content | None) -> tuple[str | None, str] | None:
    """Give what goes with the words, if anything does, and the words with what can be chosen."""
    if content is None:
        return None
    beside = " · ".join(filter(None, around(content.body)))
    return beside or None, words.visible("\n".join([content.text, *under(content.body)]).strip())


def _unlisted(results: Results) -> int:
    """Count the failed and uncertain that the table has no room for."""
    left = results.tally[State.FAILED] + results.tally[State.UNCERTAIN]
    return left - len(results.leftovers)
