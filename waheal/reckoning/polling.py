"""What the recipients of polls chose: each option with who chose it last; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_OPTIONS, OTHERS = 100, "other options"
"""Options that are told by name, where each row has some of its own; and the rest."""


@dataclass(slots=True)
class PollCount:
    """Options in the order in which they were offered, and how many chose any."""

    voters: int = 0
    _options: dict[str, int] = field(default_factory=dict)

    def take(self, options: Sequence[str], chosen: Sequence[str], people: int = 1) -> None:
        """Count so many recipients of a poll with these options, who chose the same last."""
        self.voters += people if chosen else 0
        for option in options:
            known = option in self._options or len(self._options) < MOST_OPTIONS
            told = option if known else OTHERS
            self._options[told] = self._options.get(told, 0) + (people if option in chosen else 0)

    @property
    def votes(self) -> tuple[tuple[str, int], ...]:
        """Give each option with how many chose it."""
        return tuple(self._options.items())
