"""How soon a lost device's next message is accepted, against the library's own reconnect."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.figures import Baseline, Figure, at_most, ratio_at_most
from tests.bench.measure import share
from tests.bench.sending import Bare, Linked, bare, linked
from tests.kit.numbers import recipients
from tests.kit.rig import Rig
from tests.real.client import Neonize, Paired
from tests.soak.fleet import fleet
from waheal.model import Accepted, Phone
from waheal.sandbox.control import Action
from waheal.wire import Answer, Online

_DROPS = 40
_REBUILDS = 20
_PARTS = (("p50", 0.5), ("p95", 0.95))


@dataclass(slots=True)
class _Found:
    reconnects: list[float] = field(default_factory=list)
    usual: list[float] = field(default_factory=list)
    dropped: list[float] = field(default_factory=list)


def heal(place: Path, scale: float) -> Iterator[Figure]:
    """A dropped device's next message, and a replaced one's, which takes a new client."""
    drops, rebuilds = max(5, round(_DROPS * scale)), max(3, round(_REBUILDS * scale))
    with fleet(place, 1 + rebuilds) as made:
        (place / "library").mkdir()
        trust = made.server.trust
        library = Neonize(
            place / "library",
            {"ca": trust.ca, "proxy": trust.proxy, "noise_root": trust.noise_root},
        )
        try:
            own = Paired(library, made.control, "own")
            with bare(made) as host:
                devices = linked(made)
                yield from _reconnected(_drop(made, host, devices[0], own, drops))
                yield from _rebuilt(made, host, devices[1:])
        finally:
            library.close()


def _drop(made: Rig, host: Bare, device: Linked, own: Paired, times: int) -> _Found:
    found = _Found()
    (phone,) = recipients(1)
    _sent(host, device, phone)
    for _ in range(times):
        found.reconnects.append(_reconnect(made, own))
        found.usual.append(_sent(host, device, phone))
        began = time.monotonic()
        made.control.devices.act(device.jid, Action.DROP)
        _sent(host, device, phone)
        found.dropped.append(time.monotonic() - began)
    return found


def _reconnect(made: Rig, own: Paired) -> float:
    """Drop the library's own client; seconds until it says that it is connected again."""
    began = time.monotonic()
    made.control.devices.act(own.jid, Action.DROP)
    own.wait("Connected")
    return time.monotonic() - began


def _sent(host: Bare, device: Linked, phone: Phone) -> float:
    began = time.monotonic()
    host.send(device, phone, "hello")
    answer = host.wait(Answer)
    assert isinstance(answer, Answer)
    assert isinstance(answer.outcome, Accepted), answer
    return time.monotonic() - began


def _reconnected(found: _Found) -> Iterator[Figure]:
    alone = [sum(pair) for pair in zip(found.reconnects, found.usual, strict=True)]
    for name, part in _PARTS:
        yield Figure(f"a message, {name}", share(found.usual, part))
        yield Figure(
            f"dropped, until the next message is accepted, {name}",
            share(found.dropped, part),
            "s",
            Baseline("the library's own reconnect and a message", share(alone, part)),
            ratio_at_most(1.1),
        )


def _rebuilt(made: Rig, host: Bare, devices: list[Linked]) -> Iterator[Figure]:
    """Replace each device once; its next message takes a new client."""
    phones = recipients(len(devices), 1)
    first, again = list[float](), list[float]()
    for device, phone in zip(devices, phones, strict=True):
        host.connect([device])
        online = host.wait(Online)
        assert isinstance(online, Online)
        first.append(online.seconds)
        _sent(host, device, phone)
        made.control.devices.act(device.jid, Action.REPLACED)
        made.control.devices.wait_disconnected(device.jid)
        again.append(_sent(host, device, phone))
    for name, part in _PARTS:
        yield Figure(
            f"replaced, until the next message is accepted, {name}",
            share(again, part),
            "s",
            Baseline("a first connect", share(first, part)),
            at_most(1.0),
        )
