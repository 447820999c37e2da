"""Gathers what a report tells, row by row in bounded memory, and words it; knows no store."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from waheal.model import DeviceId, ErrandKind, Phone, State, mask, mask_label, mask_numbers
from waheal.records import Recipient, Tally
from waheal.views import words
from waheal.views.board import WENT_OUT
from waheal.views.errand_words import errand_lines
from waheal.views.layout import STYLES
from waheal.views.summary import by_state, next_steps, replied

MOST_SLOTS = 120
MOST_UNCERTAIN = 200
MOST_REASONS = 20
SLOTS = (60, 300, 900, 3600, 6 * 3600, 86400)  # seconds; the finest that is not too many


@dataclass(frozen=True, slots=True)
class Slot:
    """How many went out from `at` (Unix seconds) on, and how many failed or are in doubt."""

    at: float
    out: int
    troubled: int


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """What one device did for the campaign."""

    device: DeviceId
    out: int
    delivered: int
    read: int
    failed: int
    uncertain: int
    state: str = ""
    replied: int = 0  # of those whom it wrote to, to whichever device


@dataclass(frozen=True, slots=True)
class ReportData:
    """All that a report tells. `slot` is the width of `timeline`'s slots in seconds."""

    campaign: str
    made: float
    tally: Tally
    first: float | None
    last: float | None
    slot: int
    timeline: tuple[Slot, ...]
    devices: tuple[DeviceLine, ...]
    failures: tuple[tuple[str, int], ...]
    uncertain: tuple[Recipient, ...]
    errands: Mapping[ErrandKind, Tally] = field(default_factory=dict)

    @property
    def errand_lines(self) -> list[str]:
        """How recalls and amends stand, a line a kind."""
        return errand_lines(self.errands)

    @property
    def replied(self) -> str | None:
        """Who replied, in words; None where nobody did."""
        return replied(self.tally)

    @property
    def steps(self) -> list[str]:
        """What the operator can do next."""
        return next_steps(self.campaign, self.tally)

    def masked(self) -> "ReportData":
        """Give the same without anybody's whole number, wherever one may stand."""
        return replace(
            self,
            campaign=mask_label(self.campaign),
            devices=tuple(
                replace(each, device=DeviceId(mask_label(each.device))) for each in self.devices
            ),
            failures=tuple((mask_numbers(reason), number) for reason, number in self.failures),
            uncertain=tuple(map(_masked, self.uncertain)),
        )

    def with_device_states(self, states: dict[DeviceId, str]) -> "ReportData":
        """Add how each device stands now."""
        lines = (replace(line, state=states.get(line.device, "")) for line in self.devices)
        return replace(self, devices=tuple(lines))


def _masked(recipient: Recipient) -> Recipient:
    device, reason = recipient.device, recipient.reason
    return replace(
        recipient,
        phone=Phone(mask(recipient.phone)),
        device=None if device is None else DeviceId(mask_label(device)),
        reason=None if reason is None else mask_numbers(reason),
    )


def gather(campaign: str, recipients: Iterable[Recipient], *, now: float) -> ReportData:
    """Read every recipient once, keeping only what a report needs."""
    gathering = _Gathering()
    for recipient in recipients:
        gathering.take(recipient)
    width, slots = gathering.timeline()
    minutes = gathering.minutes
    return ReportData(
        campaign=campaign,
        made=now,
        tally=gathering.tally(),
        first=min(minutes, default=None),
        last=max(minutes, default=None),
        slot=width,
        timeline=slots,
        devices=tuple(gathering.device_lines()),
        failures=tuple(gathering.reasons.most_common(MOST_REASONS)),
        uncertain=tuple(gathering.uncertain),
    )


class _Gathering:
    """Counts that grow with minutes, devices and reasons, not with recipients."""

    def __init__(self) -> None:
        self.states: Counter[State] = Counter()
        self.unreadable = 0
        self.replied: Counter[DeviceId | None] = Counter()  # by the device that wrote to them
        self.minutes: dict[float, list[int]] = {}  # minute -> [out, troubled]
        self.devices: dict[DeviceId, Counter[State]] = {}
        self.reasons: Counter[str] = Counter()
        self.uncertain: list[Recipient] = []

    def take(self, recipient: Recipient) -> None:
        self.states[recipient.state] += 1
        self.unreadable += recipient.unreadable
        self.replied[recipient.device] += recipient.replied is not None
        if recipient.device is not None:
            self.devices.setdefault(recipient.device, Counter())[recipient.state] += 1
        if recipient.state is State.FAILED:
            self.reasons[words.one_line(recipient.reason or "no reason given")] += 1
        troubled = recipient.state in (State.FAILED, State.UNCERTAIN)
        if recipient.state is State.UNCERTAIN and len(self.uncertain) < MOST_UNCERTAIN:
            self.uncertain.append(recipient)
        settled = recipient.ended or recipient.claimed
        if settled is not None and (troubled or recipient.state in WENT_OUT):
            minute = settled // 60 * 60
            self.minutes.setdefault(minute, [0, 0])[troubled] += 1

    def tally(self) -> Tally:
        return Tally(self.states, self.unreadable, self.replied.total())

    def timeline(self) -> tuple[int, tuple[Slot, ...]]:
        if not self.minutes:
            return SLOTS[0], ()
        first, last = min(self.minutes), max(self.minutes)
        width = next((slot for slot in SLOTS if (last - first) / slot < MOST_SLOTS), None)
        if width is None:  # months: as many days a slot as it takes
            width = SLOTS[-1] * (1 + int((last - first) / SLOTS[-1] / MOST_SLOTS))
        start = first // width * width
        slots = [[0, 0] for _ in range(int((last - start) // width) + 1)]
        for minute, (out, troubled) in self.minutes.items():
            slot = slots[int((minute - start) // width)]
            slot[0] += out
            slot[1] += troubled
        made = (Slot(start + index * width, *pair) for index, pair in enumerate(slots))
        return width, tuple(made)

    def device_lines(self) -> Iterator[DeviceLine]:
        def weight(item: tuple[DeviceId, Counter[State]]) -> tuple[int, str]:
            return -item[1].total(), item[0]

        for device, states in sorted(self.devices.items(), key=weight):
            yield DeviceLine(
                device=device,
                out=sum(states[state] for state in WENT_OUT),
                delivered=states[State.DELIVERED] + states[State.READ],
                read=states[State.READ],
                failed=states[State.FAILED],
                uncertain=states[State.UNCERTAIN],
                replied=self.replied[device],
            )


def report(data: ReportData, *, zone: tzinfo | None = None, most: int = 12) -> RenderableType:
    """Word a report for a terminal: counts, when, devices, failures, doubt, what to do."""
    parts: list[RenderableType] = [_head(data, zone), _counts(data)]
    if (told := replied(data.tally)) is not None:
        parts.append(Text(told))
    parts += map(Text, data.errand_lines)
    if data.timeline:
        parts.append(_spark(data))
    if data.devices:
        parts.append(_devices(data, most))
    if data.failures:
        parts.append(_failures(data, most))
    if data.uncertain:
        told = ", ".join(mask(each.phone) for each in data.uncertain[:5])
        rest = data.tally[State.UNCERTAIN] - min(5, len(data.uncertain))
        more = f" and {rest:,} more" if rest > 0 else ""
        parts.append(Text.assemble(("Uncertain: ", "bold yellow"), told + more))
    return Group(*parts, *(Text(f"next: {step}") for step in data.steps))


def _head(data: ReportData, zone: tzinfo | None) -> Text:
    head = Text.assemble((data.campaign, "bold"), f": {words.count(data.tally.total, 'recipient')}")
    if data.first is not None and data.last is not None:
        head.append(f", sent {words.day(data.first, zone)} to {words.day(data.last, zone)}")
    return head


def _counts(data: ReportData) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right")
    grid.add_column(justify="right")
    grid.add_column()
    for state, number, meaning in by_state(data.tally):
        share = words.share(number, data.tally.total)
        grid.add_row(Text(f"{number:,}", STYLES[state]), share, meaning)
    return grid


def _spark(data: ReportData) -> Text:
    blocks = "▁▂▃▄▅▆▇█"
    tallest = max(slot.out for slot in data.timeline) or 1
    marks = (
        blocks[min(7, slot.out * 8 // (tallest + 1))] if slot.out else " "
        for slot in data.timeline[:MOST_SLOTS]
    )
    each = words.duration(data.slot)
    return Text.assemble(("".join(marks), "green"), f"  each {each}, at most {tallest:,}")


def _devices(data: ReportData, most: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    table.add_column("device", no_wrap=True)
    for head in ("sent", "delivered", "read", "replied", "failed", "uncertain"):
        table.add_column(head, justify="right")
    for line in data.devices[:most]:
        numbers = (line.out, line.delivered, line.read, line.replied, line.failed, line.uncertain)
        table.add_row(Text(line.device, "bold"), *(f"{number:,}" for number in numbers))
    if len(data.devices) > most:
        table.add_row(Text(f"and {len(data.devices) - most:,} more", "dim"))
    return table


def _failures(data: ReportData, most: int) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right")
    grid.add_column()
    for reason, number in data.failures[:most]:
        grid.add_row(Text(f"{number:,}", "bold red"), f"failed: {reason}")
    return grid
