"""`waheal check`: every problem of a campaign file, a preview, the time it will take."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.checking import Checked
from waheal.campaign.checking import check as judge
from waheal.campaign.choices import Choices
from waheal.campaign.rejected import write_rejected
from waheal.cli import estimate, pace, plan, words
from waheal.cli import options as o
from waheal.cli.console import say, show, write_json
from waheal.cli.scene import Scene, scene
from waheal.cli.schedule import Schedule
from waheal.cli.signals import interruptible
from waheal.documents import preview_fields, problem_fields
from waheal.errors import HomeUnusableError, UsageError
from waheal.findings import Caution, Problem
from waheal.model import DeviceId, DeviceState, ExitCode
from waheal.policy.pacing import Limits
from waheal.views.bubbles import preview
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
    warnings: tuple[Caution, ...] = ()


def check(
    campaign: o.CampaignFile,
    rejected: o.Rejected = None,
    name: o.Name = None,
    message: o.Message = None,
    template: o.Template = None,
    media: o.MediaFile = None,
    media_root: o.MediaRoot = None,
    region: o.Region = None,
    phone_column: o.PhoneColumn = None,
    skip_bad_rows: o.SkipBadRows = False,
    require_consent: o.RequireConsent = False,
    opt_out_footer: o.OptOutFooter = None,
    devices: o.Devices = None,
    rate: o.Rate = [],  # noqa: B006 - typer hands over a list of its own
    daily: o.Daily = None,
    gap: o.Gap = None,
    jitter: o.Jitter = None,
    rate_total: o.RateTotal = None,
    per_recipient: o.PerRecipient = None,
    window: o.Window = None,
    days: o.Days = None,
    expires: o.Expires = None,
    sandbox: o.Sandbox = False,
    sandbox_devices: o.SandboxDevices = 5,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Name every problem of a campaign file with its row and column, and preview its texts.

    Sends nothing. Tells how many devices can send, and how long it will take.

    Takes whatever `send` takes; what makes no difference here is only read.
    """
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    limits = pace.limits(rate, daily, gap, jitter, rate_total, per_recipient)
    hours = Schedule(pace.window(window, days), plan.expiry(expires), time.time())
    reading = plan.Reading(
        region, phone_column, message, template, media, media_root, require_consent, opt_out_footer
    )  # fmt: skip
    chosen = words.labels(devices)
    around = _surroundings(here, plan.campaign_name(campaign, name), chosen, sandbox_devices)
    with interruptible():
        checked = _judge(campaign, plan.file_options(reading, around.known), hours, rejected)
    warnings = (*checked.warnings, *around.warnings, *hours.warnings())
    good = checked.ok or (skip_bad_rows and all(each.skippable for each in checked.problems))
    checked = replace(checked, ok=good, warnings=warnings)
    outlook = _outlook(here, checked, around, limits, hours)
    if here.json:
        write_json({**_document(checked), "outlook": outlook})
    else:
        _show(here, checked, outlook, rejected)
    return ExitCode.OK if good else ExitCode.USAGE


def write_refusal(problem: str) -> None:
    """Print the document of a check that came to no file: an option is wrong, or the settings."""
    found = Problem(None, None, problem, skippable=False)
    write_json({**_document(Checked(False, 0, (found,), (), ())), "outlook": []})


def _surroundings(
    here: Scene, name: str, chosen: frozenset[DeviceId] | None, sandbox_devices: int
) -> Surroundings:
    # The file is judged by itself: a home that isn't there yet, or is out of order, is no problem
    # of the campaign's.
    paired = sandbox_devices if here.sandbox else 0  # `send` does so by itself
    if not (here.root / "waheal.db").exists():
        return Surroundings(frozenset(), paired, 0, 0)
    try:
        return _known(here, name, chosen, paired)
    except HomeUnusableError as error:
        left_out = Caution(None, None, f"the home is left out: {error.message}", error.hint)
        return Surroundings(None, 0, 0, 0, (left_out,))


def _known(here: Scene, name: str, chosen: frozenset[DeviceId] | None, paired: int) -> Surroundings:
    with here.ledger(readonly=True) as ledger:
        found = ledger.devices.all(time.time())
        labels = frozenset(device.label for device in found)
        ready = [
            device
            for device in found
            if device.state is DeviceState.READY and (chosen is None or device.label in chosen)
        ]
        campaign = ledger.campaigns.find(name)
        return Surroundings(
            known=labels,
            can_send=max(len(ready), paired),
            suppressed=sum(1 for _ in ledger.people.suppressed()),
            seen=0 if campaign is None else ledger.campaigns.tally(campaign.id).total,
            warnings=tuple(
                Caution(None, None, f"no device is called {label!r}", "`waheal devices list`")
                for label in sorted((chosen or frozenset()) - labels)
            ),
        )


def _judge(file: Path, choices: Choices, hours: Schedule, rejected: Path | None) -> Checked:
    checked = judge(file, choices, watch=hours.note)
    if rejected is not None:
        _reject(file, choices, checked, rejected)
    return checked


def _reject(file: Path, choices: Choices, checked: Checked, rejected: Path) -> None:
    try:
        write_rejected(open_campaign_file(file, choices), checked.problems, rejected)
    except OSError as error:
        raise UsageError(
            f"{rejected} can't be written: {error.strerror}", hint="name another file"
        ) from error


def _document(checked: Checked) -> dict[str, object]:
    return {
        "ok": checked.ok,
        "rows": checked.rows,
        "problems": [problem_fields(each) for each in checked.problems],
        "warnings": [problem_fields(each) for each in checked.warnings],
        "preview": [preview_fields(each) for each in checked.preview],
    }


def _show(here: Scene, checked: Checked, outlook: list[str], rejected: Path | None) -> None:
    findings: list[Problem | Caution] = [*checked.problems, *checked.warnings]
    if findings:
        show(problems_table(findings, most=len(findings) if here.verbose else _SHOWN))
    if here.quiet:
        return
    if checked.preview:
        show(preview(checked.preview))
    for line in outlook:
        say(line)
    if checked.problems and checked.ok:
        say(f"{count(len(checked.problems), 'problem')}: those rows are left out")
    elif checked.problems:
        say(f"error: the campaign does not check: {count(len(checked.problems), 'problem')}")
        if rejected is not None:
            say(f"{rejected} holds the rows with problems")
        else:
            say("hint: mend the rows, or send the others with --skip-bad-rows")


def _outlook(
    here: Scene, checked: Checked, around: Surroundings, limits: Limits, hours: Schedule
) -> list[str]:
    """Tell what is told apart from the file: devices, pace and time; none of it is judged."""
    lines = [f"{count(checked.rows, 'row')}, {count(checked.planned, 'recipient')}"]
    if checked.declined:
        lines.append(f"{checked.declined:,} without consent will be suppressed")
    if around.suppressed:
        lines.append(f"{count(around.suppressed, 'number')} opted out and will not be written to")
    if around.seen:
        lines.append(f"{count(around.seen, 'recipient')} of this campaign are known from before")
    lines.append(f"{count(around.can_send, 'device')} can send")
    written = checked.planned - checked.declined
    busy = estimate.seconds(written, around.can_send, limits, hours.window)
    took = None if busy is None else hours.wait + busy
    if took:
        lines.append(f"at the set pace{' and hours' * hours.limited} it takes {roughly(took)}")
    if took and hours.too_long(took):
        lines.append("warning: it is not over before --expires; who is left then gets nothing")
    if here.real and estimate.unlimited(limits):
        lines.append("warning: no rate is set; WhatsApp bans numbers that send fast, see --rate")
    return lines
