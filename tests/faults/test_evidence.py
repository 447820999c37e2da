"""What evidence settles, and what it must not: every way in which rows can be missing."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.kinds import every_kind
from tests.faults.scenes import killed_after_claiming, settings, until
from tests.kit.kinds import Say
from tests.kit.rig import CAMPAIGN, Rig, greeting, phones, rig
from waheal.engine.reconciliation import boot_id
from waheal.events import Settled
from waheal.model import Content, DeviceId, MessageKind, Phone, Planned, State
from waheal.records import Origin, Recipient, Want
from waheal.sandbox.control import Action, FaultKind, FaultOrder
from waheal.seal import seal, seal_path
from waheal.store.session_writer import stamp
from waheal.store.sessions import Sessions

pytestmark = pytest.mark.real

D0 = DeviceId("d0")
FIRST, SECOND, THIRD = phones(3)


def enroll(made: Rig, *recipients: Phone, name: str = CAMPAIGN, say: Say = greeting) -> None:
    made.enroll_rows(
        [Planned(row, phone, say(phone)) for row, phone in enumerate(recipients, start=2)],
        name,
    )


def row_of(made: Rig, phone: Phone, name: str = CAMPAIGN) -> Recipient:
    campaign = made.ledger.campaigns.find(name)
    assert campaign is not None
    return next(row for row in made.ledger.recipients.rows(campaign.id) if row.phone == phone)


def copy(source: Path, target: Path) -> None:
    """Copy the session database as a backup would, its write-ahead log folded in."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def restore(saved: Path, sessions: Path) -> None:
    for tail in ("-wal", "-shm"):
        sessions.with_name(sessions.name + tail).unlink(missing_ok=True)
    shutil.copyfile(saved, sessions)


def test_a_claim_that_never_left_is_sent_by_the_next_run(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        enroll(made, FIRST)
        made.send(settings(made))
        enroll(made, FIRST, SECOND)
        claim_and_die(made, SECOND)
        events = made.send(settings(made))
        told = next(each for each in events if isinstance(each, Settled))
        assert (told.phone, told.state) == (SECOND, State.PENDING)
        assert told.reason == "nothing left: the run that sent it was killed"
        assert row_of(made, SECOND).attempt == 2
        assert made.texts() == {phone: [f"to {phone}"] for phone in (FIRST, SECOND)}


def claim_and_die(made: Rig, phone: Phone) -> None:
    """Commit a claim as a coordinator does that is killed before it could dispatch it."""
    campaign = made.ledger.campaigns.find(CAMPAIGN)
    assert campaign is not None
    now = made.clock()
    with closing(Sessions(made.home.sessions_path)) as sessions:
        identity = sessions.identity(made.jid(D0))
    due = [each for each in made.ledger.work.due(campaign.id, None, now, 9) if each.phone == phone]
    log = max(made.home.logs.glob("host-*.log")).name
    run = stamp(made.home.sessions_path)
    seal(made.home.sessions_path, seal_path(made.home.logs / log))  # as its host was started
    origin = Origin(boot_id(made.home), log, identity, run)
    want = Want(due[0].delivery, D0, made.jid(D0), None, origin)
    claims, _ = made.ledger.work.claim(campaign, [want], now=now)
    assert [claim.phone for claim in claims] == [phone]


def test_a_delivered_message_of_a_killed_coordinator_waits_for_its_receipt(
    tmp_path: Path,
) -> None:
    with rig(tmp_path, devices=1) as made:
        enroll(made, FIRST, SECOND)
        made.control.faults.order(FaultOrder(FaultKind.NO_ACK, recipient=SECOND, delivered=True))
        made.control.faults.order(FaultOrder(FaultKind.RECEIPTS_WITHHELD, recipient=SECOND))
        with killed_after_claiming(made, settings(made), SECOND):
            made.control.phones.wait_received(1, phone=SECOND)
        made.send(settings(made))
        row = row_of(made, SECOND)
        assert (row.state, row.attempt) == (State.UNCERTAIN, 1)
        assert row.reason == "the run that sent it was killed; waits for a receipt"
        assert row.message_id == made.control.phones.received(SECOND)[0].message_id


@every_kind(also=MessageKind.POLL)
def test_a_restored_session_database_doubles_nothing(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=1) as made:
        enroll(made, FIRST, say=say)
        made.send(settings(made))
        saved = tmp_path / "saved.db"
        copy(made.home.sessions_path, saved)
        enroll(made, FIRST, SECOND, say=say)
        made.send(settings(made))  # the message whose witness the copy lacks
        enroll(made, FIRST, SECOND, THIRD, say=say)
        made.control.faults.order(FaultOrder(FaultKind.NO_ACK, recipient=THIRD, delivered=True))
        made.control.faults.order(FaultOrder(FaultKind.RECEIPTS_WITHHELD, recipient=THIRD))
        with killed_after_claiming(made, settings(made), THIRD):
            made.control.phones.wait_received(1, phone=THIRD)
        restore(saved, made.home.sessions_path)
        made.send(settings(made))
        row = row_of(made, THIRD)
        why = "the session database is not the one of that run"
        assert (row.state, row.attempt) == (State.UNCERTAIN, 1)
        assert row.reason == f"the run that sent it was killed; {why}"
        assert made.texts()[THIRD] == [say(THIRD).text]
        table.tell(
            table.Row(
                "session database restored from a copy",
                table.ledger(row.state, row.attempt, row.reason),
                "once",
                "by `waheal resolve`",
            )
        )


@pytest.mark.parametrize("accepted_before", [False, True])
def test_a_copy_from_right_before_the_run_doubles_nothing(
    tmp_path: Path, accepted_before: bool
) -> None:
    with rig(tmp_path, devices=1) as made:
        if accepted_before:
            enroll(made, FIRST)
            made.send(settings(made))
        saved = tmp_path / "saved.db"
        copy(made.home.sessions_path, saved)
        enroll(made, *([FIRST] if accepted_before else []), THIRD)
        made.control.faults.order(FaultOrder(FaultKind.NO_ACK, recipient=THIRD, delivered=True))
        made.control.faults.order(FaultOrder(FaultKind.RECEIPTS_WITHHELD, recipient=THIRD))
        with killed_after_claiming(made, settings(made), THIRD):
            made.control.phones.wait_received(1, phone=THIRD)
        restore(saved, made.home.sessions_path)
        made.send(settings(made))
        assert row_of(made, THIRD).state is State.UNCERTAIN
        assert made.texts()[THIRD] == [f"to {THIRD}"]


def test_a_logout_that_took_the_witness_with_it_doubles_nothing(tmp_path: Path) -> None:
    with rig(tmp_path, devices=2) as made:
        made.enroll_rows(
            [
                Planned(row, to, Content(f"to {to}"), pinned=D0)
                for row, to in ((2, FIRST), (3, SECOND))
            ]
        )
        made.control.faults.order(FaultOrder(FaultKind.NO_ACK, recipient=SECOND, delivered=True))
        made.control.faults.order(FaultOrder(FaultKind.RECEIPTS_WITHHELD, recipient=SECOND))
        with (
            killed_after_claiming(made, settings(made), SECOND),
            closing(Sessions(made.home.sessions_path)) as sessions,
        ):
            made.control.phones.wait_received(1, phone=SECOND)
            made.control.devices.act(made.jid(D0), Action.LOGOUT)
            until(lambda: sessions.identity(made.jid(D0)) is None)
        made.send(settings(made))
        row = row_of(made, SECOND)
        assert (row.state, row.attempt) == (State.UNCERTAIN, 1)
        gone = "the device's session is gone or another"
        assert row.reason == f"the run that sent it was killed; {gone}"
        assert made.texts()[SECOND] == [f"to {SECOND}"]


@every_kind(also=MessageKind.VOICE)
def test_a_witness_that_could_not_be_stored_proves_nothing(tmp_path: Path, say: Say) -> None:
    with rig(tmp_path, devices=1) as made:
        enroll(made, SECOND, name="earlier", say=say)  # so that a Signal session stands
        made.send(settings(made, "earlier"))
        made.enroll_rows(
            [Planned(row, to, say(to), pinned=D0) for row, to in ((2, FIRST), (3, SECOND))]
        )
        made.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, recipient=FIRST, seconds=6.0))
        lost = FaultOrder(
            FaultKind.STREAM_ERROR, recipient=SECOND, conflict="replaced", delivered=True
        )
        made.control.faults.order(lost)
        made.control.faults.order(FaultOrder(FaultKind.RECEIPTS_WITHHELD, recipient=SECOND))
        with closing(sqlite3.connect(made.home.sessions_path)) as lock:
            running = made.start(settings(made))
            made.control.phones.wait_received(1, phone=FIRST)  # connected, and waiting for its ack
            lock.execute("BEGIN IMMEDIATE")
            log = max(made.home.logs.glob("host-*.log"))
            until(lambda: "Failed to store message secret" in log.read_text())
            lock.rollback()
        running.finish()
        row = row_of(made, SECOND)
        assert (row.state, row.attempt) == (State.UNCERTAIN, 1)
        assert row.reason == (
            "the connection was lost before the server confirmed it;"
            " the host's log is missing, or tells of a lost row"
        )
        assert len(made.texts()[SECOND]) == 2  # the earlier campaign's and this one
        table.tell(
            table.Row(
                "the witness's insert fails (database locked over 10 s)",
                table.ledger(row.state, row.attempt, row.reason),
                "once",
                "by `waheal resolve`",
            )
        )
