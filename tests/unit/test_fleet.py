"""The hosts' supervision: one lives for each number, or the fleet says why not."""

import pytest

from tests.kit.stage import Stage
from waheal.engine.fleet import Fleet
from waheal.engine.hosts import Host
from waheal.errors import OwnFault
from waheal.wire import Finish, Revoke


@pytest.fixture
def fleet(made: Stage) -> Fleet:
    fleet = Fleet(made.link(), 2, made.time.monotonic)
    fleet.start()
    return fleet


def die(fleet: Fleet, *, wanted: bool = False) -> Host:
    host = fleet.host(0)
    host.kill()
    fleet.replace(host, "killed by signal 9", wanted=wanted)
    return host


def test_each_number_has_a_living_host(fleet: Fleet, made: Stage) -> None:
    assert [fleet.host(number) for number in range(2)] == made.hosts
    assert fleet.log_name(1) == made.hosts[1].log.name


def test_a_dead_host_is_replaced_under_its_number(fleet: Fleet) -> None:
    dead = die(fleet)
    assert fleet.host(0) is not dead
    assert not fleet.living(dead)
    assert fleet.log_name(0) != dead.log.name
    assert fleet.failure is None


def test_a_successor_that_was_prepared_takes_the_place(fleet: Fleet, made: Stage) -> None:
    fleet.prepare(0)
    fleet.prepare(0)
    assert len(made.hosts) == 3
    die(fleet, wanted=True)
    assert fleet.host(0) is made.hosts[2]


def test_a_successor_that_died_meanwhile_is_not_used(fleet: Fleet, made: Stage) -> None:
    fleet.prepare(0)
    made.hosts[2].kill()
    die(fleet, wanted=True)
    assert fleet.host(0) is made.hosts[3]


def test_a_successor_ends_with_the_others(fleet: Fleet, made: Stage) -> None:
    fleet.prepare(0)
    fleet.end(gently=True)
    assert not made.hosts[2].alive


def test_hosts_that_die_over_and_over_are_a_fault(fleet: Fleet, made: Stage) -> None:
    for _ in range(5):
        assert fleet.failure is None
        die(fleet)
    assert isinstance(fleet.failure, OwnFault)
    assert len(made.hosts) == 2 + 4


def test_deaths_far_apart_are_no_fault(fleet: Fleet, made: Stage) -> None:
    for _ in range(10):
        die(fleet)
        made.time.wait(20.0)
    assert fleet.failure is None


def test_a_death_that_was_wanted_does_not_count(fleet: Fleet) -> None:
    for _ in range(10):
        die(fleet, wanted=True)
    assert fleet.failure is None


def test_a_host_that_cannot_be_started_is_a_fault(fleet: Fleet, made: Stage) -> None:
    made.refusal = OSError(12, "Cannot allocate memory")
    die(fleet)
    assert fleet.failure is not None
    assert "Cannot allocate memory" in fleet.failure.message


def test_everybody_hears_a_broadcast(fleet: Fleet, made: Stage) -> None:
    fleet.broadcast(Revoke())
    assert [host.heard[-1] for host in made.hosts] == [Revoke(), Revoke()]


def test_a_gentle_end_asks(fleet: Fleet, made: Stage) -> None:
    host = fleet.host(0)
    fleet.end(gently=True)
    assert not fleet.living(host)  # so that its death replaces nobody
    assert all(host.heard[-1] == Finish() for host in made.hosts)
    assert not any(host.alive for host in made.hosts)


def test_a_hard_end_asks_nobody(fleet: Fleet, made: Stage) -> None:
    fleet.end(gently=False)
    assert not any(host.alive for host in made.hosts)
    assert not any(isinstance(host.heard[-1], Finish) for host in made.hosts)
