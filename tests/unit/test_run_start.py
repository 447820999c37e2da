"""`--start`: a run that begins later waits in sight, and for nothing else."""

from dataclasses import replace

from tests.kit.ledgers import NOW
from tests.kit.stage import CAMPAIGN, ONE, FakeHost, Stage, last
from waheal.engine.settings import RunSettings
from waheal.events import DeviceHealing, Paused, Resumed, RunStarted
from waheal.model import Accepted, ExitCode, Quarantine, State
from waheal.wire import Command, Healing, Send

DAY = 86_400.0
SETTINGS = RunSettings(CAMPAIGN, start=NOW + 3 * DAY)


def test_it_begins_then_and_says_so_before(made: Stage) -> None:
    made.add(ONE)
    people = made.people(3)
    times = list[float]()

    def act(host: FakeHost, command: Command) -> None:
        times.append(made.time.time())
        if isinstance(command, Send):
            host.says(Healing(ONE, "first connect"))
        made.obey(host, command)

    made.acts = act
    events = made.play(SETTINGS)
    assert made.left == dict.fromkeys(people, 1)
    assert min(times) >= NOW + 3 * DAY  # no host either
    started, waiting, *_ = events
    assert isinstance(started, RunStarted)
    assert started.begins == NOW + 3 * DAY
    assert isinstance(waiting, Paused)
    assert (waiting.until, "by --start" in waiting.reason) == (NOW + 3 * DAY, True)
    assert [type(each) for each in events if isinstance(each, Paused | Resumed)] == [
        Paused,
        Resumed,
    ]
    assert any(isinstance(each, DeviceHealing) for each in events)
    assert last(events).exit_code is ExitCode.OK
    assert last(events).seconds < 60.0  # of sending


def test_the_longest_runtime_counts_from_then(made: Stage) -> None:
    made.add(ONE)
    made.people(50)

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            made.time.after(5.0, lambda: host.answers(command, Accepted(made.leaves(command))))
        else:
            made.obey(host, command)

    made.acts = act
    finished = made.finish(replace(SETTINGS, max_runtime=60.0))
    assert finished.stop is not None
    assert finished.stop.reason == "the time of --max-runtime is over"
    assert 60.0 <= finished.seconds < 90.0
    assert 0 < finished.tally[State.DELIVERED] + finished.tally[State.SENT] < 50


def test_asked_to_end_it_waits_no_longer(made: Stage) -> None:
    made.add(ONE)
    made.people(3)
    run = made.run(SETTINGS)
    made.time.after(100.0, lambda: run.drain("Ctrl-C"))
    finished = last(list(run.events()))
    assert finished.exit_code is ExitCode.INTERRUPTED
    assert finished.tally[State.PENDING] == 3
    assert made.time.passed < 200.0
    assert made.hosts == []


def test_nobody_to_write_to_is_not_waited_for(made: Stage) -> None:
    made.add(ONE)
    made.people(0)
    assert made.finish(SETTINGS).exit_code is ExitCode.OK
    assert made.time.passed < 10.0


def test_a_device_that_is_out_until_then_is_back(made: Stage) -> None:
    made.add(ONE)
    people = made.people(2)
    made.ledger.devices.quarantine(ONE, Quarantine.RATE_LIMITED, NOW + DAY, NOW)
    assert made.finish(SETTINGS).exit_code is ExitCode.OK
    assert made.left == dict.fromkeys(people, 1)


def test_a_moment_that_is_past_holds_nothing_up(made: Stage) -> None:
    made.add(ONE)
    made.people(2)
    events = made.play(replace(SETTINGS, start=NOW - DAY))
    assert last(events).exit_code is ExitCode.OK
    assert not [each for each in events if isinstance(each, Paused)]
