"""Sums a campaign up, recipient by recipient in one pass; knows no store and no words.

The funnel is cumulative: whoever came to a step is counted in those before it. So somebody who
replied has got and read the message, also where their phone tells nobody; `tally` has what the
phones told. Opted out is who replied to this campaign and is on the list of opt-outs since then.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from math import ceil

from waheal.model import Content, DeviceId, ErrandKind, State, natural
from waheal.reckoning.curves import Curves, curves
from waheal.reckoning.polling import PollCount
from waheal.reckoning.variants import MEASURES, Comparison, Variants
from waheal.records import Device, Recipient, Tally

STEPS = ("sent", *MEASURES)
"""The funnel's steps, in their order."""

MOST_LEFTOVERS = 200
"""Recipients that are listed, of the failed and of the uncertain each."""

MOST_REASONS = 20
"""Reasons that are told by name."""

_AS_TOLD = {State.SENT: 1, State.DELIVERED: 2, State.READ: 3}
_REPLIED, _OPTED_OUT = 4, 5
_LEFT_OVER = frozenset({State.FAILED, State.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class Delay:
    """How long it took from the server's answer to what a phone told, in seconds.

    `count`: of how many that is known. `median`, `p90`: half of them, and nine of ten, took no
    longer.
    """

    count: int
    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """What one device did for the campaign, and how it stands now.

    `steps` are counts by `STEPS`, of those whom it wrote to last, whichever device they replied
    to. `now` is None where it is none of the home's any more.
    """

    device: DeviceId
    steps: tuple[int, ...]
    failed: int
    uncertain: int
    now: Device | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """All that a campaign came to. Times are Unix seconds.

    `steps` are counts by `STEPS`. `failures` are reasons with their counts, the most frequent
    first; `other_failures` counts the reasons that are left out, and their recipients. `leftovers`
    are some of the failed and the uncertain, in the file's order. `first` and `last`: when a
    message went out, or failed. `message` is one recipient's, `manner` how it was sent. `votes` are
    a poll's options in the order of offering, each with who chose it last, `voters` who chose any.
    `errands`: how the recalls and amends of its messages stand.
    """

    campaign: str
    made: float
    tally: Tally
    steps: tuple[int, ...]
    first: float | None
    last: float | None
    curves: Curves | None
    to_delivered: Delay | None
    to_read: Delay | None
    devices: tuple[DeviceLine, ...]
    failures: tuple[tuple[str, int], ...]
    other_failures: tuple[int, int]
    leftovers: tuple[Recipient, ...]
    comparison: Comparison | None = None
    message: Content | None = None
    manner: Mapping[str, str] = field(default_factory=dict)
    votes: tuple[tuple[str, int], ...] = ()
    voters: int = 0
    errands: Mapping[ErrandKind, Tally] = field(default_factory=dict)

    @property
    def funnel(self) -> Iterator[tuple[str, int, int]]:
        """Give each step's name, its count, and that of the step before: at first all."""
        return zip(STEPS, self.steps, (self.tally.total, *self.steps), strict=False)

    def step(self, name: str) -> int:
        """Count those who came to a step."""
        return self.steps[STEPS.index(name)]

    def with_devices(self, devices: Iterable[Device]) -> "Results":
        """Add how each device stands now."""
        known = {each.label: each for each in devices}
        lines = (replace(line, now=known.get(line.device)) for line in self.devices)
        return replace(self, devices=tuple(lines))


def steps_of(recipient: Recipient) -> int:
    """Tell how many of `STEPS` a recipient has come to."""
    if recipient.opted_out is not None:
        return _OPTED_OUT
    if recipient.replied is not None:
        return _REPLIED
    return _AS_TOLD.get(recipient.state, 0)


def sum_up(
    campaign: str,
    recipients: Iterable[Recipient],
    *,
    now: float,
    zone: tzinfo | None = None,
    column: str | None = None,
    value_of: Callable[[Recipient], str | None] | None = None,
) -> Results:
    """Read every recipient once; of each some 60 bytes of times are kept.

    `zone`: where the curves' times are round; None is the machine's. `column` names what
    `value_of` gives of each recipient, to compare them by.
    """
    summing = _Summing()
    variants = None if column is None else Variants(column)
    for recipient in recipients:
        steps = steps_of(recipient)
        summing.take(recipient, steps)
        if variants is not None and value_of is not None:
            variants.take(value_of(recipient), steps)
    reasons = summing.reasons.most_common()
    rest = reasons[MOST_REASONS:]
    settled = [each for name in ("sent", "failed") if (each := summing.moments[name])]
    return Results(
        campaign=campaign,
        made=now,
        tally=Tally(summing.states, summing.unreadable, sum(summing.came[_REPLIED:])),
        steps=_cumulative(summing.came),
        first=min(map(min, settled), default=None),
        last=max(map(max, settled), default=None),
        curves=curves(summing.moments, zone),
        to_delivered=_delay(summing.to_delivered),
        to_read=_delay(summing.to_read),
        devices=tuple(summing.device_lines()),
        failures=tuple(reasons[:MOST_REASONS]),
        other_failures=(len(rest), sum(number for _, number in rest)),
        leftovers=tuple(summing.leftovers),
        comparison=None if variants is None else variants.comparison(),
        votes=summing.poll.votes,
        voters=summing.poll.voters,
    )


class _Summing:
    """What has been counted so far."""

    def __init__(self) -> None:
        self.states: Counter[State] = Counter()
        self.unreadable = 0
        self.came = [0] * (len(STEPS) + 1)  # how many came so many steps, and no further
        self.moments = {name: array("d") for name in ("sent", "delivered", "read", "replied")}
        self.moments["failed"] = array("d")
        self.to_delivered = array("d")
        self.to_read = array("d")
        self.reasons: Counter[str] = Counter()
        self.leftovers: list[Recipient] = []
        self._devices: dict[DeviceId, _DeviceCounts] = {}
        self.poll = PollCount()

    def take(self, recipient: Recipient, steps: int) -> None:
        state = recipient.state
        self.states[state] += 1
        self.unreadable += recipient.unreadable
        self.came[steps] += 1
        if recipient.device is not None:
            counts = self._devices.get(recipient.device)
            if counts is None:
                counts = self._devices[recipient.device] = _DeviceCounts()
            counts.came[steps] += 1
            counts.states[state] += 1
        if steps:
            self._when(recipient, steps)
        if state in _LEFT_OVER:
            self._left_over(recipient)
        if recipient.options:
            self.poll.take(recipient.options, recipient.vote or ())

    def _when(self, recipient: Recipient, steps: int) -> None:
        """Note when each step came; what no phone told came at the latest with the next one."""
        moments, ended = self.moments, recipient.ended
        later = recipient.updated
        if recipient.replied is not None:
            later = recipient.replied
            moments["replied"].append(later)
        if steps > 2:  # noqa: PLR2004 - read
            later = _sooner(recipient.read, later)
            moments["read"].append(later)
        if steps > 1:
            later = _sooner(recipient.delivered, later)
            moments["delivered"].append(later)
        moments["sent"].append(ended or recipient.claimed or later)
        if ended is not None:
            if recipient.delivered is not None:
                self.to_delivered.append(max(0.0, recipient.delivered - ended))
            if recipient.read is not None:
                self.to_read.append(max(0.0, recipient.read - ended))

    def _left_over(self, recipient: Recipient) -> None:
        if recipient.state is State.FAILED:
            self.reasons[recipient.reason or "no reason given"] += 1
        if self.states[recipient.state] <= MOST_LEFTOVERS:
            self.leftovers.append(recipient)
        self.moments["failed"].append(recipient.ended or recipient.claimed or recipient.updated)

    def device_lines(self) -> Iterator[DeviceLine]:
        """Give each device's counts, the busiest first."""
        for device, counts in sorted(self._devices.items(), key=_weight):
            failed, uncertain = counts.states[State.FAILED], counts.states[State.UNCERTAIN]
            yield DeviceLine(device, _cumulative(counts.came), failed, uncertain)


class _DeviceCounts:
    """What one device did, so far."""

    def __init__(self) -> None:
        self.states: Counter[State] = Counter()
        self.came = [0] * (len(STEPS) + 1)


def _weight(item: tuple[DeviceId, _DeviceCounts]) -> tuple[int, object]:
    return -item[1].states.total(), natural(item[0])


def _sooner(told: float | None, at_latest: float) -> float:
    return at_latest if told is None else min(told, at_latest)


def _cumulative(came: Sequence[int]) -> tuple[int, ...]:
    """Turn how many came just so many steps into how many came to each."""
    return tuple(sum(came[step:]) for step in range(1, len(came)))


def _delay(seconds: Sequence[float]) -> Delay | None:
    if not seconds:
        return None
    in_order = sorted(seconds)
    # The nearest rank: one of the values, as a query would give it.
    ranks = (ceil(len(in_order) * share) - 1 for share in (0.5, 0.9))
    return Delay(len(in_order), *(in_order[rank] for rank in ranks))
