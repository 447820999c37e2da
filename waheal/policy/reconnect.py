"""When a ledger that can't be reached is tried again, and until when; knows no clock and no ledger.

A link that was only cut is there again at once, so the first tries come quickly; a server that
starts anew, or is exchanged for another, takes its time and is not helped by being asked.
"""

from dataclasses import dataclass, replace

from waheal.policy.retry import backoff

_FIRST = 0.25  # seconds to the second try
_FACTOR = 2.0
_LONGEST = 20.0  # chance adds up to a half: 30 s at most
_ASKED = 10.0  # seconds that a run which was asked to end still waits


@dataclass(frozen=True, slots=True)
class Reconnect:
    """A time without the ledger, so far. All moments are of one clock that nobody sets back."""

    since: float
    gives_up: float
    next_try: float
    tries: int = 0

    @classmethod
    def begun(cls, now: float, patience: float) -> "Reconnect":
        """Begin one now, which lasts `patience` seconds at the most; the first try is due."""
        return cls(now, now + patience, now)

    def failed(self, now: float, chance: float) -> "Reconnect":
        """Put the next try off after one in vain; the last comes in time. `chance`: from 0 to 1."""
        tries = self.tries + 1
        wait = backoff(tries, chance, base=_FIRST, factor=_FACTOR, cap=_LONGEST)
        soonest = min(now + wait, max(now, self.gives_up))
        return replace(self, tries=tries, next_try=soonest)

    def asked_to_end(self, now: float) -> "Reconnect":
        """Wait but a moment longer: the operator wants an end, and most losses are short."""
        until = min(self.gives_up, now + _ASKED)
        return replace(self, gives_up=until, next_try=min(self.next_try, until))

    def over(self, now: float) -> bool:
        """Whether it is given up after a try in vain at this moment."""
        return now >= self.gives_up
