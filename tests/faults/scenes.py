"""Runs that many tests look at: recorded once, by whichever worker comes first, and shared."""

import fcntl
import pickle
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest

from tests.faults.cases import Case
from tests.kit.rig import CAMPAIGN, PATIENCE, Rig, greeting, phones
from waheal.engine.run import Run
from waheal.engine.settings import RunSettings
from waheal.events import Claimed, Event, Settled
from waheal.model import Content, DeviceId, Phone, Planned, State
from waheal.records import Device, Recipient
from waheal.sandbox.control import FaultOrder
from waheal.wire import HostSettings


@dataclass(frozen=True, slots=True)
class Timed:
    """An event and when it was told, in monotonic seconds."""

    at: float
    event: Event


@dataclass(frozen=True, slots=True)
class Played:
    """What a scene came to: the run, the ledger, the phones. `received` counts readable copies."""

    began: float  # Unix seconds
    events: Sequence[Timed]
    rows: Mapping[Phone, Recipient]
    received: Mapping[Phone, int]
    devices: Mapping[DeviceId, Device]


@dataclass(frozen=True, slots=True)
class Part:
    """A case's share of a scene: its device, and its recipients in file order."""

    case: Case
    device: DeviceId
    phones: tuple[Phone, ...]

    @property
    def subject(self) -> Phone:
        """Tell who meets the fault first."""
        return self.phones[self.case.met_by]

    @property
    def struck(self) -> tuple[Phone, ...]:
        """Tell all who meet it."""
        return self.phones[self.case.met_by :] if self.case.onwards else (self.subject,)


def settings(rig: Rig, name: str = CAMPAIGN, call_timeout: float = 90.0) -> RunSettings:
    """Wait long for receipts on a busy machine, and not for a quarantine to end."""
    host = HostSettings(call_timeout=call_timeout)
    return replace(rig.settings(name, host), max_wait=60.0, drain_window=8.0)


def follow(run: Run) -> list[Timed]:
    """Run to the end, noting when each event is told."""
    return [Timed(time.monotonic(), event) for event in run.events()]


def parts(cases: Sequence[Case]) -> list[Part]:
    """Deal out devices and recipients."""
    numbers = iter(phones(sum(case.recipients for case in cases)))
    return [
        Part(case, DeviceId(f"d{n}"), tuple(next(numbers) for _ in range(case.recipients)))
        for n, case in enumerate(cases)
    ]


def play(
    rig: Rig,
    cases: Sequence[Case],
    how: RunSettings,
    content: Callable[[Phone], Content] | None = None,
) -> Played:
    """Let every case happen in one run, each on a device of its own."""
    cast = parts(cases)
    cast_in(rig, cast, content or greeting)
    strike(rig, cast)
    began = rig.clock()
    return look(rig, began, follow(rig.run(how)))


def cast_in(rig: Rig, cast: Sequence[Part], content: Callable[[Phone], Content] = greeting) -> None:
    """Pair each part's device, and enrol its recipients for it alone."""
    rig.pair(len(cast) - len(rig.ledger.devices.all(rig.clock())))
    rows = [(part, phone) for part in cast for phone in part.phones]
    rig.enroll_rows(
        [
            Planned(row, phone, content(phone), pinned=part.device)
            for row, (part, phone) in enumerate(rows, start=2)
        ]
    )


def strike(rig: Rig, cast: Sequence[Part]) -> None:
    """Order each part's faults."""
    for part in cast:
        for fault, phone in product(part.case.faults, part.struck):
            rig.control.faults.order(aimed(fault, rig.jid(part.device), phone))


def look(rig: Rig, began: float, events: Sequence[Timed]) -> Played:
    """Take down how everything stands."""
    campaign = rig.ledger.campaigns.find(CAMPAIGN)
    assert campaign is not None
    return Played(
        began,
        events,
        {row.phone: row for row in rig.ledger.recipients.rows(campaign.id)},
        {phone: len(texts) for phone, texts in rig.texts().items()},
        {device.label: device for device in rig.ledger.devices.all(rig.clock())},
    )


def aimed(fault: FaultOrder, jid: str, phone: Phone) -> FaultOrder:
    """Aim an order at a device, and at its recipient where its kind names one."""
    return replace(fault, device=jid, recipient=phone if fault.kind.names_a_recipient else "")


def seconds_to_heal(played: Played, part: Part) -> float | None:
    """Tell how long after it met the fault the device had a message accepted; None: it had none."""
    before = part.phones[: part.case.met_by]
    met: float | None = None
    for timed in played.events:
        match timed.event:
            case Claimed(phone) if phone == part.subject and met is None:
                met = timed.at
            case Settled(phone, device, state) if device == part.device:
                if phone in before and met is not None:
                    met = max(met, timed.at)  # its turn came only now
                elif state is State.SENT and met is not None:
                    return timed.at - met
            case _:
                pass
    return None


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Played]) -> Played:
    """Make a scene once for all workers of this test run."""
    base = factory.getbasetemp()
    root = base.parent if base.name.startswith("popen-") else base
    kept = root / f"scene-{name}.pickle"
    with (root / f"scene-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make(factory.mktemp(name))))
        played = pickle.loads(kept.read_bytes())  # noqa: S301 - written by a worker of this run
    assert isinstance(played, Played)
    return played


@contextmanager
def killed_after_claiming(rig: Rig, how: RunSettings, phone: Phone) -> Iterator[None]:
    """Leave a run as a killed coordinator does: its claim of `phone` is never settled.

    The hosts live through the body and end with it.
    """
    run = rig.run(how).events()
    assert isinstance(run, Generator)
    with closing(run):
        claimed = (isinstance(event, Claimed) and event.phone == phone for event in run)
        assert any(claimed), f"{phone} was never claimed"
        yield


def until(holds: Callable[[], bool]) -> None:
    """Look until it holds, within the rig's patience."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it does not come to hold"
        time.sleep(0.05)
