"""Looking ahead by the real library, in a whole host: what it costs, and what is left behind."""

import sqlite3
from contextlib import closing

import pytest

from tests.contract.host_process import Home
from tests.kit.sends import make_send
from waheal.model import Accepted, Rejected
from waheal.sandbox.control import FaultKind, FaultOrder
from waheal.wire import Offline

pytestmark = pytest.mark.real


def people(count: int) -> list[str]:
    return [f"+1555555{number:04}" for number in range(100, 100 + count)]


def asked(home: Home, jid: str) -> int:
    """Tell how often a device has asked the directory, or for device lists."""
    return home.control.stats().devices[jid].get("iq:usync", 0)


def test_people_who_are_looked_up_together_cost_their_sends_no_question(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    first, *others = people(10)
    host.tell(make_send(0, "a", jid, first, ahead=[(each, None) for each in others]))
    assert isinstance(host.outcome(0), Accepted)
    assert asked(home, jid) == 3  # the directory, the device lists, and the list of its own
    for number, phone in enumerate(others, start=1):
        host.tell(make_send(number, "a", jid, phone))
        assert isinstance(host.outcome(number), Accepted)
    assert asked(home, jid) == 3
    assert len(home.control.phones.received()) == 10


def test_whom_a_new_process_knows_costs_one_question_for_all(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    first, *others = people(10)
    host.tell(make_send(0, "a", jid, first, ahead=[(each, None) for each in others]))
    assert isinstance(host.outcome(0), Accepted)
    assert host.finish() == 0
    before, lids = asked(home, jid), lids_of(home)
    host = home.sender()
    known = [(each, lids[each]) for each in others]
    host.tell(make_send(10, "a", jid, first, lid=lids[first], ahead=known))
    assert isinstance(host.outcome(10), Accepted)
    for number, phone in enumerate(others, start=11):
        host.tell(make_send(number, "a", jid, phone, lid=lids[phone]))
        assert isinstance(host.outcome(number), Accepted)
    assert asked(home, jid) == before + 2  # all device lists at once, and its own


def lids_of(home: Home) -> dict[str, str]:
    with closing(sqlite3.connect(f"file:{home.sessions}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT pn, lid FROM whatsmeow_lid_map").fetchall()
    return {f"+{pn}": f"{lid}@lid" for pn, lid in rows}


def test_a_refusal_of_the_looking_ahead_stops_that_and_not_the_device(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    home.control.faults.order(FaultOrder(FaultKind.BATCH_REFUSED, count=1))
    first, second, third = people(3)
    host.tell(make_send(1, "a", jid, first, ahead=[(second, None), (third, None)]))
    assert isinstance(host.outcome(1), Accepted)  # it asked for itself
    before = asked(home, jid)
    host.tell(make_send(2, "a", jid, second, ahead=[(third, None)]))
    assert isinstance(host.outcome(2), Accepted)
    assert asked(home, jid) == before + 2  # alone: nothing is looked up ahead for a while
    assert [each for each in host.reports if isinstance(each, Offline)] == []


def test_a_no_that_came_ahead_is_used_and_no_answer_is_no_no(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    first, absent, unlisted = people(3)
    home.control.faults.order(FaultOrder(FaultKind.NOT_ON_WHATSAPP, recipient=absent, count=1))
    home.control.faults.order(FaultOrder(FaultKind.UNLISTED, recipient=unlisted, count=1))
    host.tell(make_send(1, "a", jid, first, ahead=[(absent, None), (unlisted, None)]))
    assert isinstance(host.outcome(1), Accepted)
    before = asked(home, jid)
    host.tell(make_send(2, "a", jid, absent))
    assert host.outcome(2) == Rejected("not on WhatsApp")
    assert asked(home, jid) == before
    host.tell(make_send(3, "a", jid, unlisted))
    assert isinstance(host.outcome(3), Accepted)


def test_looking_ahead_makes_no_session_and_no_witness(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    first, *others = people(5)
    host.tell(make_send(1, "a", jid, first, ahead=[(each, None) for each in others]))
    assert isinstance(host.outcome(1), Accepted)
    lids = lids_of(home)
    assert set(people(5)) <= set(lids)
    with closing(sqlite3.connect(f"file:{home.sessions}?mode=ro", uri=True)) as database:
        sessions = {row[0] for row in database.execute("SELECT their_id FROM whatsmeow_sessions")}
        secrets = database.execute("SELECT chat_jid FROM whatsmeow_message_secrets").fetchall()
    met = {phone for phone, lid in lids.items() if lid.partition("@")[0] + "_1:0" in sessions}
    assert met & set(people(5)) == {first}
    assert secrets == [(lids[first],)]
