"""Why deliveries wait, or a run stands still, and what ends that; no I/O."""

from dataclasses import dataclass
from enum import Enum, auto


class Hindrance(Enum):
    """Why a pending delivery is not due."""

    NOT_BEFORE = auto()
    OUTSIDE = auto()
    OFTEN = auto()
    NEW_CHATS = auto()
    RETRY = auto()


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many pending deliveries are put off for one reason, and until when at the earliest.

    `soonest` is in Unix seconds; `reason` is the refusal that is to be tried again, if there was
    one.
    """

    why: Hindrance
    count: int
    soonest: float
    reason: str | None = None


GOES_ON = "it goes on by itself then"
"""What ends a wait: nothing that an operator does, as long as the run lives."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """Why a run sends nothing, or no more: the cause, what ends it, and when, where that is known.

    `until` is in Unix seconds.
    """

    reason: str
    way_out: str | None = None
    until: float | None = None

    @property
    def is_wait(self) -> bool:
        """Whether it only tells why a run waits: of one that has ended it says nothing."""
        return self.way_out == GOES_ON
