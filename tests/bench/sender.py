"""A child process: `waheal send` as a cron job has it, which says at its end what the sends took.

It is the command's own run, view and log. Only the window from the first connect to the last
settlement is measured, as for a bare loop: not the start, nor the reading of the file. Its figures
go to the descriptor that is named first; the others are home, trust file, campaign file, hosts.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import waheal
from tests.bench.measure import peak_of, processor_of
from waheal.events import DeviceHealing, Event, Settled
from waheal.model import State
from waheal.views.opening import open_view
from waheal.views.talk import Talk
from waheal.views.view import ViewKind


class Meter:
    """What this process and its children have used since the meter was made."""

    def __init__(self) -> None:
        self._hosts = {pid: processor_of(pid) for pid in _children()}
        self._began = time.monotonic()
        self._used = _own()

    def read(self) -> dict[str, float]:
        hosts = {pid: processor_of(pid) for pid in _children()}
        used = _own()
        return {
            "seconds": time.monotonic() - self._began,
            "coordinator": sum(used) - sum(self._used),
            "coordinator_kernel": used[1] - self._used[1],
            "hosts": sum(each - self._hosts.get(pid, 0.0) for pid, each in hosts.items()),
            "hosts_peak": max(map(peak_of, hosts), default=0.0),
        }


def _own() -> tuple[float, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime, used.ru_stime


def _children() -> Iterator[int]:
    """Tell the processes that come of this one: hosts, and their look-ups."""
    parents = [os.getpid()]
    while parents:
        children = Path(f"/proc/{parents[0]}/task").glob("*/children")
        for child in " ".join(each.read_text() for each in children).split():
            parents.append(int(child))
            yield int(child)
        del parents[0]


def main() -> None:
    descriptor, home, trust, campaign, hosts = sys.argv[1:]
    order = waheal.SendOrder(Path(campaign), machinery=waheal.Machinery(hosts=int(hosts)))
    workspace = waheal.open_home(home, trust=trust)
    meter: Meter | None = None
    told: dict[str, float] = {}
    sent, settled, wanted = 0, 0, _rows(campaign)
    talk = Talk(sys.stderr)
    with open_view(ViewKind.PLAIN, talk) as view:
        for event in waheal.send(workspace, order):
            if isinstance(event, Event):
                view.show(event)
            match event:
                case DeviceHealing() if meter is None:
                    meter = Meter()
                case Settled(state=state) if meter is not None:
                    sent += state in {State.SENT, State.DELIVERED}
                    told = meter.read() if (settled := settled + 1) >= wanted else told
                case _:
                    pass
    talk.close()
    if not told:
        raise SystemExit(f"{settled} of {wanted} were settled")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    os.write(int(descriptor), json.dumps({**told, "sent": sent, "peak": peak}).encode())


def _rows(campaign: str) -> int:
    """Count the rows of the file: a line each, and the header."""
    return Path(campaign).read_bytes().count(b"\n") - 1


if __name__ == "__main__":
    main()
