"""`waheal devices`: pair, list, import, pause and remove devices."""

import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from waheal.acts import devices as acts
from waheal.acts.orders import Pacing
from waheal.cli import options as o
from waheal.cli.console import say, say_error, show, write_json, write_lines
from waheal.cli.scene import Scene, scene_of
from waheal.documents import DEVICE_FIELDS, device_fields
from waheal.events import PairingFailed
from waheal.model import DeviceId, ExitCode
from waheal.records import Device
from waheal.views.tables import devices_table
from waheal.views.words import count

Label = Annotated[str, typer.Argument(help="The device's label.")]
Labels = Annotated[list[str], typer.Argument(help="Labels of devices.")]
_MOST = 50


def list_devices(
    context: typer.Context,
    state: o.StateFilter = None,
    match: o.Match = None,
    rate: o.Rate = [],  # noqa: B006 - typer hands over a list of its own
    daily: o.Daily = None,
) -> int:
    """Label, number, state and why, last success, sent today; those that need you first.

    On a terminal the first 50 are shown, all with --verbose or --match.
    """
    here, now = scene_of(context), time.time()
    pace = Pacing(rate=rate, daily=daily)
    found = acts.list_devices(here.workspace, state=state, match=match, pace=pace)
    if here.json:
        write_json({"devices": [device_fields(each) for each in found.devices]})
    elif not sys.stdout.isatty():
        write_lines(["\t".join(DEVICE_FIELDS), *map(_plain, found.devices)])
    else:
        cut = not here.verbose and match is None
        show(
            devices_table(
                found.devices,
                now=now,
                daily=found.limit,
                nexts=found.next_at,
                most=_MOST if cut else None,
            )
        )
    return ExitCode.OK


def _plain(device: Device) -> str:
    """Give a line for other programs: thousands of them in no time."""
    values = device_fields(device).values()
    return "\t".join("" if value is None else str(value) for value in values)


def pair(
    context: typer.Context, labels: Labels, code: o.Code = None, region: o.Region = None
) -> int:
    """Pair devices, one after the other, by a QR code or by a code typed on the phone.

    On the phone: Settings, Linked devices, Link a device. A device that is paired already is left
    alone, so the same command can be run again; one that was logged out keeps its history.
    """
    # The engine is large, and the list, which scripts ask for often, needs nothing of it.
    from waheal.acts.pair import pair as pair_devices  # noqa: PLC0415
    from waheal.cli.codes import open_shown  # noqa: PLC0415

    here = scene_of(context)
    last = None
    with ExitStack() as stack:
        shown = stack.enter_context(open_shown(here))
        pairing = pair_devices(here.workspace, labels, code=code, region=region)
        for event in stack.enter_context(closing(pairing)):
            shown.show(event)
            last = event
    return ExitCode.SOME_FAILED if isinstance(last, PairingFailed) else ExitCode.OK


def import_devices(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A session database of neonize or whatsmeow (SQLite).")
    ],
) -> int:
    """Take over the sessions of another program's database; the file itself is only read.

    Any program on whatsmeow will do, such as one that knows passkeys.

    Stop whatever uses them first: two clients on one session replace each other. Each device is
    called by its number; one that is there already keeps its label and its history.
    """
    from waheal.acts import takeover  # noqa: PLC0415 - as in pair

    here = scene_of(context)
    labels = takeover.import_devices(here.workspace, file)
    if here.json:
        write_json({"imported": labels})
    elif not here.quiet:
        say(f"{count(len(labels), 'device')} imported; `waheal doctor --connect` tries them")
    return ExitCode.OK


def remove(context: typer.Context, label: Label, keep_session: o.KeepSession = False) -> int:
    """Log a device out and forget it; what it left in doubt is settled first.

    Its messages stay in the campaigns' records.
    """
    from waheal.acts.remove import remove as remove_device  # noqa: PLC0415 - as in pair

    here = scene_of(context)
    reason = remove_device(here.workspace, label, keep_session=keep_session)
    if reason is not None:
        say_error(
            f"{label} could not be logged out: {reason}",
            "unlink it on its phone, then remove it with --keep-session",
        )
        return ExitCode.LEFT_OVER
    return _told(here, [DeviceId(label)], "removed")


def pause(context: typer.Context, labels: Labels) -> int:
    """Send nothing more through these devices; also reaches a run that is under way."""
    here = scene_of(context)
    return _told(here, acts.pause(here.workspace, labels), "paused")


def resume(context: typer.Context, labels: Labels) -> int:
    """Use these devices again, also before their quarantine is over."""
    here = scene_of(context)
    return _told(here, acts.resume(here.workspace, labels), "used again")


def _told(here: Scene, labels: list[DeviceId], what: str) -> ExitCode:
    if here.json:
        write_json({"devices": labels})
    elif not here.quiet:
        say(f"{', '.join(labels)}: {what}")
    return ExitCode.OK
