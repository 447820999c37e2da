"""What hours and an expiry mean for a campaign that `check` looks at; knows no device."""

import time
from dataclasses import dataclass, field

from waheal.acts import parsing
from waheal.findings import Caution, Problem
from waheal.model import Planned
from waheal.policy.windows import Hours, Window

_WIDEN = "say where they are with --zone or a zone column, or widen --window or --days"


@dataclass(slots=True)
class Schedule:
    """Notes each recipient, and tells whom the window and the expiry leave out.

    `expires` and `now` are Unix seconds.
    """

    window: Window | None
    expires: float | None
    now: float = field(default_factory=time.time)
    _hours: Hours | None = None
    _never: list[int] = field(default_factory=list)  # the first row, how many
    _late: list[int] = field(default_factory=list)  # likewise
    _first: float | None = None
    _noted: int = 0

    def __post_init__(self) -> None:
        if self.window is not None:
            self._hours = Hours(self.window, parsing.machine_zone())

    @property
    def limited(self) -> bool:
        """Whether there is a window."""
        return self.window is not None

    def note(self, row: Planned) -> None:
        """Look at a recipient."""
        self._noted += 1
        always = self._hours is None and self.expires is None and row.expires is None
        if always and self._first is not None:
            return  # as the one before
        ends = [each for each in (row.expires, self.expires) if each is not None]
        if self._hours is None:
            opens = self.now
        elif self._hours.never(row.phone, self.now, row.zone):
            _add(self._never, row.row)
            return
        else:
            soonest = max(self.now, row.not_before or 0.0)
            opens = self._hours.next_open(row.phone, soonest, row.zone)
        self._first = opens if self._first is None else min(opens, self._first)
        # One that has gone by already, or never was in time, is told with its row.
        if ends and max(self.now, row.not_before or 0.0) < min(ends) <= opens:
            _add(self._late, row.row)

    def problems(self) -> list[Problem]:
        """Tell where it can reach nobody at all."""
        if not self._never or self._never[1] < self._noted:
            return []
        told = f"--window {self.window} never opens for any of the recipients"
        return [Problem(None, None, told, _WIDEN, skippable=False)]

    def warnings(self) -> list[Caution]:
        """Tell who is not written to, however long it runs."""
        told = list[Caution]()
        if self.expires is not None and self.expires <= self.now:
            told.append(Caution(None, None, self._gone(), "give a later date"))
        if self._never and not self.problems():
            row, many = self._never
            told.append(
                Caution(
                    row,
                    None,
                    f"{_recipients(many)} may be in zones that never share an hour of the"
                    " window: they stay pending",
                    _WIDEN,
                )
            )
        if self._late:
            row, many = self._late
            told.append(
                Caution(
                    row,
                    None,
                    f"{_recipients(many)} will have expired before the window opens",
                    "widen --window or --days, or let them expire later",
                )
            )
        return told

    def _gone(self) -> str:
        gone = (self.expires or 0.0) <= time.time()
        return f"--expires {'has gone by' if gone else 'is before --start'}: nobody is sent to"

    @property
    def wait(self) -> float:
        """How long until the first of them may be written to, in seconds."""
        return 0.0 if self._first is None else max(0.0, self._first - self.now)

    def too_long(self, took: float) -> bool:
        """Whether a campaign that takes so long is cut short by `--expires`."""
        return self.expires is not None and self.now < self.expires < self.now + took


def _add(found: list[int], row: int) -> None:
    if found:
        found[1] += 1
    else:
        found += [row, 1]


def _recipients(number: int) -> str:
    return f"{number:,} recipient" + "s" * (number != 1)
