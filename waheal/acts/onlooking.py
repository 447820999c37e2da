"""Tells how each message of an order ended, whichever machine sent it; does no part of it.

Theory of operation. An attempt's number may come to be seen after a higher one, whose turn was
committed first. So numbers are read again for as long as a turn may take at most, and told once;
what has not ended is looked at until it has. Nothing is asked of the machines, and no statement
reads more than a portion.
"""

from collections.abc import Iterator

from waheal.events import Settled
from waheal.store.ledger import Ledger
from waheal.store.sightings import PORTION

_TURN = 10.0  # seconds between a claim and its commit, at most
_FRESH = 60.0  # seconds
_PORTIONS = 10  # in one look; the rest is for the next


class Onlooker:
    """One campaign, as it goes on from now; or since it was ordered, if that is not long ago."""

    def __init__(self, ledger: Ledger, campaign: int, ordered: float = 0.0) -> None:
        now = ledger.sightings.now
        self._ledger = ledger
        self._campaign = campaign
        # All up to this number were seen, ...
        self._known = ledger.sightings.before(ordered if now - ordered < _FRESH else now)
        self._seen = set[int]()  # ... and of those above these
        self._under_way = set(ledger.sightings.under_way(campaign))

    def look(self, *, but: int = 0) -> Iterator[Settled]:
        """Tell what has ended since the last look; `but`: not what this machine did."""
        fresh = set(self._new())
        names = {each.id: each.name for each in self._ledger.machines.listed()}
        for each in self._ledger.sightings.of(self._campaign, self._under_way | fresh):
            if each.outcome is None:
                self._under_way.add(each.number)
                continue
            self._under_way.discard(each.number)
            if each.machine == but:
                continue
            yield Settled(
                each.phone, each.device, each.outcome, each.attempt, each.message_id, each.reason,
                machine=names.get(each.machine),
            )  # fmt: skip

    def _new(self) -> Iterator[int]:
        """Give the numbers that were not seen before, of whichever campaign."""
        over = self._ledger.sightings.now - _TURN
        read, old = self._known, True
        for _ in range(_PORTIONS):
            found = self._ledger.sightings.after(read)
            for number, claimed in found:
                read = number
                old = old and claimed < over
                if old:
                    self._known = number
                if number not in self._seen:
                    yield number
                    self._seen.add(number)
            if len(found) < PORTION:
                break
        self._seen = {each for each in self._seen if each > self._known}
