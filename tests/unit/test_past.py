"""What an earlier run left: judged once, under the home's lock."""

import json
import time
from contextlib import closing

import pytest

from tests.kit.stage import ONE, TWO, FakeHost, Stage, phone
from waheal.engine.past import learn_the_past, settle_the_past
from waheal.engine.reconciliation import Reconciler, boot_id
from waheal.engine.unwritten import Unwritten
from waheal.events import Settled
from waheal.model import Accepted, ReceiptKind, State, Unknown
from waheal.records import Leftover, Resolution
from waheal.store.claim_journal import ClaimJournal
from waheal.store.sessions import Sessions
from waheal.wire import Command, Finish, ReceiptSeen, Send


@pytest.fixture
def made(made: Stage) -> Stage:
    made.add(ONE, TWO)
    return made


def kill_a_run(made: Stage, leaves: frozenset[int] = frozenset()) -> None:
    """Claim for as many as there is room, let some leave, and end as a killed coordinator does."""

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send(phone=who) if who in {phone(number) for number in leaves}:
                made.leaves(command)
            case Finish():
                host.dies()
            case _:
                pass

    made.killed(act)


def settle(made: Stage, campaign: int | None) -> list[Settled]:
    with closing(Sessions(made.home.sessions_path)) as sessions:
        reconciler = Reconciler(sessions, made.home.logs, boot_id())
        unwritten = Unwritten(made.home.unwritten_path)
        return settle_the_past(made.ledger, reconciler, unwritten, campaign, made.time.time())


def test_what_left_is_uncertain_under_its_id(made: Stage) -> None:
    made.people(1)
    kill_a_run(made, frozenset({0}))
    (settled,) = settle(made, made.campaign)
    assert (settled.state, settled.message_id) == (State.UNCERTAIN, "ID-1-1")


def test_what_surely_did_not_leave_is_pending(made: Stage) -> None:
    made.people(1)
    kill_a_run(made)
    (settled,) = settle(made, made.campaign)
    assert (settled.phone, settled.state) == (phone(0), State.PENDING)


def kill_a_run_that_was_answered(made: Stage, *, leaves: bool = True) -> None:
    """End before what the hosts said is written: that they are through, and the phone has it."""

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                message_id = made.leaves(command) if leaves else "ID"
                host.answers(command, Accepted(message_id))
                host.says(ReceiptSeen(command.device, (message_id,), ReceiptKind.DELIVERED))
            case _:
                pass

    made.killed(act)


def test_what_a_host_had_said_counts_though_nobody_wrote_it(made: Stage) -> None:
    made.people(1)
    kill_a_run_that_was_answered(made)
    (settled,) = settle(made, made.campaign)
    assert (settled.state, settled.message_id) == (State.SENT, "ID-1-1")
    assert made.states() == {phone(0): State.DELIVERED}
    assert not made.home.unwritten_path.exists()


def test_an_ok_that_nobody_wrote_is_believed_no_more_than_one_that_is_heard(made: Stage) -> None:
    made.people(1)
    kill_a_run_that_was_answered(made, leaves=False)
    (settled,) = settle(made, made.campaign)
    assert settled.state is State.PENDING


def test_what_was_said_of_another_run_is_not_of_this(made: Stage) -> None:
    made.people(1)
    kill_a_run_that_was_answered(made)
    said = made.home.unwritten_path.read_text().splitlines()
    (ok,) = (line for line in said if line.startswith('["ok"'))
    stamp = json.loads(ok)[1]
    made.home.unwritten_path.write_text(ok.replace(stamp, "0" * len(stamp)) + "\n")
    (settled,) = settle(made, made.campaign)
    assert settled.state is State.UNCERTAIN


def test_a_run_lets_go_of_what_it_has_written(made: Stage) -> None:
    made.people(100)
    kept: list[str] = []

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send) and made.home.unwritten_path.exists():
            kept.append(made.home.unwritten_path.read_text())
        made.obey(host, command)

    made.acts = act
    made.play()
    assert any('"ID-1-1"' in each for each in kept)
    assert '"ID-1-1"' not in kept[-1]


def test_a_run_that_ends_leaves_nothing_unwritten(made: Stage) -> None:
    made.people(3)
    made.play()
    assert made.home.unwritten_path.read_bytes() == b""


def test_other_campaigns_are_settled_too_and_not_told(made: Stage) -> None:
    made.people(1)
    kill_a_run(made, frozenset({0}))
    assert settle(made, made.campaign + 1) == []
    assert made.states() == {phone(0): State.UNCERTAIN}


def test_what_was_judged_before_stays_as_it_is(made: Stage) -> None:
    made.people(1)

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                made.leaves(command)
                host.answers(command, Unknown("timed out"))
            case _:
                made.obey(host, command)

    made.acts = act
    made.play()
    assert made.states() == {phone(0): State.UNCERTAIN}
    assert settle(made, made.campaign) == []


def test_what_was_judged_before_is_not_judged_by_rows_that_went_since(made: Stage) -> None:
    made.people(1)

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                made.leaves(command)
                host.answers(command, Unknown("timed out"))
            case _:
                made.obey(host, command)

    made.acts = act
    made.play()
    made.sessions.conn.execute("DELETE FROM whatsmeow_message_secrets")
    made.sessions.conn.execute("DELETE FROM whatsmeow_sessions")
    made.hosts[-1].seals()
    settle(made, made.campaign)
    assert made.states() == {phone(0): State.UNCERTAIN}


def test_rows_that_are_absent_from_a_database_written_since_prove_nothing(made: Stage) -> None:
    made.people(1)
    kill_a_run(made)
    made.sessions.session("4711:0", our=made.sends()[0].jid)
    (settled,) = settle(made, made.campaign)
    assert settled.state is State.UNCERTAIN


def test_calls_of_a_dead_run_are_over(made: Stage) -> None:
    made.people(1)
    kill_a_run(made, frozenset({0}))
    made.ledger.outcomes.running(1, 1, running=True, now=made.time.time())
    settle(made, None)
    done = made.ledger.leftovers.resolve(
        made.campaign, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=time.time()
    )
    assert done.running_kept == 0


def test_messages_of_a_lost_ledger_are_learned_once(made: Stage) -> None:
    made.people(3)
    made.play()
    made.sessions.secret("4711@lid", b"f" * 32, "FOREIGN", our=made.sends()[0].jid)
    with closing(Sessions(made.home.sessions_path)) as sessions:
        journal = ClaimJournal(made.home.journal_path)
        assert learn_the_past(made.ledger, sessions, journal) == 1
        assert learn_the_past(made.ledger, sessions, journal) == 0
