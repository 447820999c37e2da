"""Puts findings of one kind together, in bounded memory; it judges nothing."""

import re

from waheal.findings import Alike, Caution, Problem

MOST = 1_000
"""Kinds that are told apart; a file that has more of them is no campaign's."""

_OWN = re.compile(r"'[^']*'|\"[^\"]*\"|\d[\d,.]*")  # what a finding says of its own row


class Grouping:
    """Takes findings in the order of their rows. `rows`: how many rows have a problem."""

    def __init__(self) -> None:
        self._groups: dict[tuple[type, str | None, str], Alike] = {}
        self._last: int | None = None
        self.rows = 0

    def note(self, found: Problem | Caution) -> None:
        """Count a finding."""
        if isinstance(found, Problem) and found.row is not None and found.row != self._last:
            self._last = found.row
            self.rows += found.skippable
        key = (type(found), found.column, _OWN.sub("'", found.problem))
        known = self._groups.get(key)
        if known is not None:
            known.add(found)
        elif len(self._groups) < MOST:
            self._groups[key] = Alike(found)

    def told(self) -> tuple[Alike, ...]:
        """Give them, problems before warnings, and of each what most rows have first."""
        return tuple(sorted(self._groups.values(), key=_weight))

    @property
    def kinds(self) -> int:
        """How many kinds of problems there are."""
        return sum(isinstance(each.first, Problem) for each in self._groups.values())


def _weight(alike: Alike) -> tuple[bool, bool, int]:
    return isinstance(alike.first, Caution), alike.first.row is not None, -alike.rows
