"""`waheal status`: where campaigns stand, beside a run too."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from waheal.acts.status import HomeStatus, home_status
from waheal.acts.wishes import Pacing
from waheal.cli import options as o
from waheal.cli.completion import campaigns
from waheal.cli.console import drawn, say, show, talk_on, write_json
from waheal.cli.scene import scene_of
from waheal.cli.typed import typed
from waheal.documents import campaign_fields, device_fields, errand_fields, poll_fields
from waheal.errors import UsageError
from waheal.model import DeviceState, ExitCode
from waheal.records import Device
from waheal.views import words
from waheal.views.opening import pad_for
from waheal.views.screen import Screen
from waheal.views.tables import campaign_status, status_table

_SHOWN = 10
_EVERY = 2.0  # seconds between two looks


def status(
    context: typer.Context,
    campaign: Annotated[
        str | None,
        typer.Argument(help="Its name or its file; all without.", autocompletion=campaigns),
    ] = None,
    new_chats: o.NewChats = None,
    ramp: o.Ramp = None,
    watch: o.Watch = False,
) -> int:
    """Where campaigns stand: every recipient in one state. Works beside a run.

    With --watch, again every two seconds until no run is under way.
    """
    here = scene_of(context)
    look = partial(
        home_status, here.workspace, campaign, pace=Pacing(new_chats=new_chats, ramp=ramp)
    )
    if watch:
        if here.json or not sys.stdout.isatty():
            raise UsageError("--watch needs a terminal", hint="leave it out to look once")
        _watch(look, whole=campaign is None)
        return ExitCode.OK
    told, now = look(), time.time()
    if here.json:
        fields = [
            {
                **campaign_fields(each.campaign, each.tally, each.stop, each.running),
                **errand_fields(each.errands),
                **poll_fields(each.poll.votes, each.poll.voters),
            }
            for each in told.campaigns
        ]
        devices = [device_fields(each) for each in told.devices if _has_to_be_told(each, now)]
        write_json({"campaigns": fields, "devices": devices} if campaign is None else fields[0])
        return ExitCode.OK
    show(_drawn(told, now, whole=campaign is None))
    if not here.quiet:
        if told.holder is not None and told.holder.alive:
            who = f"{told.holder.what} (pid {told.holder.pid})"
            say(f"{who} holds the home; `waheal stop` ends it gently")
        for line in _devices(told.devices, now):
            say(line)
    return ExitCode.OK


def _drawn(told: HomeStatus, now: float, *, whole: bool) -> RenderableType:
    if whole:
        return status_table(
            [(each.campaign, each.tally) for each in told.campaigns], now=now, reword=typed
        )
    (one,) = told.campaigns
    held = told.holder is not None and told.holder.alive
    return campaign_status(
        one.campaign,
        one.tally,
        now=now,
        stop=one.stop,
        running=one.running,
        held=held,
        errands=one.errands,
        poll=one.poll,
        reword=typed,
    )


def _watch(look: Callable[[], HomeStatus], *, whole: bool) -> None:
    """Look again every two seconds, in place, until no run is under way any more."""
    with closing(talk_on(sys.stdout)) as talk:
        screen = Screen(pad_for(talk.stream), talk)
        while True:
            told, now = look(), time.time()
            picture = drawn(_drawn(told, now, whole=whole), talk.stream)
            lines = [*picture.splitlines(), *_devices(told.devices, now)]
            screen.draw(map(Text.from_ansi, lines))
            if told.holder is None or not told.holder.alive:
                break
            time.sleep(_EVERY)
        screen.leave()


def _has_to_be_told(device: Device, now: float) -> bool:
    return device.bare or _limited(device, now) is not None


def _devices(devices: Sequence[Device], now: float) -> Iterator[str]:
    """Tell the devices that are out, those that begin no new chat, or soon, and bare ones."""
    told = [line for device in devices if (line := _limited(device, now)) is not None]
    yield from (f"device {line}" for line in told[:_SHOWN])
    if len(told) > _SHOWN:
        yield f"and {words.count(len(told) - _SHOWN, 'more device')}: `waheal devices list`"
    bare = [device.label for device in devices if device.bare and not device.unlinked]
    if bare:
        more = f" and {len(bare) - _SHOWN:,} more" if len(bare) > _SHOWN else ""
        names = f"{', '.join(bare[:_SHOWN])}{more}"
        yield f"first messages go without a token from {names}; `waheal doctor` tells what helps"


def _limited(device: Device, now: float) -> str | None:
    if device.state is DeviceState.QUARANTINED:
        until = "" if device.until is None else f", {words.until(device.until, now, None)}"
        return f"{device.label} is out: {device.reason}{until}"
    if device.chats_from is not None:
        until = words.until(device.chats_from, now, None)
        return f"{device.label} begins no new chat {until}: {device.chats_why}"
    if device.budget is not None and device.budget_from is not None:
        until = words.until(device.budget_from, now, None)
        return f"{device.label} begins no new chat {until}: {words.budget(device.budget)}"
    if device.quota is not None:
        used, total = device.quota
        return f"{device.label} has used {used:,} of {total:,} new chats, as WhatsApp warns"
    return None
