"""New chats: how many a device may begin, and whose a refusal is; knows no clock and no ledger.

A chat is new where the device's account has not got a message through to that person before. The
server refuses a new one with 463, and does not say which of two things it means. *This contact*
gave the account no token, and its salt's does not count: other new contacts go through, and other
devices meet the same. Or *this account* is locked: every new contact is refused for hours to days,
chats that exist go on, and each try makes it worse. So it is read off what happens next: a second
account that is refused makes it the contact's, a second contact in a row makes it the account's.

Sources: whatsmeow issues 1074 (contacts), 1197 (account), Baileys issues 2441, 2707 and 2800.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf

from waheal.chat_records import ChatLimits
from waheal.errors import UsageError
from waheal.model import ChatHold, Phone, QuotaWarning
from waheal.policy.pacing import DAY, HOUR, Moments

IN_A_ROW = 2
"""Different contacts refused, with no new chat between them, that make it the account's."""

CONTACT_REST = DAY
"""Seconds until a contact is tried again whom two accounts were refused by, or the only one."""

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


_LATELY = 7 * DAY  # since a lock's end; for a ban that may have to do with it

_BUCKET = 7 * DAY
_BUCKETS = 4


def is_trusted(since: float | None, now: float) -> bool:
    """Tell whether a contact's token, given then (Unix s; None: there is none), is still valid.

    They are counted in weeks since 1970, and this one and the three before are (``tctoken.go``).
    """
    oldest = (now // _BUCKET - (_BUCKETS - 1)) * _BUCKET
    return since is not None and since >= oldest


def hold(before: int) -> float:
    """Tell for how long (seconds) a device begins no new chat, after so many holds in a row.

    Nobody tells when a lock ends: hours, mostly a day (Baileys issue 2800), up to six (whatsmeow
    issue 1197). So it starts low and doubles, since each try makes it worse.
    """
    return min(_LONGEST_HOLD, _FIRST_HOLD * 2.0 ** min(before, 8))


def guess(limits: ChatLimits, why: ChatHold, now: float) -> ChatLimits:
    """Let an account begin no new chat for a while, since nobody has told what stands.

    It says no more where a hold stands already.
    """
    if limits.hold(now) is not None:
        return limits
    seconds = SILENCE_HOLD if why is ChatHold.UNDELIVERED else hold(limits.holds)
    return replace(limits, shut=now + seconds, why=why, guessed=now, holds=limits.holds + 1)


def hear_lock(
    limits: ChatLimits, *, active: bool, until: float | None, at: float | None, now: float
) -> ChatLimits:
    """Take in what WhatsApp told of a lock, at that moment (Unix s; None: now).

    The latest word on it counts, and it takes the place of a guess; what was seen after the word
    that a lock is over stands. A quota is another matter.
    """
    if _is_old(at, limits.lock_told):
        return limits
    limits = replace(limits, lock_told=at or limits.lock_told)
    if active:
        if until is None or until <= now:
            return limits  # without an end to come, our own guess stands
        return replace(limits, shut=until, why=ChatHold.REFUSED, guessed=None)
    if _is_old(at, limits.guessed):
        return limits
    return replace(limits, shut=now, why=None, guessed=None, holds=0)


def hear_quota(
    limits: ChatLimits,
    used: tuple[int, int],
    warning: QuotaWarning,
    *,
    until: float | None,
    at: float | None,
    now: float,
) -> ChatLimits:
    """Take in what WhatsApp told of the quota of new chats, at that moment (Unix s; None: now).

    The latest word counts. A quota that is used up explains why chats were refused.
    """
    if _is_old(at, limits.quota_told):
        return limits
    limits = replace(
        limits,
        quota=None if warning is QuotaWarning.NONE else used,
        quota_until=now + DAY if until is None else until,
        capped=warning is QuotaWarning.CAPPED,
        quota_told=at or limits.quota_told,
    )
    guessed = limits.guessed is not None and limits.why is ChatHold.REFUSED
    if limits.capped and guessed and (limits.quota_until or 0.0) > now:
        return replace(limits, shut=now, why=None, guessed=None)
    return limits


def lock_before(limits: ChatLimits, now: float) -> ChatHold | None:
    """Tell why the account began no new chat until lately, or begins none; None: it did."""
    held = limits.hold(now)
    if held is not None:
        return held[0]
    lately = limits.shut is not None and limits.shut > now - _LATELY
    return limits.why if lately else None


def allow(limits: ChatLimits, now: float) -> ChatLimits:
    """Let an account begin new chats again, whatever held it: the operator wants it."""
    return replace(limits, shut=now, why=None, guessed=None, holds=0, capped=False)


def _is_old(at: float | None, known: float | None) -> bool:
    """Tell whether something was said before what is known; both in Unix seconds, `at` whole."""
    return at is not None and known is not None and at < int(known)


@dataclass(frozen=True, slots=True)
class Refusals:
    """Which accounts the server let begin no chat with somebody, and when each last tried."""

    by: Mapping[Phone, float]

    def rest(self) -> float:
        """Tell until when (Unix s) nobody tries: once two accounts were refused. 0: at once."""
        return self._latest() + CONTACT_REST if len(self.by) >= IN_A_ROW else 0.0

    def alone(self) -> float:
        """Tell until when the account waits that was refused, where there is no other."""
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


@dataclass(slots=True)
class Shutter:
    """Until when (Unix s) an account begins no new chat, whatever a budget says.

    The devices of an account share it.
    """

    until: float = 0.0


class ChatPace:
    """When a device may begin its next chat.

    `born` is its pairing or its first message (Unix s), `history` when it began chats from `since`
    on. Not safe for several threads.
    """

    __slots__ = ("_begun", "_born", "_budget", "shutter")

    def __init__(
        self,
        budget: ChatBudget,
        born: float,
        history: Iterable[float] = (),
        *,
        since: float = -inf,
        shutter: Shutter | None = None,
    ) -> None:
        self._budget = budget
        self._born = born
        self._begun = Moments(history, since)
        self.shutter = Shutter() if shutter is None else shutter

    def allowed_at(self, now: float) -> float:
        """Tell the first moment at which a chat may be begun; `now` itself if at once."""
        free, age = now, now - self._born
        if (most := self._budget.at(age)) is not None:
            grows = self._born + self._budget.grows_at(age)
            free = min(self._begun.opens(most, DAY), max(grows, now))
        return max(free, self.shutter.until, now)

    def budget(self, now: float) -> tuple[int, int] | None:
        """Tell how many chats were begun in the last 24 hours, and how many may be; None: all."""
        most = self._budget.at(now - self._born)
        return None if most is None else (self._begun.count(now - DAY), most)

    def note(self, now: float) -> None:
        """Count a chat that is begun now."""
        self._begun.note(now)

    def forget(self, at: float) -> None:
        """Give back the one that was noted then: nothing was sent."""
        self._begun.forget(at)

    def shift(self, noted: float, settled: float) -> None:
        """Let the one noted then count from when its message really left."""
        self._begun.shift(noted, settled)


def pace_of(
    budget: ChatBudget,
    births: Iterable[float | None],
    history: Iterable[float],
    since: float,
    shutter: Shutter | None = None,
) -> ChatPace:
    """Make the pace of a device that was paired, or began its first chat, at those `births`.

    The first of them counts; `history` and `since` are ChatPace's. All are Unix seconds.
    """
    born = min((at for at in births if at is not None), default=0.0)
    return ChatPace(budget, born, history, since=since, shutter=shutter)


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
