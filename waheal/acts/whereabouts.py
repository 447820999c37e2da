"""Where a home was used last: a copy, or one that was moved, does not know what was sent since."""

import hashlib
import json
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from waheal.events import HomeMoved
from waheal.store.home import Home
from waheal.store.ledger import Ledger

_KEY = "used last"
_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


@dataclass(frozen=True, slots=True)
class _Spot:
    """A folder on a machine; `machine` is empty where that has no id."""

    folder: str
    machine: str


def moved(home: Home, ledger: Ledger) -> HomeMoved | None:
    """Tell whether a home with campaigns in it was last used elsewhere."""
    kept, here = ledger.notes.get(_key(ledger)), _here(home)
    if kept is None or not ledger.campaigns.all():
        return None
    before = _Spot(*json.loads(kept))
    elsewhere = bool(before.machine and here.machine) and before.machine != here.machine
    if before.folder == here.folder and not elsewhere:
        return None
    folder = before.folder if before.folder != here.folder else None
    there = folder is not None and not elsewhere and Home(Path(folder)).ledger_path.exists()
    return HomeMoved(folder, elsewhere, there)


def note_place(home: Home, ledger: Ledger) -> None:
    """Keep where the home is used."""
    ledger.notes.set(_key(ledger), json.dumps(astuple(_here(home))))


def _key(ledger: Ledger) -> str:
    """Name the note: of a ledger that machines share, this one's."""
    return f"{_KEY} {ledger.machines.mine}" if ledger.remote else _KEY


def _here(home: Home) -> _Spot:
    return _Spot(str(home.root.resolve()), _machine())


def _machine() -> str:
    """Tell this machine from others, without telling its id."""
    for path in _MACHINE_IDS:
        with suppress(OSError):
            if said := path.read_bytes().strip():
                return hashlib.sha256(b"waheal " + said).hexdigest()[:16]
    return ""
