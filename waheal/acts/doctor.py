"""Finds what is wrong with machine and home, mends it, tries the devices and records one."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from waheal.acts import parsing
from waheal.acts.attaching import attached
from waheal.acts.devices import described
from waheal.acts.holding import held
from waheal.acts.wishes import Machinery, Pacing, ReplyWords
from waheal.acts.workspace import Workspace, see_they_are_known
from waheal.doctor.catalogue import CHECKS
from waheal.doctor.connecting import explain
from waheal.doctor.examination import look, mend, worst
from waheal.doctor.sharing_checks import SHARING_CHECKS
from waheal.doctor.situation import Probe, Situation
from waheal.engine import collect
from waheal.engine.collect import connect, probing
from waheal.engine.past import settle_killed_runs
from waheal.errors import HomeUnusableError, UsageError, WahealError
from waheal.findings import Finding, Result, fail, ok, warn
from waheal.model import Accepted, DeviceState, Labels, Outcome, Quarantine
from waheal.records import OUTDATED, UPGRADE, Device
from waheal.store.home import Home
from waheal.store.lock import HomeLock
from waheal.wire import Answer, HostSettings, Offline, Online, StanzaSeen

__all__ = [
    "KnownCheck",
    "Mended",
    "RecordedStanza",
    "Trying",
    "checks",
    "examine",
    "record",
    "try_devices",
    "worst",
]

_EACH = 0.1  # seconds more for each device, beside what one may take
_SLOWEST = 60.0
_SILENT = "send the recording with your report: it shows how far it came"


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


@dataclass(frozen=True, slots=True)
class RecordedStanza:
    """A stanza that a device sent or received, with nothing of anybody's in it.

    `seconds` since the recording began.
    """

    seconds: float
    received: bool
    skeleton: str


def checks() -> list[KnownCheck]:
    """List every check; runs none."""
    return [
        KnownCheck(each.id, each.name, each.explanation, each.mend is not None)
        for each in (*CHECKS, *SHARING_CHECKS)
    ]


def examine(
    workspace: Workspace,
    check_config: Callable[[], None],
    *,
    fix: bool = False,
    pace: Pacing | None = None,
) -> Iterator[Mended | Finding]:
    """Run every check, offline and beside a run; with `fix`, mend first.

    `check_config` raises what is wrong with the operator's settings. `pace`: what devices may send
    and begin a day.

    Raises:
        HomeBusyError: a run holds the home that is to be mended.
    """
    pace = pace or Pacing()
    budget = pace.chats()
    with _probing() as probed:
        situation = Situation(
            root=workspace.root,
            now=time.time(),
            probe=probed,
            check_config=check_config,
            daily=pace.daily,
            at=workspace.at,
            described=lambda ledger: described(
                Home.owned(workspace.root), ledger, budget, time.time()
            ),
        )
        if fix:
            yield Mended(tuple(_mend(workspace, situation)))
        yield from look(CHECKS, situation)
        if workspace.at is not None:
            yield from look(SHARING_CHECKS, situation)


def try_devices(
    workspace: Workspace,
    max_open: int | str,
    replies: ReplyWords | None = None,
    *,
    keep_replies: bool = False,
) -> Iterator[Trying | Finding]:
    """Log every device in, and tell of each whether it answers, and at last how many did.

    The first that is refused for the library's version ends it. What an answer means for a device
    is written into the ledger, and so are the replies that come meanwhile, as `sync` takes them.

    Raises:
        HomeBusyError: a run holds the home.
    """
    with (
        held(workspace, "waheal doctor --connect") as at,
        attached(workspace, at.home, at.ledger) as target,
    ):
        devices = [each for each in at.ledger.devices.all(time.time()) if _can_be_tried(each)]
        yield Trying(len(devices))
        settings = Machinery(hosts=1, max_open=max_open).settings(target.host, len(devices))
        longest = _SLOWEST + _EACH * len(devices)
        online = 0
        answers = connect(
            at.home, at.lock, at.ledger, settings, devices, seconds=longest,
            words=(replies or ReplyWords()).words(), keep_replies=keep_replies,
        )  # fmt: skip
        for answer in answers:
            if isinstance(answer, Offline) and answer.quarantine is Quarantine.OUTDATED:
                yield Finding("connect", "connect", fail(OUTDATED, UPGRADE))
                return  # it says the same of every device
            online += isinstance(answer, Online)
            yield Finding(f"connect.{answer.device}", f"connect {answer.device}", _told(answer))
        result = ok(f"{online:,} of {len(devices):,} devices answer")
        if online < len(devices):
            result = warn(result.detail, "see what is said of each device")
        yield Finding("connect", "connect", result)


def record(
    workspace: Workspace,
    devices: str | None,
    replies: ReplyWords | None = None,
    *,
    keep_replies: bool = False,
) -> Iterator[RecordedStanza | Finding]:
    """Log one device in, let it send its own account a note, and tell of each stanza meanwhile.

    The first device that is ready, or else that can be tried; of those labels only, where some are
    given. A finding tells at last how it went.

    Raises:
        UsageError: there is no such device.
        HomeBusyError: a run holds the home.
    """
    with (
        held(workspace, "waheal doctor --record") as at,
        attached(workspace, at.home, at.ledger) as target,
    ):
        device = _to_record(at.ledger.devices.all(time.time()), parsing.labels(devices))
        began, stanzas, result = time.time(), 0, fail("nothing was told", _SILENT)
        told = collect.record(
            at.home, at.lock, at.ledger, target.host, device,
            words=(replies or ReplyWords()).words(), keep_replies=keep_replies,
        )  # fmt: skip
        for each in told:
            if isinstance(each, StanzaSeen):
                stanzas += 1
                yield RecordedStanza(max(0.0, each.at - began), each.received, each.skeleton)
            else:
                result = _how_it_went(each)
        detail = f"{stanzas:,} stanzas of {device.label}: {result.detail}"
        yield Finding("record", "record", replace(result, detail=detail))


def _to_record(devices: Sequence[Device], chosen: Labels | None) -> Device:
    see_they_are_known(chosen, (each.label for each in devices))
    able = [
        each for each in devices if _can_be_tried(each) and (chosen is None or each.label in chosen)
    ]
    if not able:
        raise UsageError(
            "there is no device to record",
            hint="it takes one that is paired and not banned; see `waheal devices list`",
        )
    return min(able, key=lambda each: each.state is not DeviceState.READY)


def _how_it_went(report: Online | Offline | Answer) -> Result:
    match report:
        case Online():
            return warn("logged in; whether the note was sent is not known", _SILENT)
        case Offline(device, reason, quarantine):
            return explain(device, reason, quarantine)
        case Answer(outcome=outcome):
            return _how_the_note_went(outcome)
        case _:
            assert_never(report)


def _how_the_note_went(outcome: Outcome) -> Result:
    if isinstance(outcome, Accepted):
        return ok("logged in, and sent its own account a note")
    return warn(f"logged in; the note was not sent: {outcome.reason}", _SILENT)


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
            settle_killed_runs(home, ledger, ledger.now())
        return done + mend(CHECKS, situation)


def _can_be_tried(device: Device) -> bool:
    banned = device.reason == Quarantine.BANNED.value
    return device.jid is not None and not device.unlinked and not banned


def _told(answer: Online | Offline) -> Result:
    if isinstance(answer, Online):
        return ok(f"logged in within {answer.seconds:.1f} s")
    return explain(answer.device, answer.reason, answer.quarantine)
