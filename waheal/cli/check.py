"""`waheal check`: parses, lets the act judge, and shows what it found."""

import time
from collections.abc import Iterator
from pathlib import Path

import typer

from waheal.acts.check import CheckOrder, CheckReport, Outlook
from waheal.acts.check import check as judge
from waheal.cli import options as o
from waheal.cli.console import say, show, write_json
from waheal.cli.ordering import asked_of
from waheal.cli.scene import Scene, scene_of
from waheal.cli.typed import typed
from waheal.documents import preview_fields, problem_fields
from waheal.events import StartsAt
from waheal.findings import Caution, Preview, Problem
from waheal.model import ExitCode
from waheal.views.bubbles import preview
from waheal.views.preparing import words_of
from waheal.views.tables import alike_table, problems_table
from waheal.views.words import count, roughly


def check(
    context: typer.Context,
    rejected: o.Rejected = None,
    each: o.EachProblem = False,
) -> int:
    """Name every problem of a campaign file with its row and column, and preview its texts.

    Sends nothing. Tells how many devices can send, and how long it will take.

    Takes whatever `send` takes, and refuses whatever `send` would refuse.
    """
    here, order = scene_of(context), asked_of(context).order
    checked = judge(here.workspace, CheckOrder.of(order, rejected))
    outlook = list(_lines(checked.outlook))
    if here.json:
        write_json(_document(checked, outlook))
    else:
        _show(here, checked, outlook, rejected, each=each or here.verbose)
    return ExitCode.OK if checked.ok else ExitCode.USAGE


def write_refusal(problem: str) -> None:
    """Print the document of a check that came to no file: an option is wrong, or the settings."""
    found = Problem(None, None, problem, skippable=False)
    write_json(_fields(ok=False, rows=0, problems=(found,)))


def _document(checked: CheckReport, outlook: list[str]) -> dict[str, object]:
    return _fields(
        ok=checked.ok,
        rows=checked.rows,
        problems=checked.problems,
        warnings=checked.warnings,
        previews=checked.preview,
        outlook=outlook,
    )


def _fields(
    *,
    ok: bool,
    rows: int,
    problems: tuple[Problem, ...],
    warnings: tuple[Caution, ...] = (),
    previews: tuple[Preview, ...] = (),
    outlook: list[str] | None = None,
) -> dict[str, object]:
    return {
        "ok": ok,
        "rows": rows,
        "problems": [problem_fields(each) for each in problems],
        "warnings": [problem_fields(each) for each in warnings],
        "preview": [preview_fields(each) for each in previews],
        "outlook": outlook or [],
    }


def _show(
    here: Scene, checked: CheckReport, outlook: list[str], rejected: Path | None, *, each: bool
) -> None:
    findings: list[Problem | Caution] = [*checked.problems, *checked.warnings]
    if findings and each:
        show(problems_table(findings, most=len(findings), reword=typed))
    elif findings:
        show(alike_table(checked.alike, reword=typed))
    if here.quiet:
        return
    if checked.preview:
        show(preview(checked.preview))
    for line in outlook:
        say(line)
    if checked.problems:
        for line in _verdict(checked, rejected):
            say(line)
    if not each and any(alike.rows > 1 for alike in checked.alike):
        say("--all tells each of them")


def _verdict(checked: CheckReport, rejected: Path | None) -> Iterator[str]:
    """Say what the problems come to."""
    problems = count(sum(isinstance(one.first, Problem) for one in checked.alike), "problem")
    if checked.bad_rows:
        problems += f", in {checked.bad_rows:,} of {count(checked.rows, 'row')}"
    if checked.ok:
        yield f"{problems}: those rows are left out"
        return
    yield f"error: the campaign does not check: {problems}"
    if rejected is not None:
        yield f"{rejected} holds the rows with problems"
    elif checked.others:
        yield "hint: mend the rows, or send the others with --skip-bad-rows"


def _lines(outlook: Outlook) -> list[str]:
    """Word what is told apart from the file: devices, pace and time."""
    lines = [f"{count(outlook.rows, 'row')}, {count(outlook.recipients, 'recipient')}"]
    if outlook.declined:
        lines.append(f"{outlook.declined:,} without consent will be suppressed")
    if outlook.suppressed:
        lines.append(f"{outlook.suppressed:,} of them opted out and will not be written to")
    if outlook.seen:
        lines.append(f"{count(outlook.seen, 'recipient')} of this campaign are known from before")
    lines.append(f"{count(outlook.devices, 'device')} can send")
    if outlook.starts is not None:
        lines.append(words_of(StartsAt(outlook.starts, gone=outlook.starts <= time.time())))
    if outlook.ends is not None and outlook.ends <= time.time():
        lines.append("warning: --until has gone by: nothing is sent")
    if outlook.seconds:
        hours = " and hours" * outlook.limited
        lines.append(f"at the set pace{hours} it takes {roughly(outlook.seconds)}")
    if outlook.too_late:
        lines.append("warning: it is not over before --expires; who is left then gets nothing")
    if outlook.unpaced:
        lines.append("warning: no rate is set; WhatsApp bans numbers that send fast, see --rate")
    return lines
