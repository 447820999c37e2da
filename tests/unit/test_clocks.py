"""A ledger that machines share goes by one clock, and each machine's hosts by their own."""

from collections.abc import Callable

import pytest

from tests.kit.stage import ONE, FakeHost, Stage, phone
from waheal.engine.clocks import by_the_ledgers
from waheal.engine.hosts import Died, Heard
from waheal.model import Accepted, Content, Planned, Quarantine
from waheal.wire import Answer, Offline, Report

AHEAD = 300.0
MOMENT = 1000.0


def test_a_run_goes_by_the_ledgers_and_tells_its_hosts_by_theirs(made: Stage) -> None:
    made.add(ONE)
    now = made.time.time()
    expires = now + 2 * AHEAD
    made.enroll(Planned(2, phone(0), Content("hello"), expires=expires))
    made.ledger._db.ahead = AHEAD
    made.finish()
    (send,) = made.sends()
    assert send.not_after == expires - AHEAD
    ((claimed,),) = made.ledger.history.claim_times(0.0).values()
    assert claimed == pytest.approx(now + AHEAD, abs=10.0)


def answer(moment: float | None) -> Report:
    return Answer(1, 1, ONE, Accepted("ID"), moment)


def offline(moment: float | None) -> Report:
    return Offline(ONE, "banned", Quarantine.BANNED, moment)


@pytest.mark.parametrize("report", [answer, offline])
def test_what_a_host_says_is_taken_by_the_ledgers(
    report: Callable[[float | None], Report],
) -> None:
    host = object.__new__(FakeHost)
    told = by_the_ledgers(Heard(host, report(MOMENT)), AHEAD)
    assert told == Heard(host, report(MOMENT + AHEAD))
    untimed = Heard(host, report(None))
    assert by_the_ledgers(untimed, AHEAD) is untimed
    death = Died(host, "ended", crashed=False)
    assert by_the_ledgers(death, AHEAD) is death
