"""Attaching to a WhatsApp: the real one, a server that runs already, or the embedded sandbox."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from waheal.acts.trust import read_trust
from waheal.acts.workspace import Workspace
from waheal.client_version import ClientVersion
from waheal.engine.pairing import pair
from waheal.errors import OwnFault, UsageError, WahealError
from waheal.model import DeviceId, Trust
from waheal.store import session_writer
from waheal.store.home import Home
from waheal.store.ledger import WHATSAPP, Ledger
from waheal.store.sessions import phone_of
from waheal.wire import HostSettings, Paired, PairFailed, QrCode

if TYPE_CHECKING:
    from waheal.sandbox.control import Control

STATE = "server"
"""The folder in the sandbox's home that holds the server's state."""

_START = 60.0  # seconds for the sandbox to be ready: a busy machine
_END = 10.0
_REFUSED = 2  # the server's exit code when its last words say what is to be mended
_PAIRED = 10  # so many are paired as phones do it; more are linked in bulk


@dataclass(frozen=True, slots=True)
class Attached:
    """What is talked to. `control` orders the simulated phones about."""

    trust: Trust | None
    control: "Control | None" = None
    client_version: ClientVersion | None = None

    @property
    def host(self) -> HostSettings:
        """What every host process needs to know of it."""
        return HostSettings(self.trust, self.client_version)

    @property
    def target(self) -> str:
        """What the home is bound to."""
        return self.trust.noise_root if self.trust else WHATSAPP


@contextmanager
def attached(workspace: Workspace, home: Home, ledger: Ledger) -> Iterator[Attached]:
    """Be attached to the workspace's target for as long as the block runs; binds the home to it.

    Raises:
        UsageError: the home belongs to another target, or the sandbox can't have what it is to.
        OwnFault: the embedded sandbox does not start.
    """
    with contextlib.ExitStack() as stack:
        trust = workspace.trust
        if workspace.sandbox:
            trust = stack.enter_context(embedded(home.folder(STATE), home.logs))
        control = control_of(trust) if workspace.sandbox and trust else None
        found = Attached(trust, control, workspace.client_version)
        ledger.bind(found.target)
        yield found


@contextmanager
def embedded(
    state: Path, logs: Path, *, port: int = 0, trust_file: Path | None = None
) -> Iterator[Trust]:
    """Give the sandbox of that state, started unless it runs already; ended with the block."""
    running = _running(state)
    if running is not None:
        yield running
        return
    reader, writer = os.pipe()  # the server ends when nobody holds the writing end any more
    command = [sys.executable, "-P", "-m", "waheal.sandbox"]
    with (logs / "sandbox.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--state", str(state), "--parent-fd", str(reader), "--port", str(port)]
            + ([] if trust_file is None else ["--trust-file", str(trust_file.absolute())]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=(reader,),
            process_group=0,  # the terminal's Ctrl-C is not for it: the run drains through it
        )
    os.close(reader)
    try:
        yield _ready(process, logs / "sandbox.log")
    finally:
        os.close(writer)
        _end(process)


def _running(state: Path) -> Trust | None:
    path = state / "trust.json"
    if not path.exists():
        return None
    from waheal.sandbox.control import ControlError  # noqa: PLC0415 - as in control_of

    try:
        trust = read_trust(path)
        control_of(trust, patience=0.0).devices.linked()
    except (UsageError, ControlError, OSError, ValueError):
        return None  # what the file names is gone, or is somebody else by now
    return trust


def control_of(trust: Trust, patience: float = 10.0) -> "Control":
    """Give a sandbox's phones."""
    # The sandbox is large, and a run against the real WhatsApp needs nothing of it.
    from waheal.sandbox.control import Control  # noqa: PLC0415

    return Control(trust.proxy, trust.token, patience)


def _ready(process: subprocess.Popen[bytes], log: Path) -> Trust:
    if process.stdout is None:
        raise ValueError(process)
    readable, _, _ = select.select([process.stdout], [], [], _START)
    line = process.stdout.readline() if readable else b""
    try:
        return read_trust(Path(json.loads(line)["trust_file"]))
    except (ValueError, KeyError) as error:
        raise _not_started(process, log) from error


def _not_started(process: subprocess.Popen[bytes], log: Path) -> WahealError:
    """Tell why, once it has ended; while it has not, nobody knows."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END)
    if process.returncode != _REFUSED:
        return OwnFault("the sandbox does not start", hint=f"its last words are in {log}")
    words = log.read_text(encoding="utf-8", errors="replace").rstrip().rpartition("\n")[2]
    return UsageError(
        f"the sandbox does not start: {words}", hint="mend that, or name another port or file"
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdout is not None:
        process.stdout.close()
    try:
        process.wait(_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def pair_missing(home: Home, ledger: Ledger, attached_to: Attached, labels: list[DeviceId]) -> None:
    """Pair these devices with the sandbox; their phones scan by themselves.

    Raises:
        OwnFault: a pairing failed, which the sandbox never does unless told to.
    """
    if attached_to.control is None:
        return
    by_phone, in_bulk = labels[:_PAIRED], labels[_PAIRED:]
    scanned = False
    for report in pair(home, by_phone, settings=attached_to.host):
        match report:
            case QrCode(code) if not scanned:
                attached_to.control.phones.scan(code)
                scanned = True
            case Paired(device, jid, _, _):
                ledger.devices.add(device, jid, phone_of(jid), time.time())
                scanned = False
            case PairFailed(device, reason):
                raise OwnFault(
                    f"{device} could not be paired with the sandbox: {reason}",
                    hint=f"look into {home.logs}",
                )
            case _:
                continue
    if in_bulk:
        provision(home, ledger, attached_to.control, in_bulk)


def provision(home: Home, ledger: Ledger, control: "Control", labels: list[DeviceId]) -> None:
    """Link many devices at once, without a pairing each; the session database must be there."""
    made = control.devices.provision(len(labels))
    session_writer.provision(home.sessions_path, made)
    now = time.time()
    with ledger.transaction():
        for label, device in zip(labels, made, strict=True):
            ledger.devices.add(label, device.jid, phone_of(device.jid), now)
