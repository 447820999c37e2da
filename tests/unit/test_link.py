"""The line to hosts: started, heard, and ended one way or the other, for whoever needs them."""

import errno
import os
from dataclasses import replace

import pytest

from tests.kit.stage import FakeHost, Stage
from waheal.engine.hosts import Asked, Died, Heard, Message
from waheal.engine.link import Link, reports_in, setup_for
from waheal.errors import HomeUnusableError, MachineError, OwnFault, WahealError
from waheal.wire import Command, Finish, HostSettings, Ready, Report, Role, Setup

HELLO, BYE = Ready(1, "hello"), Ready(1, "bye")


@pytest.fixture
def link(made: Stage) -> Link:
    return made.link()


def said(messages: list[Message]) -> list[Report]:
    return reports_in(messages)


def test_a_host_is_started_with_its_setup(link: Link, made: Stage) -> None:
    host = link.start(3)
    assert (host.number, made.hosts[0].heard) == (3, [Setup(sessions="")])


@pytest.mark.parametrize(
    ("number", "kind", "way_out"),
    [
        (errno.EAGAIN, MachineError, "how many processes"),
        (errno.EMFILE, MachineError, "how many processes"),
        (errno.ENOMEM, MachineError, "how much memory"),
        (errno.ENOSPC, HomeUnusableError, "free space"),
        (errno.EROFS, HomeUnusableError, "owner and mode"),
        (errno.ENOEXEC, OwnFault, "doctor"),
    ],
)
def test_a_host_that_cannot_be_started_is_told_by_its_cause(
    link: Link, made: Stage, number: int, kind: type[WahealError], way_out: str
) -> None:
    made.refusal = OSError(number, os.strerror(number))
    with pytest.raises(kind, match=os.strerror(number)) as refused:
        link.start()
    assert way_out in (refused.value.hint or "")


def test_what_comes_together_is_heard_together(link: Link, made: Stage) -> None:
    link.start()
    made.hosts[0].says(HELLO)
    link.put(Asked("Ctrl-C"))
    assert link.hear(0.0) == [Heard(made.hosts[0], HELLO), Asked("Ctrl-C")]
    assert link.hear(5.0) == []
    assert made.time.passed == 5.0


def test_reports_are_told_for_so_long_and_no_longer(link: Link, made: Stage) -> None:
    link.start()
    made.time.after(1.0, lambda: made.hosts[0].says(HELLO))
    made.time.after(3.0, lambda: made.hosts[0].says(BYE))
    assert [each for some in link.reports(2.0) for each in some] == [HELLO]
    assert made.time.passed == pytest.approx(2.0)


def test_a_death_while_reports_are_awaited_is_a_fault_and_the_words_before_it_count(
    link: Link, made: Stage
) -> None:
    link.start()
    made.hosts[0].says(HELLO)
    made.hosts[0].dies("killed by signal 11")
    told = link.reports(2.0)
    assert next(told) == [HELLO]
    with pytest.raises(OwnFault, match="killed by signal 11"):
        next(told)


def test_hosts_are_asked_to_end(link: Link, made: Stage) -> None:
    link.start(0)
    link.start(1)
    link.end()
    assert [host.heard[-1] for host in made.hosts] == [Finish(), Finish()]
    assert not any(host.alive for host in made.hosts)


def test_a_host_that_does_not_heed_the_end_is_forced(link: Link, made: Stage) -> None:
    made.acts = lambda _host, _command: None
    link.start()
    link.end()
    assert made.hosts[0].heard[-1] == Finish()
    assert not made.hosts[0].alive


def test_with_no_grace_nobody_is_asked(link: Link, made: Stage) -> None:
    link.start()
    link.end(0.0)
    assert Finish() not in made.hosts[0].heard
    assert not made.hosts[0].alive


def test_the_last_words_of_all_are_told(link: Link, made: Stage) -> None:
    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Finish):
            host.says(BYE)
            host.dies()

    made.acts = act
    link.start(0)
    link.start(1)
    link.end()
    messages = [each for some in link.last_words() for each in some]
    assert said(messages) == [BYE, BYE]
    assert sum(isinstance(each, Died) for each in messages) == 2
    assert made.time.passed == 0.0  # nobody is waited for that is known to be dead


def test_whoever_died_before_has_no_last_words(link: Link, made: Stage) -> None:
    link.start()
    made.hosts[0].dies()
    link.hear(0.0)
    link.end()
    assert list(link.last_words()) == []


def test_hosts_that_share_a_machine_share_the_open_clients(made: Stage) -> None:
    settings = HostSettings(max_open=100, call_timeout=7.0)
    told = setup_for(made.home, settings, role=Role.PROBE, share=3)
    assert (told.settings, told.role) == (replace(settings, max_open=33), Role.PROBE)
    assert setup_for(made.home, HostSettings(max_open=1), share=3).settings.max_open == 1
