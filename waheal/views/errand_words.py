"""Words how recalls and amends stand, and what to do about what is left; knows no stream."""

import shlex
from collections.abc import Mapping

from waheal.errand_terms import LIMIT_WORDS, errand_counts
from waheal.model import ErrandKind, ExitCode, State
from waheal.records import Tally
from waheal.views import words
from waheal.waits import Standstill

_DONE = {ErrandKind.RECALL: "taken back", ErrandKind.AMEND: "amended"}


def meanings(kind: ErrandKind) -> dict[State, str]:
    """Say what each state of an errand's delivery means, in the order of a summary."""
    done = _DONE[kind]
    return {
        State.READ: f"{done}, and confirmed by their phone",
        State.DELIVERED: f"{done}, as their phone confirmed",
        State.SENT: f"{done}; their phone has not confirmed it yet",
        State.PENDING: f"still to be {done}",
        State.FAILED: f"not {done}",
        State.UNCERTAIN: f"uncertain: they may be {done}",
        State.SUPPRESSED: "suppressed: opted out",
        State.EXPIRED: f"too old: {LIMIT_WORDS[kind]}",
    }


def errand_lines(tallies: Mapping[ErrandKind, Tally]) -> list[str]:
    """Tell in a line a kind how its errands stand; what nothing stands in is left out."""
    return [
        f"{kind.value}: "
        + ", ".join(
            f"{many:,} {word.replace('_', ' ')}"
            for word, many in errand_counts(kind, tally).items()
            if many
        )
        for kind, tally in tallies.items()
        if tally.total
    ]


def errand_steps(
    kind: ErrandKind,
    under: str,
    tally: Tally,
    code: ExitCode = ExitCode.OK,
    stop: Standstill | None = None,
) -> list[str]:
    """Tell what the operator can do about what is left; `under`: the errands' own name."""
    name = shlex.quote(under)
    steps = []
    if code is ExitCode.NO_DEVICE:
        steps.append("see why no device can send: `waheal devices list`, `waheal doctor --connect`")
    if tally[State.PENDING]:
        way_out = stop.way_out if stop else None
        steps.append(way_out or "go on with the rest: run the same command again")
    if tally[State.UNCERTAIN]:
        steps.append(
            "settle the uncertain: `waheal sync`; to have them "
            f"{_DONE[kind]} once more, which does no harm: `waheal resolve {name} --resend`, then"
            " the same command again"
        )
    if tally[State.FAILED] or tally[State.EXPIRED]:
        steps.append(f"see which could not be {_DONE[kind]}, and why: `waheal export {name}`")
    return steps


def title(kind: ErrandKind | None, campaign: str) -> str:
    """Name what a run does: a campaign, or its recall."""
    return campaign if kind is None else f"{kind.value} of {campaign}"


def messages(kind: ErrandKind | None, number: int) -> str:
    """Count what a run goes through: recipients, or messages that were sent to them."""
    return words.count(number, "recipient" if kind is None else "message")
