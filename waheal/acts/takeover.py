"""Takes over the logins of another program on whatsmeow, or of another machine.

Their database is only read.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from shlex import quote

from waheal.acts.attaching import Attached, attached
from waheal.acts.holding import held, settle_unless_held
from waheal.acts.workspace import Workspace, quoted_home_of
from waheal.campaign.plain_file import open_plain
from waheal.engine.collect import probe
from waheal.errors import UsageError
from waheal.model import DeviceId
from waheal.records import Device
from waheal.store import session_moves, session_writer
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.sessions import Sessions, phone_of

_SQLITE = b"SQLite format 3\x00"
_NAME_ONE = "name a session database of whatsmeow"
_WHAT = "waheal devices import"


def import_devices(workspace: Workspace, file: Path) -> list[DeviceId]:
    """Take over every login that the home lacks, each under its number; returns their labels.

    One that is there already keeps its label and its history, and so does one whose number
    WhatsApp asked for a passkey. The file of a device that moves here is taken in beside a run,
    which uses it at once.

    Raises:
        UsageError: the file is no such database, or of a library that is too old or too new; or its
            device was not given to this machine.
        HomeBusyError: a run holds the home.
    """
    if (moved := _moving(workspace, file)) is not None:
        return _arrived(workspace, file.resolve(), *moved)
    with held(workspace, _WHAT) as at:
        source = _found(file)
        home, ledger = at.home, at.ledger
        # It binds the home to whom these logins belong.
        with attached(workspace, home, ledger) as target:
            _make_tables(home, target)
            return _add_all(ledger, session_writer.import_sessions(source, home.sessions_path))


def _moving(workspace: Workspace, file: Path) -> tuple[str, int] | None:
    """Tell which session comes from another machine, and by which move; None: it is no device's."""
    packed = None if workspace.at is None else session_moves.packed_in(_found(file))
    if packed is None:
        return None
    with workspace.ledger(readonly=True) as ledger:
        return packed if _known(ledger, packed[0]) is not None else None


def _arrived(workspace: Workspace, source: Path, jid: str, token: int) -> list[DeviceId]:
    """Take in a device that was given to this machine; nobody else has used it meanwhile."""
    home = workspace.home()
    with workspace.ledger(home) as ledger, attached(workspace, home, ledger) as target:
        settle_unless_held(home, ledger, _WHAT)
        device = _known(ledger, jid)
        if device is None or _is_here(ledger, device, token, source):
            return []
        _make_tables(home, target)
        session_moves.unpack(source, home.sessions_path, jid)
        if not ledger.moves.arrive(device.label, token):
            raise _not_ours(ledger, device)
        return [device.label]


def _is_here(ledger: Ledger, device: Device, token: int, source: Path) -> bool:
    """Tell whether it was taken in before.

    Raises: UsageError where it is not to come here, or not with this file.
    """
    if device.machine != ledger.machines.name:
        raise _not_ours(ledger, device)
    wanted = ledger.moves.token(device.label)
    if wanted is not None and wanted != token:
        raise UsageError(
            f"{source} is of an earlier move of {device.label}",
            hint="take the file that the last one wrote",
        )
    return wanted is None


def _not_ours(ledger: Ledger, device: Device) -> UsageError:
    mine = ledger.machines.name or "THIS"
    return UsageError(
        f"{device.label} is a device of the machine {device.machine}, and was not moved here",
        hint="give it away there:"
        f" `waheal devices move {quote(device.label)} --to {quote(mine)}"
        f"{quoted_home_of(ledger, device.machine)}`",
    )


def _known(ledger: Ledger, jid: str) -> Device | None:
    known = ledger.devices.all(time.time(), everywhere=True)
    return next((each for each in known if each.jid == jid), None)


def _make_tables(home: Home, target: Attached) -> None:
    with closing(Sessions(home.sessions_path)) as sessions:
        empty = sessions.check(thorough=False).schema is None
    if empty:
        probe(home, target.host)  # the library makes its tables itself


def _found(file: Path) -> Path:
    """Give the database's own path: what belongs to it lies beside that one.

    Raises: UsageError.
    """
    try:
        with open_plain(file) as opened:
            head = opened.read(len(_SQLITE))
        whole = file.resolve()
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}", hint=_NAME_ONE) from error
    if head != _SQLITE:
        raise UsageError(f"{file} is no SQLite database", hint=_NAME_ONE)
    return whole


def _add_all(ledger: Ledger, jids: Sequence[str]) -> list[DeviceId]:
    now = time.time()
    devices = ledger.devices.all(now, everywhere=True)
    by_jid = {device.jid: device.label for device in devices}
    taken = {device.label for device in devices}
    awaited = {device.phone: device.label for device in devices if device.jid is None}
    labels = list[DeviceId]()
    with ledger.transaction():
        for jid in jids:
            if jid in by_jid:
                continue
            label = awaited.pop(phone_of(jid), None) or _free_label(jid, taken)
            taken.add(label)
            ledger.devices.add(label, jid, phone_of(jid), now)
            labels.append(label)
    return labels


def _free_label(jid: str, taken: set[DeviceId]) -> DeviceId:
    user, _, device = jid.partition("@")[0].partition(":")
    return DeviceId(user if user not in taken else f"{user}-{device or 0}")
