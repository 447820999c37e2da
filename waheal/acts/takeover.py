"""Takes over the logins of another program on whatsmeow; its database is only read."""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from waheal.acts.attaching import attached
from waheal.acts.holding import held
from waheal.acts.workspace import Workspace
from waheal.engine.collect import probe
from waheal.errors import UsageError
from waheal.model import DeviceId
from waheal.store import session_writer
from waheal.store.ledger import Ledger
from waheal.store.sessions import Sessions, phone_of

_SQLITE = b"SQLite format 3\x00"


def import_devices(workspace: Workspace, file: Path) -> list[DeviceId]:
    """Take over every login that the home lacks, each under its number; returns their labels.

    One that is there already keeps its label and its history.

    Raises:
        UsageError: the file is no such database, or of a library that is too old or too new.
        HomeBusyError: a run holds the home.
    """
    if not file.is_file():
        raise UsageError(f"there is no file {file}", hint="name a session database of whatsmeow")
    with (
        held(workspace, "waheal devices import") as at,
        attached(workspace, at.home, at.ledger) as target,  # binds it to whom these logins belong
    ):
        _see_it_is_one(file)
        home, ledger = at.home, at.ledger
        with closing(Sessions(home.sessions_path)) as sessions:
            empty = sessions.check(thorough=False).schema is None
        if empty:
            probe(home, target.host)  # the library makes its tables itself
        session_writer.import_sessions(file.absolute(), home.sessions_path)
        with closing(Sessions(file.absolute())) as source:
            return _add_all(ledger, list(source.devices()))


def _see_it_is_one(file: Path) -> None:
    with file.open("rb") as opened:
        if opened.read(len(_SQLITE)) != _SQLITE:
            raise UsageError(
                f"{file} is no SQLite database", hint="name a session database of whatsmeow"
            )


def _add_all(ledger: Ledger, jids: Sequence[str]) -> list[DeviceId]:
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
