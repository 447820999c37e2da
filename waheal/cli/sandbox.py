"""`waheal sandbox`: a local WhatsApp to rehearse against, and what its phones do."""

import contextlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from waheal.cli import options as o
from waheal.cli.attach import Attached, embedded, pair_missing
from waheal.cli.console import say, write_json, write_json_line, write_lines
from waheal.cli.scene import Scene, scene
from waheal.cli.signals import interruptible
from waheal.documents import moment
from waheal.errors import UsageError
from waheal.model import DeviceId, ExitCode, Trust
from waheal.sandbox.control import Control, ControlError
from waheal.sandbox.records import Row
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.views.words import clock_time, one_line

_STATE = "server"
_HOME = "sandbox"
Phone = Annotated[str, typer.Argument(help="A simulated phone's number.")]


def serve(
    context: typer.Context,
    port: o.Port = 0,
    devices: o.ServeDevices = 0,
    trust_file: o.TrustFile = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Run a local WhatsApp until Ctrl-C, and show what arrives at its phones.

    Its state is kept in the home, and so are the devices that --devices pairs first: in a home of
    its own, HOME/sandbox, unless --home names one for it.
    """
    named = context.get_parameter_source("home")
    own = named is not None and named.name != "DEFAULT"
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=not own)
    with interruptible(), contextlib.suppress(KeyboardInterrupt):
        _serve(here, port, devices, trust_file)
    return ExitCode.OK


def _serve(here: Scene, port: int, devices: int, trust_file: Path | None) -> None:
    place = here.home()
    with ExitStack() as stack:
        trust = stack.enter_context(
            embedded(place.root / _STATE, place.logs, port=port, trust_file=trust_file)
        )
        control = Control(trust.proxy)
        if devices:
            with here.ledger(place) as ledger:
                ledger.bind(trust.noise_root)
                pair_missing(here, place, ledger, Attached(trust, control), devices)
        _say_how(here, trust, trust_file or place.root / _STATE / "trust.json")
        for event in control.watch():
            _tell(here, event)


def _say_how(here: Scene, trust: Trust, trust_file: Path) -> None:
    if here.json:
        write_json_line(
            {"event": "serving", "proxy": trust.proxy, "trust_file": str(trust_file.absolute())}
        )
        return
    say(f"a local WhatsApp listens on {trust.proxy}; Ctrl-C ends it")
    say("attach to it, from another terminal:")
    say(f"  export WAHEAL_TRUST={trust_file.absolute()} WAHEAL_HOME={here.root}")
    say("  waheal devices pair my-device")
    say("  waheal sandbox scan 'THE QR TEXT'")
    say("  waheal send campaigns/demo.csv")


def _tell(here: Scene, event: Row) -> None:
    if here.json:
        write_json_line(event)
    elif not here.quiet:
        at, name = event.get("at"), event.get("event")
        rest = [f"{key}={value}" for key, value in event.items() if key not in ("at", "event")]
        when = clock_time(at, None) if isinstance(at, float) else ""
        say(" ".join([when, str(name), *(one_line(each) for each in rest)]))


def scan(
    text: Annotated[str, typer.Argument(help="What `waheal devices pair` shows: the QR's text.")],
    phone: o.PhoneNumber = None,
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Let a simulated phone scan a QR text; with --phone that one, else a new one.

    A code of eight characters, from `devices pair --code PHONE`, is typed into --phone.
    """
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    with _asked(here) as control:
        if "#" in text:
            jid = control.scan(text, phone)
        elif phone is not None:
            control.enter_code(phone, text)
            jid = None
        else:
            raise UsageError("a code is typed into one phone", hint="name it with --phone")
    if here.json:
        write_json({"jid": jid})
    elif not quiet:
        say("typed; `devices pair` tells if it was right" if jid is None else f"scanned, for {jid}")
    return ExitCode.OK


def phones(
    phone: Annotated[str | None, typer.Argument(help="One phone's number; all without.")] = None,
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Tell what each simulated phone received, and could read."""
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    with _asked(here) as control:
        received = control.received(phone)
    if here.json:
        write_json({"received": [{**each.to_row(), "at": moment(each.at)} for each in received]})
    else:
        for each in received:
            body = one_line(each.text or "")
            if each.media_sha256 is not None:
                body = f"[{each.media_mime}, SHA-256 {each.media_sha256}] {body}"
            if each.problem is not None:
                body = f"(could not be read: {each.problem})"
            write_lines([f"{each.phone}\t{each.delivered}x\tfrom {each.number}\t{body}"])
    return ExitCode.OK


def reply(
    phone: Phone,
    device: Annotated[str, typer.Argument(help="A device's label, number or JID.")],
    text: Annotated[str, typer.Argument(help="What it writes, such as STOP.")],
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Let a simulated phone write to a device."""
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    with _asked(here) as control:
        control.reply(phone, _number(here, device), text)
    if here.json:
        write_json({"phone": phone, "device": device})
    elif not quiet:
        say(f"{phone} wrote to {device}")
    return ExitCode.OK


def _number(here: Scene, device: str) -> str:
    """Give the JID of the device of that label, if there is one in the home."""
    root = here.root if here.trust else _place(here)
    with Ledger.open(Home(root), readonly=True) as ledger:
        found = ledger.devices.find(DeviceId(device), 0.0)
    return device if found is None or found.jid is None else found.jid


def _place(here: Scene) -> Path:
    """Tell the home that the sandbox's state is kept in."""
    own = here.sandbox or (here.root / _STATE).is_dir()  # as `serve --home` leaves it
    return here.root if own else here.root / _HOME


@contextlib.contextmanager
def _asked(here: Scene) -> Iterator[Control]:
    """Give the server that is meant: by --trust, or the sandbox in the home.

    Raises:
        UsageError: none runs there, or it did not do what it was asked for.
    """
    with ExitStack() as stack:
        trust = here.trust
        if trust is None:
            place = scene(_place(here)).home()
            trust = stack.enter_context(embedded(place.root / _STATE, place.logs))
        try:
            yield Control(trust.proxy, patience=1.0)
        except ControlError as error:
            raise UsageError(
                f"the sandbox says: {error}",
                hint="QR texts and codes hold while `waheal devices pair` shows them;"
                " `waheal sandbox phones` names the phones",
            ) from error
        except OSError as error:
            raise UsageError(
                f"no sandbox answers on {trust.proxy}", hint="start one: `waheal sandbox serve`"
            ) from error
