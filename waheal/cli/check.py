"""`waheal check`: every problem of a campaign file, a preview, the time it will take."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.checking import Checked
from waheal.campaign.checking import check as judge
from waheal.campaign.options import Options
from waheal.campaign.problems import Caution, Problem
from waheal.campaign.rejected import write_rejected
from waheal.cli import estimate, pace, plan, words
from waheal.cli import options as o
from waheal.cli.console import say, show, write_json
from waheal.cli.enrolling import problem_row
from waheal.cli.scene import Scene, scene
from waheal.cli.signals import interruptible
from waheal.errors import HomeUnusableError, UsageError
from waheal.model import DeviceId, DeviceState, ExitCode
from waheal.policy.pacing import Limits
from waheal.views.bubbles import Preview, preview
from waheal.views.tables import problems_table
from waheal.views.words import count, roughly

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the home tells about a campaign before it is sent."""

    known: frozenset[DeviceId] | None
    can_send: int
    suppressed: int
    seen: int


def check(
    campaign: Annotated[Path, typer.Argument(help="The campaign: a CSV or .xlsx file.")],
    rejected: o.Rejected = None,
    name: o.Name = None,
    message: o.Message = None,
    template: o.Template = None,
    media: o.MediaFile = None,
    media_root: o.MediaRoot = None,
    region: o.Region = None,
    phone_column: o.PhoneColumn = None,
    require_consent: o.RequireConsent = False,
    opt_out_footer: o.OptOutFooter = None,
    devices: o.Devices = None,
    rate: o.Rate = [],  # noqa: B006 - typer hands over a list of its own
    daily: o.Daily = None,
    gap: o.Gap = None,
    jitter: o.Jitter = None,
    rate_total: o.RateTotal = None,
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Name every problem of a campaign file with its row and column, and preview its texts.

    Sends nothing. Tells how many devices can send, and how long it will take at the set pace.
    """
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    limits = pace.limits(rate, daily, gap, jitter, rate_total, None)
    reading = plan.Reading(
        region, phone_column, message, template, media, media_root, require_consent, opt_out_footer
    )  # fmt: skip
    around = _surroundings(here, plan.campaign_name(campaign, name), devices)
    with interruptible():
        checked = _judge(campaign, reading, around.known, rejected)
    if here.json:
        write_json(_document(checked))
    else:
        _show(here, checked, around, limits, rejected)
    return ExitCode.OK if checked.ok else ExitCode.USAGE


def _surroundings(here: Scene, name: str, devices: str | None) -> Surroundings:
    # The file is judged by itself: a home that isn't there yet, or is out of order, is no problem
    # of the campaign's.
    if not (here.root / "waheal.db").exists():
        return Surroundings(frozenset(), 0, 0, 0)
    try:
        ledger = here.ledger(readonly=True)
    except HomeUnusableError as error:
        if not here.json:
            say(f"the home is left out: {error.message}")
        return Surroundings(None, 0, 0, 0)
    with ledger:
        found = ledger.devices(time.time())
        chosen = words.labels(devices)
        ready = [
            device
            for device in found
            if device.state is DeviceState.READY and (chosen is None or device.label in chosen)
        ]
        campaign = ledger.campaign(name)
        return Surroundings(
            known=frozenset(device.label for device in found),
            can_send=len(ready),
            suppressed=sum(1 for _ in ledger.suppressions()),
            seen=0 if campaign is None else ledger.tally(campaign.id).total,
        )


def _judge(
    file: Path, reading: plan.Reading, known: frozenset[DeviceId] | None, rejected: Path | None
) -> Checked:
    try:
        options = plan.file_options(reading, known)
    except UsageError as error:  # the document is printed all the same
        problem = Problem(None, None, error.message, error.hint, skippable=False)
        return Checked(False, 0, (problem,), (), ())
    checked = judge(file, options)
    if rejected is not None:
        _reject(file, options, checked, rejected)
    return checked


def _reject(file: Path, options: Options, checked: Checked, rejected: Path) -> None:
    try:
        write_rejected(open_campaign_file(file, options), checked.problems, rejected)
    except OSError as error:
        raise HomeUnusableError(
            f"{rejected} can't be written: {error.strerror}", hint="name another file"
        ) from error


def _document(checked: Checked) -> dict[str, object]:
    return {
        "ok": checked.ok,
        "rows": checked.rows,
        "problems": [_finding(each) for each in checked.problems],
        "warnings": [_finding(each) for each in checked.warnings],
        "preview": [
            {
                "row": each.row,
                "phone": each.phone,
                "text": each.text,
                "media": None if each.media is None else each.media.path,
            }
            for each in checked.preview
        ],
    }


def _finding(each: Problem | Caution) -> dict[str, object]:
    return {"row": each.row, "column": each.column, "problem": each.problem}


def _show(
    here: Scene, checked: Checked, around: Surroundings, limits: Limits, rejected: Path | None
) -> None:
    findings: list[Problem | Caution] = [*checked.problems, *checked.warnings]
    if findings:
        most = len(findings) if here.verbose else _SHOWN
        show(problems_table([problem_row(each) for each in findings], most=most))
    if here.quiet:
        return
    if checked.preview:
        show(
            preview(
                Preview(each.row, each.phone, each.text, each.media) for each in checked.preview
            )
        )
    for line in _outlook(here, checked, around, limits):
        say(line)
    if checked.problems:
        say(f"error: the campaign does not check: {count(len(checked.problems), 'problem')}")
        if rejected is not None:
            say(f"{rejected} holds the rows with problems")
        else:
            say("hint: mend the rows, or send the others with --skip-bad-rows")


def _outlook(here: Scene, checked: Checked, around: Surroundings, limits: Limits) -> list[str]:
    """Tell what is told apart from the file: devices, pace and time; none of it is judged."""
    lines = [f"{count(checked.rows, 'row')}, {count(checked.planned, 'recipient')}"]
    if checked.declined:
        lines.append(f"{checked.declined:,} without consent will be suppressed")
    if around.suppressed:
        lines.append(f"{count(around.suppressed, 'number')} opted out and will not be written to")
    if around.seen:
        lines.append(f"{count(around.seen, 'recipient')} of this campaign are known from before")
    lines.append(f"{count(around.can_send, 'device')} can send")
    took = estimate.seconds(checked.planned - checked.declined, around.can_send, limits)
    if took:
        lines.append(f"at the set pace it takes {roughly(took)}")
    if here.real and estimate.unlimited(limits):
        lines.append("warning: no rate is set; WhatsApp bans numbers that send fast, see --rate")
    return lines
