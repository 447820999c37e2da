"""Messages a second through the whole engine, against the same sends by a host alone."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.bench.figures import Baseline, Figure
from tests.bench.sending import Bare, Linked, bare, enroll, linked, send
from tests.kit.numbers import recipients
from tests.kit.rig import Rig
from tests.soak.fleet import fleet
from waheal.model import Accepted, Phone
from waheal.wire import Answer

_MESSAGES = 600
_DEVICES = 50
_ROUNDS = 2


def throughput(place: Path, scale: float) -> Iterator[Figure]:
    """First contacts and repeats a second, with one host and two; devices connect meanwhile."""
    count = max(40, round(_MESSAGES * scale))
    devices = max(4, round(_DEVICES * scale))
    for hosts in (1, 2):
        with fleet(place / f"hosts-{hosts}", devices) as made:
            yield from _compared(made, hosts, count)


def _compared(made: Rig, hosts: int, count: int) -> Iterator[Figure]:
    engine: list[tuple[float, float]] = []
    alone: list[tuple[float, float]] = []
    for number in range(_ROUNDS):
        engine.append(_through_engine(made, hosts, recipients(count, 2 * number * count)))
        alone.append(_alone(made, hosts, recipients(count, (2 * number + 1) * count)))
    word = "1 host" if hosts == 1 else f"{hosts} hosts"
    yield from (
        Figure(
            f"{what}, {word}",
            median(pair[place] for pair in engine),
            "messages/s",
            Baseline(f"{word} without a ledger", median(pair[place] for pair in alone)),
        )
        for place, what in enumerate(("first contacts", "repeats"))
    )


def _through_engine(made: Rig, hosts: int, phones: Sequence[Phone]) -> tuple[float, float]:
    rates: list[float] = []
    for turn in ("first", "again"):
        name = f"{turn} {phones[0]}"
        enroll(made, name, phones)
        timed = send(made, name, hosts)
        assert timed.sent == len(phones), timed.events[-3:]
        rates.append(timed.rate)
    return rates[0], rates[1]


def _alone(made: Rig, hosts: int, phones: Sequence[Phone]) -> tuple[float, float]:
    devices = linked(made)
    pairs = [(devices[n % len(devices)], phone) for n, phone in enumerate(phones)]

    def rate(turn: str) -> float:
        with ExitStack() as stack:  # new processes each time, as each run of the engine has them
            started = [stack.enter_context(bare(made, number=n)) for n in range(hosts)]
            return len(pairs) / _sent(started, pairs, lambda phone: f"{turn} {phone}")

    return rate("first"), rate("again")


def _sent(
    hosts: Sequence[Bare], pairs: Sequence[tuple[Linked, Phone]], text: Callable[[Phone], str]
) -> float:
    order = {device.label: n for n, device in enumerate(dict.fromkeys(pair[0] for pair in pairs))}
    began = time.monotonic()
    told = [0] * len(hosts)
    for device, phone in pairs:
        number = order[device.label] % len(hosts)
        hosts[number].send(device, phone, text(phone))
        told[number] += 1
    for host, count in zip(hosts, told, strict=True):
        for _ in range(count):
            answer = host.wait(Answer)
            assert isinstance(answer, Answer)
            assert isinstance(answer.outcome, Accepted), answer
    return time.monotonic() - began
