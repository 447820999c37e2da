"""Takes over the logins of another program on whatsmeow; its database is only read."""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from waheal.acts.attaching import attached
from waheal.acts.holding import held
from waheal.acts.workspace import Workspace
from waheal.campaign.plain_file import open_plain
from waheal.engine.collect import probe
from waheal.errors import UsageError
from waheal.model import DeviceId
from waheal.store import session_writer
from waheal.store.ledger import Ledger
from waheal.store.sessions import Sessions, phone_of

_SQLITE = b"SQLite format 3\x00"
_NAME_ONE = "name a session database of whatsmeow"


def import_devices(workspace: Workspace, file: Path) -> list[DeviceId]:
    """Take over every login that the home lacks, each under its number; returns their labels.

    One that is there already keeps its label and its history, and so does one whose number
    WhatsApp asked for a passkey.

    Raises:
        UsageError: the file is no such database, or of a library that is too old or too new.
        HomeBusyError: a run holds the home.
    """
    with held(workspace, "waheal devices import") as at:
        source = _found(file)
        home, ledger = at.home, at.ledger
        # It binds the home to whom these logins belong.
        with attached(workspace, home, ledger) as target:
            with closing(Sessions(home.sessions_path)) as sessions:
                empty = sessions.check(thorough=False).schema is None
            if empty:
                probe(home, target.host)  # the library makes its tables itself
            return _add_all(ledger, session_writer.import_sessions(source, home.sessions_path))


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
