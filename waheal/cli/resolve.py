"""`waheal resolve`: the operator's word on what is left over."""

from typing import Annotated

import typer

from waheal.acts import resolve as acts
from waheal.acts.numbers import read_phone
from waheal.cli import options as o
from waheal.cli.completion import campaigns
from waheal.cli.console import say, write_json
from waheal.cli.scene import scene_of
from waheal.documents import tally_fields
from waheal.errors import UsageError
from waheal.model import ErrandKind, ExitCode, State
from waheal.records import Leftover, Resolution
from waheal.views import words


def resolve(
    context: typer.Context,
    campaign: Annotated[
        str, typer.Argument(help="Its name or its file.", autocompletion=campaigns)
    ],
    resend: o.Resend = False,
    accept: o.Accept = False,
    uncertain: o.Uncertain = False,
    failed: o.Failed = False,
    unreadable: o.Unreadable = False,
    phone: o.PhoneNumber = None,
    region: o.Region = None,
) -> int:
    """Settle what is left over: send to them once more, or take them as sent.

    Those that may have left, unless --failed or --unreadable says otherwise; all of them, or
    --phone only. A suppressed number is never sent to.
    """
    which, how = _which(uncertain, failed, unreadable), _how(resend, accept)
    here = scene_of(context)
    number = None if phone is None else read_phone(phone, region)
    told = acts.resolve(here.workspace, campaign, how, which=which, phone=number)
    done = told.done
    if here.json:
        write_json(
            {
                "campaign": told.campaign,
                "resolved": done.changed,
                "suppressed_kept": done.suppressed_kept,
                "running_kept": done.running_kept,
                **tally_fields(told.tally),
            }
        )
    elif not here.quiet:
        say(f"{words.count(done.changed, 'recipient')} resolved: {which}, {how}")
        if done.suppressed_kept:
            say(f"{done.suppressed_kept} kept: they opted out")
        if done.running_kept:
            say(f"{done.running_kept} kept: their call has not returned yet, as far as is known")
        if how is Resolution.RESEND and done.changed:
            verb = told.kind if told.kind in set(ErrandKind) else "send"
            say(f"next: run the same `waheal {verb}` again")
    return ExitCode.LEFT_OVER if told.tally[State.UNCERTAIN] else ExitCode.OK


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
