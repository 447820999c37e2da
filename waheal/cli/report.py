"""`waheal report` and `waheal export`: what became of a campaign."""

import csv
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TextIO

import typer

from waheal.acts import report as acts
from waheal.cli import options as o
from waheal.cli.completion import campaigns
from waheal.cli.console import say, show, whole_file, write_json
from waheal.cli.scene import scene_of
from waheal.documents import (
    RECIPIENT_FIELDS,
    Value,
    errand_fields,
    moment,
    recipient_fields,
    tally_fields,
)
from waheal.errors import UsageError
from waheal.model import ExitCode
from waheal.records import Recipient
from waheal.spreadsheet import harmless
from waheal.views.html import render_report
from waheal.views.report import ReportData, gather
from waheal.views.report import report as summed_up

Named = Annotated[
    str, typer.Argument(help="The campaign's name or its file.", autocompletion=campaigns)
]


def report(
    context: typer.Context,
    campaign: Named,
    html: o.Html = None,
    show_numbers: o.ShowNumbers = False,
) -> int:
    """Sum a campaign up: its states, its course, its devices, why some failed.

    With --html, as a page of its own that needs nothing else and can be sent on.
    """
    here, now = scene_of(context), time.time()
    with acts.report(here.workspace, campaign) as account:
        data = gather(account.campaign.name, account.recipients, now=now)
        data = replace(data, errands=account.errands)
        states = {each.label: each.reason or each.state.value for each in account.devices}
    data = data.with_device_states(states)
    if html is not None:
        with whole_file(html) as file:
            file.write(render_report(data, show_numbers=show_numbers))
    if here.json:
        write_json(_document(data, html))
    elif html is None:
        show(summed_up(data))
    elif not here.quiet:
        say(f"{html} is written")
    return ExitCode.OK


def _document(data: ReportData, html: Path | None) -> dict[str, object]:
    return {
        "campaign": data.campaign,
        "total": data.tally.total,
        **tally_fields(data.tally),
        **errand_fields(data.errands),
        "first": moment(data.first),
        "last": moment(data.last),
        "failures": [{"reason": reason, "count": number} for reason, number in data.failures],
        "devices": [
            {
                "device": line.device,
                "sent": line.out,
                "failed": line.failed,
                "uncertain": line.uncertain,
                "replied": line.replied,
            }
            for line in data.devices
        ],
        "html": None if html is None else str(html),
    }


def export(
    context: typer.Context, campaign: Named, form: o.Format = "csv", output: o.Output = None
) -> int:
    """One row a recipient: state, device, message id, reason, times and text.

    In CSV, an apostrophe stands wherever a spreadsheet could begin to read a formula.
    """
    here = scene_of(context)
    kind = "json" if here.json else form
    if kind not in ("csv", "json"):
        raise UsageError(f"{kind!r} is no format", hint="--format csv or --format json")
    recipients = acts.export(here.workspace, campaign)
    if output is None:
        _write(sys.stdout, recipients, kind)
    else:
        with whole_file(output) as file:
            _write(file, recipients, kind)
    return ExitCode.OK


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
