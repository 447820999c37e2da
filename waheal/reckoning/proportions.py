"""How sure a share is, and whether two differ by more than chance; plain formulas, pure."""

from math import sqrt
from statistics import NormalDist

_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf(0.975)
_LEAST_EXPECTED = 5.0  # of each kind in each group: below it the normal curve does not fit


def interval(part: int, whole: int) -> tuple[float, float]:
    """Give Wilson's score interval: between which shares (0 to 1) the true one lies, to 95 %.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).
    Of nobody it says nothing: 0 to 1.
    """
    if whole == 0:
        return 0.0, 1.0
    share, square = part / whole, _Z * _Z
    middle = share + square / (2 * whole)
    spread = _Z * sqrt((share * (1 - share) + square / (4 * whole)) / whole)
    scale = 1 + square / whole
    # At either end rounding may leave the share itself a hair outside.
    low, high = (middle - spread) / scale, (middle + spread) / scale
    return max(0.0, min(low, share)), min(1.0, max(high, share))


def by_chance(one: tuple[int, int], other: tuple[int, int]) -> float | None:
    """Tell how often chance alone would bring two shares at least so far apart: 0 to 1.

    The two-sided test of two proportions with a pooled variance. Each is a part and its whole.
    None where the numbers are too small for it.
    """
    (part, whole), (second_part, second_whole) = one, other
    together = whole + second_whole
    if not whole or not second_whole:
        return None
    pooled = (part + second_part) / together
    if min(whole, second_whole) * min(pooled, 1 - pooled) < _LEAST_EXPECTED:
        return None
    error = sqrt(pooled * (1 - pooled) * (1 / whole + 1 / second_whole))
    apart = abs(part / whole - second_part / second_whole) / error
    return 2 * (1 - _NORMAL.cdf(apart))
