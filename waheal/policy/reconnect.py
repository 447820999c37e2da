"""When a ledger that can't be reached is tried again, and until when; knows no clock and no ledger.

What was away for a moment is tried again at once, so that a run goes on as soon as it can; what has
been away for minutes is not helped by being asked each second. So the waits grow with the time that
it has been away, and whoever waited that long waits little longer once it is back.
"""

from dataclasses import dataclass, replace

_SHARE = 1 / 16  # of the time that it has been away: so long until the next try
_SOONEST, _LATEST = 0.25, 20.0  # seconds; chance adds up to a half: 30 s at most
_ASKED = 10.0  # seconds that a run which was asked to end still waits


@dataclass(frozen=True, slots=True)
class Reconnect:
    """A time without the ledger, so far. All moments are of one clock that nobody sets back."""

    since: float
    gives_up: float
    next_try: float

    @classmethod
    def begun(cls, now: float, patience: float) -> "Reconnect":
        """Begin one now, which lasts `patience` seconds at the most; the first try is due."""
        return cls(now, now + patience, now)

    def failed(self, now: float, chance: float) -> "Reconnect":
        """Put the next try off after one in vain; the last comes in time. `chance`: from 0 to 1."""
        wait = min(max(_SOONEST, _SHARE * (now - self.since)), _LATEST) * (1 + chance / 2)
        return replace(self, next_try=min(now + wait, max(now, self.gives_up)))

    def asked_to_end(self, now: float) -> "Reconnect":
        """Wait but a moment longer: the operator wants an end, and most losses are short."""
        until = min(self.gives_up, now + _ASKED)
        return replace(self, gives_up=until, next_try=min(self.next_try, until))

    def over(self, now: float) -> bool:
        """Whether it is given up after a try in vain at this moment."""
        return now >= self.gives_up
