"""Runs a local WhatsApp to rehearse against, and orders its simulated phones about."""

import json
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from waheal.acts import parsing
from waheal.acts.attaching import STATE, Attached, embedded, pair_missing
from waheal.acts.holding import held
from waheal.acts.workspace import SANDBOX, Workspace, missing
from waheal.errors import UsageError
from waheal.events import SandboxPairing
from waheal.model import DeviceId, Trust
from waheal.sandbox.control import (
    Control,
    ControlError,
    ControlForbiddenError,
    ControlStrangerError,
    InboxEntry,
)
from waheal.store.home import Home
from waheal.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Serving:
    """It listens; `trust_file` says how to attach to it."""

    trust: Trust
    trust_file: Path


@dataclass(frozen=True, slots=True)
class Seen:
    """Something happened in it: a JSON object with `event`, and `at` in Unix seconds."""

    row: dict[str, object]


def serve(
    workspace: Workspace, *, port: int = 0, devices: int = 0, trust_file: Path | None = None
) -> Generator[SandboxPairing | Serving | Seen, None, None]:
    """Run one until whoever iterates this stops, telling what arrives at its phones.

    Its state is kept in the home, and so are the devices that are paired first.
    """
    if trust_file is not None:
        trust_file = parsing.spelled(trust_file, "--trust-file")
    home = workspace.home()
    state = home.folder(STATE)
    with embedded(state, home.logs, port=port, trust_file=trust_file) as trust:
        control = Control(trust.proxy, trust.token)
        if devices:
            with held(workspace, "waheal sandbox serve") as at:
                at.ledger.bind(trust.noise_root)
                if labels := missing(at.ledger.devices.all(time.time()), devices):
                    yield SandboxPairing(len(labels))
                    pair_missing(home, at.ledger, Attached(trust, control), labels)
        yield Serving(trust, (trust_file or state / "trust.json").absolute())
        for row in control.watch():
            yield Seen(dict(row))


def scan(workspace: Workspace, text: str, phone: str | None = None) -> str | None:
    """Let a phone scan a QR text, or type a code of eight characters; tells the session's JID.

    With `phone` that one, else a new one. None where a code was typed: the pairing tells if it
    was right.

    Raises:
        UsageError: no sandbox runs there, or it did not do what it was asked for.
    """
    with _asked(workspace) as control:
        if "#" in text:
            return control.phones.scan(text, phone)
        if phone is None:
            raise UsageError("a code is typed into one phone", hint="name it with --phone")
        control.phones.enter_code(phone, text)
        return None


_POLL = "pollCreationMessage"


def received(workspace: Workspace, phone: str | None = None) -> list[InboxEntry]:
    """Tell what one phone, or each, received, and could read.

    Raises:
        UsageError: no sandbox runs there.
    """
    with _asked(workspace) as control:
        return control.phones.received(phone)


def reply(
    workspace: Workspace, phone: str, device: str, text: str, *, by_lid: bool = False
) -> None:
    """Let a phone write to a device, which is named by its label, number or JID.

    `by_lid`: the device is not told the number, as with some contacts of the real WhatsApp.

    Raises:
        UsageError: no sandbox runs there, or it did not do what it was asked for.
    """
    with _asked(workspace) as control:
        control.phones.reply(phone, _number(workspace, device), text, by_lid=by_lid)


def vote(workspace: Workspace, phone: str, options: Sequence[str]) -> None:
    """Let a phone vote in the last poll that it received: for these options, or for none any more.

    Raises:
        UsageError: no sandbox runs there, it has no poll, or the poll no such option.
    """
    with _asked(workspace) as control:
        polls = [each for each in control.phones.received(phone) if _field(each) == _POLL]
        if not polls:
            raise UsageError(f"{phone} has received no poll", hint="`waheal sandbox phones` tells")
        offered = json.loads(polls[-1].particulars or "{}").get("options", [])
        for each in options:
            if each not in offered:
                told = ", ".join(map(repr, offered))
                raise UsageError(f"the poll has no option {each!r}", hint=f"one of {told}")
        control.phones.vote(phone, polls[-1].message_id, *options)


def _field(entry: InboxEntry) -> str:
    return str(json.loads(entry.particulars or "{}").get("message", ""))


def _number(workspace: Workspace, device: str) -> str:
    """Give the JID of the device of that label, if there is one in the home."""
    home = Home.owned(workspace.root) if workspace.trust else _home(workspace)
    with Ledger.open(home, at=workspace.at, readonly=True, make=False) as ledger:
        found = ledger.devices.find(DeviceId(device), 0.0)
    return device if found is None or found.jid is None else found.jid


def _home(workspace: Workspace) -> Home:
    """Open the home that the sandbox's state is kept in.

    Raises:
        HomeUnusableError: it can't be used.
    """
    if workspace.sandbox or (workspace.root / STATE).is_dir():  # as `serve --home` leaves it
        return workspace.home()
    return replace(workspace, root=workspace.root / SANDBOX, sandbox=True).home()


@contextmanager
def _asked(workspace: Workspace) -> Iterator[Control]:
    """Give the server that is meant: by a trust file, or the sandbox in the home.

    Raises:
        UsageError: none runs there, or it did not do what it was asked for.
    """
    with ExitStack() as stack:
        trust = workspace.trust
        if trust is None:
            home = _home(workspace)
            trust = stack.enter_context(embedded(home.folder(STATE), home.logs))
        try:
            yield Control(trust.proxy, trust.token, patience=1.0)
        except ControlForbiddenError as error:
            raise UsageError(
                f"the sandbox on {trust.proxy} does not take the token of this trust file",
                hint="name the file that it wrote when it was started",
            ) from error
        except ControlStrangerError as error:
            raise UsageError(
                f"what answers on {trust.proxy} is no sandbox",
                hint="name the trust file of one that runs; `waheal sandbox serve` starts one",
            ) from error
        except ControlError as error:
            raise UsageError(
                f"the sandbox says: {error}",
                hint="QR texts and codes hold while `waheal devices pair LABEL` shows them;"
                " `waheal sandbox phones` names the phones",
            ) from error
        except OSError as error:
            raise UsageError(
                f"no sandbox answers on {trust.proxy}", hint="start one: `waheal sandbox serve`"
            ) from error
