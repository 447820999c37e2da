"""A run: whatever hosts, operators and clocks do, it ends, and says how."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

import pytest

from tests.kit.ledgers import NOW
from tests.kit.stage import CAMPAIGN, ONE, TWO, FakeHost, Stage, last, phone
from waheal.engine.settings import RunSettings
from waheal.errors import HomeUnusableError
from waheal.events import (
    Draining,
    OptedOut,
    Paused,
    Receipt,
    RunFinished,
    RunStarted,
)
from waheal.model import (
    Accepted,
    Content,
    DeviceId,
    DeviceState,
    ExitCode,
    NotSent,
    Planned,
    Quarantine,
    ReceiptKind,
    Rejected,
    State,
)
from waheal.policy.pacing import Limits
from waheal.wire import (
    Command,
    Finish,
    InboundText,
    Offline,
    Online,
    ReceiptSeen,
    Send,
)

SETTINGS = RunSettings(CAMPAIGN)


def test_everybody_is_sent_to_once(made: Stage) -> None:
    made.add(ONE, TWO)
    people = made.people(50)
    events = made.play()
    assert isinstance(events[0], RunStarted)
    assert last(events).exit_code is ExitCode.OK
    assert made.left == dict.fromkeys(people, 1)
    assert made.states() == dict.fromkeys(people, State.SENT)


def test_a_second_run_starts_no_host(made: Stage) -> None:
    made.add(ONE)
    made.people(3)
    made.play()
    hosts = len(made.hosts)
    assert made.finish().exit_code is ExitCode.OK
    assert len(made.hosts) == hosts


# Waiting.


def test_a_total_rate_does_not_end_a_run_for_a_row_of_tomorrow(made: Stage) -> None:
    made.add(ONE)
    later = Planned(9, phone(9), Content("tomorrow"), not_before=NOW + 86_400)
    people = made.enroll(*(Planned(n, phone(n), Content("now")) for n in range(2, 8)), later)[:-1]
    finished = made.finish(replace(SETTINGS, limits=Limits(total_per_minute=2)))
    assert made.left == dict.fromkeys(people, 1)
    assert finished.exit_code is ExitCode.LEFT_OVER
    assert finished.tally[State.PENDING] == 1


def test_waits_for_a_quarantine_that_ends_soon(made: Stage) -> None:
    made.add(ONE)
    people = made.people(2)
    made.ledger.devices.quarantine(ONE, Quarantine.RATE_LIMITED, NOW + 60.0, NOW)
    assert made.finish().exit_code is ExitCode.OK
    assert made.left == dict.fromkeys(people, 1)


def test_says_at_once_that_no_device_can_send(made: Stage) -> None:
    made.add(ONE)
    made.people(2)
    made.ledger.devices.quarantine(ONE, Quarantine.LOGGED_OUT, None, NOW)
    finished = made.finish()
    assert (finished.exit_code, finished.tally[State.PENDING]) == (ExitCode.NO_DEVICE, 2)
    assert made.hosts == []


def test_does_not_wait_for_rows_of_later_when_no_device_is_left(made: Stage) -> None:
    made.add(ONE)
    made.enroll(
        Planned(2, phone(1), Content("now")),
        Planned(3, phone(2), Content("soon"), not_before=NOW + 600.0),
    )

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                host.says(Offline(ONE, "logged out", Quarantine.LOGGED_OUT))
                host.answers(command, NotSent("logged out"))
            case _:
                made.obey(host, command)

    made.acts = act
    finished = made.finish()
    assert finished.exit_code is ExitCode.NO_DEVICE
    assert finished.seconds < 60.0


def test_a_long_wait_ends_the_run(made: Stage) -> None:
    made.add(ONE)
    made.enroll(Planned(2, phone(1), Content("tomorrow"), not_before=NOW + 86_400))
    finished = made.finish()
    assert (finished.exit_code, finished.tally[State.PENDING]) == (ExitCode.LEFT_OVER, 1)


def test_a_short_wait_is_told_and_waited_for(made: Stage) -> None:
    made.add(ONE)
    people = made.enroll(Planned(2, phone(1), Content("soon"), not_before=NOW + 100.0))
    events = made.play()
    assert any(isinstance(event, Paused) for event in events)
    assert made.left == dict.fromkeys(people, 1)


def test_waiting_is_no_busy_loop(made: Stage) -> None:
    made.add(ONE)
    made.enroll(Planned(2, phone(1), Content("soon"), not_before=NOW + 500.0))
    made.play()
    assert made.turns < 1100  # two a second


# Devices that others change.


def test_a_pause_during_a_quarantine_outlasts_it(made: Stage) -> None:
    made.add(ONE)
    made.people(2)
    made.ledger.devices.quarantine(ONE, Quarantine.RATE_LIMITED, NOW + 60.0, NOW)
    made.ledger.devices.pause(ONE)
    assert made.finish().exit_code is ExitCode.NO_DEVICE
    assert made.left == {}


def test_devices_left_out_hold_nobody_back(made: Stage) -> None:
    made.add(ONE, TWO)
    people = made.people(2)
    made.play(replace(SETTINGS, devices=frozenset({TWO})))
    made.enroll(
        *(Planned(n + 2, phone(n), Content("new")) for n in range(2)),
        Planned(9, phone(9), Content("x")),
    )
    assert set(made.states().values()) == {State.SENT, State.PENDING}
    second = made.ledger.campaigns.open("second", "/second.csv", NOW)
    made.ledger.enrolment.enroll(
        second.id, [Planned(2, people[0], Content("again"))], now=NOW, digest=None
    )  # it is TWO's contact now
    finished = made.finish(replace(SETTINGS, campaign="second", devices=frozenset({ONE})))
    assert finished.exit_code is ExitCode.OK


def test_pinned_recipients_of_a_device_left_out_stay_pending(made: Stage) -> None:
    made.add(ONE, TWO)
    made.people(1, pinned=TWO)
    finished = made.finish(replace(SETTINGS, devices=frozenset({ONE})))
    assert (finished.exit_code, finished.tally[State.PENDING]) == (ExitCode.LEFT_OVER, 1)


def test_contacts_bind_nobody_where_the_operator_says_so(made: Stage) -> None:
    made.add(ONE, TWO)
    contact = made.people(1)[0]
    made.play(replace(SETTINGS, devices=frozenset({TWO})))
    second = made.ledger.campaigns.open("second", "/second.csv", NOW)
    made.ledger.enrolment.enroll(
        second.id, [Planned(2, contact, Content("again"))], now=NOW, digest=None
    )
    made.play(replace(SETTINGS, campaign="second", sticky=False))
    assert made.sends()[-1].device == ONE  # the least loaded


def test_a_device_that_logs_in_during_its_quarantine_goes_on_at_once(made: Stage) -> None:
    made.add(ONE)
    people = made.people(2)

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send(attempt=1):
                down = Offline(ONE, "does not connect", Quarantine.UNREACHABLE, NOW + 3000.0)
                host.says(down)
                host.answers(command, NotSent("does not connect"))
                made.time.after(20.0, lambda: host.says(Online(ONE, 0.1, "lost", rebuilt=False)))
            case _:
                made.obey(host, command)

    made.acts = act
    finished = made.finish(replace(SETTINGS, max_wait=5000.0, no_device_wait=5000.0))
    assert finished.exit_code is ExitCode.OK
    assert finished.seconds < 60.0
    assert made.left == dict.fromkeys(people, 1)
    assert made.ledger.devices.all(NOW)[0].state is DeviceState.READY


# Operators.


def test_the_first_interrupt_lets_finish_what_is_in_flight(made: Stage) -> None:
    made.add(ONE)
    people = made.people(10)
    run = made.run()

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                run.drain()
                made.time.after(1.0, lambda: host.answers(command, Accepted(made.leaves(command))))
            case _:
                made.obey(host, command)

    made.acts = act
    events = list(run.events())
    assert [each.in_flight for each in events if isinstance(each, Draining)] == [2]
    assert last(events).exit_code is ExitCode.INTERRUPTED
    assert made.left == dict.fromkeys(people[:2], 1)
    assert last(events).tally[State.SENT] == 2


def test_the_second_interrupt_leaves_it_in_doubt(made: Stage) -> None:
    made.add(ONE)
    made.people(10)
    run = made.run()

    def act(_: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            made.leaves(command)
            run.drain()
            run.abandon()

    made.acts = act
    finished = last(list(run.events()))
    assert finished.exit_code is ExitCode.INTERRUPTED
    assert (finished.tally[State.UNCERTAIN], finished.tally[State.PENDING]) == (2, 8)
    assert set(made.states().values()) == {State.UNCERTAIN, State.PENDING}
    made.acts = None
    made.play()
    assert max(made.left.values()) == 1


def test_an_interrupt_before_the_first_host_starts_none(made: Stage) -> None:
    made.add(ONE)
    made.people(3)
    run = made.run()
    run.drain()
    finished = last(list(run.events()))
    assert (finished.exit_code, finished.tally[State.PENDING]) == (ExitCode.INTERRUPTED, 3)
    assert made.hosts == []


def test_an_interrupt_while_the_hosts_end_is_told(made: Stage) -> None:
    made.add(ONE)
    made.people(1)
    run = made.run()

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Finish):
            run.drain()
        made.obey(host, command)

    made.acts = act
    finished = last(list(run.events()))
    assert (finished.exit_code, finished.tally[State.SENT]) == (ExitCode.INTERRUPTED, 1)


def test_an_interrupt_during_a_pause_ends_it(made: Stage) -> None:
    made.add(ONE)
    made.enroll(Planned(2, phone(1), Content("soon"), not_before=NOW + 500.0))
    run = made.run()
    made.time.after(10.0, run.drain)
    events = list(run.events())
    assert [type(each) for each in events[1:]] == [Paused, Draining, RunFinished]
    assert last(events).seconds < 20.0


def test_an_answer_that_came_with_the_second_interrupt_counts(made: Stage) -> None:
    made.add(ONE)
    made.people(1)
    run = made.run()

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            run.abandon()
            host.answers(command, Accepted(made.leaves(command)))

    made.acts = act
    finished = last(list(run.events()))
    assert (finished.exit_code, finished.tally[State.SENT]) == (ExitCode.INTERRUPTED, 1)


def test_a_run_whose_events_nobody_reads_on_leaves_no_host(made: Stage) -> None:
    made.add(ONE)
    made.people(10)
    events = made.run().events()
    assert isinstance(events, Generator)
    with closing(events):
        for _ in range(4):
            next(events)
    assert not any(host.alive for host in made.hosts)
    made.play()
    assert max(made.left.values()) == 1


def test_an_opt_out_with_the_last_words_of_a_host_is_heeded(made: Stage) -> None:
    made.add(ONE)
    people = made.people(1)

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Finish):
            host.says(InboundText(ONE, "", people[0], "stop", NOW))
        made.obey(host, command)

    made.acts = act
    events = made.play()
    assert any(isinstance(event, OptedOut) for event in events)
    assert made.ledger.people.is_suppressed(people[0])


def test_a_receipt_with_the_last_words_of_a_host_counts(made: Stage) -> None:
    made.add(ONE)
    made.people(1)

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Finish):
            host.says(ReceiptSeen(ONE, ("ID-1-1",), ReceiptKind.DELIVERED))
        made.obey(host, command)

    made.acts = act
    events = made.play()
    assert [each.state for each in events if isinstance(each, Receipt)] == [State.DELIVERED]
    assert last(events).tally[State.DELIVERED] == 1


# Bounds.


def test_a_limit_bounds_the_claims_of_a_run(made: Stage) -> None:
    made.add(ONE, TWO)
    made.people(10)
    finished = made.finish(replace(SETTINGS, limit=3))
    assert (finished.exit_code, finished.tally[State.SENT]) == (ExitCode.LEFT_OVER, 3)
    assert sum(made.left.values()) == 3


def test_under_a_gap_a_call_that_hangs_holds_its_device_until_it_is_over(made: Stage) -> None:
    made.add(ONE)
    people = made.people(2)
    at: list[float] = []

    def act(host: FakeHost, command: Command) -> None:
        if not isinstance(command, Send):
            made.obey(host, command)
            return
        at.append(made.time.passed)
        if len(at) > 1:
            made.obey(host, command)
            return
        made.hang(host, command)
        took = Accepted(made.leaves(command))
        made.time.after(100.0, lambda: host.returns(command, took))

    made.acts = act
    limits = Limits(gap=5.0)
    assert made.finish(replace(SETTINGS, limits=limits)).exit_code is ExitCode.OK
    assert made.left == dict.fromkeys(people, 1)
    assert at[1] >= at[0] + 105.0


def test_under_a_gap_a_call_that_never_returns_ends_the_run_in_time(made: Stage) -> None:
    made.add(ONE)
    made.people(2)
    made.acts = lambda host, command: (
        made.hang(host, command) if isinstance(command, Send) else made.obey(host, command)
    )
    limits = Limits(gap=5.0)
    finished = made.finish(replace(SETTINGS, limits=limits, max_wait=120.0))
    assert finished.exit_code is ExitCode.LEFT_OVER
    assert len(made.sends()) == 1
    assert 120.0 <= made.time.passed < 200.0


def test_a_run_ends_when_its_time_is_over(made: Stage) -> None:
    made.add(ONE)
    made.people(10)
    settings = replace(SETTINGS, limits=Limits(per_minute=1), max_runtime=150.0)
    finished = made.finish(settings)
    assert (finished.exit_code, finished.tally[State.SENT]) == (ExitCode.LEFT_OVER, 3)


def test_nobody_is_claimed_in_the_turn_in_which_its_end_comes(made: Stage) -> None:
    made.add(ONE)
    end = NOW + 100.0
    at_the_end = Planned(3, phone(1), Content("late"), not_before=end)
    made.enroll(Planned(2, phone(0), Content("early")), at_the_end)
    assert made.finish(replace(SETTINGS, until=end)).tally[State.SENT] == 1
    assert made.finish(replace(SETTINGS, until=end + 100.0)).tally[State.SENT] == 2


def test_too_many_failures_pause_the_run(made: Stage) -> None:
    made.add(ONE)
    made.people(100)

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                host.answers(command, Rejected("not on WhatsApp"))
            case _:
                made.obey(host, command)

    made.acts = act
    events = made.play(replace(SETTINGS, pause_after_errors=0.2))
    assert any(isinstance(event, Paused) for event in events)
    assert last(events).exit_code is ExitCode.LEFT_OVER
    assert 50 <= last(events).tally[State.FAILED] < 60


def test_a_clock_that_is_set_back_drops_nobody(made: Stage) -> None:
    made.add(ONE, TWO)
    people = made.people(30)

    def act(host: FakeHost, command: Command) -> None:
        made.time.moved -= 100.0
        if isinstance(command, Send) and command.attempt == 1 and command.delivery % 3 == 0:
            host.answers(command, NotSent("websocket not connected"))
        else:
            made.obey(host, command)

    made.acts = act
    assert made.finish().exit_code is ExitCode.OK
    assert made.left == dict.fromkeys(people, 1)


def test_a_device_paired_in_mid_run_takes_part(made: Stage) -> None:
    made.add(ONE)
    people = made.people(4, pinned=None)
    new = DeviceId("new")

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send) and len(made.sends()) == 1:
            made.add(new)
        made.obey(host, command)

    made.acts = act
    settings = replace(SETTINGS, limits=Limits(per_minute=1))
    assert made.finish(settings).exit_code is ExitCode.OK
    assert made.left == dict.fromkeys(people, 1)


def test_a_run_whose_ledger_is_gone_sends_nothing_more(made: Stage) -> None:
    made.add(ONE)
    made.people(4)

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            made.home.ledger_path.unlink()
        made.obey(host, command)

    made.acts = act
    with pytest.raises(HomeUnusableError, match="deleted"):
        made.finish(replace(SETTINGS, limits=Limits(per_minute=1)))
    assert len(made.sends()) == 1
