"""Pairing: one process for all labels, which never outlives it."""

from contextlib import closing

import pytest

from tests.kit.stage import ONE, TWO, FakeHost, Stage
from waheal.engine.pairing import pair
from waheal.errors import UsageError
from waheal.wire import (
    Command,
    Finish,
    HostSettings,
    NotServed,
    Pair,
    Paired,
    PairFailed,
    QrCode,
    Report,
)

CODE = QrCode("2@code")


def pairing(made: Stage) -> list[Report]:
    return list(
        pair(made.home, [ONE, TWO], settings=HostSettings(), surroundings=made.surroundings)
    )


def paired(host: FakeHost, command: Command) -> None:
    match command:
        case Pair(device):
            host.says(CODE)
            host.says(Paired(device, f"{device}:1@s.whatsapp.net", ""))
        case Finish():
            host.dies("ended with code 0")
        case _:
            pass


def test_devices_are_paired_one_after_the_other_and_the_process_is_asked_to_end(
    made: Stage,
) -> None:
    made.acts = paired
    told = pairing(made)
    assert [each.device for each in told if isinstance(each, Paired)] == [ONE, TWO]
    assert [type(each) for each in told] == [QrCode, Paired] * 2
    assert made.hosts[0].heard[-1] == Finish()


def test_the_first_failure_ends_the_process_by_force(made: Stage) -> None:
    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Pair):
            host.says(PairFailed(command.device, "the codes ran out"))

    made.acts = act
    assert pairing(made) == [PairFailed(ONE, "the codes ran out")]
    assert Finish() not in made.hosts[0].heard
    assert not made.hosts[0].alive


def test_a_process_that_dies_has_failed(made: Stage) -> None:
    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Pair):
            host.dies("killed by signal 6")

    made.acts = act
    (told,) = pairing(made)
    assert isinstance(told, PairFailed)
    assert "killed by signal 6" in told.reason


def test_a_death_right_after_a_success_is_told_of_the_next(made: Stage) -> None:
    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Pair):
            paired(host, command)
            host.dies("killed by signal 6")

    made.acts = act
    assert [type(each) for each in pairing(made)] == [QrCode, Paired, PairFailed]
    assert made.time.passed == 0.0


def test_a_process_that_does_not_serve_says_why(made: Stage) -> None:
    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Pair):
            host.says(NotServed("it is another library", "install the pinned one"))
            host.dies("ended with code 2")

    made.acts = act
    with pytest.raises(UsageError, match="it is another library"):
        pairing(made)
    assert not made.hosts[0].alive


def test_a_process_that_says_nothing_has_failed(made: Stage) -> None:
    made.acts = lambda _host, _command: None
    (told,) = pairing(made)
    assert told == PairFailed(ONE, "the pairing process says nothing any more")


def test_whoever_looks_away_leaves_no_process(made: Stage) -> None:
    made.acts = paired
    with closing(
        pair(made.home, [ONE], settings=HostSettings(), surroundings=made.surroundings)
    ) as told:
        next(told)
    assert not made.hosts[0].alive
