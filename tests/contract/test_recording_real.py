"""A host that tells the stanzas of its clients, with the real library, against a sandbox."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.contract.host_process import Home
from tests.kit.sends import make_send
from waheal.model import Content
from waheal.wire import HostSettings, InboundText, ReceiptSeen, Setup, StanzaSeen

pytestmark = pytest.mark.real

PHONE = "+15555550100"


def test_stanzas_are_told_where_it_is_asked_for_and_hold_nothing_of_anybodys(home: Home) -> None:
    jid = home.pair("a")["a"]
    setup = Setup(str(home.sessions), settings=HostSettings(home.sandbox.trust, record=True))
    host = home.host(setup)
    host.tell(make_send(1, "a", jid, content=Content("a very private text")))
    host.outcome(1)
    host.first(ReceiptSeen)
    home.control.phones.reply(PHONE, jid, "an answer as private")
    host.first(InboundText)
    assert host.finish() == 0
    told = [each for each in host.reports if isinstance(each, StanzaSeen)]
    recording = "\n".join(each.skeleton for each in told)
    assert {each.received for each in told} == {True, False}
    for word in ("<success ", "<count ", "<participants>", 'class="message"', "<receipt "):
        assert word in recording
    assert "unreadable" not in recording
    assert "name-" not in recording, "every word of these stanzas is the protocol's"
    assert re.findall(r"[0-9]{5}|private|3EB0", recording) == []
    assert not _bytes_of(home.sessions, recording)
    assert "private" not in host.log.read_text()


def _bytes_of(database: Path, recording: str) -> list[str]:
    """Give the keys of a session database that a recording tells, in hex digits."""
    with closing(sqlite3.connect(database)) as sessions:
        rows = sessions.execute(
            "SELECT hex(noise_key), hex(identity_key), hex(adv_key) FROM whatsmeow_device"
        ).fetchall()
    assert rows
    return [key for row in rows for key in row if key.lower() in recording.lower()]


def test_a_host_that_is_not_asked_to_tells_no_stanza(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    host.tell(make_send(1, "a", jid))
    host.outcome(1)
    assert host.finish() == 0
    assert [each for each in host.reports if isinstance(each, StanzaSeen)] == []
