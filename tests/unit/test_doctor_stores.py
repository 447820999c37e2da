import os
import sqlite3
import subprocess
from contextlib import closing

from tests.kit.ledgers import ANNA, BERT, NOW, ONE, claim_one, row, start
from tests.kit.session_db import OUR_JID, SessionDb, count
from waheal.doctor import stores
from waheal.doctor.catalogue import CHECKS
from waheal.doctor.examination import look, mend, worst
from waheal.doctor.situation import Probe, Situation
from waheal.findings import Result, Status
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.session_writer import stamp
from waheal.store.sessions import STAMP, stamp_number

STORE_CHECKS = [check for check in CHECKS if check.look.__module__ == stores.__name__]


def situation(home: Home, now: float = NOW) -> Situation:
    return Situation(
        root=home.root, now=now, probe=lambda: Probe("0.5.2", None), check_config=lambda: None
    )


def sessions(home: Home) -> None:
    with closing(SessionDb(home.sessions_path)) as made:
        made.device()


def found(home: Home) -> dict[str, Result]:
    return {each.check: each.result for each in look(STORE_CHECKS, situation(home))}


def test_a_new_home_and_a_used_one_are_fine(home: Home) -> None:
    assert worst(found(home).values()) is Status.OK
    with Ledger.open(home) as ledger:
        start(ledger, row(2, ANNA))
    sessions(home)
    assert worst(found(home).values()) is Status.OK


def test_a_damaged_ledger_is_a_failure_that_is_told_once(home: Home) -> None:
    home.ledger_path.write_bytes(b"no database" * 500)
    results = found(home)
    failures = [name for name, result in results.items() if result.status is Status.FAIL]
    assert failures == ["ledger.schema"]
    assert results["ledger.integrity"].detail == "not looked at, see ledger.schema"
    assert mend(STORE_CHECKS, situation(home)) == []


def test_a_newer_ledger_is_a_failure_with_a_way_out(home: Home) -> None:
    Ledger.open(home).close()
    with closing(sqlite3.connect(home.ledger_path)) as conn:
        conn.execute("PRAGMA user_version = 99")
    result = found(home)["ledger.schema"]
    assert (result.status, "newer" in result.detail, bool(result.hint)) == (Status.FAIL, True, True)


def test_another_journal_mode_is_found_and_mended_once(home: Home) -> None:
    Ledger.open(home).close()
    sessions(home)
    for path in (home.ledger_path, home.sessions_path):
        with closing(sqlite3.connect(path)) as conn:
            conn.execute("PRAGMA journal_mode = DELETE")
    results = found(home)
    for name in ("ledger.journal", "sessions.journal"):
        assert results[name].status is Status.WARN
        assert results[name].hint == "run `waheal doctor --fix`"
    assert mend(STORE_CHECKS, situation(home)) == [
        "put the ledger into WAL mode",
        "put the session database into WAL mode",
    ]
    assert worst(found(home).values()) is Status.OK
    assert mend(STORE_CHECKS, situation(home)) == []


def test_rows_of_devices_that_are_gone_are_found_and_removed_once(home: Home) -> None:
    sessions(home)
    with closing(sqlite3.connect(home.sessions_path)) as conn, conn:
        conn.execute("INSERT INTO whatsmeow_sessions VALUES ('gone@x', '1:0', x'00')")
    result = found(home)["sessions.orphans"]
    assert (result.status, result.hint) == (Status.WARN, "run `waheal doctor --fix`")
    assert mend(STORE_CHECKS, situation(home)) == ["removed 1 rows of devices that are gone"]
    assert count(home.sessions_path, "whatsmeow_sessions") == 0
    assert mend(STORE_CHECKS, situation(home)) == []
    assert found(home)["sessions.orphans"].status is Status.OK


def test_a_damaged_session_database_is_a_failure(home: Home) -> None:
    sessions(home)
    data = bytearray(home.sessions_path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    home.sessions_path.write_bytes(data)
    result = found(home)["sessions.integrity"]
    assert (result.status, bool(result.hint)) == (Status.FAIL, True)


def test_a_session_database_older_than_the_ledger_is_told(home: Home) -> None:
    sessions(home)
    with Ledger.open(home) as ledger:
        ledger.devices.add(ONE, OUR_JID, None, NOW)
        claim_one(ledger, start(ledger, row(2, ANNA)))
    os.utime(home.sessions_path, (NOW - 3600, NOW - 3600))
    assert found(home)["sessions.age"].status is Status.WARN
    os.utime(home.sessions_path, (NOW + 1, NOW + 1))  # as connecting does
    assert found(home)["sessions.age"].status is Status.OK


def test_a_session_database_that_another_run_stamped_is_told(home: Home) -> None:
    sessions(home)
    with Ledger.open(home) as ledger:
        ledger.marks.set(STAMP, stamp_number(stamp(home.sessions_path)))
    assert found(home)["sessions.age"].status is Status.OK
    stamp(home.sessions_path)  # as a run of another home does, which knows another number
    result = found(home)["sessions.age"]
    assert (result.status, "another home's" in result.detail) == (Status.WARN, True)
    home.sessions_path.unlink()
    assert found(home)["sessions.age"].status is Status.OK


def test_a_ledger_without_its_key_is_told_once_something_was_sent(home: Home) -> None:
    with Ledger.open(home) as ledger:
        ledger.people.suppress(ANNA, NOW, source="operator")
    home.key_path.unlink(missing_ok=True)
    assert found(home)["home.key"].status is Status.OK
    with Ledger.open(home) as ledger:
        ledger.devices.add(ONE, OUR_JID, None, NOW)
        claim_one(ledger, start(ledger, row(2, BERT)))
    home.key_path.unlink()
    assert found(home)["home.key"].status is Status.WARN


def test_a_cut_key_is_a_failure_and_the_hint_removes_it(home: Home) -> None:
    home.key_path.write_bytes(b"short")
    result = found(home)["home.key"]
    assert result.status is Status.FAIL
    command = (result.hint or "").partition(" or ")[2].split("`")[1]
    subprocess.run(["/bin/sh", "-c", command], check=True)
    assert found(home)["home.key"].status is Status.OK
