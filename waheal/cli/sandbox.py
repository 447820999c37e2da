"""`waheal sandbox`: a local WhatsApp to rehearse against, and what its phones do."""

import contextlib
from contextlib import closing
from typing import Annotated

import typer

from waheal.acts import sandbox as acts
from waheal.acts.sandbox import Seen, Serving
from waheal.acts.workspace import Workspace, open_home
from waheal.cli import options as o
from waheal.cli.console import say, write_json, write_json_line, write_lines
from waheal.cli.scene import Scene, scene_of
from waheal.documents import moment
from waheal.events import SandboxPairing
from waheal.model import ExitCode
from waheal.views.words import clock_time, count, one_line

Phone = Annotated[str, typer.Argument(help="A simulated phone's number.")]


def serve(
    context: typer.Context,
    port: o.Port = 0,
    devices: o.ServeDevices = 0,
    trust_file: o.TrustFile = None,
) -> int:
    """Run a local WhatsApp until Ctrl-C, and show what arrives at its phones.

    Its state is kept in the home, and so are the devices that --devices pairs first: in a home of
    its own, HOME/sandbox, unless --home names one for it.
    """
    here = scene_of(context)
    named = context.get_parameter_source("home")
    own = named is not None and named.name != "DEFAULT"
    workspace = here.workspace if own else open_home(here.workspace.root, sandbox=True)
    serving = acts.serve(workspace, port=port, devices=devices, trust_file=trust_file)
    with contextlib.suppress(KeyboardInterrupt), closing(serving) as events:
        for event in events:
            _tell(here, workspace, event)
    return ExitCode.OK


def _tell(here: Scene, workspace: Workspace, event: SandboxPairing | Serving | Seen) -> None:
    match event:
        case SandboxPairing(devices):
            if here.talks:
                say(f"pairing {count(devices, 'device')} with the sandbox")
        case Serving():
            _say_how(here, workspace, event)
        case Seen(row) if here.json:
            write_json_line(row)
        case Seen(row):
            if not here.quiet:
                _say_seen(row)


def _say_how(here: Scene, workspace: Workspace, serving: Serving) -> None:
    if here.json:
        write_json_line(
            {
                "event": "serving",
                "proxy": serving.trust.proxy,
                "trust_file": str(serving.trust_file),
            }
        )
        return
    say(f"a local WhatsApp listens on {serving.trust.proxy}; Ctrl-C ends it")
    say("attach to it, from another terminal:")
    say(f"  export WAHEAL_TRUST={serving.trust_file} WAHEAL_HOME={workspace.root}")
    say("  waheal devices pair my-device")
    say("  waheal sandbox scan 'THE QR TEXT'")
    say("  waheal send campaigns/demo.csv")


def _say_seen(row: dict[str, object]) -> None:
    at, name = row.get("at"), row.get("event")
    rest = [f"{key}={value}" for key, value in row.items() if key not in ("at", "event")]
    when = clock_time(at, None) if isinstance(at, float) else ""
    say(" ".join([when, str(name), *(one_line(each) for each in rest)]))


def scan(
    context: typer.Context,
    text: Annotated[
        str, typer.Argument(help="What `waheal devices pair LABEL` shows: the QR's text.")
    ],
    phone: o.PhoneNumber = None,
) -> int:
    """Let a simulated phone scan a QR text; with --phone that one, else a new one.

    A code of eight characters, from `devices pair --code PHONE`, is typed into --phone.
    """
    here = scene_of(context)
    jid = acts.scan(here.workspace, text, phone)
    if here.json:
        write_json({"jid": jid})
    elif not here.quiet:
        say("typed; `devices pair` tells if it was right" if jid is None else f"scanned, for {jid}")
    return ExitCode.OK


def phones(
    context: typer.Context,
    phone: Annotated[str | None, typer.Argument(help="One phone's number; all without.")] = None,
) -> int:
    """Tell what each simulated phone received, and could read."""
    here = scene_of(context)
    received = acts.received(here.workspace, phone)
    if here.json:
        write_json({"received": [{**each.to_row(), "at": moment(each.at)} for each in received]})
    else:
        for each in received:
            body = one_line(each.text or "")
            if each.media_sha256 is not None:
                body = f"[{each.media_mime}, SHA-256 {each.media_sha256}] {body}"
            if each.particulars is not None:
                body = f"{each.particulars} {body}".rstrip()
            if each.dropped is not None:
                body = f"(never shown: {each.dropped}) {body}".rstrip()
            if each.problem is not None:
                body = f"(could not be read: {each.problem})"
            if each.revoked:
                body = "(taken back)"
            elif each.edited:
                body = f"{body} (edited)"
            write_lines([f"{each.phone}\t{each.delivered}x\tfrom {each.number}\t{body}"])
    return ExitCode.OK


def reply(
    context: typer.Context,
    phone: Phone,
    device: Annotated[str, typer.Argument(help="A device's label, number or JID.")],
    text: Annotated[str, typer.Argument(help="What it writes, such as STOP.")],
    by_lid: Annotated[bool, typer.Option("--by-lid", help="Keep the number back.")] = False,
) -> int:
    """Let a simulated phone write to a device."""
    here = scene_of(context)
    acts.reply(here.workspace, phone, device, text, by_lid=by_lid)
    if here.json:
        write_json({"phone": phone, "device": device})
    elif not here.quiet:
        say(f"{phone} wrote to {device}")
    return ExitCode.OK


def vote(
    context: typer.Context,
    phone: Phone,
    options: Annotated[
        list[str] | None, typer.Argument(help="What it chooses; none: no more.")
    ] = None,
) -> int:
    """Let a simulated phone vote in the last poll that it received.

    All that it chooses at a time; a later vote takes the place of this one.
    """
    here = scene_of(context)
    acts.vote(here.workspace, phone, options or [])
    if here.json:
        write_json({"phone": phone, "vote": options or []})
    elif not here.quiet:
        say(f"{phone} voted")
    return ExitCode.OK
