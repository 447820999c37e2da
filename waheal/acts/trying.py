"""Tries a cluster on this machine: a PostgreSQL, two homes, a sandbox; leaves nothing behind."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from waheal.acts.attaching import Attached, attached, control_of, embedded, pair_missing
from waheal.acts.cluster import initialise, join
from waheal.acts.orders import SendOrder
from waheal.acts.send import Sending
from waheal.acts.workspace import Workspace, open_home
from waheal.cluster.embedded import embedded_server
from waheal.errors import MachineError
from waheal.model import DeviceId
from waheal.store.home import Home

MACHINES = ("paris", "lyon")
_DEVICES = 3  # of each
_PATIENCE = 90.0  # seconds for the workers to listen
_LOOK = 0.2


@dataclass(frozen=True, slots=True)
class Tried:
    """What a machine did: so many devices, so many messages."""

    machine: str
    devices: int
    sent: int


class ClusterTry:
    """A try: `stage` tells how far its making is, then `sending` is iterated, then `did`.

    A context manager: with its end all is taken down.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stack = ExitStack()
        self._here: Workspace | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def stages(self) -> Iterator[str]:
        """Make it all, telling what comes next.

        Raises: UsageError, MachineError.
        """
        folder = Path(tempfile.mkdtemp(prefix="waheal-try-"))
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)  # the server's user passes through
        yield "starting a PostgreSQL of its own"
        url = self._stack.enter_context(embedded_server(folder / "postgres"))
        yield "starting a WhatsApp of its own"
        state = folder / "server"
        state.mkdir(mode=0o700)
        logs = folder / "logs"
        logs.mkdir(mode=0o700)
        trust = folder / "trust.json"
        self._stack.enter_context(embedded(state, logs, trust_file=trust))
        homes = {name: open_home(folder / name, trust=trust, ledger=url) for name in MACHINES}
        yield "making the ledger"
        initialise(homes[MACHINES[0]])
        first = homes[MACHINES[0]].home()
        first.key()
        for name, workspace in homes.items():
            yield f"pairing {_DEVICES} devices with {name}"
            _prepare(workspace, name, first)
        yield f"starting a worker on {' and on '.join(MACHINES)}"
        for workspace in homes.values():
            self._stack.enter_context(_worker(workspace, url, trust))
        self._here = open_home(folder / "here", trust=trust, ledger=url)
        self._wait_until_they_listen()

    def sending(self) -> Sending:
        """Give the send, of a home that is no machine of the ledger: it orders, and watches."""
        return Sending(self._made(), SendOrder(self._file))

    def did(self) -> tuple[Tried, ...]:
        """Tell what each machine did."""
        with self._made().ledger(readonly=True) as ledger:
            devices = ledger.shares.devices()
            sent = ledger.shares.sent()
            return tuple(
                Tried(each.name, devices.get(each.id, 0), sent.get(each.id, 0))
                for each in ledger.machines.listed()
            )

    def _made(self) -> Workspace:
        if self._here is None:
            raise RuntimeError("its stages come first")
        return self._here

    def _wait_until_they_listen(self) -> None:
        end = time.monotonic() + _PATIENCE
        with self._made().ledger(readonly=True) as ledger:
            while not all(each.seen for each in ledger.machines.listed()):
                if time.monotonic() >= end:
                    raise MachineError(
                        f"the workers did not begin within {_PATIENCE:.0f} s",
                        hint="this machine is busy; try it again later",
                    )
                time.sleep(_LOOK)


def _prepare(workspace: Workspace, name: str, first: Home) -> None:
    home = workspace.home()
    if home.root != first.root:
        shutil.copy2(first.key_path, home.key_path)
    join(workspace, name)
    labels = [DeviceId(f"{name}-{number}") for number in range(1, _DEVICES + 1)]
    with workspace.ledger(home) as ledger, attached(workspace, home, ledger) as target:
        if target.trust is not None:
            pair_missing(home, ledger, Attached(target.trust, control_of(target.trust)), labels)


@contextmanager
def _worker(workspace: Workspace, url: str, trust: Path) -> Iterator[None]:
    """Run a worker beside, in a process of its own; its words are for its log."""
    places = {"WAHEAL_HOME": str(workspace.root), "WAHEAL_LEDGER": url, "WAHEAL_TRUST": str(trust)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WAHEAL_")}
    with (workspace.home().logs / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "waheal.cli", "worker"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**kept, **places},
            process_group=0,  # the terminal's Ctrl-C is not for it
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
