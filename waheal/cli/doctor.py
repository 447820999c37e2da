"""`waheal doctor`: runs the checks, mends, and connects; knows no single check."""

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from waheal.cli import options as o
from waheal.cli.attach import attached
from waheal.cli.console import say, show, write_json, write_lines
from waheal.cli.running import Machinery, host_settings
from waheal.cli.scene import Scene, scene
from waheal.cli.settings import FILE_NAME, read_file
from waheal.cli.signals import interruptible
from waheal.doctor.catalogue import CHECKS
from waheal.doctor.connecting import explain
from waheal.doctor.examination import Finding, look, mend, worst
from waheal.doctor.model import Check, Probe, Result, Situation, Status, ok, warn
from waheal.engine.collect import connect, probing
from waheal.engine.settings import HostSettings
from waheal.errors import OwnFault
from waheal.model import ExitCode, Quarantine
from waheal.records import Device
from waheal.store.home import Home
from waheal.store.lock import HomeLock
from waheal.views.opening import console_for
from waheal.views.progress import Progress
from waheal.views.tables import CheckRow, CheckStatus, doctor_table
from waheal.wire import Offline, Online

_CODES = {Status.OK: 0, Status.WARN: 1, Status.FAIL: 2}
_EACH = 0.1  # seconds more for each device, beside what one may take
_SLOWEST = 60.0


def doctor(
    list_checks: o.ListChecks = False,
    fix: o.Fix = False,
    connect_all: o.ConnectAll = False,
    daily: o.Daily = None,
    max_open: o.MaxOpen = 1000,
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.HomeAsItIs = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Find what is wrong with this machine and the home, each with a hint that can be followed.

    Works offline and beside a run. --connect logs every device in; --fix mends modes, journal
    modes and left-over rows. Both wait for no run: they need the home for themselves.
    """
    if list_checks:
        return _list(as_json)
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    with interruptible(), _probing() as probed:
        situation = Situation(
            root=here.root,
            now=time.time(),
            probe=probed,
            check_config=lambda: _check_config(home or here.root),
            daily=daily,
        )
        done = _mend(here, situation) if fix else []
        findings = list(look(CHECKS, situation))
        if connect_all:
            findings += _connect(here, max_open)
    _tell(here, findings, done if fix else None)
    return _CODES[worst(finding.result for finding in findings)]


def _list(as_json: bool) -> ExitCode:
    if as_json:
        write_json(
            {
                "checks": [
                    {
                        "id": check.id,
                        "name": check.name,
                        "explanation": check.explanation,
                        "mends": check.mend is not None,
                    }
                    for check in CHECKS
                ]
            }
        )
    else:
        mends = {check.id: " (--fix mends it)" if check.mend else "" for check in CHECKS}
        write_lines(f"{each.id:<20} {each.explanation}{mends[each.id]}" for each in CHECKS)
    return ExitCode.OK


def _check_config(root: Path) -> None:
    read_file(root / FILE_NAME, o.known() - {"home"})


@contextlib.contextmanager
def _probing() -> Iterator[Callable[[], Probe]]:
    """Start the library in a home of its own, whatever is wrong with the operator's."""
    with tempfile.TemporaryDirectory(prefix="waheal-doctor-") as folder:
        place = Home.open(Path(folder), create=True)
        with probing(place, HostSettings()) as version:
            yield lambda: _probed(version, place)


def _probed(version: Callable[[], str], place: Home) -> Probe:
    try:
        return Probe(version(), None)
    except OwnFault as error:
        logs = sorted(place.logs.iterdir())
        words = logs[-1].read_text(encoding="utf-8", errors="replace").strip() if logs else ""
        return Probe(None, ": ".join([error.message, *words.splitlines()[-1:]]))


def _mend(here: Scene, situation: Situation) -> list[str]:
    # The modes come first: with them wrong, the home can't even be opened to be locked.
    done = mend([check for check in CHECKS if check.id == "home.modes"], situation)
    place = here.home()
    with HomeLock.acquire(place, what="waheal doctor --fix"):
        return done + mend(CHECKS, situation)


def _connect(here: Scene, max_open: int) -> Iterator[Finding]:
    place = here.home()
    with ExitStack() as stack:
        lock = stack.enter_context(HomeLock.acquire(place, what="waheal doctor --connect"))
        ledger = stack.enter_context(here.ledger(place))
        target = stack.enter_context(attached(here, place, ledger))
        devices = [each for each in ledger.devices.all(time.time()) if _can_be_tried(each)]
        settings = host_settings(Machinery(32, 1, max_open), target.trust)
        bar = stack.enter_context(
            Progress("connecting", len(devices), console=console_for(sys.stderr), clock=time.time)
        )
        longest = _SLOWEST + _EACH * len(devices)
        answers = connect(place, lock, ledger, settings, devices, seconds=longest)
        online = 0
        for answer in answers:
            bar.advance()
            online += isinstance(answer, Online)
            yield Finding(_device_check(answer.device), _heed(answer))
        result = ok(f"{online:,} of {len(devices):,} devices answer")
        if online < len(devices):
            result = warn(result.detail, "see what is said of each device")
        yield Finding(
            Check("connect", "connect", "Every device logs in.", lambda _: result), result
        )


def _device_check(label: str) -> Check:
    def unasked(_: Situation) -> Result:
        raise LookupError(label)  # it was asked by connecting

    return Check(f"connect.{label}", f"connect {label}", "This device logs in.", unasked)


def _can_be_tried(device: Device) -> bool:
    banned = device.reason == Quarantine.BANNED.value
    return device.jid is not None and not device.unlinked and not banned


def _heed(answer: Online | Offline) -> Result:
    if isinstance(answer, Online):
        return ok(f"logged in within {answer.seconds:.1f} s")
    return explain(answer.device, answer.reason, answer.quarantine)


def _tell(here: Scene, findings: list[Finding], done: list[str] | None) -> None:
    if here.json:
        document: dict[str, object] = {"checks": [_document(each) for each in findings]}
        if done is not None:
            document["mended"] = done
        write_json(document)
        return
    for each in done or []:
        say(f"mended: {each}")
    if done == []:
        say("nothing to mend")
    told = [each for each in findings if not here.quiet or each.result.status is not Status.OK]
    if not here.verbose:  # of thousands of devices, those that do not answer
        told = [
            each
            for each in told
            if not each.check.id.startswith("connect.") or each.result.status is not Status.OK
        ]
    show(doctor_table([_row(each) for each in told]))


def _row(each: Finding) -> CheckRow:
    result = each.result
    return CheckRow(each.check.id, CheckStatus(result.status.value), result.detail, result.hint)


def _document(each: Finding) -> dict[str, object]:
    return {
        "id": each.check.id,
        "name": each.check.name,
        "status": each.result.status.value,
        "detail": each.result.detail,
        "hint": each.result.hint,
    }
