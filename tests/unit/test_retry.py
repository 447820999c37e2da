"""What follows each outcome, and how long a repetition waits."""

import pytest

from waheal.model import Accepted, NotSent, Rejected, State, Unknown
from waheal.policy.retry import Consequence, after, backoff

NOW = 1000.0


def test_what_was_accepted_is_sent() -> None:
    assert after(Accepted("3EB0A1"), 0, max_tries=3, now=NOW, jitter=0) == Consequence(State.SENT)


def test_what_was_refused_for_good_is_failed_with_the_reason() -> None:
    step = after(Rejected("not on WhatsApp"), 0, max_tries=3, now=NOW, jitter=0)
    assert (step.state, step.reason) == (State.FAILED, "not on WhatsApp")


def test_what_may_have_left_is_uncertain_and_uses_up_no_try() -> None:
    step = after(Unknown("timeout"), 0, max_tries=3, now=NOW, jitter=0)
    assert step == Consequence(State.UNCERTAIN, reason="timeout")


def test_a_refusal_that_may_pass_waits_longer_each_time_and_then_fails() -> None:
    refusal = NotSent("429", counts=True, hold=60)
    steps = [after(refusal, tries, max_tries=3, now=NOW, jitter=0) for tries in range(3)]
    assert [step.state for step in steps] == [State.PENDING, State.PENDING, State.FAILED]
    assert [step.due for step in steps] == [NOW + 5, NOW + 15, None]
    assert all(step.counts for step in steps)
    assert steps[2].reason == "429 (given up after 3 tries)"


def test_a_single_try_fails_with_the_bare_reason() -> None:
    step = after(NotSent("463", counts=True), 0, max_tries=1, now=NOW, jitter=0)
    assert (step.state, step.reason) == (State.FAILED, "463")


def test_what_surely_did_not_leave_is_due_at_once_and_never_fails() -> None:
    step = after(NotSent("not connected"), 99, max_tries=3, now=NOW, jitter=1)
    assert step == Consequence(State.PENDING, NOW, "not connected")


def test_what_never_leaves_is_not_repeated_in_a_loop() -> None:
    waits = [
        (after(NotSent("?"), 0, max_tries=3, now=NOW, jitter=0, attempt=nth).due or 0) - NOW
        for nth in range(1, 8)
    ]
    assert waits == [0, 0, 0, 5, 15, 45, 135]


@pytest.mark.parametrize("nth", [6, 64, 65, 1000, 10**9])
def test_a_backoff_is_bounded(nth: int) -> None:
    assert backoff(nth, 0) == 900
    assert backoff(nth, 1) == 1350


@pytest.mark.parametrize("nth", [0, -1])
def test_a_first_time_waits_for_nothing(nth: int) -> None:
    assert backoff(nth, 1) == 0
