"""When things happened, in a few buckets that a clock would have; knows no campaign."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import count, islice

MOST_BUCKETS = 20
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_WIDTHS = (
    *(1, 2, 3, 5, 10, 15, 30),
    *(minutes * _MINUTE for minutes in (1, 2, 3, 5, 10, 15, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * _DAY for days in (1, 2, 3, 5, 7, 14, 28)),
)  # seconds; none is more than twice the one before it, so that there are ten at least


@dataclass(frozen=True, slots=True)
class Curves:
    """How many had come so far, at the end of each bucket.

    `edges` (Unix seconds) are one more than there are buckets, and stand where a clock at the place
    shows a round time; `width` is theirs in seconds. Each of `lines` has a count a bucket.
    """

    width: int
    edges: tuple[float, ...]
    lines: Mapping[str, tuple[int, ...]]


def curves(moments: Mapping[str, Sequence[float]], zone: tzinfo | None) -> Curves | None:
    """Count each line's moments up to the end of each bucket; None where there are none at all.

    A span of ten seconds and more has 10 to 20 buckets. `zone`: where the times are round; None is
    the machine's.
    """
    firsts = [min(each) for each in moments.values() if each]
    if not firsts:
        return None
    first, last = min(firsts), max(max(each) for each in moments.values() if each)
    width, edges = _edges(first, last, zone)
    return Curves(width, edges, {name: _counted(each, edges) for name, each in moments.items()})


def _edges(first: float, last: float, zone: tzinfo | None) -> tuple[int, tuple[float, ...]]:
    for width in (*_WIDTHS, *(_WIDTHS[-1] << doubled for doubled in range(1, 12))):
        edges = tuple(_until(last, _from(first, width, zone)))
        if edges[-1] > last:
            break
    return width, edges


def _until(last: float, edges: Iterator[float]) -> Iterator[float]:
    """Give the edges up to the first behind the last moment, or as many as there may be."""
    for edge in islice(edges, MOST_BUCKETS + 1):
        yield edge
        if edge > last:
            return


def _from(first: float, width: int, zone: tzinfo | None) -> Iterator[float]:
    """Give a round time at or before the first moment, and those after it."""
    clock = datetime.fromtimestamp(first, zone)
    midnight = clock.replace(hour=0, minute=0, second=0, microsecond=0)
    if width <= _HOUR:  # as the seconds go: an hour that comes twice has both its halves
        minutes = clock.minute * _MINUTE + clock.second + clock.microsecond / 1e6
        yield from (first - minutes % width + step * width for step in count())
    # By the wall's clock: over a change of the hour midnight stays midnight.
    back = timedelta(seconds=(clock.hour * _HOUR) // width * width if width < _DAY else 0)
    yield from ((midnight + back + timedelta(seconds=step * width)).timestamp() for step in count())


def _counted(moments: Sequence[float], edges: Sequence[float]) -> tuple[int, ...]:
    buckets = array("q", bytes(8 * (len(edges) - 1)))
    for moment in moments:
        buckets[min(bisect_right(edges, moment), len(buckets)) - 1] += 1
    total, so_far = 0, []
    for number in buckets:
        total += number
        so_far.append(total)
    return tuple(so_far)


def ticks(drawn: Curves, most: int, zone: tzinfo | None) -> tuple[int, ...]:
    """Give the edges to name, by their places: not more than `most`, at the roundest times."""
    places = range(len(drawn.edges))
    for width in (each for each in _WIDTHS if each % drawn.width == 0):
        if width >= _DAY:
            found = [place for place in places if place % (width // drawn.width) == 0]
        else:
            found = [place for place in places if _is_round(drawn.edges[place], width, zone)]
        if 0 < len(found) <= most:
            return tuple(found)
    return (0, len(drawn.edges) - 1)


def _is_round(moment: float, width: int, zone: tzinfo | None) -> bool:
    clock = datetime.fromtimestamp(moment, zone)
    return (clock.hour * _HOUR + clock.minute * _MINUTE + clock.second) % width == 0
