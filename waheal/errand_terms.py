"""What may be done to a message that was sent before: until when, and how it then stands; no I/O.

An errand goes the way of a message, as a message of its own; so it has a delivery's states, which
only go by other words here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from waheal.model import ErrandKind, State
from waheal.records import Tally

HOUR = 3600.0

LIMITS: Mapping[ErrandKind, float] = {ErrandKind.RECALL: 60 * HOUR, ErrandKind.AMEND: HOUR / 4}
"""Seconds after a message within which WhatsApp lets it be taken back, or its text be edited.

The first is what those found who tried (2 days and 12 hours); WhatsApp's help says about two days.
The second is what its apps allow, WhatsApp Web's `message_edit_client_entry_point_limit_seconds`;
its `message_edit_window_duration_seconds` grants a late one 20 minutes, as does whatsmeow's
`EditWindow` (send.go). Both are in https://github.com/vinikjkkj/zapo, spec/abprops.
Past them nothing is refused: the server takes it, and the recipient's phone leaves the message as
it is (whatsmeow's issue 83). So nothing is sent past them.
"""

LIMIT_WORDS: Mapping[ErrandKind, str] = {
    ErrandKind.RECALL: "WhatsApp lets a message be taken back for 60 hours",
    ErrandKind.AMEND: "WhatsApp lets a text be edited for 15 minutes",
}


class ErrandState(StrEnum):
    """Where an errand stands, as operators read it."""

    PENDING = "pending"
    RECALLED = "recalled"
    AMENDED = "amended"
    UNCERTAIN = "uncertain"
    TOO_OLD = "too_old"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


_DONE = {ErrandKind.RECALL: ErrandState.RECALLED, ErrandKind.AMEND: ErrandState.AMENDED}

WORDS: Mapping[State, ErrandState | None] = {
    State.PENDING: ErrandState.PENDING,
    State.SENDING: ErrandState.PENDING,
    State.SENT: None,
    State.DELIVERED: None,
    State.READ: None,
    State.FAILED: ErrandState.FAILED,
    State.SUPPRESSED: ErrandState.SUPPRESSED,
    State.EXPIRED: ErrandState.TOO_OLD,
    State.UNCERTAIN: ErrandState.UNCERTAIN,
}
"""What a delivery's state means of an errand; None: it is done."""


def errand_state(kind: ErrandKind, state: State) -> ErrandState:
    """Tell where an errand stands, by its delivery's state."""
    return WORDS[state] or _DONE[kind]


def errand_counts(kind: ErrandKind, tally: Tally) -> dict[str, int]:
    """Count errands by the states that they can be in, each once."""
    found = {state.value: 0 for state in errand_states(kind)}
    for state in WORDS:
        if tally[state]:
            word = errand_state(kind, state).value
            found[word] = found.get(word, 0) + tally[state]
    return found


def errand_states(kind: ErrandKind) -> tuple[ErrandState, ...]:
    """Tell the states that errands of a kind can be in; nobody's opt-out stops a recall."""
    others = [ErrandState.SUPPRESSED] if kind is ErrandKind.AMEND else []
    return (
        ErrandState.PENDING, _DONE[kind], ErrandState.UNCERTAIN, ErrandState.TOO_OLD,
        ErrandState.FAILED, *others,
    )  # fmt: skip


# What is asked and told before a recall or an amend begins.


@dataclass(slots=True)
class ErrandQuestion:
    """May so many messages of a campaign be taken back, or amended? Answered as a `Question`.

    `running`: the process of its run, which is asked to end first; None where none is under way.
    """

    kind: ErrandKind
    campaign: str
    messages: int
    running: int | None = None
    declined: bool = False

    def decline(self) -> None:
        """Say no: nothing is done."""
        self.declined = True


@dataclass(frozen=True, slots=True)
class RunAskedToEnd:
    """The campaign's run is asked to drain and end, which is waited for."""

    campaign: str
    pid: int


@dataclass(frozen=True, slots=True)
class ErrandsImpossible:
    """So many messages can't be taken back or amended, by the reason."""

    kind: ErrandKind
    counts: tuple[tuple[str, int], ...]
