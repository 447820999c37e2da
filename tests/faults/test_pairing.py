"""What WhatsApp asks or withholds while a device is paired, and what helps, through the client."""

import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.scenes import settings
from tests.kit.rig import Rig, rig
from tests.real.client import Neonize, Paired
from waheal.engine.pairing import pair
from waheal.model import DeviceId, State
from waheal.sandbox.control import FaultKind, FaultOrder
from waheal.store.session_writer import import_sessions
from waheal.wire import PairFailed, QrCode

pytestmark = pytest.mark.real

D1 = DeviceId("d1")


def refused(made: Rig) -> PairFailed:
    """Scan once, and see the pairing fail."""
    scanned = False
    for report in pair(made.home, [D1], trust=made.server.trust):
        if isinstance(report, QrCode) and not scanned:
            made.control.phones.scan(report.code)
            scanned = True
        elif isinstance(report, PairFailed):
            return report
    raise AssertionError("it was paired")


def linked_elsewhere(made: Rig, folder: Path) -> Path:
    """Link a device with another program, whose library is newer and has tables of its own."""
    folder.mkdir()
    with closing(Neonize(folder, asdict(made.server.trust))) as library:
        device = Paired(library, made.control, "elsewhere")
        device.do("stop")
        made.control.devices.wait_disconnected(device.jid)
    database = folder / "sessions.db"
    with closing(sqlite3.connect(database)) as conn, conn:
        conn.execute("UPDATE whatsmeow_version SET version = 19, compat = 8")
        conn.execute("CREATE TABLE users (name TEXT)")
        conn.execute("ALTER TABLE whatsmeow_device ADD COLUMN webhook TEXT")
    return database


def test_an_account_with_a_passkey_is_linked_elsewhere_and_taken_over(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:  # which has made the session database's tables
        made.control.faults.order(FaultOrder(FaultKind.PASSKEY_ASKED))
        failed = refused(made)
        assert "asks this account for a passkey" in failed.reason
        database = linked_elsewhere(made, tmp_path / "elsewhere")
        (taken,) = import_sessions(database, made.home.sessions_path)
        made.ledger.devices.add(D1, taken.jid, taken.phone, made.clock())
        made.enroll(3, pinned=D1)
        made.send(settings(made))
        assert set(made.states().values()) == {State.DELIVERED}
        table.tell(
            table.Row(
                "a passkey is asked for while a device is paired",
                f"the device is not there: {failed.reason}",
                "nothing",
                "once another program has linked it, and `waheal devices import` has taken it over",
            )
        )
