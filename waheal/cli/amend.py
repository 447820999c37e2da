"""`waheal amend`: gives texts that a campaign sent another wording."""

from typing import Annotated

import typer

from waheal.acts.orders import Reading
from waheal.acts.parsing import AUTO
from waheal.acts.recalling import ErrandOrder
from waheal.acts.recalling import recall as begin
from waheal.acts.wishes import Bounds, Machinery, Pacing, ReplyWords
from waheal.cli import options as o
from waheal.cli.completion import campaigns
from waheal.cli.scene import scene_of
from waheal.cli.send import follow
from waheal.model import ErrandKind

_BOUNDS = Bounds()  # what holds where nobody says otherwise


def amend(
    context: typer.Context,
    campaign: Annotated[
        str, typer.Argument(help="Its name or its file.", autocompletion=campaigns)
    ],
    message: o.NewText = None,
    template: o.NewTemplate = None,
    phone: o.PhoneNumber = None,
    region: o.Region = None,
    device: o.OfDevice = None,
    state: o.OfState = None,
    international: o.International = False,
    phone_column: o.PhoneColumn = None,
    encoding: o.Encoding = None,
    sheet: o.Sheet = None,
    hidden_rows: o.HiddenRows = False,
    skip_bad_rows: o.SkipBadRows = False,
    opt_out_footer: o.OptOutFooter = None,
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
    """Give the texts that a campaign sent another wording.

    Through the devices that sent them. WhatsApp allows it for 15 minutes. Where
    the text has variables, the campaign's file is read for them, as `send`
    reads it. A run of the campaign is asked to end first.

    Safe to interrupt and to run again: no text is amended twice to the same.
    """
    here = scene_of(context)
    pace = Pacing(rate, daily, None, None, gap, jitter, rate_total, burst=burst)
    reading = Reading(
        region, phone_column, message, template, opt_out_footer=opt_out_footer,
        international=international, encoding=encoding, sheet=sheet, hidden_rows=hidden_rows,
    )  # fmt: skip
    order = ErrandOrder(
        campaign, ErrandKind.AMEND, phone, region, device, state, reading, skip_bad_rows, pace,
        Bounds(max_runtime=max_runtime, max_wait=max_wait, ledger_wait=ledger_wait),
        Machinery(senders, hosts, max_open), ReplyWords(stop_words, start_words), show_numbers,
        keep_replies,
    )  # fmt: skip
    return follow(here, begin(here.workspace, order), pace, ask=not yes, show_numbers=show_numbers)
