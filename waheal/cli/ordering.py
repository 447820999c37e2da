"""The options of `send`, which `check` takes too: said once, and made one order of."""

from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import typer
from typer.core import TyperOption

from waheal.acts.orders import Reading, SendOrder
from waheal.acts.parsing import AUTO
from waheal.acts.wishes import Bounds, Machinery, Pacing, ReplyWords, Route
from waheal.cli import options as o
from waheal.cli.common import CampaignCommand
from waheal.cli.help_words import in_plain_words
from waheal.cli.scene import scene_of

if TYPE_CHECKING:
    from typer._click.core import Context, Parameter  # typer says them nowhere else

_BOUNDS = Bounds()  # what holds where nobody says otherwise
_KEPT = "waheal.asked"

# What a check has no word on beyond whether it can be read, and whether it would be refused.
_ASIDE = frozenset(
    {
        "stop_words", "start_words", "keep_replies", "same", "test_to", "dry_run", "yes", "senders",
        "hosts", "max_open", "sticky", "failover", "limit", "max_runtime", "until",
        "pause_after_errors", "max_tries", "max_wait", "ledger_wait", "metrics", "on_end",
        "show_numbers",
        "detach",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanting:
    """What the options of `send` ask for. `yes`: it is not to ask before it sends."""

    order: SendOrder
    yes: bool


def ask(
    campaign: o.CampaignFile,
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
    stop_words: o.StopWords = [],  # noqa: B006 - typer hands over a list of its own
    start_words: o.StartWords = [],  # noqa: B006 - likewise
    keep_replies: o.KeepReplies = False,
    same: o.Same = False,
    test_to: o.TestTo = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    devices: o.Devices = None,
    senders: o.Senders = AUTO,
    hosts: o.Hosts = AUTO,
    max_open: o.MaxOpen = AUTO,
    sticky: o.Sticky = True,
    failover: o.Failover = True,
    rate: o.Rate = [],  # noqa: B006 - likewise
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
    start: o.Start = None,
    limit: o.Limit = None,
    max_runtime: o.MaxRuntime = None,
    until: o.Until = None,
    pause_after_errors: o.PauseAfterErrors = None,
    max_tries: o.MaxTries = _BOUNDS.max_tries,
    max_wait: o.MaxWait = _BOUNDS.max_wait,
    ledger_wait: o.LedgerWait = _BOUNDS.ledger_wait,
    metrics: o.Metrics = None,
    on_end: o.OnEnd = None,
    detach: o.Detach = False,
    show_numbers: o.ShowNumbers = False,
) -> Wanting:
    """Make an order of the options."""
    order = SendOrder(
        campaign, name,
        Reading(
            region, phone_column, message, template, media, media_root, require_consent,
            opt_out_footer, international, message_column, no_message_column, encoding, zone, sheet,
            hidden_rows, kind, preview, fetch_preview, no_preview,
        ),
        Pacing(rate, daily, new_chats, ramp, gap, jitter, rate_total, per_recipient, window, days,
               expires, burst),
        Route(devices, sticky, failover),
        Bounds(limit, max_runtime, until, pause_after_errors, max_tries, max_wait, start,
               ledger_wait),
        Machinery(senders, hosts, max_open), ReplyWords(stop_words, start_words),
        skip_bad_rows, same, dry_run, test_to,
        show_numbers=show_numbers, keep_replies=keep_replies, metrics=metrics, on_end=on_end,
        detach=detach,
    )  # fmt: skip
    return Wanting(order, yes)


def asked_of(context: typer.Context) -> Wanting:
    """Give what the command that is being run was asked for."""
    asked: object = context.meta[_KEPT]
    if not isinstance(asked, Wanting):
        raise TypeError(context.command_path)  # its class is none of those below
    devices = scene_of(context).sandbox_devices
    return replace(asked, order=replace(asked.order, sandbox_devices=devices))


@cache
def _parameters() -> "tuple[Parameter, ...]":
    app = typer.Typer(add_completion=False)
    app.command()(ask)
    return tuple(typer.main.get_command(app).params)


class OrderCommand(CampaignCommand):
    """Takes the options of `send`, beside its own."""

    def get_params(self, ctx: "Context") -> "list[Parameter]":
        """Give the options of `send`, and then its own and the common ones."""
        return [*in_plain_words(_parameters()), *super().get_params(ctx)]

    def invoke(self, ctx: "Context") -> object:
        """Make an order of the options, and call the command with its own."""
        names = [str(each.name) for each in _parameters()]
        ctx.meta[_KEPT] = ask(**{name: ctx.params.pop(name) for name in names})
        return super().invoke(ctx)


class Swappable(OrderCommand):
    """Takes whatever `send` takes, so that the verb can be swapped; names what it reckons with."""

    def get_params(self, ctx: "Context") -> "list[Parameter]":
        """Give the same, without a word of those that it only reads."""
        return [
            _hidden(each) if isinstance(each, TyperOption) and each.name in _ASIDE else each
            for each in super().get_params(ctx)
        ]


def _hidden(option: TyperOption) -> TyperOption:
    """Give one that does the same and is not shown; that of `send` is."""
    quiet = copy(option)
    quiet.hidden = True
    return quiet
