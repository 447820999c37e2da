"""Gives a device to another machine, with its session in a file; sends nothing, logs nobody out.

Theory of operation. Whose a device is the ledger says, in one statement. So that a session is
always somewhere, and nowhere twice to be used, the steps go in this order, and each can be the last
before a crash:

    settle its doubt ─ write the file ─ give it, in the ledger ─ take its rows out ·· bring them in
    └────────── it is this machine's ──────────┘└──────── it is nobody's ────────────────────┘

Before it is given, the file is worth nothing: no machine takes it in. Afterwards this one uses the
device no more, whatever is left in its session database; and the file is there. The same command
once more does what is missing. Who takes it in, `takeover.py`.
"""

import secrets
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from waheal.acts import parsing
from waheal.acts.holding import Held, held
from waheal.acts.workspace import Workspace, find_device, find_here
from waheal.errors import UsageError
from waheal.model import DeviceId
from waheal.records import Device, JoinedMachine
from waheal.store import session_moves
from waheal.store.ledger import Ledger
from waheal.store.sessions import Sessions
from waheal.writing import write_lasting

_TOKEN_BITS = 62  # both databases have numbers of 64, with a sign


@dataclass(frozen=True, slots=True)
class Moved:
    """A device that is on its way. `file`: its session; None: an earlier move's has it."""

    device: DeviceId
    machine: JoinedMachine
    file: Path | None


def move(workspace: Workspace, label: str, to: str) -> Moved:
    """Give a device of this machine to another, with all that counts for it; writes LABEL.session.

    That file, in the working folder, is its session: from then on it is nowhere else. One that is
    on its way already is sent on; what an earlier try left undone is done.

    Raises:
        UsageError: there is but one machine, none of that name, or the device is not here; or
            another file has the file's name.
        HomeBusyError: a run, or a worker, holds the home.
    """
    _see_there_are_others(workspace)
    with held(workspace, f"waheal devices move {label}") as at:
        machine = _machine(at.ledger, to)
        device = find_device(at.ledger, parsing.label(label), time.time())
        path = Path(f"{device.label.replace('/', '_')}.session").absolute()
        token = at.ledger.moves.token(device.label)
        if token is not None:
            return _moved_on(at, device, machine, path, token)
        if _left_behind(at, device):
            return Moved(device.label, machine, None)
        return _given(at, find_here(at.ledger, device.label, time.time()), machine, path)


def _given(at: Held, device: Device, machine: JoinedMachine, path: Path) -> Moved:
    if machine.id == at.ledger.machines.mine:
        raise UsageError(
            f"{device.label} is on {machine.name} already", hint="name another machine with --to"
        )
    jid = _stored(at, device)
    _see_it_may_be_written(path, jid)
    token = secrets.randbits(_TOKEN_BITS)
    _write(at, path, jid, token)
    if not at.ledger.moves.give(device.label, machine.id, token):
        raise UsageError(
            f"{device.label} has become another machine's meanwhile",
            hint="`waheal devices list` shows whose it is",
        )
    session_moves.take_out(at.home.sessions_path, jid)
    return Moved(device.label, machine, path)


def _moved_on(at: Held, device: Device, machine: JoinedMachine, path: Path, token: int) -> Moved:
    """Go on with a device that nobody has taken in yet."""
    jid = device.jid or ""
    mine = session_moves.noted(at.home.sessions_path, jid) == token
    if mine:  # nobody has used it since, so that it is the same file once more
        _see_it_may_be_written(path, jid)
        _write(at, path, jid, token)
    if not at.ledger.moves.send_on(device.label, machine.id, token):
        raise UsageError(
            f"{device.label} has arrived on {device.machine} meanwhile",
            hint="move it from there",
        )
    if mine:
        session_moves.take_out(at.home.sessions_path, jid)
    return Moved(device.label, machine, path if mine else None)


def _left_behind(at: Held, device: Device) -> bool:
    """Take out what a move that was cut short has left of a device that has arrived elsewhere."""
    here = device.label in at.ledger.shares.labels(at.ledger.machines.mine)
    jid = device.jid or ""
    if here or session_moves.noted(at.home.sessions_path, jid) is None:
        return False
    session_moves.take_out(at.home.sessions_path, jid)
    return True


def _write(at: Held, path: Path, jid: str, token: int) -> None:
    try:
        write_lasting(path, session_moves.pack(at.home.sessions_path, jid, token))
    except OSError as error:
        raise UsageError(
            f"{path} can't be written: {error.strerror}",
            hint="run it in a folder of your own; nothing was moved",
        ) from error


def _stored(at: Held, device: Device) -> str:
    with closing(Sessions(at.home.sessions_path)) as sessions:
        stored = sessions.devices()
    if device.jid is None or device.jid not in stored:
        label = quote(device.label)
        raise UsageError(
            f"no login of {device.label} is stored here, so there is none to move",
            hint="import the file that an earlier move wrote, `waheal devices import"
            f" {label}.session`; or forget it here, `waheal devices remove {label}`, and pair it"
            f" there, `waheal devices pair {label}`",
        )
    return device.jid


def _see_it_may_be_written(path: Path, jid: str) -> None:
    """Let only an earlier file of the same session be replaced."""
    if not path.exists():
        return
    packed = session_moves.packed_in(path) if path.is_file() else None
    if packed is None or packed[0] != jid:
        raise UsageError(
            f"{path} is there already, and is another file",
            hint="run it in another folder, or put that file away",
        )


def _machine(ledger: Ledger, name: str) -> JoinedMachine:
    found = [each for each in ledger.machines.listed() if each.name == name and not each.retired]
    if not found:
        raise UsageError(
            f"no machine is called {name!r}", hint="see which have joined with `waheal cluster`"
        )
    return found[0]


def _see_there_are_others(workspace: Workspace) -> None:
    if workspace.at is None:
        raise UsageError(
            "this home's ledger is a file of its own, so there is no other machine to move to",
            hint="to take devices to another home: end what runs here, copy its sessions.db there"
            " and import that, then forget them here: `waheal devices remove LABEL --keep-session`",
        )
