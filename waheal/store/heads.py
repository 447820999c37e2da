"""From where on a campaign's work is looked for, where what has left stays in an index's way.

PostgreSQL keeps what is dead in an index until a vacuum, and of a large campaign that comes late:
whoever looks from the beginning goes through everything that has left since. So a look begins where
the last one had found its first. What is pending again before that is found by the next look from
the beginning: now and then, and whenever there is not as much as was asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from waheal.store.database import Row, Value

_WHOLE_S = 30.0
"""Seconds between two looks from the beginning."""

_BEGINNING: tuple[tuple[float, int], ...] = ((0.0, -1), (0.0, -1))


@dataclass(slots=True)
class _Head:
    """Of each stream, the moment and the row that it begins with; and since when it is one."""

    at: list[tuple[float, int]]
    since: float


@dataclass(slots=True)
class Heads:
    """Where each campaign's work begins that anyone may do, in two streams; the ledger's lock's."""

    keeps_dead: bool
    _known: dict[int, _Head] = field(default_factory=dict)

    def of(self, campaign: int, now: float) -> tuple[dict[str, Value], bool]:
        """Give the values that a look begins with, and whether that is the beginning of all."""
        head = self._known.get(campaign)
        if head is None or not 0.0 <= now - head.since < _WHOLE_S:
            return self.from_the_beginning(), True
        return _values(head.at), False

    def from_the_beginning(self) -> dict[str, Value]:
        """Give the values that a look for everything begins with."""
        return _values(_BEGINNING)

    def note(
        self, campaign: int, found: Sequence[Sequence[Row]], now: float, *, whole: bool
    ) -> None:
        """Note what a look has found in each stream, in its order; a row ends with its moment."""
        if not self.keeps_dead:
            return
        if whole:
            self._known[campaign] = _Head(list(_BEGINNING), now)
        known = self._known[campaign].at
        for stream, rows in enumerate(found):
            if rows:
                known[stream] = float(rows[0][-1]), int(rows[0][2])


def _values(at: Sequence[tuple[float, int]]) -> dict[str, Value]:
    (_, ready), (ripe, row) = at
    return {"ready_row": ready, "ripe_due": ripe, "ripe_row": row}
