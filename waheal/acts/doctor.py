"""Finds what is wrong with machine and home, mends what can be mended, tries the devices."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from waheal.acts.attaching import attached
from waheal.acts.holding import held
from waheal.acts.orders import Machinery
from waheal.acts.workspace import Workspace
from waheal.doctor.catalogue import CHECKS
from waheal.doctor.connecting import explain
from waheal.doctor.examination import look, mend, worst
from waheal.doctor.situation import Probe, Situation
from waheal.engine.collect import connect, probing
from waheal.engine.past import settle_killed_runs
from waheal.errors import HomeUnusableError, WahealError
from waheal.findings import Finding, Result, ok, warn
from waheal.model import Quarantine
from waheal.records import Device
from waheal.store.home import Home
from waheal.store.lock import HomeLock
from waheal.wire import HostSettings, Offline, Online

__all__ = ["KnownCheck", "Mended", "Trying", "checks", "examine", "try_devices", "worst"]

_EACH = 0.1  # seconds more for each device, beside what one may take
_SLOWEST = 60.0


@dataclass(frozen=True, slots=True)
class KnownCheck:
    """A check that doctor knows; `mends`: what it finds can be mended."""

    id: str
    name: str
    explanation: str
    mends: bool


@dataclass(frozen=True, slots=True)
class Mended:
    """What was mended, a line each; nothing, the second time."""

    done: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trying:
    """So many devices are being logged in; a finding follows for each."""

    devices: int


def checks() -> list[KnownCheck]:
    """List every check; runs none."""
    return [
        KnownCheck(each.id, each.name, each.explanation, each.mend is not None) for each in CHECKS
    ]


def examine(
    workspace: Workspace,
    check_config: Callable[[], None],
    *,
    fix: bool = False,
    daily: int | None = None,
) -> Iterator[Mended | Finding]:
    """Run every check, offline and beside a run; with `fix`, mend first.

    `check_config` raises what is wrong with the operator's settings. `daily`: messages a device
    may send a day.

    Raises:
        HomeBusyError: a run holds the home that is to be mended.
    """
    with _probing() as probed:
        situation = Situation(
            root=workspace.root,
            now=time.time(),
            probe=probed,
            check_config=check_config,
            daily=daily,
        )
        if fix:
            yield Mended(tuple(_mend(workspace, situation)))
        yield from look(CHECKS, situation)


def try_devices(workspace: Workspace, max_open: int) -> Iterator[Trying | Finding]:
    """Log every device in, and tell of each whether it answers, and at last how many did.

    What that means for a device is written into the ledger.

    Raises:
        HomeBusyError: a run holds the home.
    """
    with (
        held(workspace, "waheal doctor --connect") as at,
        attached(workspace, at.home, at.ledger) as target,
    ):
        devices = [each for each in at.ledger.devices.all(time.time()) if _can_be_tried(each)]
        yield Trying(len(devices))
        settings = Machinery(max_open=max_open).settings(target.host)
        longest = _SLOWEST + _EACH * len(devices)
        online = 0
        for answer in connect(at.home, at.lock, at.ledger, settings, devices, seconds=longest):
            online += isinstance(answer, Online)
            yield Finding(f"connect.{answer.device}", f"connect {answer.device}", _told(answer))
        result = ok(f"{online:,} of {len(devices):,} devices answer")
        if online < len(devices):
            result = warn(result.detail, "see what is said of each device")
        yield Finding("connect", "connect", result)


@contextmanager
def _probing() -> Iterator[Callable[[], Probe]]:
    """Start the library in a home of its own, whatever is wrong with the operator's."""
    with tempfile.TemporaryDirectory(prefix="waheal-doctor-") as folder:
        home = Home.open(Path(folder), create=True)
        with probing(home, HostSettings()) as version:
            yield lambda: _probed(version, home)


def _probed(version: Callable[[], str], home: Home) -> Probe:
    try:
        return Probe(version(), None)
    except WahealError as error:
        logs = sorted(home.logs.iterdir())
        words = logs[-1].read_text(encoding="utf-8", errors="replace").strip() if logs else ""
        said = [line for line in words.splitlines() if not line.startswith("hint: ")]
        return Probe(None, ": ".join([error.message, *said[-1:]]))


def _mend(workspace: Workspace, situation: Situation) -> list[str]:
    # The modes come first: with them wrong, the home can't even be opened to be locked.
    done = mend([check for check in CHECKS if check.id == "home.modes"], situation)
    home = workspace.home()
    with HomeLock.acquire(home, what="waheal doctor --fix"):
        # A ledger that can't be opened judges nobody; what is mended then leaves them in doubt.
        with suppress(HomeUnusableError), workspace.ledger(home) as ledger:
            settle_killed_runs(home, ledger, time.time())
        return done + mend(CHECKS, situation)


def _can_be_tried(device: Device) -> bool:
    banned = device.reason == Quarantine.BANNED.value
    return device.jid is not None and not device.unlinked and not banned


def _told(answer: Online | Offline) -> Result:
    if isinstance(answer, Online):
        return ok(f"logged in within {answer.seconds:.1f} s")
    return explain(answer.device, answer.reason, answer.quarantine)
