"""When a device rests, when it is taken out, and when a campaign pauses."""

import pytest

from waheal.model import Quarantine, State
from waheal.policy.breaker import DeviceBreaker, ErrorShare, Hold


def filled(share: ErrorShare, failed: int, sent: int) -> ErrorShare:
    for state, count in ((State.FAILED, failed), (State.SENT, sent)):
        for _ in range(count):
            share.note(state)
    return share


def test_pauses_above_the_share_and_not_at_it() -> None:
    assert filled(ErrorShare(0.2), 10, 40).tripped is None
    assert filled(ErrorShare(0.2), 11, 40).tripped == "11 of 51 failed, more than 20%"


def test_judges_only_after_fifty() -> None:
    share = filled(ErrorShare(0.2), 49, 0)
    assert share.tripped is None
    share.note(State.FAILED)
    assert share.tripped


@pytest.mark.parametrize(
    "state", [State.PENDING, State.UNCERTAIN, State.SUPPRESSED, State.EXPIRED, State.SENDING]
)
def test_only_what_is_settled_for_good_counts(state: State) -> None:
    share = filled(ErrorShare(0.5), 40, 0)
    for _ in range(100):
        share.note(state)
    assert share.tripped is None


def test_without_a_threshold_it_never_pauses() -> None:
    assert filled(ErrorShare(None), 1000, 0).tripped is None


def test_a_share_of_nothing_tolerated_pauses_at_the_first() -> None:
    assert filled(ErrorShare(0.0, after=0), 0, 0).tripped is None
    assert filled(ErrorShare(0.0, after=0), 1, 5).tripped


def test_a_device_that_does_not_connect_rests_and_is_then_taken_out() -> None:
    breaker = DeviceBreaker()
    holds = [breaker.failed(0.0, 0.0) for _ in range(5)]
    assert holds == [
        Hold(1),
        Hold(3),
        Hold(60, Quarantine.UNREACHABLE),
        Hold(120, Quarantine.UNREACHABLE),
        Hold(240, Quarantine.UNREACHABLE),
    ]


def test_a_hold_is_capped() -> None:
    breaker = DeviceBreaker()
    holds = [breaker.failed(0.0, 0.0) for _ in range(500)]
    assert holds[-1].until == 3600
