"""Compares groups of recipients by what became of their messages; knows no file and no words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from waheal.reckoning.proportions import by_chance

MOST_VALUES = 20
"""Variants that are compared; more are no variants."""

SURE = 0.05
"""How rarely chance alone may bring a difference that is called one."""

LEAST_SENT = 20
"""A variant that fewer were sent to is not judged."""

MEASURES = ("delivered", "read", "replied", "opted_out")


@dataclass(frozen=True, slots=True)
class Variant:
    """Recipients with one value of a column: how many it went out to, and how far they came.

    `parts` has a count for each of `MEASURES`; `total` counts those too who were not sent to.
    """

    value: str
    total: int
    sent: int
    parts: tuple[int, ...]

    def part(self, measure: str) -> int:
        """Count those of the sent who came so far."""
        return self.parts[MEASURES.index(measure)]

    def share(self, measure: str) -> float:
        """Tell their share of the sent, 0 to 1; 0 where nobody was sent to."""
        return self.part(measure) / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one measure says: who is ahead, of whom for sure, and of whom not.

    `chance`: how often chance alone would bring such a difference (0 to 1), at most, of those that
    are sure; else of the one to the last. None where the numbers are too small.
    """

    measure: str
    ahead: Variant
    surely_behind: tuple[Variant, ...]
    others: tuple[Variant, ...]
    chance: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A campaign's variants by one column, the largest first, and what each measure says of them.

    `unknown`: recipients whose row the file has no longer, who are in none.
    """

    column: str
    variants: tuple[Variant, ...]
    unknown: int

    def judgements(self) -> Iterator[Judgement]:
        """Judge each measure by which the variants can differ."""
        tried = [each for each in self.variants if each.sent >= LEAST_SENT]
        if len(tried) > 1:
            yield from (_judged(measure, tried) for measure in MEASURES)


def _judged(measure: str, variants: list[Variant]) -> Judgement:
    """Set who is ahead against each other; of many pairs some differ by chance, which is heeded."""
    ahead, *others = sorted(variants, key=lambda each: -each.share(measure))
    pairs = len(list(combinations(variants, 2)))
    chances = {each.value: _chance(measure, ahead, each, pairs) for each in others}
    known = {value: chance for value, chance in chances.items() if chance is not None}
    sure = [each for each in others if known.get(each.value, 1.0) < SURE]
    told = [known[each.value] for each in sure or others[-1:] if each.value in known]
    rest = tuple(each for each in others if each not in sure)
    return Judgement(measure, ahead, tuple(sure), rest, max(told, default=None))


def _chance(measure: str, one: Variant, other: Variant, pairs: int) -> float | None:
    found = by_chance((one.part(measure), one.sent), (other.part(measure), other.sent))
    return None if found is None else min(1.0, found * pairs)


class Variants:
    """Counts variants as recipients come by."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._counts: dict[str, Counter[str]] = {}
        self._unknown = 0

    def take(self, value: str | None, steps: int) -> None:
        """Count a recipient of this value who came so many steps: 1 is sent, 2 delivered, ….

        None: the file does not say.
        """
        if value is None:
            self._unknown += 1
            return
        counts = self._counts.setdefault(value, Counter())
        counts["total"] += 1
        for step in ("sent", *MEASURES)[:steps]:
            counts[step] += 1

    def comparison(self) -> Comparison:
        """Give what was counted."""
        made = [
            Variant(value, found["total"], found["sent"], tuple(found[each] for each in MEASURES))
            for value, found in self._counts.items()
        ]
        made.sort(key=lambda each: (-each.total, each.value))
        return Comparison(self._column, tuple(made), self._unknown)
