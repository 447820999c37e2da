"""Whose a recipient is, and which device is the least loaded."""

import pytest

from waheal.model import DeviceId
from waheal.policy.routing import Bond, Candidate, Way, choose, least_loaded, way

A, B, C = DeviceId("a"), DeviceId("b"), DeviceId("c")
NOBODY: frozenset[DeviceId] = frozenset()


def test_the_least_loaded_counts_what_is_under_way() -> None:
    assert least_loaded([Candidate(A, 5), Candidate(B, 3, 1), Candidate(C, 3, 2)]) == B


def test_the_first_of_equals_is_chosen() -> None:
    assert least_loaded([Candidate(B, 1), Candidate(A, 0, 1)]) == B


def test_only_a_device_that_may_send_now_is_chosen() -> None:
    assert least_loaded([Candidate(A, ready=False), Candidate(B, 99)]) == B
    assert least_loaded([Candidate(A, ready=False)]) is None
    assert least_loaded([]) is None


@pytest.mark.parametrize(
    ("pinned", "contact", "sticky", "failover", "expected"),
    [
        (A, B, True, True, Way(A, Bond.PINNED, may_change=False)),
        (None, B, True, True, Way(B, Bond.CONTACT, may_change=True)),
        (None, B, True, False, Way(B, Bond.CONTACT, may_change=False)),
        (None, B, False, False, Way(None, Bond.NONE, may_change=True)),
        (None, None, True, False, Way(None, Bond.NONE, may_change=True)),
    ],
)
def test_a_pin_is_stronger_than_a_contact(
    pinned: DeviceId | None,
    contact: DeviceId | None,
    sticky: bool,
    failover: bool,
    expected: Way,
) -> None:
    assert way(pinned, contact, sticky=sticky, failover=failover) == expected


def test_a_contact_waits_for_a_device_that_rests_and_leaves_one_that_is_gone() -> None:
    contact = Way(A, Bond.CONTACT, may_change=True)
    resting = [Candidate(A, ready=False), Candidate(B)]
    assert choose(contact, resting, gone=NOBODY) is None
    assert choose(contact, resting, gone=frozenset({A})) == B


def test_a_pinned_recipient_never_goes_elsewhere() -> None:
    pinned = Way(A, Bond.PINNED, may_change=False)
    assert choose(pinned, [Candidate(B)], gone=frozenset({A})) is None
    assert choose(pinned, [Candidate(A, 99), Candidate(B)], gone=NOBODY) == A


def test_anyone_writes_to_a_stranger() -> None:
    free = Way(None, Bond.NONE, may_change=True)
    assert choose(free, [Candidate(A, 2), Candidate(B, 1)], gone=NOBODY) == B
