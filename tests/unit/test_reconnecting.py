"""A run whose ledger is lost and found: what hosts and operators are told, when it gives up."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.kit.flaky import Flaky, Loss
from tests.kit.ledgers import NOW
from tests.kit.stage import CAMPAIGN, ONE, TWO, FakeHost, Stage
from waheal.engine.reconnecting import LEASE
from waheal.engine.settings import RunSettings
from waheal.errors import LedgerLostError
from waheal.events import Event, Paused, Resumed, RunFinished, Settled
from waheal.model import Accepted, ExitCode, NotSent, State
from waheal.policy.pacing import Limits
from waheal.policy.reconnect import Reconnect
from waheal.wire import Command, Revoke, Send

SETTINGS = RunSettings(CAMPAIGN)


@pytest.fixture
def made(made: Stage) -> Stage:
    made.add(ONE, TWO)
    return made


def slowly(made: Stage, seconds: float = 5.0) -> None:
    """Let each message take a while, unless it is withheld."""

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                made.time.after(seconds, lambda: end(host, command))
            case _:
                made.obey(host, command)

    def end(host: FakeHost, send: Send) -> None:
        if host.alive:
            host.answers(send, Accepted(made.leaves(send)))

    made.acts = act


def withholding(made: Stage) -> Callable[[], int]:
    """Let hosts begin a message a second after it came, unless it is withheld; counts those."""
    withheld: list[Send] = []
    waiting: list[tuple[FakeHost, Send]] = []

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                waiting.append((host, command))
                made.time.after(1.0, lambda: begin(host, command))
            case Revoke(everything=True):
                while waiting:
                    there, send = waiting.pop()
                    withheld.append(send)
                    there.answers(send, NotSent("revoked"))
            case _:
                made.obey(host, command)

    def begin(host: FakeHost, send: Send) -> None:
        if (host, send) in waiting:
            waiting.remove((host, send))
            host.answers(send, Accepted(made.leaves(send)))

    made.acts = act
    return lambda: len(withheld)


def told(events: list[Event]) -> list[str]:
    """Give what is said of the ledger."""
    said = [each.reason for each in events if isinstance(each, Paused | Resumed)]
    return [each for each in said if "ledger" in each or "can't be reached" in each]


def given_up(made: Stage, settings: RunSettings = SETTINGS) -> list[Event]:
    events: list[Event] = []
    with pytest.raises(LedgerLostError):
        events.extend(made.run(settings).events())
    return events


@pytest.mark.parametrize("how", Loss)
def test_everybody_is_sent_to_once_and_told_once(made: Stage, how: Loss) -> None:
    people = made.people(40)
    flaky = Flaky(made.ledger, (2, how), (3, how), (4, how))
    events = made.play()
    assert flaky.left == []
    assert made.left == dict.fromkeys(people, 1)
    assert made.states() == dict.fromkeys(people, State.SENT)
    settled = [each.phone for each in events if isinstance(each, Settled)]
    assert sorted(settled) == sorted(people)


def test_it_is_told_on_the_screen_when_it_is_lost_and_when_it_is_back(made: Stage) -> None:
    made.people(4)
    Flaky(made.ledger, (2, Loss.AT_BEGIN), down=3)
    lost, back = told(made.play())
    assert lost.startswith("postgresql://test can't be reached (cut); nothing is sent")
    assert back.startswith("the ledger is back after ")


def test_hosts_withhold_what_has_not_left_and_it_leaves_later(made: Stage) -> None:
    people = made.people(30)
    withheld = withholding(made)
    Flaky(made.ledger, (1, Loss.BEFORE_COMMIT), down=4)
    made.play()
    assert withheld() > 0
    assert made.left == dict.fromkeys(people, 1)
    assert made.states() == dict.fromkeys(people, State.SENT)


def test_what_ends_meanwhile_is_written_once_it_is_back(made: Stage) -> None:
    people = made.people(6)
    slowly(made)
    Flaky(made.ledger, (1, Loss.AT_BEGIN), down=8)
    events = made.play()
    assert made.left == dict.fromkeys(people, 1)
    assert len([each for each in events if isinstance(each, Settled)]) == len(people)


def test_a_host_that_dies_meanwhile_is_replaced_and_its_messages_are_judged(made: Stage) -> None:
    people = made.people(6)
    slowly(made)
    made.time.after(2.0, lambda: made.hosts[0].dies())  # noqa: PLW0108 - there is none yet
    Flaky(made.ledger, (1, Loss.AT_BEGIN), down=6)
    made.play()
    assert made.left == dict.fromkeys(people, 1)
    assert made.states() == dict.fromkeys(people, State.SENT)


@pytest.mark.parametrize("how", Loss)
def test_claims_that_reached_no_host_do_not_count_for_a_limit(made: Stage, how: Loss) -> None:
    made.people(30)
    flaky = Flaky(made.ledger, *[(2, how)] * 4)
    made.play(replace(SETTINGS, limit=12))
    assert flaky.left == []
    assert sum(made.left.values()) == 12


@pytest.mark.parametrize("how", Loss)
def test_a_rate_holds_over_it(made: Stage, how: Loss) -> None:
    made.people(40)
    at: list[float] = []

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            at.append(made.time.passed)
        made.obey(host, command)

    made.acts = act
    flaky = Flaky(made.ledger, *[(3, how)] * 6)
    made.play(replace(SETTINGS, limits=Limits(total_per_minute=10, burst=True)))
    assert flaky.left == []
    assert len(at) == 40
    assert all(at[n + 10] - at[n] >= 60.0 for n in range(30))


@pytest.mark.parametrize("remote", [False, True])
def test_messages_have_a_lease_where_the_ledger_may_be_lost(made: Stage, remote: bool) -> None:
    made.people(1)
    if remote:
        Flaky(made.ledger)
    made.play()
    (send,) = made.sends()
    if remote:
        assert send.not_after is not None
        assert 0.0 <= send.not_after - LEASE - NOW < 2.0
    else:
        assert send.not_after is None


def test_it_gives_up_after_the_wait_and_the_next_run_knows_what_was_said(made: Stage) -> None:
    people = made.people(4)
    slowly(made)
    flaky = Flaky(made.ledger, (1, Loss.AT_BEGIN), down=10_000)
    began = made.time.passed
    events = given_up(made, replace(SETTINGS, ledger_wait=60.0))
    finished = events[-1]
    assert isinstance(finished, RunFinished)
    assert finished.exit_code is ExitCode.HOME_UNUSABLE
    assert 60.0 <= made.time.passed - began < 100.0
    assert not any(host.alive for host in made.hosts)
    left = dict(made.left)
    assert left
    flaky.heal()
    made.acts = None
    made.play()
    assert made.left == dict.fromkeys(people, 1)
    assert made.states() == dict.fromkeys(people, State.SENT)


def test_who_asks_for_the_end_waits_a_moment_longer_and_no_more(made: Stage) -> None:
    made.people(4)
    slowly(made)
    flaky = Flaky(made.ledger, (1, Loss.AT_BEGIN), down=10_000)
    run = made.run()
    made.time.after(30.0, run.drain)
    with pytest.raises(LedgerLostError):
        list(run.events())
    assert 30.0 < made.time.passed < 50.0
    flaky.heal()


def test_who_does_not_want_to_wait_ends_it_at_once(made: Stage) -> None:
    made.people(4)
    slowly(made)
    flaky = Flaky(made.ledger, (1, Loss.AT_BEGIN), down=10_000)
    run = made.run()
    made.time.after(30.0, run.drain)
    made.time.after(31.0, run.abandon)
    with pytest.raises(LedgerLostError):
        list(run.events())
    assert 30.0 < made.time.passed < 33.0
    flaky.heal()


def test_a_run_on_a_file_is_told_of_nothing(made: Stage) -> None:
    made.people(10)
    events = made.play()
    assert told(events) == []
    assert not any(isinstance(each, Revoke) for host in made.hosts for each in host.heard)


# When it is tried again.


def test_tries_come_quickly_at_first_and_half_a_minute_apart_at_most() -> None:
    """And whoever has waited for some seconds waits for little longer once it is back."""
    trying, now = Reconnect.begun(0.0, 600.0), 0.0
    waits, late = list[float](), list[float]()
    while not trying.over(now):
        trying = trying.failed(now, 1.0)
        waits.append(trying.next_try - now)
        late += [trying.next_try - now] if now <= 20.0 else []
        now = trying.next_try
    assert waits[:2] == [0.375, 0.375]
    assert max(late) < 2.0
    assert max(waits) == 30.0
    assert now == 600.0


def test_without_patience_one_try_is_made() -> None:
    trying = Reconnect.begun(5.0, 0.0)
    assert trying.next_try == 5.0
    assert trying.failed(5.0, 0.0).over(5.0)


def test_an_end_that_is_asked_for_comes_soon_and_never_later() -> None:
    asked = Reconnect.begun(0.0, 300.0).failed(0.0, 0.0).asked_to_end(100.0)
    assert asked.gives_up == 110.0
    assert Reconnect.begun(0.0, 105.0).asked_to_end(100.0).gives_up == 105.0
