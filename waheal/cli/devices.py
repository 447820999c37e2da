"""`waheal devices`: pair, list, import, move, pause and remove devices."""

import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from waheal.acts import devices as acts
from waheal.acts.selection import Selection
from waheal.acts.wishes import Pacing, ReplyWords
from waheal.cli import options as o
from waheal.cli.completion import labels as labels_known
from waheal.cli.console import say, say_error, show, write_json, write_lines
from waheal.cli.scene import Scene, scene_of
from waheal.cli.typed import typed
from waheal.documents import DEVICE_FIELDS, device_fields
from waheal.errors import UsageError
from waheal.events import PairingFailed
from waheal.model import DeviceId, ExitCode
from waheal.records import Device
from waheal.views.tables import devices_table
from waheal.views.words import count

Label = Annotated[str, typer.Argument(help="The device's label.", autocompletion=labels_known)]
Labels = Annotated[list[str], typer.Argument(help="Labels of devices.")]
SomeLabels = Annotated[
    list[str] | None,
    typer.Argument(
        help="Labels of devices; else --match or --all.",
        show_default=False,
        autocompletion=labels_known,
    ),
]
_MOST = 50  # devices in a list on a terminal
_NAMED = 10  # devices in a line of talk


def list_devices(
    context: typer.Context,
    state: o.StateFilter = None,
    match: o.Match = None,
    needs_me: o.NeedsMe = False,
    sort: o.Sort = None,
    rate: o.Rate = [],  # noqa: B006 - typer hands over a list of its own
    daily: o.Daily = None,
    new_chats: o.NewChats = None,
    ramp: o.Ramp = None,
    burst: o.Burst = False,
) -> int:
    """Label, number, state and why, last success, sent today; those that need you first.

    On a terminal the first 50 are shown, all with --verbose or --match. Elsewhere, and in JSON,
    they stand by label.
    """
    here, now = scene_of(context), time.time()
    on_terminal = sys.stdout.isatty() and not here.json
    found = acts.list_devices(
        here.workspace,
        state=state,
        match=match,
        needs_me=needs_me,
        sort=sort or ("need" if on_terminal else "label"),
        pace=Pacing(rate=rate, daily=daily, new_chats=new_chats, ramp=ramp, burst=burst),
    )
    if here.json:
        write_json({"devices": [device_fields(each) for each in found.devices]})
    elif not on_terminal:
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
                reword=typed,
            )
        )
    return ExitCode.OK


def _plain(device: Device) -> str:
    """Give a line for other programs: thousands of them in no time."""
    values = device_fields(device).values()
    return "\t".join("" if value is None else str(value) for value in values)


def pair(
    context: typer.Context,
    labels: Labels,
    code: o.Code = None,
    region: o.Region = None,
    qr_file: o.QrFile = None,
    stop_words: o.StopWords = [],  # noqa: B006 - typer hands over a list of its own
    start_words: o.StartWords = [],  # noqa: B006 - likewise
    keep_replies: o.KeepReplies = False,
) -> int:
    """Pair devices, one after the other, by a QR code or by a code typed on the phone.

    On the phone: Settings, Linked devices, Link a device. A device that is paired already is left
    alone, so the same command can be run again; one that was logged out keeps its history.
    """
    # The engine is large, and the list, which scripts ask for often, needs nothing of it.
    from waheal.acts.pair import pair as pair_devices  # noqa: PLC0415
    from waheal.cli.codes import can_show, open_shown  # noqa: PLC0415

    here = scene_of(context)
    last = None
    with ExitStack() as stack:
        shown = stack.enter_context(open_shown(here, qr_file))
        seen = can_show(here, qr_file)
        pairing = pair_devices(
            here.workspace, labels, code=code, region=region, qr=seen,
            replies=ReplyWords(stop_words, start_words), keep_replies=keep_replies,
        )  # fmt: skip
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


def rename(
    context: typer.Context,
    label: Label,
    new: Annotated[str, typer.Argument(help="Its label from now on.")],
) -> int:
    """Call a device by another label; its history comes along.

    A campaign file that names it by the old label has to be changed, too.
    """
    from waheal.acts.rename import rename as rename_device  # noqa: PLC0415 - as in pair

    here = scene_of(context)
    return _told(here, [rename_device(here.workspace, label, new)], f"the new label of {label}")


def move(context: typer.Context, label: Label, to: o.ToMachine) -> int:
    """Give a device to another machine of the shared ledger, with its session in LABEL.session.

    The file is written here, and the session is nowhere else then: copy it there, and import it.
    Its history and what counts for its limits goes along. The worker here is to be stopped before.
    """
    from waheal.acts.moving import move as move_device  # noqa: PLC0415 - as in pair

    here = scene_of(context)
    moved = move_device(here.workspace, label, to)
    if here.json:
        file = None if moved.file is None else str(moved.file)
        write_json({"device": moved.device, "machine": moved.machine.name, "file": file})
    elif here.talks:
        name = moved.machine.name
        if moved.file is None:
            say(f"{label} is {name}'s; its session is in the file that was written before")
        else:
            say(f"{label} is {name}'s now; its session is in {moved.file}, and here no more")
            folder = moved.machine.host.partition(":")[2]
            there = quote(f"{folder}/{moved.file.name}")
            say(f"next: `scp {quote(str(moved.file))} {quote(moved.machine.host)}`")
            say(f"next: there: `waheal devices import {there} --home {quote(folder)}`")
            say("next: delete the file in both places: it holds the device's keys")
    return ExitCode.OK


def remove(
    context: typer.Context,
    labels: SomeLabels = None,
    match: o.Match = None,
    all_of_them: o.AllDevices = False,
    keep_session: o.KeepSession = False,
    yes: o.Yes = False,
    stop_words: o.StopWords = [],  # noqa: B006 - typer hands over a list of its own
    start_words: o.StartWords = [],  # noqa: B006 - likewise
    keep_replies: o.KeepReplies = False,
) -> int:
    """Log devices out and forget them; what they left in doubt is settled first.

    Their messages stay in the campaigns' records. On a terminal, --match and --all ask first.
    """
    from waheal.acts.remove import remove as remove_devices  # noqa: PLC0415 - as in pair

    here = scene_of(context)
    selection = Selection(labels or (), match, all_of_them)
    if not labels and not yes:
        _ask(acts.choose(here.workspace, selection))
    told = remove_devices(
        here.workspace, selection, ReplyWords(stop_words, start_words),
        keep_session=keep_session, keep_replies=keep_replies,
    )  # fmt: skip
    for label, reason in told.items():
        if reason is not None:
            say_error(
                f"{label} could not be logged out: {reason}",
                "unlink it on its phone, then remove it with --keep-session",
            )
    gone = [label for label, reason in told.items() if reason is None]
    if gone:
        _told(here, gone, "removed")
    return ExitCode.OK if len(gone) == len(told) else ExitCode.LEFT_OVER


def _ask(chosen: list[DeviceId]) -> None:
    """Let the operator see how many it would be.

    Raises:
        UsageError: there is nobody to ask, or the answer is no.
    """
    hint = "say --yes to remove them without being asked"
    if not sys.stdin.isatty():
        raise UsageError(f"that would remove {count(len(chosen), 'device')}", hint=hint)
    if not typer.confirm(f"Log out and forget {count(len(chosen), 'device')}?", err=True):
        raise UsageError("nothing was removed", hint=hint)


def pause(
    context: typer.Context,
    labels: SomeLabels = None,
    match: o.Match = None,
    all_of_them: o.AllDevices = False,
) -> int:
    """Send nothing more through these devices; also reaches a run that is under way."""
    here = scene_of(context)
    selection = Selection(labels or (), match, all_of_them)
    return _told(here, acts.pause(here.workspace, selection), "paused")


def resume(
    context: typer.Context,
    labels: SomeLabels = None,
    match: o.Match = None,
    all_of_them: o.AllDevices = False,
) -> int:
    """Use these devices again, also before their quarantine is over."""
    here = scene_of(context)
    selection = Selection(labels or (), match, all_of_them)
    return _told(here, acts.resume(here.workspace, selection), "used again")


def _told(here: Scene, labels: list[DeviceId], what: str) -> ExitCode:
    if here.json:
        write_json({"devices": labels})
    elif not here.quiet:
        more = f" and {len(labels) - _NAMED:,} more" if len(labels) > _NAMED else ""
        say(f"{', '.join(labels[:_NAMED])}{more}: {what}")
    return ExitCode.OK
