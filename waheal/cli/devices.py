"""`waheal devices`: pair, list, import, pause and remove devices; knows nothing of sending."""

import contextlib
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from waheal.cli import options as o
from waheal.cli import pace, words
from waheal.cli.console import say, say_error, show, write_json, write_lines
from waheal.cli.scene import Scene, scene
from waheal.cli.signals import interruptible
from waheal.documents import DEVICE_FIELDS, device_fields
from waheal.errors import UsageError
from waheal.model import DeviceId, DeviceState, ExitCode, Phone
from waheal.policy.pacing import Limits
from waheal.records import Device
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.store.sessions import Sessions, phone_of
from waheal.views.tables import devices_table
from waheal.views.words import count
from waheal.wire import Paired, PairFailed

Label = Annotated[str, typer.Argument(help="The device's label.")]
Labels = Annotated[list[str], typer.Argument(help="Labels of devices.")]
_MOST = 50
_SQLITE = b"SQLite format 3\x00"


def list_devices(
    state: o.StateFilter = None,
    match: o.Match = None,
    rate: o.Rate = [],  # noqa: B006 - typer hands over a list of its own
    daily: o.Daily = None,
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Label, number, state and why, last success, sent today; those that need you first.

    On a terminal the first 50 are shown, all with --verbose or --match.
    """
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    limits = pace.limits(rate, daily, None, None, None, None)
    _check_state(state)
    now = time.time()
    with here.ledger(readonly=True) as ledger:
        found = [each for each in ledger.devices.all(now) if _wanted(each, state, match)]
        nexts = _nexts(ledger, limits, now)
    if here.json:
        write_json({"devices": [device_fields(each) for each in found]})
        return ExitCode.OK
    if not sys.stdout.isatty():
        write_lines(["\t".join(DEVICE_FIELDS), *(_plain(each) for each in found)])
        return ExitCode.OK
    most = _MOST if not verbose and match is None else None
    show(devices_table(found, now=now, daily=limits.per_day, nexts=nexts, most=most))
    return ExitCode.OK


def _check_state(state: str | None) -> None:
    if state is not None and state not in set(DeviceState):
        raise UsageError(
            f"{state!r} is no state of a device", hint=f"one of {', '.join(DeviceState)}"
        )


def _wanted(device: Device, state: str | None, match: str | None) -> bool:
    return (state is None or device.state == state) and (match is None or match in device.label)


def _nexts(ledger: Ledger, limits: Limits, now: float) -> dict[DeviceId, float]:
    if not limits.device_rates:
        return {}
    since = limits.history_since(now)
    claims = ledger.history.claim_times(since)
    return {label: limits.pace(times, since).allowed_at(now) for label, times in claims.items()}


def _plain(device: Device) -> str:
    """Give a line for other programs: thousands of them in no time."""
    values = device_fields(device).values()
    return "\t".join("" if value is None else str(value) for value in values)


def pair(
    labels: Labels,
    code: o.Code = None,
    region: o.Region = None,
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Pair devices, one after the other, by a QR code or by a code typed on the phone.

    On the phone: Settings, Linked devices, Link a device. A device that is paired already is left
    alone, so the same command can be run again; one that was logged out keeps its history.
    """
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    wanted = [words.label(text) for text in labels]
    number = None if code is None else _number(code, region)
    if number is not None and len(wanted) > 1:
        raise UsageError("--code pairs one device at a time", hint="name one label")
    with interruptible():
        return _pair(here, wanted, number)


def _number(code: str, region: str | None) -> Phone:
    from waheal.cli.numbers import read_phone  # noqa: PLC0415 - as in _pair

    return read_phone(code, region)


def _pair(here: Scene, wanted: list[DeviceId], number: Phone | None) -> ExitCode:
    # The engine is large, and the list, which scripts ask for often, needs nothing of it.
    from waheal.cli.attach import attached  # noqa: PLC0415
    from waheal.cli.pairing import open_shown  # noqa: PLC0415
    from waheal.engine.pairing import pair as pair_devices  # noqa: PLC0415

    place = here.home()
    with ExitStack() as stack:
        ledger = stack.enter_context(here.ledger(place))
        target = stack.enter_context(attached(here, place, ledger))
        missing = _unlinked(place, ledger, wanted)
        for label in sorted(set(wanted) - set(missing)):
            say(f"{label} is paired already")
        if not missing:
            return ExitCode.OK
        shown = stack.enter_context(open_shown(here))
        # Closing ends the pairing's process, whatever happens here.
        reports = stack.enter_context(
            contextlib.closing(pair_devices(place, missing, trust=target.trust, code_phone=number))
        )
        for report in reports:
            if isinstance(report, Paired):
                ledger.devices.add(report.device, report.jid, phone_of(report.jid), time.time())
            shown.show(report)
            if isinstance(report, PairFailed):
                return ExitCode.SOME_FAILED
    return ExitCode.OK


def _unlinked(place: Home, ledger: Ledger, wanted: list[DeviceId]) -> list[DeviceId]:
    """Leave out those that are paired, and whose login is stored."""
    with contextlib.closing(Sessions(place.sessions_path)) as sessions:
        stored = sessions.devices()
    linked = {
        device.label
        for device in ledger.devices.all(time.time())
        if device.jid in stored and not device.unlinked
    }
    return [label for label in wanted if label not in linked]


def import_devices(
    file: Annotated[Path, typer.Argument(help="A neonize session database (SQLite).")],
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Take over the sessions of an existing neonize database; the file itself is only read.

    Stop whatever uses them first: two clients on one session replace each other. Each device is
    called by its number; one that is there already keeps its label and its history.
    """
    from waheal.cli.attach import attached  # noqa: PLC0415 - as in _pair
    from waheal.store import session_writer  # noqa: PLC0415 - likewise

    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    place = here.home()
    if not file.is_file():
        raise UsageError(f"there is no file {file}", hint="name a neonize session database")
    with (
        interruptible(),
        HomeLock.acquire(place, what="waheal devices import"),
        here.ledger(place) as ledger,
        attached(here, place, ledger),  # binds the home to whom these logins belong to
    ):
        _see_it_is_one(file)
        session_writer.import_sessions(file.absolute(), place.sessions_path)
        with contextlib.closing(Sessions(file.absolute())) as source:
            labels = _add_all(ledger, list(source.devices()))
    if here.json:
        write_json({"imported": labels})
    elif not here.quiet:
        say(f"{count(len(labels), 'device')} imported; `waheal doctor --connect` tries them")
    return ExitCode.OK


def _see_it_is_one(file: Path) -> None:
    with file.open("rb") as opened:
        if opened.read(len(_SQLITE)) != _SQLITE:
            raise UsageError(
                f"{file} is no SQLite database", hint="name a neonize session database"
            )


def _add_all(ledger: Ledger, jids: list[str]) -> list[DeviceId]:
    now = time.time()
    by_jid = {device.jid: device.label for device in ledger.devices.all(now)}
    taken = set(by_jid.values())
    labels = list[DeviceId]()
    with ledger.transaction():
        for jid in jids:
            if jid in by_jid:
                continue
            label = _free_label(jid, taken)
            taken.add(label)
            ledger.devices.add(label, jid, phone_of(jid), now)
            labels.append(label)
    return labels


def _free_label(jid: str, taken: set[DeviceId]) -> DeviceId:
    user, _, device = jid.partition("@")[0].partition(":")
    return DeviceId(user if user not in taken else f"{user}-{device or 0}")


def remove(
    label: Label,
    keep_session: o.KeepSession = False,
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Log a device out and forget it; what it left in doubt is settled first.

    Its messages stay in the campaigns' records.
    """
    from waheal.engine.past import settle_killed_runs  # noqa: PLC0415 - as in _pair

    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    place = here.home()
    with (
        interruptible(),
        HomeLock.acquire(place, what=f"waheal devices remove {label}") as lock,
        here.ledger(place) as ledger,
    ):
        device = _known(ledger, label)
        # A logout takes the session's rows with it, and they are the evidence.
        settle_killed_runs(place, ledger, time.time())
        reason = None if keep_session else _log_out(here, place, lock, ledger, device)
        if reason is not None:
            say_error(
                f"{label} could not be logged out: {reason}",
                "unlink it on its phone, then remove it with --keep-session",
            )
            return ExitCode.LEFT_OVER
        ledger.devices.remove(device.label, time.time())
    return _told(here, [device.label], "removed")


def _log_out(
    here: Scene, place: Home, lock: HomeLock, ledger: Ledger, device: Device
) -> str | None:
    from waheal.cli.attach import attached  # noqa: PLC0415 - as in _pair
    from waheal.cli.running import Machinery, host_settings  # noqa: PLC0415 - likewise
    from waheal.engine.collect import log_out  # noqa: PLC0415 - likewise

    if device.jid is None or device.unlinked:
        return None
    with attached(here, place, ledger) as target:
        settings = host_settings(Machinery(1, 1, 1), target.trust)
        return log_out(place, lock, ledger, settings, device)


def pause(
    labels: Labels,
    sandbox: o.Sandbox = False,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Send nothing more through these devices; also reaches a run that is under way."""
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox)
    with here.ledger() as ledger:
        chosen = [_known(ledger, label).label for label in labels]
        for label in chosen:
            ledger.devices.pause(label)
    return _told(here, chosen, "paused")


def resume(
    labels: Labels,
    sandbox: o.Sandbox = False,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> int:
    """Use these devices again, also before their quarantine is over."""
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox)
    with here.ledger() as ledger:
        chosen = [_known(ledger, label).label for label in labels]
        for label in chosen:
            ledger.devices.resume(label)
            ledger.devices.release(label)
    return _told(here, chosen, "used again")


def _known(ledger: Ledger, label: str) -> Device:
    device = ledger.devices.find(words.label(label), time.time())
    if device is None:
        raise UsageError(f"no device is called {label!r}", hint="`waheal devices list` shows them")
    return device


def _told(here: Scene, labels: list[DeviceId], what: str) -> ExitCode:
    if here.json:
        write_json({"devices": labels})
    elif not here.quiet:
        say(f"{', '.join(labels)}: {what}")
    return ExitCode.OK
