"""What the ledger tells of chats: what an account may begin, and with whom it has one."""

from collections.abc import Mapping
from dataclasses import dataclass

from waheal.model import ChatHold, Phone


@dataclass(frozen=True, slots=True)
class ChatLimits:
    """What WhatsApp lets an account begin, as it was told or guessed. Times are Unix seconds.

    `shut` until then for the reason `why`, which is a lock; without one, when the last was lifted.
    `guessed`: when that was, where nobody told it; `holds`: how many such guesses in a row.
    `quota`: so many of so many new chats were begun, until `quota_until`; `capped`: those were all.
    `lock_told`, `quota_told`: when WhatsApp told of each last.
    """

    shut: float | None = None
    why: ChatHold | None = None
    guessed: float | None = None
    holds: int = 0
    quota: tuple[int, int] | None = None
    quota_until: float | None = None
    capped: bool = False
    lock_told: float | None = None
    quota_told: float | None = None

    def hold(self, now: float) -> tuple[ChatHold, float] | None:
        """Tell why it begins no new chat, and until when; None: it may.

        Of a lock and a used-up quota the one that lasts longer.
        """
        locks = (self.shut, self.why), (self.quota_until, ChatHold.CAPPED if self.capped else None)
        standing = [(at, why) for at, why in locks if at is not None and why is not None]
        until, reason = max(standing, default=(0.0, ChatHold.REFUSED))
        return None if until <= now else (reason, until)

    @property
    def counts_from(self) -> float:
        """From when on refusals count in a row: since a lock's end, where that is surely over."""
        return (self.shut or 0.0) if self.guessed is None else 0.0

    def used(self, now: float) -> tuple[int, int] | None:
        """Tell how many of its quota are used; None where WhatsApp does not warn of one."""
        over = self.quota_until is None or self.quota_until <= now
        return None if over else self.quota


@dataclass(frozen=True, slots=True)
class ChatsWith:
    """Which accounts have got a message through to a person.

    `refused`: which were let begin no chat with them, and when last (Unix s).
    """

    begun: frozenset[Phone]
    refused: Mapping[Phone, float]
