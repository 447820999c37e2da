"""Out of descriptors, of memory, of processes: limits that are set on what already lives."""

import os
import resource
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kill.disasters.disaster import RECEIPT, ROW, SEAL, Disaster
from tests.kill.disasters.mounts import mount, unmount
from tests.kill.disasters.ordeal import NotHereError, Ordeal
from tests.kill.scene import Process
from waheal.model import ExitCode
from waheal.sandbox.control import Action

_ENDS = (ExitCode.OK, ExitCode.LEFT_OVER, ExitCode.HOME_UNUSABLE, ExitCode.NO_DEVICE)
_SPARE = 64 << 10  # bytes of address space beyond what is used


def _reconnect(ordeal: Ordeal) -> None:
    """Cut every device off, so that each needs what there is none of."""
    for device in ordeal.control.devices.linked():
        ordeal.control.devices.act(device.jid, Action.DROP)


def descriptors(module: str) -> Callable[[Ordeal], None]:
    def befall(ordeal: Ordeal) -> None:
        run = ordeal.midst()
        for process in ordeal.processes(module):
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (len(process.files()),) * 2)
        _reconnect(ordeal)
        ordeal.ends(run, *_ENDS)

    return befall


def descriptors_at_a_death(ordeal: Ordeal) -> None:
    """A host dies, and its coordinator has no descriptor left for another one."""
    run = ordeal.midst()
    coordinator = ordeal.coordinator()
    open_now = len(coordinator.files())
    resource.prlimit(coordinator.pid, resource.RLIMIT_NOFILE, (open_now, open_now))
    ordeal.strike(ordeal.scene.hosts(), signal.SIGKILL)
    ordeal.ends(run, *_ENDS, hint=True)


def _used(process: Process) -> int:
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def memory_at_a_death(ordeal: Ordeal) -> None:
    """A host dies, and no other one has the memory to live: they have their starter's limits."""
    run = ordeal.midst()
    coordinator = ordeal.coordinator()
    resource.prlimit(coordinator.pid, resource.RLIMIT_AS, (_used(coordinator) + _SPARE,) * 2)
    ordeal.strike(ordeal.scene.hosts(), signal.SIGKILL)
    ordeal.ends(run, *_ENDS, ExitCode.OWN_FAULT, hint=True)


def memory(module: str) -> Callable[[Ordeal], None]:
    def befall(ordeal: Ordeal) -> None:
        run = ordeal.midst()
        for process in ordeal.processes(module):
            resource.prlimit(process.pid, resource.RLIMIT_AS, (_used(process) + _SPARE,) * 2)
        _reconnect(ordeal)
        ordeal.ends(run, *_ENDS)

    return befall


@contextmanager
def _fewer(ordeal: Ordeal) -> Iterator[Path]:
    """A group of the kernel's in which no more processes and threads can be made."""
    place = ordeal.scene.campaign.with_name("group")
    place.mkdir()
    try:
        mount("-t", "cgroup", "-o", "pids", "none", str(place))
    except OSError as error:
        raise NotHereError("no group of processes can be made here") from error
    group = place / f"waheal-{secrets.token_hex(4)}"
    group.mkdir()
    try:
        yield group
    finally:
        for pid in (group / "cgroup.procs").read_text().split():
            (place / "cgroup.procs").write_text(pid)
        group.rmdir()
        unmount(place)


def processes(ordeal: Ordeal) -> None:
    """A host dies, and nothing can be forked for another one, nor a thread be made."""
    run = ordeal.midst()
    with _fewer(ordeal) as group:
        for process in ordeal.scene.processes():
            (group / "cgroup.procs").write_text(str(process.pid))
        ordeal.strike(ordeal.scene.hosts(), signal.SIGKILL)
        (group / "pids.max").write_text("1")
        ordeal.ends(run, *_ENDS, hint=True)


LIMITS = (
    Disaster("host-descriptors", descriptors("waheal.host"), (RECEIPT, ROW)),
    Disaster("coordinator-descriptors", descriptors("waheal.cli"), (RECEIPT, ROW)),
    Disaster("descriptors-at-a-death", descriptors_at_a_death, (RECEIPT,)),
    Disaster("host-memory", memory("waheal.host"), (RECEIPT, ROW)),
    Disaster("coordinator-memory", memory("waheal.cli"), (RECEIPT, SEAL)),
    Disaster("memory-at-a-death", memory_at_a_death, (RECEIPT,), fault=True),
    Disaster("out-of-processes", processes, (RECEIPT, SEAL)),
)
