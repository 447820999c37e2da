import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.kit.ledgers import (
    ANNA,
    BERT,
    NOW,
    ONE,
    TWO,
    claim_one,
    jid_of,
    on_both,
    open_home,
    open_ledger,
    row,
    send,
    start,
)
from waheal.errors import UsageError
from waheal.model import DeviceId, DeviceState, Phone, Quarantine
from waheal.records import Device
from waheal.store.devices import LABELLED
from waheal.store.ledger import Ledger

pytestmark = on_both


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as opened:
        opened.devices.add(ONE, jid_of(ONE), Phone("+12025550193"), NOW)
        yield opened


def one(ledger: Ledger, now: float = NOW) -> Device:
    device = ledger.devices.find(ONE, now)
    assert device is not None
    return device


def test_a_device_was_last_seen_paired_or_logged_in_or_through_with_a_message(
    ledger: Ledger,
) -> None:
    assert ledger.devices.seen(TWO) == 0.0
    assert ledger.devices.seen(ONE) == NOW
    ledger.devices.add(ONE, jid_of(ONE), None, NOW - 9.0)
    send(ledger, claim_one(ledger, start(ledger, row(2, ANNA))))
    assert ledger.devices.seen(ONE) == NOW
    ledger.devices.note_seen(ONE, NOW + 5.0)
    assert ledger.devices.seen(ONE) == NOW + 5.0


def test_a_paired_device_is_ready(ledger: Ledger) -> None:
    (found,) = ledger.devices.all(NOW)
    assert [replace(found, machine=None)] == [
        Device(
            label=ONE,
            jid=jid_of(ONE),
            phone=Phone("+12025550193"),
            state=DeviceState.READY,
            reason=None,
            until=None,
            last_success=None,
            sent_today=0,
            paired=NOW,
            paused=False,
        )
    ]
    assert ledger.devices.find(TWO, NOW) is None


def test_a_quarantine_ends_by_itself_at_its_time(ledger: Ledger) -> None:
    ledger.devices.quarantine(ONE, Quarantine.BANNED, NOW + 60, NOW)
    held = one(ledger, NOW + 59)
    assert (held.state, held.reason, held.until) == (DeviceState.QUARANTINED, "banned", NOW + 60)
    free = one(ledger, NOW + 60)
    assert (free.state, free.reason, free.until) == (DeviceState.READY, None, None)


def test_the_reason_of_a_quarantine_is_told_for_as_long_as_it_holds(ledger: Ledger) -> None:
    assert ledger.devices.quarantined(ONE, NOW) is None
    ledger.devices.quarantine(ONE, Quarantine.BANNED, NOW + 60, NOW)
    ledger.devices.pause(ONE)
    assert ledger.devices.quarantined(ONE, NOW + 59) is Quarantine.BANNED
    assert ledger.devices.quarantined(ONE, NOW + 60) is None
    ledger.devices.remove(ONE, NOW)
    assert ledger.devices.quarantined(ONE, NOW) is None


def test_a_quarantine_without_end_lasts_until_somebody_acts(ledger: Ledger) -> None:
    ledger.devices.quarantine(ONE, Quarantine.LOGGED_OUT, None, NOW)
    assert one(ledger, NOW + 1e9).state is DeviceState.QUARANTINED
    ledger.devices.release(ONE)
    assert one(ledger).state is DeviceState.READY


def test_a_pause_is_told_beside_a_quarantine(ledger: Ledger) -> None:
    ledger.devices.pause(ONE)
    assert one(ledger).state is DeviceState.PAUSED
    ledger.devices.quarantine(ONE, Quarantine.REPLACED, None, NOW)
    assert (one(ledger).state, one(ledger).paused) == (DeviceState.QUARANTINED, True)
    ledger.devices.release(ONE)
    ledger.devices.pause(ONE, paused=False)
    assert one(ledger).state is DeviceState.READY


def test_a_device_that_is_paired_again_keeps_its_history(ledger: Ledger) -> None:
    send(ledger, claim_one(ledger, start(ledger, row(2, ANNA))))
    ledger.devices.quarantine(ONE, Quarantine.LOGGED_OUT, None, NOW)
    ledger.devices.remove(ONE, NOW)
    assert ledger.devices.all(NOW) == []
    ledger.devices.add(ONE, "12025550193:9@s.whatsapp.net", None, NOW + 5)
    again = one(ledger, NOW + 5)
    assert (again.state, again.last_success, again.sent_today) == (DeviceState.READY, NOW, 1)
    assert (again.jid, again.paired) == ("12025550193:9@s.whatsapp.net", NOW + 5)


def test_what_was_sent_is_counted_for_a_day(ledger: Ledger) -> None:
    send(ledger, claim_one(ledger, start(ledger, row(2, ANNA))))
    assert one(ledger, NOW + 86_399).sent_today == 1
    assert one(ledger, NOW + 86_401).sent_today == 0


def test_a_removed_devices_recipients_become_anyones(ledger: Ledger) -> None:
    send(ledger, claim_one(ledger, start(ledger, row(2, ANNA), name="first")))
    second = start(ledger, row(2, ANNA), replace(row(3, BERT), pinned=ONE), name="second")
    ledger.devices.remove(ONE, NOW)
    assert [each.phone for each in ledger.work.due(second.id, None, NOW, 9)] == [ANNA]
    assert ledger.work.lanes(second.id) == {ONE: (1, True)}


@pytest.mark.parametrize("label", ["", "a b", "a,b", "a\tb"])
def test_a_label_is_one_word(ledger: Ledger, label: str) -> None:
    with pytest.raises(UsageError, match="label"):
        ledger.devices.add(DeviceId(label), "1:1@s.whatsapp.net", None, NOW)


def test_one_session_is_one_device(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="already device one"):
        ledger.devices.add(TWO, jid_of(ONE), None, NOW)
    ledger.devices.remove(ONE, NOW)
    ledger.devices.add(TWO, jid_of(ONE), None, NOW)


def test_a_device_that_is_renamed_keeps_its_history_and_its_recipients(ledger: Ledger) -> None:
    send(ledger, claim_one(ledger, start(ledger, row(2, ANNA), name="first")))
    second = start(ledger, row(2, ANNA), replace(row(3, BERT), pinned=ONE), name="second")
    ledger.devices.note_seen(ONE, NOW + 5.0)
    assert ledger.devices.rename(ONE, TWO)
    assert [each.label for each in ledger.devices.all(NOW)] == [TWO]
    assert (ledger.devices.seen(ONE), ledger.devices.seen(TWO)) == (0.0, NOW + 5.0)
    assert list(ledger.history.claim_times(0.0)) == [TWO]
    assert ledger.work.lanes(second.id) == {TWO: (2, True)}


def test_a_label_that_has_or_had_a_history_is_nobody_elses(ledger: Ledger) -> None:
    ledger.devices.add(TWO, jid_of(TWO), None, NOW)
    assert not ledger.devices.rename(ONE, TWO)
    ledger.devices.remove(TWO, NOW)
    assert not ledger.devices.rename(ONE, TWO)
    assert ledger.devices.find(ONE, NOW) is not None


def test_renaming_reaches_every_column_that_holds_a_label(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    Ledger.open(home).close()
    database = Database(sqlite3.connect(home.ledger_path))
    found = {
        (table.name, column.name)
        for table in database.tables
        for column in table.columns
        if column.name in {"device", "label", "lane"}
    }
    database.close()
    assert found | {("accounts", "name")} == set(LABELLED)
