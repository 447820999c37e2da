"""A campaign over many devices while everything fails: nobody lost, nobody written to twice."""

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.cases import QUICK, SILENT
from tests.kill.crowd.judgement import Evidence, judge, shown
from tests.kill.crowd.plan import Blow, draw, ends
from tests.kill.crowd.play import Account, crowd_run
from waheal.model import Phone, State

_SIZE = {"devices": 40, "messages": 150}

Spoil = Callable[[Evidence], Evidence]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    return crowd_run(tmp_path_factory.mktemp("crowd"), 1, **_SIZE)


@pytest.fixture(scope="module")
def evidence(account: Account) -> Evidence:
    assert account.evidence is not None
    return account.evidence


@pytest.mark.soak  # a minute and more, and a seed's moments are not those of another machine
@pytest.mark.real
def test_a_crowd_survives_its_faults(account: Account) -> None:
    sys.stdout.write("\n".join(account.lines()) + "\n")
    assert not account.wrong
    assert account.shown == account.messages
    assert account.blows.keys() >= {Blow.HOST, Blow.COORDINATOR, Blow.GONE}


def _got_it(seen: Evidence) -> Phone:
    """Give one whose message arrived, as the ledger says."""
    had = shown(seen)
    return next(row.phone for row in seen.rows if row.state is State.DELIVERED and had[row.phone])


def _entries(seen: Evidence, **changes: object) -> Evidence:
    """Change one's entry in the inbox."""
    phone = _got_it(seen)
    return replace(
        seen,
        inbox=[
            replace(each, **changes) if each.phone == phone else each  # type: ignore[arg-type]
            for each in seen.inbox
        ],
    )


def _state(state: State) -> Spoil:
    """Let the ledger say this of one whose message arrived."""

    def spoil(seen: Evidence) -> Evidence:
        phone = _got_it(seen)
        rows = [replace(row, state=state) if row.phone == phone else row for row in seen.rows]
        return replace(seen, rows=rows)

    return spoil


def _outcome(state: State) -> Spoil:
    """Let the ledger say this of the attempt whose message arrived."""

    def spoil(seen: Evidence) -> Evidence:
        secret = next(each.message_secret for each in seen.inbox if each.phone == _got_it(seen))
        return replace(
            seen,
            attempts=[
                replace(each, outcome=state, reason="") if each.witness == secret else each
                for each in seen.attempts
            ],
        )

    return spoil


def _again(seen: Evidence) -> Evidence:
    phone = _got_it(seen)
    copy = next(each for each in seen.inbox if each.phone == phone)
    return replace(seen, inbox=[*seen.inbox, replace(copy, message_id="another")])


def _stray(seen: Evidence) -> Evidence:
    other = next(phone for phone in seen.texts if phone != _got_it(seen))
    return _entries(seen, phone=other)


def _without(what: str) -> Spoil:
    """Take one's rows, attempts or messages away."""

    def spoil(seen: Evidence) -> Evidence:
        phone = _got_it(seen)
        kept = [each for each in getattr(seen, what) if each.phone != phone]
        return replace(seen, **{what: kept})  # type: ignore[arg-type]

    return spoil


SPOILS: dict[str, tuple[Spoil, str]] = {
    "a message came again": (_again, "2 times"),
    "a stanza was opened again": (lambda seen: _entries(seen, delivered=2), "2 times"),
    "a message is gone": (_without("inbox"), "the phone has nothing"),
    "a message came to another": (_stray, "what is not theirs"),
    "a text is another": (lambda seen: _entries(seen, text="hello"), "what is not theirs"),
    "a message could not be opened": (
        lambda seen: _entries(seen, problem="bad MAC"),
        "could not show it",
    ),
    "a message has no witness": (lambda seen: _entries(seen, message_secret=None), "no attempt"),
    "a message is another device's": (lambda seen: _entries(seen, device="1:1"), "no attempt"),
    "a row is gone": (_without("rows"), "0 rows"),
    "a row is there twice": (lambda seen: replace(seen, rows=[*seen.rows, seen.rows[0]]), "2 rows"),
    "somebody is not in the file": (
        lambda seen: replace(seen, texts=dict(list(seen.texts.items())[1:])),
        "nobody asked",
    ),
    "an attempt is gone": (_without("attempts"), "no attempt"),
    "somebody is pending": (_state(State.PENDING), "is missing"),
    "somebody is sending": (_state(State.SENDING), "is missing"),
    "somebody failed": (_state(State.FAILED), "no fault of the table"),
    "somebody is suppressed": (_state(State.SUPPRESSED), "nobody opted out"),
    "somebody expired": (_state(State.EXPIRED), "nobody opted out"),
    "an attempt was taken for unsent": (_outcome(State.PENDING), "and arrived"),
    "an attempt is in doubt": (_outcome(State.UNCERTAIN), "nothing that was done explains it"),
    "nothing was killed": (
        lambda seen: replace(seen, struck=[s for s in seen.struck if not s.strike.blow.kills]),
        "nothing that was done explains it",
    ),
}


@pytest.mark.soak
@pytest.mark.real
@pytest.mark.parametrize("name", SPOILS)
def test_the_judgement_tells_when(name: str, evidence: Evidence) -> None:
    spoil, words = SPOILS[name]
    assert [wrong for wrong in judge(spoil(evidence)) if words in wrong]


def test_a_seed_draws_the_same_plan_again() -> None:
    assert draw(7, **_SIZE) == draw(7, **_SIZE)
    assert draw(7, **_SIZE) != draw(8, **_SIZE)


def test_each_fault_of_the_table_that_ends_befalls_somebody_of_many() -> None:
    plan = draw(0, devices=3_000, messages=10_000)
    wanted = {case.name for case in (*QUICK, *SILENT) if ends(case)}
    assert {case.name for case in plan.met.values()} == wanted
    assert {strike.blow for strike in plan.strikes} == set(Blow)
