"""`waheal send`: wires a campaign file, the ledger, a run and a view together."""

import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from waheal.campaign.campaign_file import open_campaign_file
from waheal.cli import options as o
from waheal.cli import pace, plan, words
from waheal.cli.attach import attached, pair_missing
from waheal.cli.console import say, show
from waheal.cli.enrolling import Rows, enroll
from waheal.cli.numbers import read_phone
from waheal.cli.running import Bounds, Machinery, Route, run_settings, show_run, view_for, view_kind
from waheal.cli.scene import Scene, scene, see_they_are_known, warn_of_new_key
from waheal.cli.signals import interruptible
from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.errors import UsageError
from waheal.events import RunFinished, RunStarted
from waheal.findings import Preview
from waheal.model import DeviceId, ExitCode, Phone, Planned, State
from waheal.policy.optout import Words
from waheal.records import Campaign, CampaignKind, Tally
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.views.bubbles import preview
from waheal.views.live import PROMISE
from waheal.views.view import ViewKind
from waheal.views.words import count, day

_PREVIEWED = 3


@dataclass(frozen=True, slots=True)
class Order:
    """What is to become of the file, beside how it is read."""

    file: Path
    expires: float | None
    skip_bad_rows: bool
    same: bool
    dry_run: bool
    test_to: Phone | None
    yes: bool
    show_numbers: bool
    sandbox_devices: int
    words: Words


class _RolledBack(Exception):  # noqa: N818 - the way a dry run ends, no error
    """A dry run's transaction is over."""


def send(
    campaign: o.CampaignFile,
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
    stop_words: o.StopWords = [],  # noqa: B006 - typer hands over a list of its own
    start_words: o.StartWords = [],  # noqa: B006 - likewise
    same: o.Same = False,
    test_to: o.TestTo = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    devices: o.Devices = None,
    senders: o.Senders = 32,
    hosts: o.Hosts = 1,
    max_open: o.MaxOpen = 1000,
    sticky: o.Sticky = True,
    failover: o.Failover = True,
    rate: o.Rate = [],  # noqa: B006 - likewise
    daily: o.Daily = None,
    gap: o.Gap = None,
    jitter: o.Jitter = None,
    rate_total: o.RateTotal = None,
    per_recipient: o.PerRecipient = None,
    window: o.Window = None,
    days: o.Days = None,
    expires: o.Expires = None,
    limit: o.Limit = None,
    max_runtime: o.MaxRuntime = None,
    until: o.Until = None,
    pause_after_errors: o.PauseAfterErrors = None,
    max_tries: o.MaxTries = 3,
    max_wait: o.MaxWait = "15m",
    sandbox: o.Sandbox = False,
    sandbox_devices: o.SandboxDevices = 5,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    show_numbers: o.ShowNumbers = False,
) -> int:
    """Send a campaign, or go on where the last run stopped.

    Safe to interrupt and to run again: nobody already sent to is sent to twice.
    """
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    limits = pace.limits(rate, daily, gap, jitter, rate_total, per_recipient)
    settings = run_settings(
        plan.campaign_name(campaign, name),
        Machinery(senders, hosts, max_open),
        Route(words.labels(devices), sticky, failover, limits, pace.window(window, days)),
        Bounds(limit, max_runtime, until, pause_after_errors, max_tries, max_wait),
    )
    reading = plan.Reading(
        region, phone_column, message, template, media, media_root, require_consent, opt_out_footer
    )  # fmt: skip
    order = Order(
        campaign.absolute(), plan.expiry(expires), skip_bad_rows, same, dry_run,
        None if test_to is None else read_phone(test_to, region),
        yes, show_numbers, sandbox_devices, Words(stop_words, start_words),
    )  # fmt: skip
    with interruptible():
        return _send(here, order, reading, settings)


def _send(here: Scene, order: Order, reading: plan.Reading, settings: RunSettings) -> ExitCode:
    place = here.home()
    if not order.file.is_file():
        raise UsageError(f"there is no file {order.file}", hint="name a CSV or .xlsx file")
    with ExitStack() as stack:
        lock = stack.enter_context(HomeLock.acquire(place, what=f"waheal send {settings.campaign}"))
        ledger = stack.enter_context(here.ledger(place))
        warn_of_new_key(here, place, ledger)
        if order.dry_run:
            return _dry_run(here, ledger, order, reading, settings)
        target = stack.enter_context(attached(here, place, ledger))
        if here.sandbox:
            pair_missing(here, place, ledger, target, order.sandbox_devices)
        settings = replace(settings, host=replace(settings.host, trust=target.trust))
        rows = _rows(ledger, order, reading, settings)
        settings = _enrolled(here, ledger, order, rows, settings)
        if not _allowed(here, ledger, order, settings):
            say("nothing was sent")
            return ExitCode.LEFT_OVER
        return _run(here, place, lock, ledger, order, settings)


def _rows(ledger: Ledger, order: Order, reading: plan.Reading, settings: RunSettings) -> Rows:
    known = frozenset(device.label for device in ledger.devices.all(time.time()))
    see_they_are_known(settings.devices, known)
    file = open_campaign_file(order.file, plan.file_options(reading, known))
    return Rows(file, order.skip_bad_rows, order.expires)


def _enrolled(
    here: Scene, ledger: Ledger, order: Order, rows: Rows, settings: RunSettings
) -> RunSettings:
    """Bring the ledger up to the file, or to the one test message."""
    now = time.time()
    if order.test_to is None:
        with ledger.transaction():  # a file that does not check leaves no campaign behind
            campaign = ledger.campaigns.open(
                settings.campaign, str(order.file), now, same=order.same
            )
            enroll(ledger, campaign, rows, quiet=here.quiet or here.json)
        _say_if_done(here, ledger, campaign)
        return settings
    name = f"{settings.campaign} (test {day(now, None)}, {now % 60:.3f})"
    campaign = ledger.campaigns.open(name, str(order.file), now, kind=CampaignKind.TEST)
    ledger.enrolment.enroll(campaign.id, [_test_row(rows, order.test_to)], now=now, digest=None)
    return replace(settings, campaign=name, window=None)


def _test_row(rows: Rows, number: Phone) -> Planned:
    first = next(rows.first(), None)
    if first is None:
        raise UsageError("no row of the file can be sent", hint="see why with `waheal check`")
    return Planned(row=first.row, phone=number, content=first.content)


def _say_if_done(here: Scene, ledger: Ledger, campaign: Campaign) -> None:
    tally = ledger.campaigns.tally(campaign.id)
    if tally[State.PENDING] or tally[State.SENDING] or here.quiet or campaign.last_run is None:
        return
    if uncertain := tally[State.UNCERTAIN]:
        say(f"{count(uncertain, 'recipient')} uncertain: `waheal resolve {campaign.name}`")
    since = campaign.finished or campaign.last_run
    say(f"nothing to do since {day(since, None)}: nobody is left to send to")


def _allowed(here: Scene, ledger: Ledger, order: Order, settings: RunSettings) -> bool:
    if not here.real or order.yes or not sys.stdin.isatty():
        return True
    campaign = ledger.campaigns.find(settings.campaign)
    pending = 0 if campaign is None else ledger.campaigns.tally(campaign.id)[State.PENDING]
    if not pending:
        return True
    devices = len(_usable(ledger, settings.devices))
    return typer.confirm(
        f"Send to {count(pending, 'real recipient')} through {count(devices, 'device')}?",
        default=False,
        err=True,
    )


def _usable(ledger: Ledger, chosen: frozenset[DeviceId] | None) -> list[DeviceId]:
    labels = [device.label for device in ledger.devices.all(time.time())]
    return [label for label in labels if chosen is None or label in chosen]


def _run(
    here: Scene, place: Home, lock: HomeLock, ledger: Ledger, order: Order, settings: RunSettings
) -> ExitCode:
    if here.verbose and not here.json:
        say(f"home {place.root}, log {place.logs / 'waheal.log'}")
    if view_kind(here) is ViewKind.PLAIN:
        say(PROMISE)  # the live view says it itself
    run = Run(place, lock, ledger, settings, words=order.words, zone=words.machine_zone())
    return show_run(here, place, run, show_numbers=order.show_numbers)


def _dry_run(
    here: Scene, ledger: Ledger, order: Order, reading: plan.Reading, settings: RunSettings
) -> ExitCode:
    rows = _rows(ledger, order, reading, settings)
    tally = Tally()
    with suppress(_RolledBack), ledger.transaction():
        campaign = ledger.campaigns.open(
            settings.campaign, str(order.file), time.time(), same=order.same
        )
        enroll(ledger, campaign, rows, quiet=here.quiet or here.json)
        tally = ledger.campaigns.tally(campaign.id)
        first = ledger.work.due(campaign.id, None, time.time(), _PREVIEWED, exclude=frozenset())
        raise _RolledBack
    if here.json:
        devices = len(_usable(ledger, settings.devices))
        with view_for(here, show_numbers=False) as view:
            view.show(RunStarted(settings.campaign, tally.total, tally[State.PENDING], devices))
            view.show(RunFinished(tally, 0.0, ExitCode.OK))
    else:
        show(preview(Preview(due.row, due.phone, due.content) for due in first))
        say(f"would send to {count(tally[State.PENDING], 'recipient')}; nothing was sent")
    return ExitCode.OK
