"""What follows one outcome: the recipient's next state and when they are due; sends nothing."""

from dataclasses import dataclass
from typing import assert_never

from waheal.model import Accepted, NotSent, Outcome, Rejected, State, Unknown

_BASE = 5.0
_FACTOR = 3.0
_CAP = 900.0
_FREE_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Consequence:
    """How to settle an attempt.

    `due` (Unix seconds) is set for pending ones. `counts`: one of the recipient's bounded tries
    is used up.
    """

    state: State
    due: float | None = None
    reason: str | None = None
    counts: bool = False


def after(
    outcome: Outcome, tries: int, *, max_tries: int, now: float, jitter: float, attempt: int = 1
) -> Consequence:
    """Say what follows; `tries` counts those used up before this one, `attempt` from 1.

    A try that does not count costs no waiting at first: the recipient was never asked. From the
    fourth attempt on it waits as well, so that a fault that never ends is not retried in a loop.
    """
    match outcome:
        case Accepted():
            return Consequence(State.SENT)
        case Unknown(reason):
            return Consequence(State.UNCERTAIN, reason=reason)
        case Rejected(reason):
            return Consequence(State.FAILED, reason=reason, counts=True)
        case NotSent(counts=True):
            return _counted(outcome, tries + 1, max_tries, now, jitter)
        case NotSent(reason):
            wait = backoff(attempt - _FREE_ATTEMPTS, jitter)
            return Consequence(State.PENDING, now + wait, reason)
        case other:
            assert_never(other)


def _counted(
    outcome: NotSent, tries: int, max_tries: int, now: float, jitter: float
) -> Consequence:
    if tries >= max_tries:
        reason = f"{outcome.reason} (given up after {tries} tries)" if tries > 1 else outcome.reason
        return Consequence(State.FAILED, reason=reason, counts=True)
    due = now + max(outcome.ask_again, backoff(tries, jitter))
    return Consequence(State.PENDING, due, outcome.reason, counts=True)


def backoff(
    nth: int, jitter: float, *, base: float = _BASE, factor: float = _FACTOR, cap: float = _CAP
) -> float:
    """Tell how many seconds to wait before the `nth` repetition; 0 where `nth` is not positive.

    Grows by `factor` up to `cap`; `jitter`, chance from 0 to 1, adds up to a half of that.
    """
    if nth <= 0:
        return 0.0
    wait = cap if nth > 64 else min(cap, base * factor ** (nth - 1))  # noqa: PLR2004 - no overflow
    return wait * (1 + jitter / 2)
