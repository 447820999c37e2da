"""Recalls under the faults that take a run for themselves: network, receipts, quarantine, proof.

What is in the table for a message holds for its recall, but that no other device may stand in: only
its number can take a message back. What keeps a chat from beginning stands in no recall's way.
"""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.cases import LOST
from tests.faults.recalling import Watch, errand, revoked, rows_of
from tests.faults.scenes import aimed, killed_after_claiming, settings, until
from tests.kit.rig import Rig, phones, rig
from waheal.engine.collect import Collect
from waheal.events import Event, Receipt, RunFinished, Settled
from waheal.model import Content, DeviceId, ExitCode, Phone, Planned, Quarantine, State
from waheal.policy.optout import Words
from waheal.records import Leftover, Resolution
from waheal.sandbox.control import FaultKind, FaultOrder

pytestmark = pytest.mark.real

D0, D1 = DeviceId("d0"), DeviceId("d1")
HOUR = 3600.0


def sent(made: Rig, *count: int) -> list[Phone]:
    """Send so many messages through d0, d1 and so on; whose they are, by device."""
    numbers = phones(sum(count))
    devices = [DeviceId(f"d{n}") for n, many in enumerate(count) for _ in range(many)]
    made.enroll_rows(
        [
            Planned(row, phone, Content(f"to {phone}"), pinned=device)
            for row, (phone, device) in enumerate(zip(numbers, devices, strict=True), start=2)
        ]
    )
    made.send(settings(made))
    assert set(made.states().values()) == {State.DELIVERED}
    return numbers


def exit_code(events: Sequence[Event]) -> ExitCode:
    last = events[-1]
    assert isinstance(last, RunFinished)
    return last.exit_code


def agreed(made: Rig, name: str) -> set[State]:
    """Give the states of a recall, once the phones say no less and no more than these."""
    states, taken = made.states(name), revoked(made)
    for phone, state in states.items():
        assert taken[phone] <= 1, phone
        assert taken[phone] == 1 or state not in {State.SENT, State.DELIVERED}, phone
    return set(states.values())


# The network.


@pytest.mark.parametrize(
    ("fault", "possible"),
    [
        (FaultOrder(FaultKind.SERVER_GONE, seconds=3.0), {State.DELIVERED, State.UNCERTAIN}),
        pytest.param(
            FaultOrder(FaultKind.BLACK_HOLE, seconds=4.0), {State.DELIVERED}, marks=pytest.mark.soak
        ),
    ],
    ids=["server gone", "black hole"],
)
def test_a_network_that_fails_for_a_while_delays_and_doubles_nothing(
    tmp_path: Path, fault: FaultOrder, possible: set[State]
) -> None:
    with rig(tmp_path, devices=3) as made:
        sent(made, 20, 20, 20)
        name = errand(made)
        running = made.start(settings(made, name))
        running.wait_for(lambda event: isinstance(event, Settled))
        made.control.faults.order(fault)
        running.finish()
        assert agreed(made, name) <= possible


@pytest.mark.soak
def test_a_server_that_stays_away_leaves_the_rest_to_the_next_run(tmp_path: Path) -> None:
    with rig(tmp_path, devices=3) as made:
        sent(made, 20, 20, 20)
        name = errand(made)
        running = made.start(replace(settings(made, name), no_device_wait=12.0))
        running.wait_for(lambda event: isinstance(event, Settled))
        made.server.stop()
        assert running.finish().exit_code is ExitCode.NO_DEVICE
        assert State.PENDING in made.states(name).values()
        made.server.start()
        made.start(settings(made, name)).finish()
        assert State.PENDING not in agreed(made, name)


# Receipts.


def lose(made: Rig, *faults: FaultOrder) -> tuple[Phone, str]:
    """Take a message back so that its phone does it and nobody learns of that; whose, and where."""
    (phone,) = sent(made, 1)
    lost = FaultOrder(FaultKind.STREAM_ERROR, recipient=phone, conflict="replaced", delivered=True)
    for fault in (lost, *(aimed(each, made.jid(D0), phone) for each in faults)):
        made.control.faults.order(fault)
    name = errand(made)
    made.send(settings(made, name))
    row = rows_of(made, name)[phone]
    assert (row.state, row.attempt, row.reason) == (State.UNCERTAIN, 1, LOST)
    return phone, name


def send_another(made: Rig) -> None:
    other = phones(9)[-1]
    made.enroll_rows([Planned(2, other, Content("another"), pinned=D0)], "another")
    made.send(settings(made, "another"))
    assert made.states("another") == {other: State.DELIVERED}


def test_a_receipt_in_a_later_run_tells_that_it_was_taken_back(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        phone, name = lose(made, FaultOrder(FaultKind.RECEIPTS_WITHHELD))
        assert made.control.faults.release_receipts() == 1
        send_another(made)
        assert agreed(made, name) == {State.DELIVERED}
        assert revoked(made)[phone] == 1


def test_a_receipt_in_sync_tells_that_it_was_taken_back(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        _, name = lose(made, FaultOrder(FaultKind.RECEIPTS_WITHHELD))
        made.control.faults.release_receipts()
        host = settings(made).host
        collect = Collect(made.home, made.lock, made.ledger, host, words=Words())
        for event in collect.events(made.ledger.devices.all(made.clock()), 60.0):
            if isinstance(event, Receipt):
                collect.stop()
        assert agreed(made, name) == {State.DELIVERED}


def test_a_receipt_that_waits_at_the_server_beats_a_second_recall(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        _, name = lose(made, FaultOrder(FaultKind.RECEIPTS_WITHHELD))
        resend(made, name, Leftover.UNCERTAIN)
        assert made.control.faults.release_receipts() == 1
        made.send(settings(made, name))
        assert agreed(made, name) == {State.DELIVERED}


def test_a_recall_that_no_phone_could_read_is_repeated_by_the_operators_word(
    tmp_path: Path,
) -> None:
    with rig(tmp_path, devices=1) as made:
        phone, name = lose(made, FaultOrder(FaultKind.RETRY_INSTEAD))
        send_another(made)
        assert made.states(name) == {phone: State.SENT}
        assert made.tally(name).unreadable == 1
        assert revoked(made)[phone] == 0
        resend(made, name, Leftover.UNREADABLE)
        made.send(settings(made, name))
        assert agreed(made, name) == {State.DELIVERED}


def resend(made: Rig, name: str, which: Leftover) -> None:
    campaign = made.ledger.campaigns.find(name)
    assert campaign is not None
    done = made.ledger.leftovers.resolve(
        campaign.id, which=which, how=Resolution.RESEND, now=made.clock()
    )
    assert done.changed == 1


# Devices that can't be used.


def test_what_a_banned_device_sent_is_taken_back_once_the_ban_is_over(tmp_path: Path) -> None:
    with rig(tmp_path, devices=2) as made:
        first, *others = sent(made, 1, 4)
        name = errand(made)
        made.control.faults.order(
            FaultOrder(FaultKind.LOGIN_FAILURE, made.jid(D0), code=402, expire=int(HOUR))
        )
        assert exit_code(made.send(settings(made, name))) is ExitCode.LEFT_OVER
        assert made.states(name) == {first: State.PENDING, **dict.fromkeys(others, State.DELIVERED)}
        made.clock.moved = HOUR + 60.0
        assert exit_code(made.send(settings(made, name))) is ExitCode.OK
        assert agreed(made, name) == {State.DELIVERED}


@pytest.mark.parametrize(
    ("fault", "met"),
    [
        (FaultOrder(FaultKind.STREAM_ERROR, code=401, conflict="device_removed"), State.UNCERTAIN),
        pytest.param(
            FaultOrder(FaultKind.LOGIN_FAILURE, code=403), State.PENDING, marks=pytest.mark.soak
        ),
    ],
    ids=["in-mid-send", "login-403"],
)
def test_what_a_logged_out_device_sent_no_other_number_takes_back(
    tmp_path: Path, fault: FaultOrder, met: State
) -> None:
    with rig(tmp_path, devices=2) as made:
        first, second, *others = sent(made, 2, 3)
        name = errand(made)
        made.control.faults.order(aimed(fault, made.jid(D0), first))
        assert exit_code(made.send(settings(made, name))) is ExitCode.LEFT_OVER
        told = made.states(name)
        assert told == {
            first: met, second: State.PENDING, **dict.fromkeys(others, State.DELIVERED)
        }  # fmt: skip
        assert revoked(made) == {first: 0, second: 0, **dict.fromkeys(others, 1)}


def test_a_device_that_is_replaced_over_and_over_is_held(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        sent(made, 7)
        name = errand(made)
        made.control.faults.order(
            FaultOrder(FaultKind.STREAM_ERROR, conflict="replaced", count=None)
        )
        assert exit_code(made.send(settings(made, name))) is ExitCode.NO_DEVICE
        states = made.states(name)
        doubtful = [to for to, state in states.items() if state is State.UNCERTAIN]
        assert len(doubtful) in {4, 5}
        assert made.ledger.devices.all(made.clock())[0].reason == Quarantine.REPLACED
        made.control.faults.clear()
        made.clock.moved = 600.0
        made.send(settings(made, name))
        assert revoked(made) == {to: int(to not in doubtful) for to in states}
        assert agreed(made, name) == {State.UNCERTAIN, State.DELIVERED}


@pytest.mark.parametrize(
    "code",
    [pytest.param(401, id="none left"), pytest.param(405, id="too old", marks=pytest.mark.soak)],
)
def test_with_no_device_everything_stays_pending(tmp_path: Path, code: int) -> None:
    with rig(tmp_path, devices=2) as made:
        sent(made, 2, 2)
        name = errand(made)
        made.control.faults.order(FaultOrder(FaultKind.LOGIN_FAILURE, code=code, count=None))
        assert exit_code(made.send(settings(made, name))) is ExitCode.NO_DEVICE
        assert agreed(made, name) == {State.PENDING}


# What can't be proved.


def test_a_restored_session_database_repeats_no_recall(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        _, last = sent(made, 2)
        watch = Watch(made)
        saved = tmp_path / "saved.db"
        with closing(sqlite3.connect(made.home.sessions_path)) as old:
            old.execute("VACUUM INTO ?", (str(saved),))
        name = errand(made)
        made.control.faults.order(FaultOrder(FaultKind.NO_ACK, recipient=last, delivered=True))
        made.control.faults.order(FaultOrder(FaultKind.RECEIPTS_WITHHELD, recipient=last))
        with killed_after_claiming(made, settings(made, name), last):
            while watch.until("revoked")[-1]["phone"] != last:
                pass
        for tail in ("-wal", "-shm"):
            made.home.sessions_path.with_name(made.home.sessions_path.name + tail).unlink(
                missing_ok=True
            )
        shutil.copyfile(saved, made.home.sessions_path)
        made.send(settings(made, name))
        row = rows_of(made, name)[last]
        assert (row.state, row.attempt) == (State.UNCERTAIN, 1)
        assert "the session database is not the one of that run" in (row.reason or "")
        assert revoked(made)[last] == 1


@pytest.mark.soak
def test_a_recall_whose_witness_could_not_be_stored_is_in_doubt(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        first, second = sent(made, 2)
        watch = Watch(made)
        name = errand(made)
        lost = FaultOrder(
            FaultKind.STREAM_ERROR, recipient=second, conflict="replaced", delivered=True
        )
        for fault in (
            FaultOrder(FaultKind.SLOW_ACK, recipient=first, seconds=6.0),
            lost,
            FaultOrder(FaultKind.RECEIPTS_WITHHELD, recipient=second),
        ):
            made.control.faults.order(fault)
        with closing(sqlite3.connect(made.home.sessions_path)) as lock:
            running = made.start(settings(made, name))
            while watch.until("revoked")[-1]["phone"] != first:
                pass
            lock.execute("BEGIN IMMEDIATE")
            log = max(made.home.logs.glob("host-*.log"))
            until(lambda: "Failed to store message secret" in log.read_text())
            lock.rollback()
        running.finish()
        row = rows_of(made, name)[second]
        assert (row.state, row.attempt) == (State.UNCERTAIN, 1)
        assert (row.reason or "").endswith("the host's log is missing, or tells of a lost row")
        assert revoked(made)[second] == 1


# What keeps a chat from beginning.


def test_a_device_that_may_begin_no_chat_takes_its_messages_back(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        sent(made, 3)
        name = errand(made)
        for kind in (FaultKind.BARE_CHAT_REFUSED, FaultKind.NEW_CHAT_REFUSED):
            made.control.faults.order(FaultOrder(kind, count=None))
        assert exit_code(made.send(settings(made, name))) is ExitCode.OK
        assert agreed(made, name) == {State.DELIVERED}


def test_a_recall_for_a_number_that_is_registered_otherwise_by_now_reaches_nobody(
    tmp_path: Path,
) -> None:
    with rig(tmp_path, devices=1) as made:
        written, account = Phone("+5521998765432"), Phone("+552198765432")
        made.enroll_rows([Planned(2, written, Content("hello"), pinned=D0)])
        made.send(settings(made))
        name = errand(made)
        made.control.faults.order(
            FaultOrder(FaultKind.OTHER_SPELLING, recipient=written, number=account, count=None)
        )
        made.send(settings(made, name))
        assert made.states(name) == {written: State.SENT}  # the server took it; no receipt comes
        assert revoked(made) == {written: 0}
