"""`waheal check`: parses, lets the act judge, and shows what it found."""

from pathlib import Path

import typer

from waheal.acts.check import CheckOrder, CheckReport, Outlook
from waheal.acts.check import check as judge
from waheal.acts.orders import Pacing, Reading
from waheal.cli import options as o
from waheal.cli.console import say, show, write_json
from waheal.cli.scene import Scene, scene_of
from waheal.documents import preview_fields, problem_fields
from waheal.findings import Caution, Preview, Problem
from waheal.model import ExitCode
from waheal.views.bubbles import preview
from waheal.views.tables import problems_table
from waheal.views.words import count, roughly

_SHOWN = 50


def check(
    context: typer.Context,
    campaign: o.CampaignFile,
    rejected: o.Rejected = None,
    name: o.Name = None,
    message: o.Message = None,
    template: o.Template = None,
    kind: o.Kind = None,
    media: o.MediaFile = None,
    media_root: o.MediaRoot = None,
    preview: o.LinkPreview = None,
    fetch_preview: o.FetchPreview = False,
    no_preview: o.NoPreview = False,
    region: o.Region = None,
    international: o.International = False,
    phone_column: o.PhoneColumn = None,
    message_column: o.MessageColumn = None,
    no_message_column: o.NoMessageColumn = False,
    encoding: o.Encoding = None,
    zone: o.Zone = None,
    sheet: o.Sheet = None,
    hidden_rows: o.HiddenRows = False,
    skip_bad_rows: o.SkipBadRows = False,
    require_consent: o.RequireConsent = False,
    opt_out_footer: o.OptOutFooter = None,
    devices: o.Devices = None,
    rate: o.Rate = [],  # noqa: B006 - typer hands over a list of its own
    daily: o.Daily = None,
    new_chats: o.NewChats = None,
    ramp: o.Ramp = None,
    gap: o.Gap = None,
    jitter: o.Jitter = None,
    rate_total: o.RateTotal = None,
    burst: o.Burst = False,
    per_recipient: o.PerRecipient = None,
    window: o.Window = None,
    days: o.Days = None,
    expires: o.Expires = None,
) -> int:
    """Name every problem of a campaign file with its row and column, and preview its texts.

    Sends nothing. Tells how many devices can send, and how long it will take.

    Takes whatever `send` takes; what makes no difference here is only read.
    """
    here = scene_of(context)
    order = CheckOrder(
        campaign,
        name,
        Reading(
            region, phone_column, message, template, media, media_root, require_consent,
            opt_out_footer, international, message_column, no_message_column, encoding, zone, sheet,
            hidden_rows, kind, preview, fetch_preview, no_preview,
        ),
        Pacing(
            rate, daily, new_chats, ramp, gap, jitter, rate_total, per_recipient, window, days,
            expires, burst,
        ),
        devices=devices,
        skip_bad_rows=skip_bad_rows,
        sandbox_devices=here.sandbox_devices,
        rejected=rejected,
    )  # fmt: skip
    checked = judge(here.workspace, order)
    outlook = list(_lines(checked.outlook))
    if here.json:
        write_json(_document(checked, outlook))
    else:
        _show(here, checked, outlook, rejected)
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


def _show(here: Scene, checked: CheckReport, outlook: list[str], rejected: Path | None) -> None:
    findings: list[Problem | Caution] = [*checked.problems, *checked.warnings]
    if findings:
        total = checked.problem_count + len(checked.warnings)
        show(problems_table(findings, total=total, most=total if here.verbose else _SHOWN))
    if here.quiet:
        return
    if checked.preview:
        show(preview(checked.preview))
    for line in outlook:
        say(line)
    if checked.problems and checked.ok:
        say(f"{count(checked.problem_count, 'problem')}: those rows are left out")
    elif checked.problems:
        say(f"error: the campaign does not check: {count(checked.problem_count, 'problem')}")
        if rejected is not None:
            say(f"{rejected} holds the rows with problems")
        elif checked.others:
            say("hint: mend the rows, or send the others with --skip-bad-rows")


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
    if outlook.seconds:
        hours = " and hours" * outlook.limited
        lines.append(f"at the set pace{hours} it takes {roughly(outlook.seconds)}")
    if outlook.too_late:
        lines.append("warning: it is not over before --expires; who is left then gets nothing")
    if outlook.unpaced:
        lines.append("warning: no rate is set; WhatsApp bans numbers that send fast, see --rate")
    return lines
