"""A run whose hosts fail, hang, answer late or wear out: nobody is dropped or sent to twice."""

from dataclasses import replace

import pytest

from tests.kit.ledgers import NOW
from tests.kit.stage import CAMPAIGN, ONE, TWO, FakeHost, Stage, last, phone
from waheal.engine.settings import RunSettings
from waheal.errors import HomeUnusableError, MachineError, OwnFault, UsageError
from waheal.events import (
    Event,
    HostRestarted,
    Settled,
)
from waheal.model import (
    Accepted,
    Content,
    DeviceId,
    ExitCode,
    NotSent,
    Phone,
    Planned,
    Rejected,
    State,
    Unknown,
)
from waheal.records import Leftover, Resolution
from waheal.wire import (
    Command,
    Finish,
    Health,
    HostSettings,
    InboundText,
    NotServed,
    Send,
    Setup,
)

SETTINGS = RunSettings(CAMPAIGN)


def test_a_host_that_does_not_serve_ends_the_run_at_once_with_its_reason(made: Stage) -> None:
    made.add(ONE)
    made.people(3)

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Setup):
            host.says(NotServed("it is another library", "install the pinned one"))
            host.dies("ended with code 2")

    made.acts = act
    events: list[Event] = []
    with pytest.raises(UsageError, match="it is another library") as refused:
        events.extend(made.run(SETTINGS).events())
    assert refused.value.hint == "install the pinned one"
    assert set(made.states().values()) == {State.PENDING}
    assert len(made.hosts) <= 2


# Hosts that are exchanged.


def worn(made: Stage, every: int) -> None:
    """Let hosts tell of clients that they let go of with each message."""
    told: dict[FakeHost, int] = {}

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                host.answers(command, Accepted(made.leaves(command)))
                told[host] = told.get(host, 0) + every
                host.says(Health(1, 1 + told[host]))
            case Finish():
                made.time.after(3.0, lambda: host.dies("ended with code 0"))
            case _:
                pass

    made.acts = act


def test_goes_on_after_a_worn_host_was_exchanged(made: Stage) -> None:
    made.add(ONE)
    people = made.people(20)
    worn(made, 5)
    events = made.play(replace(SETTINGS, refreshes=30))
    assert last(events).exit_code is ExitCode.OK
    assert made.left == dict.fromkeys(people, 1)
    causes = [each.cause for each in events if isinstance(each, HostRestarted)]
    assert len(causes) >= 2
    assert set(causes) == {"recycled"}


def test_no_host_is_exchanged_for_the_clients_that_it_has_open(made: Stage) -> None:
    made.add(ONE)
    people = made.people(20)
    built = 0

    def act(host: FakeHost, command: Command) -> None:
        nonlocal built
        if isinstance(command, Send):
            built += 50  # a first connect of a device more
            host.says(Health(built, built))
        made.obey(host, command)

    made.acts = act
    events = made.play(replace(SETTINGS, refreshes=30))
    assert not [each for each in events if isinstance(each, HostRestarted)]
    assert made.left == dict.fromkeys(people, 1)


def test_a_worn_host_that_does_not_end_is_ended(made: Stage) -> None:
    made.add(ONE)
    people = made.people(6)

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            host.answers(command, Accepted(made.leaves(command)))
            host.says(Health(1, 100 if host is made.hosts[0] else 1))

    made.acts = act
    finished = made.finish(replace(SETTINGS, refreshes=30))
    assert finished.exit_code is ExitCode.OK
    assert made.left == dict.fromkeys(people, 1)


# Hosts that fail.


def test_what_was_heard_with_the_fifth_death_is_kept(made: Stage) -> None:
    made.add(ONE)
    made.people(9)

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send) and host.alive:
            if len(made.hosts) == 5:
                host.says(InboundText(ONE, "12025550150@s.whatsapp.net", None, "STOP", NOW))
            host.dies()

    made.acts = act
    with pytest.raises(OwnFault):
        made.play()
    assert made.ledger.people.is_suppressed(Phone("+12025550150"))
    assert State.SENDING not in set(made.states().values())


def test_a_host_that_cannot_be_started_is_told_to_the_end(made: Stage) -> None:
    made.add(ONE)
    made.people(2)
    made.refusal = OSError(11, "Resource temporarily unavailable")
    events: list[Event] = []
    with pytest.raises(MachineError):
        events.extend(made.run().events())
    assert last(events).exit_code is ExitCode.HOME_UNUSABLE


def test_a_fault_of_its_own_is_told_to_the_end(
    made: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.add(ONE)
    made.people(2)

    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("waheal.engine.recycling.Recycling.look", stumble)
    events: list[Event] = []
    with pytest.raises(ZeroDivisionError):
        events.extend(made.run().events())
    assert last(events).exit_code is ExitCode.OWN_FAULT
    assert not any(host.alive for host in made.hosts)


def test_a_full_disk_ends_the_run_with_12_and_loses_nobody(
    made: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.add(ONE, TWO)
    people = made.people(10)
    real = made.ledger.outcomes.settle_all
    calls: list[int] = []

    def full(*args: object, **kwargs: object) -> list[bool]:
        calls.append(1)
        if len(calls) == 2:
            raise HomeUnusableError("the disk is full")
        return real(*args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(made.ledger.outcomes, "settle_all", full)
        events: list[Event] = []
        with pytest.raises(HomeUnusableError):
            events.extend(made.run().events())
    assert last(events).exit_code is ExitCode.HOME_UNUSABLE
    assert last(events).tally.total == 10
    made.play()
    assert max(made.left.values()) == 1
    settled = {who: state for who, state in made.states().items() if state is not State.UNCERTAIN}
    assert all(state is State.SENT for state in settled.values())
    assert set(made.states()) == set(people)


def test_a_host_that_says_nothing_any_more_is_ended_and_replaced(made: Stage) -> None:
    made.add(ONE)
    made.people(1)

    def act(host: FakeHost, command: Command) -> None:
        if host is not made.hosts[0]:
            made.obey(host, command)

    made.acts = act
    events = made.play()
    assert [each.in_doubt for each in events if isinstance(each, HostRestarted)] == [1]
    assert last(events).exit_code is ExitCode.OK  # the evidence says that nothing left
    assert last(events).seconds < 600.0


def test_a_call_that_waits_behind_a_hanging_one_ends_no_host(made: Stage) -> None:
    made.add(ONE)
    made.people(2)

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send(phone=who) if who == phone(0):
                made.hang(host, command, 90.0)
            case Send():
                made.time.after(
                    150.0, lambda: host.answers(command, Accepted(made.leaves(command)))
                )
            case _:
                made.obey(host, command)

    made.acts = act
    events = made.play()
    assert not any(isinstance(each, HostRestarted) for each in events)
    assert made.states()[phone(1)] is State.SENT


# Late answers.


def late(made: Stage, late_outcome: NotSent | Rejected | Accepted | Unknown) -> list[Event]:
    """Let the first call hang, and come back with this after two minutes."""
    made.add(ONE)
    made.people(2)
    hung: list[Send] = []

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send(phone=who, attempt=1) if who == phone(0):
                hung.append(command)
                if isinstance(late_outcome, Accepted):
                    made.leaves(command)
                made.hang(host, command, 90.0)
                made.time.after(120.0, lambda: host.returns(command, late_outcome))
            case Send() if not hung or command.phone == phone(0):
                made.obey(host, command)
            case Send():
                made.time.after(
                    130.0, lambda: host.answers(command, Accepted(made.leaves(command)))
                )
            case _:
                made.obey(host, command)

    made.acts = act
    return made.play()


@pytest.mark.parametrize("outcome", [NotSent("nothing left"), Rejected("not on WhatsApp")])
def test_a_late_refusal_frees_the_recipient(made: Stage, outcome: NotSent | Rejected) -> None:
    events = late(made, outcome)
    assert last(events).exit_code is ExitCode.OK
    assert made.left[phone(0)] == 1


def test_a_late_acceptance_settles_the_recipient(made: Stage) -> None:
    events = late(made, Accepted("ID-1-1"))
    told = [each.state for each in events if isinstance(each, Settled) and each.phone == phone(0)]
    assert told == [State.UNCERTAIN]
    assert made.states()[phone(0)] is State.SENT
    assert made.left[phone(0)] == 1


def test_a_call_that_never_returns_can_be_resolved_after_the_run(made: Stage) -> None:
    made.add(ONE)
    made.people(1)

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                made.leaves(command)
                made.hang(host, command)
            case _:
                made.obey(host, command)

    made.acts = act
    assert made.finish().tally[State.UNCERTAIN] == 1
    done = made.ledger.leftovers.resolve(
        made.campaign, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=NOW
    )
    assert (done.changed, done.running_kept) == (1, 0)


def test_many_hanging_devices_keep_no_other_waiting(made: Stage) -> None:
    devices = [DeviceId(3 * chr(ord("A") + number)) for number in range(20)]
    made.add(*devices, ONE)
    text = Content("hello")
    made.enroll(
        *(Planned(n + 2, phone(n), text, pinned=each) for n, each in enumerate(devices)),
        *(Planned(n + 30, phone(n), text, pinned=ONE) for n in range(30, 60)),
    )
    ended: list[float] = []

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send(device=device) if device != ONE:
                made.leaves(command)
                made.hang(host, command, 90.0)
            case Send():
                made.obey(host, command)
                ended.append(made.time.passed)
            case _:
                made.obey(host, command)

    made.acts = act
    made.play(replace(SETTINGS, host=HostSettings(senders=2)))
    assert len(ended) == 30
    assert max(ended) < 60.0
