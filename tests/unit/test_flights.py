"""Flights: which host has which claim in hand, who owes an answer, how many places are taken."""

import pytest

from tests.kit.ledgers import NOW, jid_of
from tests.kit.stage import ONE, Stage, phone
from waheal.engine.claims import Won
from waheal.engine.fleet import Fleet
from waheal.engine.flights import Flights
from waheal.engine.hosts import Host
from waheal.engine.scheduler import Member
from waheal.model import Content
from waheal.policy.pacing import Limits
from waheal.records import Claim
from waheal.wire import Send

LIMIT = 120.0


class Scene:
    """Two hosts that say nothing, with one flight each."""

    def __init__(self, made: Stage) -> None:
        made.acts = lambda _host, _command: None
        self.made = made
        fleet = Fleet(made.link(), 2, made.time.monotonic)
        fleet.start()
        self.flights = Flights(fleet, made.time.monotonic)
        for number in range(2):
            self.dispatch(number, host=number)

    def dispatch(self, number: int, host: int) -> None:
        claim = Claim(number, 1, ONE, jid_of(ONE), phone(number), Content("hello"), b"w", None)
        member = Member(ONE, jid_of(ONE), host, Limits().pace(()), 0, own=True)
        self.flights.dispatch(Won(claim, member, 0, NOW + 9.0), NOW)

    @property
    def hosts(self) -> list[Host]:
        return list(self.made.hosts)


@pytest.fixture
def scene(made: Stage) -> Scene:
    return Scene(made)


def test_a_claim_goes_to_its_devices_host(scene: Scene) -> None:
    for number, host in enumerate(scene.made.hosts):
        send = host.heard[-1]
        assert isinstance(send, Send)
        assert (send.delivery, send.phone, send.not_after) == (number, phone(number), NOW + 9.0)
    assert [flight.host for flight in scene.flights] == scene.hosts


def test_tells_for_how_long_a_call_that_was_cut_loose_is_under_way(scene: Scene) -> None:
    assert scene.flights.loose_since() is None
    scene.made.time.passed += 90.0
    scene.dispatch(2, host=0)
    for delivery in (0, 2):
        flight = scene.flights.answered(delivery, 1)
        assert flight is not None
        scene.flights.cut_loose(flight)
    scene.made.time.passed += 5.0
    assert scene.flights.loose_since() == 5.0
    assert scene.flights.returned(2, 1) is not None
    assert scene.flights.loose_since() == 95.0


def test_a_flight_is_answered_once(scene: Scene) -> None:
    flight = scene.flights.answered(0, 1)
    assert flight is not None
    assert flight.key == (0, 1)
    assert scene.flights.answered(0, 1) is None
    assert scene.flights.answered(1, 99) is None
    assert len(scene.flights) == 1


def test_a_flight_cut_loose_is_not_awaited_and_stays_known(scene: Scene) -> None:
    flight = scene.flights.answered(0, 1)
    assert flight is not None
    scene.flights.cut_loose(flight)
    assert len(scene.flights) == 1
    assert scene.flights.hosts() == set(scene.hosts)
    assert scene.flights.returned(0, 1) is flight
    assert scene.flights.returned(0, 1) is None


def test_a_dead_hosts_flights_are_taken_out(scene: Scene) -> None:
    scene.dispatch(2, host=0)
    hung = scene.flights.answered(2, 1)
    assert hung is not None
    scene.flights.cut_loose(hung)
    awaited, loose = scene.flights.lost(scene.hosts[0])
    assert ([each.key for each in awaited], loose) == ([(0, 1)], [hung])
    assert scene.flights.lost(scene.hosts[0]) == ([], [])
    assert [flight.key for flight in scene.flights] == [(1, 1)]


def test_a_host_that_owes_an_answer_and_says_nothing_hangs(scene: Scene) -> None:
    scene.made.time.wait(119.0)
    assert scene.flights.hung(LIMIT) == set()
    scene.made.time.wait(2.0)
    assert scene.flights.hung(LIMIT) == set(scene.hosts)


def test_a_host_that_says_something_only_waits(scene: Scene) -> None:
    scene.made.time.wait(100.0)
    scene.flights.heard(scene.hosts[0])
    scene.made.time.wait(100.0)
    assert scene.flights.hung(LIMIT) == {scene.hosts[1]}


def test_no_answer_is_waited_for_for_ever(scene: Scene) -> None:
    for _ in range(7):
        scene.made.time.wait(100.0)
        scene.flights.heard(scene.hosts[0])
    assert scene.hosts[0] in scene.flights.hung(LIMIT)


def test_a_host_that_owes_nothing_may_be_silent(scene: Scene) -> None:
    scene.flights.answered(0, 1)
    scene.made.time.wait(1000.0)
    assert scene.flights.hung(LIMIT) == {scene.hosts[1]}


def test_what_takes_long_takes_no_place_unless_there_are_very_many(scene: Scene) -> None:
    assert scene.flights.places_taken() == 2
    scene.made.time.wait(7.0)
    assert scene.flights.places_taken() == 0
    for number in range(2, 1000):
        scene.dispatch(number, host=0)
    scene.made.time.wait(7.0)
    assert scene.flights.places_taken() == 1000
