"""What a benchmark found: a value, what it is measured against, what it was to be; no timing."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Bound(StrEnum):
    """On which side of its target a figure should lie, and whether that means its ratio."""

    AT_MOST = "at most"
    AT_LEAST = "at least"
    RATIO_AT_MOST = "ratio at most"
    RATIO_AT_LEAST = "ratio at least"


@dataclass(frozen=True, slots=True)
class Target:
    """What the project has promised."""

    bound: Bound
    value: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """The same work done without waheal, measured in the same run and in the same unit."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    `processor`: the seconds of processor that it took, which a busy neighbour hardly changes.
    """

    name: str
    value: float
    unit: str = "s"
    baseline: Baseline | None = None
    target: Target | None = None
    processor: float | None = None

    @property
    def ratio(self) -> float | None:
        """Tell how many times its baseline it is."""
        if self.baseline is None or not self.baseline.value:
            return None
        return self.value / self.baseline.value

    @property
    def met(self) -> bool | None:
        """Whether the target was met; None where there is none."""
        if self.target is None:
            return None
        match self.target.bound:
            case Bound.AT_MOST:
                return self.value <= self.target.value
            case Bound.AT_LEAST:
                return self.value >= self.target.value
            case Bound.RATIO_AT_MOST:
                return self.ratio is not None and self.ratio <= self.target.value
            case Bound.RATIO_AT_LEAST:
                return self.ratio is not None and self.ratio >= self.target.value

    def __str__(self) -> str:
        return ", ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        yield f"{self.name}: {amount(self.value)} {self.unit}".rstrip()
        if self.processor is not None:
            yield f"processor {amount(self.processor)} s"
        if self.baseline is not None:
            against = f"{self.baseline.name}, {amount(self.baseline.value)} {self.unit}"
            yield f"{self.ratio or 0:.2f} x ({against})"
        if self.target is not None:
            ratio = self.target.bound in {Bound.RATIO_AT_MOST, Bound.RATIO_AT_LEAST}
            unit = "x" if ratio else self.unit
            word = self.target.bound.removeprefix("ratio ")
            told = f"target {word} {amount(self.target.value)} {unit}".rstrip()
            yield f"{told}: {'met' if self.met else 'MISSED'}"


def amount(value: float) -> str:
    """Write a value with three digits that count, and thousands apart."""
    if not value or float(value).is_integer():
        return f"{value:,.0f}"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"


def at_most(value: float) -> Target:
    return Target(Bound.AT_MOST, value)


def at_least(value: float) -> Target:
    return Target(Bound.AT_LEAST, value)


def ratio_at_most(value: float) -> Target:
    return Target(Bound.RATIO_AT_MOST, value)


def ratio_at_least(value: float) -> Target:
    return Target(Bound.RATIO_AT_LEAST, value)
