"""`waheal status`: where campaigns stand, beside a run too."""

import time
from collections.abc import Sequence
from typing import Annotated

import typer

from waheal.acts.orders import Pacing
from waheal.acts.status import home_status
from waheal.cli import options as o
from waheal.cli.completion import campaigns
from waheal.cli.console import say, show, write_json
from waheal.cli.scene import scene_of
from waheal.documents import campaign_fields, device_fields
from waheal.model import DeviceState, ExitCode
from waheal.records import Device
from waheal.views import words
from waheal.views.tables import campaign_status, status_table

_SHOWN = 10


def status(
    context: typer.Context,
    campaign: Annotated[
        str | None,
        typer.Argument(help="Its name or its file; all without.", autocompletion=campaigns),
    ] = None,
    new_chats: o.NewChats = None,
    ramp: o.Ramp = None,
) -> int:
    """Where campaigns stand: every recipient in one state. Works beside a run."""
    here, now = scene_of(context), time.time()
    told = home_status(here.workspace, campaign, pace=Pacing(new_chats=new_chats, ramp=ramp))
    fields = [campaign_fields(each.campaign, each.tally, each.stop) for each in told.campaigns]
    running = told.holder is not None and told.holder.alive
    if here.json:
        devices = [device_fields(each) for each in told.devices if _has_to_be_told(each, now)]
        write_json({"campaigns": fields, "devices": devices} if campaign is None else fields[0])
        return ExitCode.OK
    if campaign is None:
        show(status_table([(each.campaign, each.tally) for each in told.campaigns], now=now))
    else:
        (one,) = told.campaigns
        show(campaign_status(one.campaign, one.tally, now=now, stop=one.stop, running=running))
    if not here.quiet:
        if told.holder is not None and running:
            who = f"{told.holder.what} (pid {told.holder.pid})"
            say(f"{who} holds the home; `waheal stop` ends it gently")
        _say_devices(told.devices, now)
    return ExitCode.OK


def _has_to_be_told(device: Device, now: float) -> bool:
    return device.bare or _limited(device, now) is not None


def _say_devices(devices: Sequence[Device], now: float) -> None:
    """Tell the devices that are out, those that begin no new chat, or soon, and bare ones."""
    told = [line for device in devices if (line := _limited(device, now)) is not None]
    for line in told[:_SHOWN]:
        say(f"device {line}")
    if len(told) > _SHOWN:
        say(f"and {words.count(len(told) - _SHOWN, 'more device')}: `waheal devices list`")
    bare = [device.label for device in devices if device.bare and not device.unlinked]
    if bare:
        more = f" and {len(bare) - _SHOWN:,} more" if len(bare) > _SHOWN else ""
        names = f"{', '.join(bare[:_SHOWN])}{more}"
        say(f"first messages go without a token from {names}; `waheal doctor` tells what helps")


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
