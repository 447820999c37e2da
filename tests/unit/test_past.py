"""What an earlier run left: judged once, under the home's lock."""

import json
import time
from collections import Counter
from contextlib import closing

import pytest

from tests.kit.ledgers import LONG, NOW, SHORT
from tests.kit.stage import ONE, TWO, FakeHost, Stage, phone
from waheal.engine.past import (
    forget_unheard,
    learn_the_past,
    settle_killed_runs,
    settle_the_past,
    unheard,
)
from waheal.engine.reconciliation import Reconciler, boot_id
from waheal.engine.unwritten import Unwritten
from waheal.events import OptedOut, Receipt, Settled
from waheal.host.last_words import LastWords
from waheal.model import Accepted, NotSent, Phone, ReceiptKind, State, Unknown
from waheal.records import Leftover, Resolution, Tally
from waheal.store.claim_journal import ClaimJournal
from waheal.store.sessions import Sessions
from waheal.wire import Answer, Command, Finish, InboundText, ReceiptSeen, Send


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
        reconciler = Reconciler(sessions, made.home.logs, boot_id(made.home))
        unwritten = Unwritten(made.home)
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


def test_a_receipt_that_came_before_its_run_was_killed_is_told_by_the_next(made: Stage) -> None:
    made.people(1)
    kill_a_run(made, frozenset({0}))
    made.ledger.outcomes.receipt(ONE, ["ID-1-1"], ReceiptKind.DELIVERED, NOW)
    settle_killed_runs(made.home, made.ledger, made.time.time())
    events = made.play()
    assert Receipt(phone(0), "ID-1-1", State.DELIVERED, before=State.UNCERTAIN) in events
    assert made.states() == {phone(0): State.DELIVERED}


def kill_a_run_that_was_answered(
    made: Stage, *, leaves: bool = True, phone_says: ReceiptKind = ReceiptKind.DELIVERED
) -> None:
    """End before what the hosts said is written: that they are through, and what phones said."""

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                message_id = made.leaves(command) if leaves else "ID"
                host.answers(command, Accepted(message_id))
                host.says(ReceiptSeen(command.device, (message_id,), phone_says))
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


def test_what_a_phone_asked_for_again_is_unreadable_though_nobody_wrote_it(made: Stage) -> None:
    made.people(1)
    kill_a_run_that_was_answered(made, phone_says=ReceiptKind.RETRY)
    settle(made, made.campaign)
    assert made.ledger.campaigns.tally(made.campaign) == Tally(Counter({State.SENT: 1}), 1)


def test_a_no_that_nobody_wrote_is_believed_whatever_the_library_had_stored(made: Stage) -> None:
    made.people(1)

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            made.leaves(command)  # as far as the session database tells
            host.answers(command, NotSent("server returned error 463"))

    made.killed(act)
    (settled,) = settle(made, made.campaign)
    assert (settled.state, settled.reason) == (State.PENDING, "server returned error 463")


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
    log = json.loads(ok)[1]
    made.home.unwritten_path.write_text(ok.replace(log, "host-0.log") + "\n")
    (settled,) = settle(made, made.campaign)
    assert settled.state is State.UNCERTAIN


@pytest.mark.parametrize(
    ("wrote", "kept"),
    [
        (InboundText(ONE, "", LONG, "private", NOW), False),
        (InboundText(ONE, "7:0@lid", None, "private", NOW), False),
        (InboundText(ONE, "8@lid", phone(1), "private", NOW), True),
        (InboundText(ONE, "8@lid", None, "private", NOW), True),
    ],
)
def test_what_a_person_wrote_to_a_killed_run_is_forgotten_with_them(
    made: Stage, wrote: InboundText, *, kept: bool
) -> None:
    unwritten = Unwritten(made.home)
    unwritten.keep("log", [wrote])
    unwritten.close()
    assert unheard(made.home)
    forget_unheard(made.home, SHORT, "7@lid")
    assert unheard(made.home) is kept


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


def kill_a_run_that_heard_a_stop(made: Stage, of: Phone) -> None:
    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            host.says(InboundText(command.device, "", of, "stop", made.time.time()))

    made.people(100)
    made.killed(act)
    assert of not in {send.phone for send in made.sends()}


def test_who_opted_out_of_a_run_that_was_killed_gets_nothing(made: Stage) -> None:
    late = phone(99)
    kill_a_run_that_heard_a_stop(made, late)
    events = made.play()
    assert OptedOut(late, "stop") in events
    assert made.states()[late] is State.SUPPRESSED
    assert late not in made.left
    assert made.home.unwritten_path.read_bytes() == b""


def test_a_text_waits_for_who_knows_the_words(made: Stage) -> None:
    late = phone(99)
    kill_a_run_that_heard_a_stop(made, late)
    for _ in range(2):
        settle_killed_runs(made.home, made.ledger, made.time.time())
    assert made.states()[late] is State.PENDING
    made.play()
    assert late not in made.left


def test_what_a_host_kept_itself_counts_as_well(made: Stage) -> None:
    late = phone(99)
    made.people(100)
    kill_a_run(made, frozenset(range(100)))
    (one, *_others) = made.sends()
    host = next(each for each in made.hosts if one in each.heard)
    ok = Answer(one.delivery, one.attempt, one.device, Accepted("ID-1-1"))
    LastWords(host.log).keep([ok, InboundText(one.device, "", late, "stop", made.time.time())])
    settled = {each.phone: each.state for each in settle(made, made.campaign)}
    assert settled.pop(one.phone) is State.SENT
    assert {*settled.values()} == {State.UNCERTAIN}
    made.play()
    assert late not in made.left
