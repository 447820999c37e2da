"""Puts a comparison of variants into plain sentences; counts nothing."""

from collections.abc import Iterator

from waheal.reckoning.proportions import interval
from waheal.reckoning.variants import LEAST_SENT, Comparison, Judgement, Variant
from waheal.views import words

NAMES = {"sent": "sent", "delivered": "delivered", "read": "read", "replied": "replied"}
NAMES["opted_out"] = "opted out"
"""How each step of the funnel is called."""

_LONGEST = 40  # characters of a value


def value(text: str) -> str:
    """Name a variant."""
    return words.one_line(text, _LONGEST) or "(empty)"


def share_of(variant: Variant, measure: str) -> str:
    """Write a share with what it may truly be, to 95 %: `64 % (61-67)`."""
    if not variant.sent:
        return "-"
    low, high = (100 * each for each in interval(variant.part(measure), variant.sent))
    digits = 0 if high - low >= 2 else 1  # noqa: PLR2004 - in per cent
    return (
        f"{words.share(variant.part(measure), variant.sent)} ({low:.{digits}f}-{high:.{digits}f})"
    )


def sentences(comparison: Comparison) -> Iterator[str]:
    """Say of each measure whether the difference means anything."""
    for judgement in comparison.judgements():
        yield f"{NAMES[judgement.measure].capitalize()}: {_sentence(judgement)}"


def notes(comparison: Comparison) -> Iterator[str]:
    """Say what the comparison leaves out, and what it takes for granted."""
    if not comparison.variants:
        yield "Nobody's row is in the file any more, so there is nothing to compare."
        return
    yield (
        "In brackets: between which shares the true one lies, with a certainty of 95 %. All this"
        " holds where the values were dealt out by chance."
    )
    if any(each.sent < LEAST_SENT for each in comparison.variants):
        yield f"What went out to fewer than {LEAST_SENT} is not judged."
    if comparison.unknown:
        yield (
            f"{words.count(comparison.unknown, 'recipient')} whose row the file has no longer"
            " are left out."
        )


def _sentence(judgement: Judgement) -> str:
    if judgement.chance is None:
        return "too few to tell."
    ahead = _named(judgement.ahead, judgement)
    if not judgement.surely_behind:
        return (
            f"no difference that means anything; chance alone brings one as large as this"
            f" {_often(judgement.chance)}."
        )
    behind = _listed([_named(each, judgement) for each in judgement.surely_behind])
    rest = _listed([value(each.value) for each in judgement.others])
    unsure = f" Against {rest} nothing is sure." if judgement.others else ""
    return (
        f"{ahead} is ahead of {behind}, and that means something; chance alone brings such a"
        f" difference {_often(judgement.chance)}.{unsure}"
    )


def _named(variant: Variant, judgement: Judgement) -> str:
    return f"{value(variant.value)} ({words.share(variant.part(judgement.measure), variant.sent)})"


def _listed(names: list[str]) -> str:
    *first, last = names or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _often(chance: float) -> str:
    """Say how often: `in 1 of 250 tries`."""
    if chance < 0.0001:  # noqa: PLR2004 - nobody needs it finer
        return "in fewer than 1 of 10,000 tries"
    tries = 1 / chance
    if tries < 1.5:  # noqa: PLR2004 - rounded, every one
        return "nearly every time"
    return f"in 1 of {words.count(round(tries))} tries"
