"""The table of verdicts in policy/doubt.py, each cell and each condition by itself."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from waheal.policy.doubt import (
    TABLE,
    Evidence,
    KnownId,
    NothingLeft,
    Undecided,
    Verdict,
    verdict,
)

CLEAR = Evidence(
    call_over=True,
    same_boot=True,
    stamp_same=True,
    identity_same=True,
    untouched=True,
    last_witness_there=True,
    log_clean=True,
    message_id=None,
    signal_session=False,
)
"""No row, and every condition holds."""

WITNESS = replace(CLEAR, message_id="3EB0A1")
SESSION = replace(CLEAR, signal_session=True)
BOTH = replace(WITNESS, signal_session=True)

BROKEN: dict[str, Callable[[Evidence], Evidence]] = {
    "call": lambda seen: replace(seen, call_over=False),
    "boot": lambda seen: replace(seen, same_boot=False),
    "identity": lambda seen: replace(seen, identity_same=False),
    "touched": lambda seen: replace(seen, untouched=False),
    "witness lost": lambda seen: replace(seen, last_witness_there=False),
    "another file": lambda seen: replace(seen, stamp_same=False),
    "log": lambda seen: replace(seen, log_clean=False),
}


def test_the_table_has_a_verdict_for_every_pair_of_rows() -> None:
    assert set(TABLE) == {(witness, there) for witness in (False, True) for there in (False, True)}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (CLEAR, NothingLeft()),
        (WITNESS, NothingLeft()),
        (SESSION, NothingLeft()),
        (BOTH, KnownId("3EB0A1")),
    ],
)
def test_judges_each_pair_of_rows_when_every_condition_holds(
    seen: Evidence, expected: Verdict
) -> None:
    assert verdict(seen) == expected


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("seen", [CLEAR, SESSION])
def test_an_absent_row_proves_nothing_when_a_condition_fails(name: str, seen: Evidence) -> None:
    assert isinstance(verdict(BROKEN[name](seen)), Undecided)


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("seen", [WITNESS, BOTH])
def test_an_id_that_is_known_waits_for_its_receipt_when_a_condition_fails(
    name: str, seen: Evidence
) -> None:
    assert verdict(BROKEN[name](seen)) == KnownId("3EB0A1")


def test_the_stamp_alone_vouches_for_a_device_without_an_accepted_message() -> None:
    first = replace(CLEAR, last_witness_there=None)
    assert verdict(first) == NothingLeft()
    assert isinstance(verdict(replace(first, stamp_same=False)), Undecided)


def test_says_what_keeps_the_evidence_from_telling() -> None:
    reasons = {verdict(broken(CLEAR)) for broken in BROKEN.values()}
    assert len(reasons) == len(BROKEN)


@pytest.mark.parametrize("message_id", [None, "3EB0A1"])
def test_an_ok_without_a_session_never_left(message_id: str | None) -> None:
    seen = replace(CLEAR, accepted=True, message_id=message_id)
    assert verdict(seen) == NothingLeft()


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("message_id", [None, "3EB0A1"])
def test_an_ok_without_a_session_is_undecided_when_a_condition_fails(
    name: str, message_id: str | None
) -> None:
    seen = replace(CLEAR, accepted=True, message_id=message_id)
    assert isinstance(verdict(BROKEN[name](seen)), Undecided)


def test_an_ok_with_a_session_stands_whatever_else_is_missing() -> None:
    assert verdict(replace(BOTH, accepted=True)) == KnownId("3EB0A1")
    assert isinstance(verdict(replace(SESSION, accepted=True)), Undecided)
