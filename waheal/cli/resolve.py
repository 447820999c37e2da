"""`waheal resolve`: the operator's word on what is left over; knows nothing of evidence."""

import time
from typing import Annotated

import typer

from waheal.cli import options as o
from waheal.cli.console import say, write_json
from waheal.cli.numbers import read_phone
from waheal.cli.scene import find_campaign, scene
from waheal.documents import tally_fields
from waheal.engine.past import settle_killed_runs
from waheal.errors import UsageError
from waheal.model import ExitCode, State
from waheal.records import Leftover, Resolution
from waheal.store.lock import HomeLock
from waheal.views import words


def resolve(
    campaign: Annotated[str, typer.Argument(help="Its name or its file.")],
    resend: o.Resend = False,
    accept: o.Accept = False,
    uncertain: o.Uncertain = False,
    failed: o.Failed = False,
    unreadable: o.Unreadable = False,
    phone: o.PhoneNumber = None,
    region: o.Region = None,
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Settle what is left over: send to them once more, or take them as sent.

    Those that may have left, unless --failed or --unreadable says otherwise; all of them, or
    --phone only. A suppressed number is never sent to.
    """
    which, how = _which(uncertain, failed, unreadable), _how(resend, accept)
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    number = None if phone is None else read_phone(phone, region)
    place = here.home()
    with HomeLock.acquire(place, what=f"waheal resolve {campaign}"), here.ledger(place) as ledger:
        settle_killed_runs(place, ledger, time.time())
        found = find_campaign(ledger, campaign)
        done = ledger.leftovers.resolve(
            found.id, which=which, how=how, phone=number, now=time.time()
        )
        tally = ledger.campaigns.tally(found.id)
    if here.json:
        write_json(
            {
                "campaign": found.name,
                "resolved": done.changed,
                "suppressed_kept": done.suppressed_kept,
                "running_kept": done.running_kept,
                **tally_fields(tally),
            }
        )
    elif not here.quiet:
        say(f"{words.count(done.changed, 'recipient')} resolved: {which}, {how}")
        if done.suppressed_kept:
            say(f"{done.suppressed_kept} kept: they opted out")
        if done.running_kept:
            say(f"{done.running_kept} kept: their call has not returned yet")
        if how is Resolution.RESEND and done.changed:
            say("next: run the same `waheal send` again")
    return ExitCode.LEFT_OVER if tally[State.UNCERTAIN] else ExitCode.OK


def _which(uncertain: bool, failed: bool, unreadable: bool) -> Leftover:
    if uncertain + failed + unreadable > 1:
        raise UsageError(
            "--uncertain, --failed and --unreadable exclude each other", hint="run it once for each"
        )
    if failed:
        return Leftover.FAILED
    return Leftover.UNREADABLE if unreadable else Leftover.UNCERTAIN


def _how(resend: bool, accept: bool) -> Resolution:
    if resend == accept:
        raise UsageError(
            "say what is to happen",
            hint="--resend sends to them once more, --accept takes them as sent",
        )
    return Resolution.RESEND if resend else Resolution.ACCEPT
