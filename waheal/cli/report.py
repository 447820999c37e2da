"""`waheal report` and `waheal export`: what became of a campaign."""

import csv
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TextIO

import typer

from waheal.acts import report as acts
from waheal.acts.orders import Reading
from waheal.cli import options as o
from waheal.cli.completion import campaigns
from waheal.cli.console import say, show, whole_file, write_json
from waheal.cli.scene import scene_of
from waheal.cli.typed import typed
from waheal.documents import RECIPIENT_FIELDS, Value, recipient_fields, results_fields
from waheal.errors import UsageError
from waheal.model import ExitCode, State
from waheal.records import Recipient
from waheal.spreadsheet import harmless
from waheal.views.report import report as summed_up

Named = Annotated[
    str, typer.Argument(help="The campaign's name or its file.", autocompletion=campaigns)
]


def report(
    context: typer.Context,
    campaign: Named,
    by: o.By = None,
    html: o.Html = None,
    for_client: o.ForClient = False,
    show_numbers: o.WholeNumbers = False,
    phone_column: o.PhoneColumn = None,
    encoding: o.Encoding = None,
    sheet: o.Sheet = None,
    hidden_rows: o.HiddenRows = False,
) -> int:
    """Sum a campaign up: how far it came and when, why some failed, its devices, its variants.

    With --html, as a page of its own that needs nothing else and can be sent on.
    """
    here = scene_of(context)
    _agree(html, for_client=for_client, show_numbers=show_numbers)
    reading = Reading(
        phone_column=phone_column, encoding=encoding, sheet=sheet, hidden_rows=hidden_rows
    )
    results = acts.results(here.workspace, campaign, by=by, reading=reading)
    if html is not None:
        from waheal.views.html import render_report  # noqa: PLC0415 - a chart takes long to load

        with whole_file(html) as file:
            page = render_report(
                results, show_numbers=show_numbers, client=for_client, reword=typed
            )
            file.write(page)
    if here.json:
        write_json({**results_fields(results), "html": None if html is None else str(html)})
    elif html is None:
        show(summed_up(results, show_numbers=show_numbers, reword=typed))
    elif not here.quiet:
        say(f"{html} is written")
    return ExitCode.OK


def _agree(html: Path | None, *, for_client: bool, show_numbers: bool) -> None:
    if for_client and html is None:
        raise UsageError("--for-client is about a page", hint="add --html FILE")
    if for_client and show_numbers:
        raise UsageError(
            "--for-client leaves numbers out, and --show-numbers shows them", hint="leave one out"
        )


def export(
    context: typer.Context,
    campaign: Named,
    state: o.States = None,
    form: o.Format = "csv",
    output: o.Output = None,
) -> int:
    """One row a recipient: state, device, message id, reason, times and text.

    In CSV, an apostrophe stands wherever a spreadsheet could begin to read a formula.
    """
    here = scene_of(context)
    kind = "json" if here.json else form
    if kind not in ("csv", "json"):
        raise UsageError(f"{kind!r} is no format", hint="--format csv or --format json")
    recipients = acts.export(here.workspace, campaign, None if state is None else _states(state))
    if output is None:
        _write(sys.stdout, recipients, kind)
    else:
        with whole_file(output) as file:
            _write(file, recipients, kind)
    return ExitCode.OK


def _states(text: str) -> frozenset[State]:
    """Read states such as `failed,uncertain`."""
    words = [word.strip().lower() for word in text.split(",")]
    known = {state.value: state for state in State}
    if wrong := [word for word in words if word not in known]:
        raise UsageError(f"{wrong[0]!r} is no state", hint=f"one or more of {', '.join(known)}")
    return frozenset(known[word] for word in words)


def _write(file: TextIO, recipients: Iterable[Recipient], kind: str) -> None:
    rows = map(recipient_fields, recipients)
    first = next(rows, None)  # a campaign that isn't there is told before anything is written
    if kind == "csv":
        writer = csv.writer(file)
        writer.writerow(RECIPIENT_FIELDS)
        while first is not None:
            writer.writerow([_cell(value) for value in first.values()])
            first = next(rows, None)
        return
    # A list that is written as it is read: a million rows fit in any memory.
    separator = "\n"
    file.write("[")
    while first is not None:
        file.write(separator + json.dumps(first))
        separator, first = ",\n", next(rows, None)
    file.write("\n]\n")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return harmless(str(value))
