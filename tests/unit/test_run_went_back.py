"""A run on a shared ledger that went back: nobody is claimed before every machine has told."""

from dataclasses import replace

from tests.kit.ledgers import NOW
from tests.kit.stage import CAMPAIGN, ONE, FakeHost, Stage, last
from waheal.engine.settings import RunSettings
from waheal.events import Paused, Resumed
from waheal.model import ExitCode
from waheal.wire import Command, Send

AN_HOUR = 3600.0
SETTINGS = RunSettings(CAMPAIGN, max_wait=2 * AN_HOUR)


def away(made: Stage, until: float) -> None:
    """Let another machine have told nothing before then."""
    made.ledger.machines.awaited = (  # type: ignore[method-assign]
        lambda: ["lyon"] if made.time.time() < until else []
    )


def test_it_waits_in_sight_until_the_others_have_told(made: Stage) -> None:
    made.add(ONE)
    people = made.people(3)
    away(made, NOW + AN_HOUR)
    sent = list[float]()

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            sent.append(made.time.time())
        made.obey(host, command)

    made.acts = act
    events = made.play(SETTINGS)
    assert made.left == dict.fromkeys(people, 1)
    assert min(sent) >= NOW + AN_HOUR
    (waiting,) = [each for each in events if isinstance(each, Paused)]
    assert "put back to an earlier state" in waiting.reason
    assert "lyon" in waiting.reason
    assert "waheal sync" in str(waiting.way_out)
    assert [type(each) for each in events if isinstance(each, Paused | Resumed)] == [
        Paused,
        Resumed,
    ]
    assert last(events).exit_code is ExitCode.OK


def test_it_ends_where_they_do_not_come(made: Stage) -> None:
    made.add(ONE)
    made.people(3)
    away(made, NOW + 9 * AN_HOUR)
    finished = made.finish(SETTINGS)
    assert made.left == {}
    assert finished.exit_code is ExitCode.LEFT_OVER
    assert finished.stop is not None
    assert "lyon" in finished.stop.reason
    assert 2 * AN_HOUR <= finished.seconds < 3 * AN_HOUR


def test_it_ends_at_once_where_nobody_is_left(made: Stage) -> None:
    made.add(ONE)
    away(made, NOW + AN_HOUR)
    made.people(0)
    assert made.finish(replace(SETTINGS)).exit_code is ExitCode.OK
