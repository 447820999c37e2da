"""The helm: what follows from a turn, for the course of the run."""

from dataclasses import replace

import pytest

from tests.kit.ledgers import NOW
from tests.kit.stage import CAMPAIGN, ONE, FakeHost, Stage, phone
from waheal.engine.claims import Won
from waheal.engine.course import Phase, Step
from waheal.engine.helm import Helm
from waheal.engine.hosts import Asked
from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.events import Paused, Settled
from waheal.model import Content, ExitCode, Planned, Quarantine, State
from waheal.policy.pacing import Limits
from waheal.wire import Command

SETTINGS = RunSettings(CAMPAIGN)
DAY = 86_400.0


class Scene:
    """The parts of a run that isn't under way, as they stand before its first turn."""

    def __init__(self, made: Stage, settings: RunSettings = SETTINGS) -> None:
        made.acts = silent
        self.made = made
        self.run: Run = made.run(settings)
        self.helm: Helm = self.run._helm

    @property
    def phase(self) -> Phase:
        return self.helm.course.phase

    @property
    def why(self) -> str:
        return self.helm.course.why or ""

    def take(self) -> tuple[Won, ...]:
        """Claim as a turn does, and send."""
        self.run._fleet.start()
        with self.made.ledger.transaction():
            won = self.run._claims.take(NOW, 64, self.run._fleet.log_name).won
        for each in won:
            self.run._flights.dispatch(each, NOW)
        self.run._sessions.close()  # a run that isn't under way closes nothing
        return won


def silent(_host: FakeHost, _command: Command) -> None:
    return


def later(seconds: float) -> Planned:
    return Planned(2, phone(0), Content("later"), not_before=NOW + seconds)


@pytest.fixture
def made(made: Stage) -> Stage:
    made.add(ONE)
    made.people(2)
    return made


@pytest.fixture
def scene(made: Stage) -> Scene:
    return Scene(made)


@pytest.mark.parametrize(("gap", "told"), [(30.0, 0), (90.0, 1)])
def test_a_wait_between_messages_is_told_only_where_it_is_long(
    made: Stage, gap: float, told: int
) -> None:
    scene = Scene(made, replace(SETTINGS, limits=Limits(gap=gap)))
    scene.run._roster.get(ONE).pace = Limits(gap=gap).pace([NOW])  # type: ignore[union-attr]
    assert scene.take() == ()
    assert len(scene.helm.wait_or_end(NOW)) == told
    assert scene.phase is (Phase.WAITING if told else Phase.RUNNING)


def test_a_call_that_is_yet_to_return_is_waited_for_but_not_for_ever(made: Stage) -> None:
    scene = Scene(made, replace(SETTINGS, limits=Limits(gap=5.0), max_wait=120.0))
    (won,) = scene.take()
    flight = scene.run._flights.answered(won.claim.delivery, 1)
    assert flight is not None
    scene.run._flights.cut_loose(flight)
    assert scene.helm.wait_or_end(NOW) == []
    assert scene.helm.course.claims
    made.time.passed += 120.0
    scene.helm.wait_or_end(NOW + 120.0)
    assert not scene.helm.course.claims


def test_an_operator_who_asks_is_heeded(scene: Scene) -> None:
    scene.helm.heed([Asked("Ctrl-C")])
    assert (scene.phase, scene.why) == (Phase.DRAINING, "Ctrl-C")
    scene.helm.heed([Asked("Ctrl-C", at_once=True)])
    assert scene.helm.course.over
    assert scene.helm.course.abandoned


def test_a_fault_ends_at_once(scene: Scene) -> None:
    scene.helm.fail(ExitCode.OWN_FAULT)
    assert scene.helm.course.over


def test_with_work_and_a_device_it_begins(scene: Scene) -> None:
    scene.helm.look_ahead(NOW)
    assert scene.phase is Phase.RUNNING


def test_without_work_it_is_over_before_it_begins(made: Stage) -> None:
    for number in range(2):
        made.ledger.people.suppress_pending([phone(number)], NOW)
    scene = Scene(made)
    scene.helm.look_ahead(NOW)
    assert scene.helm.course.over
    assert Step.EXHAUST in scene.helm.course.taken


def test_without_a_device_it_is_over_unless_one_is_soon_back(made: Stage) -> None:
    made.ledger.devices.quarantine(ONE, Quarantine.BANNED, NOW + 60.0, NOW)
    scene = Scene(made)
    scene.helm.look_ahead(NOW)
    assert scene.phase is Phase.RUNNING
    made.ledger.devices.quarantine(ONE, Quarantine.BANNED, NOW + DAY, NOW)
    scene = Scene(made)
    scene.helm.look_ahead(NOW)
    assert scene.helm.course.over
    assert (scene.helm.course.untold or "").startswith("no device can send: one is out until")


def test_a_run_that_was_asked_to_end_before_it_began_is_over(scene: Scene) -> None:
    scene.helm.heed([Asked("Ctrl-C")])
    scene.helm.look_ahead(NOW)
    assert scene.helm.course.over


@pytest.mark.parametrize(
    "settings",
    [
        replace(SETTINGS, until=NOW + 10.0),
        replace(SETTINGS, max_runtime=10.0),
        replace(SETTINGS, until=NOW + DAY, max_runtime=10.0),
        replace(SETTINGS, until=NOW + 10.0, max_runtime=DAY),
    ],
)
def test_the_earliest_bound_of_time_ends_it(made: Stage, settings: RunSettings) -> None:
    scene = Scene(made, settings)
    scene.helm.mind_bounds(NOW + 9.0)
    assert scene.phase is Phase.RUNNING
    scene.helm.mind_bounds(NOW + 10.0)
    assert scene.helm.course.phase is Phase.DRAINING
    assert scene.why.startswith(("--until has come: 20", "the time of --max-runtime is over"))
    scene.helm.mind_bounds(NOW + 11.0)


def test_a_limit_that_is_used_up_ends_it(made: Stage) -> None:
    scene = Scene(made, replace(SETTINGS, limit=1))
    scene.helm.mind_bounds(NOW)
    assert scene.phase is Phase.RUNNING
    scene.take()
    scene.helm.mind_bounds(NOW)
    assert (scene.phase, scene.why) == (Phase.DRAINING, "--limit 1 is reached")
    assert scene.helm.last_word == Paused(
        "--limit 1 is reached", None, "go on with the rest: run the same command again"
    )


def test_too_many_failures_are_told_once(made: Stage) -> None:
    scene = Scene(made, replace(SETTINGS, pause_after_errors=0.5))
    failed = Settled(phone(0), ONE, State.FAILED, 1, None, "not on WhatsApp")
    assert scene.helm.count_errors([failed] * 49) == []
    (told,) = scene.helm.count_errors([failed])
    assert isinstance(told, Paused)
    assert scene.helm.count_errors([failed]) == []
    assert (scene.phase, scene.helm.course.untold) == (Phase.DRAINING, None)


def test_a_short_wait_is_a_pause_told_once_and_ends_with_a_claim(made: Stage) -> None:
    made.enroll(later(100.0))
    scene = Scene(made)
    (told,) = scene.helm.wait_or_end(NOW)
    assert isinstance(told, Paused)
    assert (told.until, told.way_out) == (NOW + 100.0, "it goes on by itself then")
    assert told.reason.startswith("send_after of 1 recipient is still to come")
    assert scene.helm.wait_or_end(NOW + 1.0) == []
    assert scene.phase is Phase.WAITING
    assert scene.helm.resume()
    assert not scene.helm.resume()
    assert (scene.phase, scene.why) == (Phase.RUNNING, "")


def test_a_moment_is_no_pause(made: Stage) -> None:
    made.enroll(later(2.0))
    scene = Scene(made)
    assert scene.helm.wait_or_end(NOW) == []
    assert scene.phase is Phase.RUNNING


def test_a_long_wait_is_an_end_that_names_the_moment(made: Stage) -> None:
    made.enroll(later(DAY))
    scene = Scene(made)
    assert scene.helm.wait_or_end(NOW) == []
    assert scene.phase is Phase.LISTENING
    assert scene.why.startswith("send_after of 1 recipient is still to come, first at 20")
    last = scene.helm.last_word
    assert last is not None
    assert (last.reason, last.until) == (scene.why, NOW + DAY)
    assert "or let a run wait with --max-wait 24h" in (last.way_out or "")


@pytest.mark.parametrize(
    ("seconds", "told"), [(1800.0, "--max-wait 30m"), (DAY / 2, "--max-wait 12h"), (9 * DAY, None)]
)
def test_a_wait_is_told_in_words_that_can_be_given(
    made: Stage, seconds: float, told: str | None
) -> None:
    made.enroll(later(seconds))
    scene = Scene(made)
    assert scene.helm.wait_or_end(NOW) == []
    stop = scene.helm.stop
    assert stop is not None
    assert stop.until == NOW + seconds
    assert (told or "run the same command again then") in (stop.way_out or "")
    assert ("--max-wait" in (stop.way_out or "")) == (told is not None)


def test_while_something_is_in_flight_nothing_is_decided(made: Stage) -> None:
    scene = Scene(made)
    assert len(scene.take()) == 2
    assert scene.helm.wait_or_end(NOW) == []
    scene.helm.heed([Asked("Ctrl-C")])
    scene.helm.mind_the_end()
    assert scene.phase is Phase.DRAINING


def test_it_listens_until_everybody_has_answered_or_the_time_is_over(made: Stage) -> None:
    scene = Scene(made, replace(SETTINGS, drain_window=3.0))
    scene.run._hearing.unanswered.add((ONE, "ID"))
    scene.helm.heed([Asked("Ctrl-C")])
    scene.helm.mind_the_end()
    made.time.wait(2.9)
    scene.helm.mind_the_end()
    assert scene.phase is Phase.LISTENING
    made.time.wait(0.2)
    scene.helm.mind_the_end()
    assert scene.helm.course.over


def test_with_nobody_to_answer_it_does_not_listen(scene: Scene) -> None:
    scene.helm.heed([Asked("Ctrl-C")])
    scene.helm.mind_the_end()
    assert scene.helm.course.over
