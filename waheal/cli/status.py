"""`waheal status`: where campaigns stand, beside a run too; knows nothing of sending."""

import time
from typing import Annotated

import typer

from waheal.cli import options as o
from waheal.cli.console import say, show, write_json
from waheal.cli.scene import Scene, find_campaign, scene
from waheal.documents import Fields, campaign_fields
from waheal.model import DeviceState, ExitCode
from waheal.records import Campaign, CampaignKind
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.views import words
from waheal.views.tables import campaign_status, status_table


def status(
    campaign: Annotated[
        str | None, typer.Argument(help="Its name or its file; all of them without.")
    ] = None,
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Where campaigns stand: every recipient in one state. Works beside a run."""
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    place = here.home()
    with here.ledger(place, readonly=True) as ledger:
        if campaign is not None:
            _show_one(here, ledger, find_campaign(ledger, campaign))
        else:
            _show_all(here, ledger)
        if not here.json and not here.quiet:
            _say_run(place)
            _say_devices(ledger)
    return ExitCode.OK


def _document(ledger: Ledger, campaign: Campaign) -> Fields:
    return campaign_fields(campaign, ledger.campaigns.tally(campaign.id))


def _show_one(here: Scene, ledger: Ledger, campaign: Campaign) -> None:
    if here.json:
        write_json(_document(ledger, campaign))
        return
    show(campaign_status(campaign, ledger.campaigns.tally(campaign.id), now=time.time()))


def _show_all(here: Scene, ledger: Ledger) -> None:
    campaigns = [each for each in ledger.campaigns.all() if each.kind == CampaignKind.CAMPAIGN]
    if here.json:
        write_json({"campaigns": [_document(ledger, each) for each in campaigns]})
    else:
        told = [(each, ledger.campaigns.tally(each.id)) for each in campaigns]
        show(status_table(told, now=time.time()))


def _say_run(place: Home) -> None:
    holder = HomeLock.holder(place)
    if holder is not None and holder.alive:
        say(f"{holder.what} (pid {holder.pid}) holds the home; `waheal stop` ends it gently")


def _say_devices(ledger: Ledger) -> None:
    now = time.time()
    out = [each for each in ledger.devices.all(now) if each.state is DeviceState.QUARANTINED]
    shown = 10
    for device in out[:shown]:
        until = "" if device.until is None else f", {words.until(device.until, now, None)}"
        say(f"device {device.label} is out: {device.reason}{until}")
    if len(out) > shown:
        say(f"and {words.count(len(out) - shown, 'more device')}: `waheal devices list`")
