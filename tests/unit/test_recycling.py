"""Recycling: a worn host is emptied, ended and replaced; a call that hangs delays it a while."""

import pytest

from tests.kit.ledgers import NOW, jid_of, start
from tests.kit.stage import CAMPAIGN, ONE, FakeHost, Stage, phone
from waheal.engine.fleet import Fleet
from waheal.engine.flights import Flight
from waheal.engine.recycling import Recycling
from waheal.engine.settings import RunSettings
from waheal.model import Content, Planned
from waheal.records import Claim
from waheal.wire import Command, Finish

LIMIT = 10


class Scene:
    """One device on one host that can be worn."""

    def __init__(self, made: Stage) -> None:
        made.add(ONE)
        start(made.ledger, Planned(2, phone(0), Content("a")))
        self.time = made.time
        self.roster = made.roster(RunSettings(CAMPAIGN))
        self.fleet = Fleet(made.link(), 1, made.time.monotonic)
        self.fleet.start()
        self.host = made.hosts[0]
        self.recycling = Recycling(self.fleet, self.roster, LIMIT, made.time.monotonic)

    def look(self, *flights: Flight) -> None:
        self.recycling.look(flights, NOW)

    def flight(self) -> Flight:
        member = self.roster.get(ONE)
        assert member is not None
        claim = Claim(1, 1, ONE, jid_of(ONE), phone(0), Content("a"), b"", None)
        return Flight(claim, member, self.host, 0, NOW, 0.0)

    @property
    def stands_still(self) -> bool:
        member = self.roster.get(ONE)
        assert member is not None
        return member.held


@pytest.fixture
def scene(made: Stage) -> Scene:
    return Scene(made)


def test_a_host_with_few_clients_goes_on(scene: Scene) -> None:
    scene.recycling.heard(scene.host, LIMIT - 1)
    scene.look()
    assert not scene.recycling.under_way
    assert not scene.stands_still


def test_a_worn_host_is_emptied_first_and_then_ended(scene: Scene) -> None:
    scene.recycling.heard(scene.host, LIMIT)
    scene.look(scene.flight())
    assert scene.recycling.under_way
    assert scene.stands_still
    assert scene.host.alive
    scene.look()
    assert not scene.host.alive
    assert scene.host.heard[-1] == Finish()


def test_its_death_was_wanted_and_its_devices_go_on(scene: Scene) -> None:
    scene.recycling.heard(scene.host, LIMIT)
    scene.look()
    scene.look()
    assert scene.recycling.finished(scene.host)
    scene.recycling.release(scene.host, NOW)
    assert not scene.recycling.under_way
    assert not scene.stands_still


def test_a_death_of_its_own_while_it_is_emptied_was_not_wanted(scene: Scene) -> None:
    scene.recycling.heard(scene.host, LIMIT)
    scene.look(scene.flight())
    assert not scene.recycling.finished(scene.host)
    assert not scene.recycling.under_way


def test_a_call_that_hangs_puts_it_off(scene: Scene) -> None:
    scene.recycling.heard(scene.host, LIMIT)
    scene.look(scene.flight())
    scene.time.wait(3.0)
    scene.look(scene.flight())
    assert not scene.stands_still
    assert scene.host.alive
    scene.look(scene.flight())
    assert not scene.stands_still  # it is tried again later
    scene.time.wait(31.0)
    scene.look(scene.flight())
    assert scene.stands_still


def test_far_past_the_limit_its_devices_stand_still_until_every_call_is_over(scene: Scene) -> None:
    scene.recycling.heard(scene.host, 2 * LIMIT)
    for _ in range(5):
        scene.look(scene.flight())
        assert scene.stands_still
        scene.time.wait(60.0)
    assert scene.host.alive  # nobody's message is cut off for it
    scene.look()
    assert scene.host.heard[-1] == Finish()
    assert scene.recycling.finished(scene.host)


def test_a_host_that_does_not_end_when_asked_is_ended(scene: Scene, made: Stage) -> None:
    def deaf(_: FakeHost, __: Command) -> None:
        return

    made.acts = deaf
    scene.recycling.heard(scene.host, LIMIT)
    scene.look()
    scene.look()
    assert scene.host.alive
    scene.time.wait(31.0)
    scene.look()
    assert not scene.host.alive


def test_a_host_that_was_replaced_is_forgotten(scene: Scene) -> None:
    scene.recycling.heard(scene.host, LIMIT)
    scene.host.kill()
    scene.fleet.replace(scene.host, "killed", wanted=False)
    scene.look()
    assert not scene.recycling.under_way
