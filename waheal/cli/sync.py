"""`waheal sync`: take what has come meanwhile, and settle what it proves; sends nothing."""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing

import typer

from waheal.acts.parsing import AUTO
from waheal.acts.sync import Syncing, SyncOrder
from waheal.acts.sync import sync as begin
from waheal.acts.wishes import Machinery, ReplyWords
from waheal.cli import options as o
from waheal.cli.console import say_error, talk_on, write_json
from waheal.cli.scene import Scene, scene_of
from waheal.cli.signals import draining
from waheal.events import KeyLost, Paused
from waheal.records import Device
from waheal.views.opening import open_view
from waheal.views.preparing import KEY_LOST
from waheal.views.talk import Talk
from waheal.views.words import count, held

_NAMED = 3  # devices that were not asked


def sync(
    context: typer.Context,
    seconds: o.For = "60s",
    devices: o.Devices = None,
    stop_words: o.StopWords = [],  # noqa: B006 - typer hands over a list of its own
    start_words: o.StartWords = [],  # noqa: B006 - likewise
    max_open: o.MaxOpen = AUTO,
    keep_replies: o.KeepReplies = False,
    show_numbers: o.ShowNumbers = False,
) -> int:
    """Connect the devices, collect receipts and replies, settle what is in doubt, disconnect.

    All devices that have something to expect, or --devices only.

    It listens for so long once every device has answered.
    """
    here = scene_of(context)
    syncing = begin(
        here.workspace,
        SyncOrder(
            seconds,
            devices,
            ReplyWords(stop_words, start_words),
            Machinery(senders=1, hosts=1, max_open=max_open),
            show_numbers,
            keep_replies,
        ),
    )
    with closing(talk_on(sys.stderr)) as talk:
        _follow(here, syncing, talk, show_numbers=show_numbers)
        _tell(here, syncing, talk)
    return syncing.exit_code


def _follow(here: Scene, syncing: Syncing, talk: Talk, *, show_numbers: bool) -> None:
    with ExitStack() as stack:
        view = None
        if not here.json:
            view = stack.enter_context(open_view(here.view, talk, show_numbers=show_numbers))
        stack.enter_context(draining(lambda _: syncing.stop(), syncing.stop))
        for event in syncing:
            if isinstance(event, KeyLost):
                if not here.quiet:
                    talk.say(f"{KEY_LOST}\n")
            elif isinstance(event, Paused):  # it ends for that
                say_error(event.reason, event.way_out)
            elif view is not None:
                view.show(event)


def _tell(here: Scene, syncing: Syncing, talk: Talk) -> None:
    if here.json:
        write_json(
            {
                "devices": syncing.devices,
                "not_asked": [device.label for device in syncing.not_asked],
                "receipts": syncing.receipts,
                "replies": syncing.replies,
                "opt_outs": syncing.opt_outs,
                "uncertain": syncing.uncertain,
            }
        )
    elif not here.quiet:
        if syncing.not_asked:
            talk.say(f"{_not_asked(syncing.not_asked)}\n")
        talk.say(
            f"{count(syncing.devices, 'device')} asked: {count(syncing.receipts, 'receipt')},"
            f" {count(syncing.replies, 'reply', 'replies')}, {count(syncing.opt_outs, 'opt-out')};"
            f" {syncing.uncertain} uncertain\n"
        )


def _not_asked(devices: Sequence[Device]) -> str:
    now = time.time()
    named = ", ".join(f"{each.label} ({held(each, now, None)})" for each in devices[:_NAMED])
    more = f" and {len(devices) - _NAMED:,} more" if len(devices) > _NAMED else ""
    return f"not asked: {named}{more}; what is written to them comes once they log in again"
