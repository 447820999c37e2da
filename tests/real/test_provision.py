"""Devices that were never paired: their rows written by hand, then used by the library."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.real.client import Neonize, Paired
from tests.real.sandbox_process import SandboxProcess
from waheal.sandbox.control_words import ProvisionedDevice

pytestmark = pytest.mark.real

_DEVICE = (
    "jid lid registration_id noise_key identity_key signed_pre_key signed_pre_key_id "
    "signed_pre_key_sig adv_key adv_details adv_account_sig adv_account_sig_key adv_device_sig "
    "platform"
)
_TEXTS = {"jid", "lid", "platform"}


def _insert(database: sqlite3.Connection, made: ProvisionedDevice) -> None:
    row: dict[str, str | int | bytes] = {}
    for name in _DEVICE.split():
        value = getattr(made, name)
        in_hex = isinstance(value, str) and name not in _TEXTS
        row[name] = bytes.fromhex(value) if in_hex else value
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    statement = f"INSERT INTO whatsmeow_device ({columns}) VALUES ({marks})"  # noqa: S608 - fixed names
    database.execute(statement, [*row.values()])
    keys = [(made.jid, key.key_id, bytes.fromhex(key.key)) for key in made.pre_keys]
    database.executemany("INSERT INTO whatsmeow_pre_keys VALUES (?, ?, ?, 1)", keys)
    identity = (made.jid, made.identity_id, bytes.fromhex(made.identity))
    database.execute("INSERT INTO whatsmeow_identity_keys VALUES (?, ?, ?)", identity)
    known = (made.lid_user, made.pn_user)
    database.execute("INSERT INTO whatsmeow_lid_map (lid, pn) VALUES (?, ?)", known)


def test_provisioned_devices_send_without_a_pairing_or_an_upload(
    tmp_path: Path, sandbox: SandboxProcess
) -> None:
    control = sandbox.control
    with closing(Neonize(tmp_path, sandbox.trust)) as maker:
        Paired(maker, control, "schema")  # the library makes the tables
    made = control.devices.provision(3)
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as database, database:
        for device in made:
            _insert(database, device)
    with closing(Neonize(tmp_path, sandbox.trust)) as library:
        for device in made:
            library.do("connect", {"client": device.jid, "jid": device.jid})
            library.wait("Connected", {"client": device.jid})
            fields = {"client": device.jid, "to": "+447700900321", "text": device.jid}
            message_id = library.do("send", fields)
            library.wait("Receipt", {"client": device.jid, "ids": [message_id]})
    texts = [one.text for one in control.phones.received("+447700900321")]
    assert texts == [device.jid for device in made]
    asked = [control.stats().devices[device.jid]["iq:encrypt"] for device in made]
    assert asked == [2, 2, 2]  # a count and a fetch; no upload
