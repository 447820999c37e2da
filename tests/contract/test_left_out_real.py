"""A message that could not be encrypted for somebody, by the real library in a whole host.

The session database refuses identity keys here, as a full disk does for a moment: the library then
leaves a device out of the message, keeps a Signal session all the same, and sends.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.contract.host_process import Home
from tests.kit.sends import make_send
from waheal.model import Accepted, NotSent, Phone
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = [pytest.mark.real, pytest.mark.once]

PHONE = "+15555550100"
NO_DATABASE = NotSent("the session database could not be read or written")


@contextmanager
def refusing(home: Home, address: str) -> Iterator[None]:
    """Let no identity be written of an address (user_1:device, with LIKE's signs)."""
    with closing(sqlite3.connect(home.sessions, isolation_level=None)) as database:
        database.execute(
            "CREATE TRIGGER no_room BEFORE INSERT ON whatsmeow_identity_keys"
            f" WHEN NEW.their_id LIKE '{address}'"
            " BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
        )
        try:
            yield
        finally:
            database.execute("DROP TRIGGER no_room")


def lid_of(home: Home, phone: str) -> str:
    """Tell the digits of somebody's LID, who was written to."""
    with closing(sqlite3.connect(f"file:{home.sessions}?mode=ro", uri=True)) as database:
        asked = "SELECT lid FROM whatsmeow_lid_map WHERE pn = ?"
        (lid,) = database.execute(asked, (phone.removeprefix("+"),)).fetchone()
    return str(lid)


def own_lid(home: Home) -> str:
    with closing(sqlite3.connect(f"file:{home.sessions}?mode=ro", uri=True)) as database:
        (lid,) = database.execute("SELECT lid FROM whatsmeow_device").fetchone()
    return str(lid).partition(":")[0].partition("@")[0]


def shown(home: Home, phone: str = PHONE) -> int:
    return sum(message.delivered for message in home.control.phones.received(Phone(phone)))


def test_a_first_message_that_nobody_can_read_did_not_leave(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    with refusing(home, "%"):
        host.tell(make_send(1, "a", jid, PHONE))
        assert host.outcome(1) == NO_DATABASE
    assert shown(home) == 0
    host.tell(make_send(2, "a", jid, PHONE))
    assert isinstance(host.outcome(2), Accepted)
    assert shown(home) == 1


def test_nor_did_a_later_one_with_a_session_of_long_ago(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    host.tell(make_send(1, "a", jid, PHONE))
    assert isinstance(host.outcome(1), Accepted)
    with refusing(home, "%"):
        host.tell(make_send(2, "a", jid, PHONE))
        assert host.outcome(2) == NO_DATABASE
    assert shown(home) == 1


def test_prekeys_that_are_refused_are_no_fault_of_the_database(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    home.control.faults.order(FaultOrder(FaultKind.PREKEYS_REFUSED, recipient=Phone(PHONE)))
    host.tell(make_send(1, "a", jid, PHONE))
    assert host.outcome(1) == NotSent("it could not be encrypted for them", counts=True)


def test_a_device_of_the_accounts_own_that_is_left_out_takes_nothing_back(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    with refusing(home, f"{own_lid(home)}%"):
        for number in (1, 2):
            host.tell(make_send(number, "a", jid, PHONE))
            assert isinstance(host.outcome(number), Accepted)
    host.wait_for_log("Failed to encrypt")
    asked = home.control.stats().devices[jid]["iq:usync"]
    with refusing(home, f"{own_lid(home)}%"):
        host.tell(make_send(3, "a", jid, PHONE))
        assert isinstance(host.outcome(3), Accepted)
    assert home.control.stats().devices[jid]["iq:usync"] == asked  # known for its own by now
    assert shown(home) == 3


def test_who_reads_it_on_one_of_two_devices_has_it(home: Home) -> None:
    sessions = home.pair("a", "b")
    host = home.sender()
    reader = "+" + sessions["b"].partition(":")[0]
    host.tell(make_send(1, "a", sessions["a"], reader))
    assert isinstance(host.outcome(1), Accepted)
    with refusing(home, f"{lid_of(home, reader)}_1:1"):
        host.tell(make_send(2, "a", sessions["a"], reader))
        assert isinstance(host.outcome(2), Accepted)
    host.wait_for_log("Failed to encrypt")
    assert shown(home, reader) == 2
