"""What it costs to overhear an account: a message's processor, with the library's debug log."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.figures import Baseline, Figure
from tests.bench.measure import processor_of
from tests.bench.sending import Bare, Linked, bare, linked
from tests.kit.numbers import recipients
from tests.kit.rig import Rig
from tests.soak.fleet import fleet
from waheal.model import Phone
from waheal.wire import Answer, Connect, Online

_MESSAGES = 400
_DEVICES = 8


def overhear(place: Path, scale: float) -> Iterator[Figure]:
    """Processor of a message through a client that is overheard, against one that is not."""
    count = max(16, round(_MESSAGES * scale))
    with fleet(place, _DEVICES) as made:
        plain = _measured(made, recipients(count, 0), overheard=False)
        told = _measured(made, recipients(count, count), overheard=True)
    for what, value, base in zip(("first contact", "repeat"), told, plain, strict=True):
        yield Figure(
            f"{what}, overheard",
            1000 * value,
            "ms of processor",
            Baseline("not overheard", 1000 * base),
        )


def _measured(made: Rig, phones: Sequence[Phone], *, overheard: bool) -> tuple[float, float]:
    """Tell the seconds of processor that a first message and a second one take."""
    devices = linked(made)
    with bare(made) as host:
        for each in devices:
            host.tell(Connect(each.label, each.jid, overhear=overheard))
        for _ in devices:
            host.wait(Online)
        return _sent(host, devices, phones, "first"), _sent(host, devices, phones, "again")


def _sent(host: Bare, devices: Sequence[Linked], phones: Sequence[Phone], text: str) -> float:
    before = processor_of(host.host.pid)
    for number, phone in enumerate(phones):
        host.send(devices[number % len(devices)], phone, f"{text} {phone}")
    for _ in phones:
        host.wait(Answer)
    return (processor_of(host.host.pid) - before) / len(phones)
