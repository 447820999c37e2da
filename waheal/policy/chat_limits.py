"""New chats: how many a device may begin, and whose a refusal is; knows no clock and no ledger.

A chat is new where the device's account has not got a message through to that person before. The
server refuses a new one with 463, and does not say which of two things it means. *This contact*
gave the account no token, and its salt's does not count: other new contacts go through, and other
devices meet the same. Or *this account* is locked: every new contact is refused for hours to days,
chats that exist go on, and each try makes it worse. So it is read off what happens next: a second
device that is refused makes it the contact's, a second contact in a row makes it the device's.

Sources: whatsmeow issues 1074 (contacts), 1197 (account), Baileys issues 2441, 2707 and 2800.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

from waheal.errors import UsageError
from waheal.model import DeviceId
from waheal.policy.pacing import DAY, HOUR, Moments

IN_A_ROW = 2
"""Different contacts refused, with no new chat between them, that make it the device's."""

CONTACT_REST = DAY
"""Seconds until a contact is tried again whom two devices were refused by, or the only one."""

_FIRST_HOLD = 6 * HOUR
_LONGEST_HOLD = 2 * DAY

UNANSWERED = 8
"""First messages in a row without a delivery receipt that say that none arrives.

Where four phones of ten are off, as many in a row are off by chance once in 1,500 times.
"""

UNANSWERED_FOR = HOUR
"""Seconds for which a first message must have been on its way, to count as undelivered."""

SILENCE_HOLD = DAY
"""Seconds without a new chat, for a device whose first messages do not arrive."""


def hold(before: int) -> float:
    """Tell for how long (seconds) a device begins no new chat, after so many holds in a row.

    Nobody tells when a lock ends: hours, mostly a day (Baileys issue 2800), up to six (whatsmeow
    issue 1197). So it starts low and doubles, since each try makes it worse.
    """
    return min(_LONGEST_HOLD, _FIRST_HOLD * 2.0 ** min(before, 8))


@dataclass(frozen=True, slots=True)
class Refusals:
    """Which devices the server let begin no chat with somebody, and when each last tried."""

    by: Mapping[DeviceId, float]

    def rest(self) -> float:
        """Tell until when (Unix s) nobody tries: once two devices were refused. 0: at once."""
        return self._latest() + CONTACT_REST if len(self.by) >= IN_A_ROW else 0.0

    def alone(self) -> float:
        """Tell until when the device waits that was refused, where there is no other."""
        return self._latest() + CONTACT_REST if self.by else 0.0

    def _latest(self) -> float:
        return max(self.by.values(), default=0.0)


@dataclass(frozen=True, slots=True)
class Ramp:
    """A number that grows evenly from `first` to `last`, a step a day, in so many `days`."""

    first: int
    last: int
    days: int

    def at(self, age: float) -> int:
        """Tell the number for a device of that age (seconds)."""
        done = min(max(int(age // DAY), 0), self.days)
        return self.first + (self.last - self.first) * done // self.days


@dataclass(frozen=True, slots=True)
class ChatBudget:
    """How many chats a device may begin in any 24 hours. None: no limit."""

    per_day: int | None = None
    ramp: Ramp | None = None

    def at(self, age: float) -> int | None:
        """Tell the number for a device of that age (seconds): the smaller of the two."""
        both = (self.per_day, None if self.ramp is None else self.ramp.at(age))
        return min((each for each in both if each is not None), default=None)

    def grows_at(self, age: float) -> float:
        """Tell at which age (seconds) the number is larger than now; infinity: never."""
        if self.ramp is None or age >= self.ramp.days * DAY:
            return inf
        return max(0.0, age // DAY + 1) * DAY


class ChatPace:
    """When a device may begin its next chat.

    `born` is its pairing or its first message (Unix s), `history` when it began chats from `since`
    on. Not safe for several threads.
    """

    __slots__ = ("_begun", "_born", "_budget", "held_until")

    def __init__(
        self,
        budget: ChatBudget,
        born: float,
        history: Iterable[float] = (),
        *,
        since: float = -inf,
        held_until: float = 0.0,
    ) -> None:
        self._budget = budget
        self._born = born
        self._begun = Moments(history, since)
        self.held_until = held_until
        """Until when the device begins none, whatever its budget (Unix s)."""

    def allowed_at(self, now: float) -> float:
        """Tell the first moment at which a chat may be begun; `now` itself if at once."""
        free, age = now, now - self._born
        if (most := self._budget.at(age)) is not None:
            grows = self._born + self._budget.grows_at(age)
            free = min(self._begun.opens(most, DAY), max(grows, now))
        return max(free, self.held_until, now)

    def note(self, now: float) -> None:
        """Count a chat that is begun now."""
        self._begun.note(now)

    def forget(self, at: float) -> None:
        """Give back the one that was noted then: nothing was sent."""
        self._begun.forget(at)

    def shift(self, noted: float, settled: float) -> None:
        """Let the one noted then count from when its message really left."""
        self._begun.shift(noted, settled)


def parse_new_chats(text: str) -> int:
    """Read how many chats a device may begin a day: `30/day`.

    Raises: UsageError.
    """
    match = re.fullmatch(r"(\d{1,6})\s*/\s*(?:d|day)", text.strip().casefold())
    if match is None or not int(match[1]):
        raise UsageError(f"can't read the number of new chats {text!r}", hint="write it as 30/day")
    return int(match[1])


def parse_ramp(text: str) -> Ramp:
    """Read how that number grows with a device's age: `20..200/14d`.

    Raises: UsageError.
    """
    match = re.fullmatch(
        r"(\d{1,6})\s*\.\.\s*(\d{1,6})\s*/\s*(\d{1,4})\s*(?:d|days?)", text.strip().casefold()
    )
    if match is None or not 0 < int(match[1]) <= int(match[2]) or not int(match[3]):
        raise UsageError(
            f"can't read the ramp {text!r}",
            hint="write it as 20..200/14d: from 20 new chats a day to 200, in 14 days",
        )
    return Ramp(int(match[1]), int(match[2]), int(match[3]))
