"""When to stop trying: a device that does not connect, a campaign that mostly fails; no clock."""

from collections.abc import Callable
from dataclasses import dataclass

from waheal.model import Quarantine, State
from waheal.policy.retry import backoff

_SHARE_AFTER = 50  # settled recipients, by the operators' contract (cli/README.md)
_PATIENCE = 3  # connects that may fail in a row before the device is taken out
_SETTLED = frozenset({State.SENT, State.DELIVERED, State.READ, State.FAILED})


class ErrorShare:
    """The share of recipients that failed for good, of those settled for good in this run."""

    def __init__(self, threshold: float | None, after: int = _SHARE_AFTER) -> None:
        self._threshold = threshold
        self._after = after
        self._settled = 0
        self._failed = 0

    def note(self, state: State) -> None:
        """Count an attempt that ended; states in which nothing is settled do not count."""
        self._settled += state in _SETTLED
        self._failed += state is State.FAILED

    def mark(self) -> Callable[[], None]:
        """Give what lets as many have ended as have by now."""
        settled, failed = self._settled, self._failed

        def take_back() -> None:
            self._settled, self._failed = settled, failed

        return take_back

    @property
    def counts(self) -> bool:
        """Whether there is a threshold at all."""
        return self._threshold is not None

    @staticmethod
    def is_settled(state: State) -> bool:
        """Whether an attempt that ended so settles its recipient for good."""
        return state in _SETTLED

    def are(self, settled: int, failed: int) -> None:
        """Take these counts for its own: those of several runs, this one's among them."""
        self._settled, self._failed = settled, failed

    @property
    def tripped(self) -> str | None:
        """Why to pause, once the share is above the threshold."""
        if self._threshold is None or self._settled < max(self._after, 1):
            return None
        if self._failed / self._settled <= self._threshold:
            return None
        return f"{self._failed} of {self._settled} failed, more than {self._threshold:.0%}"


@dataclass(frozen=True, slots=True)
class Hold:
    """Leave a device alone until then (Unix seconds); with `quarantine`, tell the operator."""

    until: float
    quarantine: Quarantine | None = None


class DeviceBreaker:
    """The failed connects of one device in a row: short rests first, then growing quarantines."""

    def __init__(self) -> None:
        self._failures = 0

    def failed(self, now: float, jitter: float) -> Hold:
        """Count a connect that failed; `jitter` is chance from 0 to 1, it lengthens the hold."""
        self._failures += 1
        over = self._failures - _PATIENCE
        if over < 0:
            return Hold(now + backoff(self._failures, jitter, base=1.0))
        wait = backoff(over + 1, jitter, base=60.0, factor=2.0, cap=3600.0)
        return Hold(now + wait, Quarantine.UNREACHABLE)
