"""How many processes, threads and clients a run is given, by its devices and the machine.

The figures were measured with neonize 0.5.2 (`python -m tests.bench crowd many`): a client costs
3.7 descriptors at rest and one thread, about 0.48 MB, and some more of each while it connects and
sends. Limits of descriptors are a process's, those of threads and memory everybody's together.
"""

import os
import resource
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

DESCRIPTORS_A_CLIENT = 5
SPARE_DESCRIPTORS = 200
SPARE_THREADS = 100
_MEMORY_A_CLIENT = 640 << 10  # bytes
_MEMORY_A_HOST = 120 << 20
_CLIENTS_A_HOST = 1000  # past so many, another core is of use
_SENDERS = 32  # of all hosts: more cost more processor, and contend for the one writer
_CONNECTS = 16  # likewise
_LEAST = 4  # of either, in a host


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is. None: without a limit, or not known. `memory` is bytes that are free."""

    cores: int
    descriptors: int | None = None
    threads: int | None = None
    memory: int | None = None

    @property
    def clients_a_host(self) -> int | None:
        """How many clients the descriptors of one process are enough for."""
        if self.descriptors is None:
            return None
        return max(1, (self.descriptors - SPARE_DESCRIPTORS) // DESCRIPTORS_A_CLIENT)


@dataclass(frozen=True, slots=True)
class Sizes:
    """So many hosts, so many threads and connects at once in each, so many clients in all."""

    hosts: int
    senders: int
    connects: int
    max_open: int


def sizes(
    devices: int,
    machine: Machine,
    *,
    hosts: int | None = None,
    senders: int | None = None,
    max_open: int | None = None,
) -> Sizes:
    """Size a run through so many devices; what is given stays, the rest follows.

    All devices are open at once where the machine bears it: whoever is closed for another's sake
    has to log in again for the next message.
    """
    hosts = _hosts(devices, machine) if hosts is None else hosts
    return Sizes(
        hosts,
        max(_LEAST, min(_SENDERS // 2, _SENDERS // hosts)) if senders is None else senders,
        max(_LEAST, _CONNECTS // hosts),
        _open(devices, machine, hosts) if max_open is None else max_open,
    )


def _hosts(devices: int, machine: Machine) -> int:
    """One for each thousand devices, as long as there are cores for them."""
    return max(1, min(machine.cores, -(-devices // _CLIENTS_A_HOST)))


def _open(devices: int, machine: Machine, hosts: int) -> int:
    return max(hosts, min([devices, *bounds(machine, hosts=hosts).values()]))


def bounds(machine: Machine, *, hosts: int) -> dict[str, int]:
    """Tell how many clients so many hosts may have open together, by what bounds it."""
    found: dict[str, int] = {}
    if machine.clients_a_host is not None:
        found["open files"] = machine.clients_a_host * hosts
    if machine.threads is not None:
        found["threads"] = machine.threads - SPARE_THREADS * hosts
    if machine.memory is not None:
        free = machine.memory * 4 // 5 - _MEMORY_A_HOST * hosts  # something is left for others
        found["free memory"] = free // _MEMORY_A_CLIENT
    return found


def most_at_once(machine: Machine) -> tuple[int, str] | None:
    """Tell how many clients one host may have open, and what bounds that; None: nothing known."""
    found = bounds(machine, hosts=1)
    if not found:
        return None
    what = min(found, key=lambda each: found[each])
    return max(0, found[what]), what


def this_machine() -> Machine:
    """Read what this machine gives: a host raises its own soft limit of descriptors."""
    _, descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        descriptors=_limited(descriptors),
        threads=threads_allowed(),
        memory=_memory(),
    )


def threads_allowed() -> int | None:
    """Read how many threads there may be, by the user's limit and the control group's."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    return min((each for each in (_limited(soft), _pids_max()) if each is not None), default=None)


def _limited(limit: int) -> int | None:
    return None if limit in (resource.RLIM_INFINITY, -1) else limit


def _pids_max() -> int | None:
    try:
        text = Path("/sys/fs/cgroup/pids.max").read_text(encoding="ascii").strip()
    except OSError:
        return None  # no cgroup says anything
    return None if text == "max" else int(text)


def _memory() -> int | None:
    """Read what is free (proc(5), meminfo)."""
    with suppress(OSError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    return None
