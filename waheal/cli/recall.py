"""`waheal recall`: takes back for everyone what a campaign sent."""

from typing import Annotated

import typer

from waheal.acts.parsing import AUTO
from waheal.acts.recalling import ErrandOrder
from waheal.acts.recalling import recall as begin
from waheal.acts.wishes import Bounds, Machinery, Pacing, ReplyWords
from waheal.cli import options as o
from waheal.cli.completion import campaigns
from waheal.cli.scene import scene_of
from waheal.cli.send import follow

_BOUNDS = Bounds()  # what holds where nobody says otherwise


def recall(
    context: typer.Context,
    campaign: Annotated[
        str, typer.Argument(help="Its name or its file.", autocompletion=campaigns)
    ],
    phone: o.PhoneNumber = None,
    region: o.Region = None,
    device: o.OfDevice = None,
    state: o.OfState = None,
    yes: o.Yes = False,
    stop_words: o.StopWords = [],  # noqa: B006 - typer hands over a list of its own
    start_words: o.StartWords = [],  # noqa: B006 - likewise
    keep_replies: o.KeepReplies = False,
    senders: o.Senders = AUTO,
    hosts: o.Hosts = AUTO,
    max_open: o.MaxOpen = AUTO,
    rate: o.Rate = [],  # noqa: B006 - likewise
    daily: o.Daily = None,
    gap: o.Gap = None,
    jitter: o.Jitter = None,
    rate_total: o.RateTotal = None,
    burst: o.Burst = False,
    max_runtime: o.MaxRuntime = None,
    max_wait: o.MaxWait = _BOUNDS.max_wait,
    ledger_wait: o.LedgerWait = _BOUNDS.ledger_wait,
    show_numbers: o.ShowNumbers = False,
) -> int:
    """Take back for everyone what a campaign sent, through the devices that sent it.

    All of it, or what --phone, --device and --state say. WhatsApp allows it
    for 60 hours. A run of the campaign is asked to end first.

    Safe to interrupt and to run again: nothing that was taken back is taken back twice.
    """
    here = scene_of(context)
    pace = Pacing(rate, daily, None, None, gap, jitter, rate_total, burst=burst)
    order = ErrandOrder(
        campaign,
        phone=phone,
        region=region,
        devices=device,
        states=state,
        pace=pace,
        bounds=Bounds(max_runtime=max_runtime, max_wait=max_wait, ledger_wait=ledger_wait),
        machinery=Machinery(senders, hosts, max_open),
        replies=ReplyWords(stop_words, start_words),
        show_numbers=show_numbers,
        keep_replies=keep_replies,
    )
    return follow(here, begin(here.workspace, order), pace, ask=not yes, show_numbers=show_numbers)
