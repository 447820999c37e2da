"""Campaign after campaign while everything fails at random; at the end the phones are asked."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.kit.rig import Rig, phones
from tests.soak.fleet import Figures, fleet, follow, hosts, mischief
from waheal.engine.collect import Collect
from waheal.engine.settings import RunSettings
from waheal.errors import OwnFault
from waheal.model import Content, Phone, Planned, State
from waheal.policy.optout import Words
from waheal.sandbox.control import Action, Control, FaultKind, FaultOrder
from waheal.wire import HostSettings

DEVICES = 20
_WAVE = 400  # recipients of a campaign
_EVERY = 0.3  # seconds between faults
_CALL = 8.0  # seconds until a call is cut loose: the library would take 75
_LISTEN = 8.0  # seconds for the last receipts
_GONE = 1.0  # seconds for which the server is away
_LOGIN_LATER = 503
_REACH_OUT = 463

_ACTIONS = (Action.DROP, Action.DROP, Action.REPLACED, Action.STREAM_ERROR)
_ORDERS = (
    FaultOrder(FaultKind.DROP_BEFORE),
    FaultOrder(FaultKind.DROP_AFTER),
    FaultOrder(FaultKind.STREAM_ERROR, code=515),
    FaultOrder(FaultKind.STREAM_ERROR, code=503, delivered=True),
    FaultOrder(FaultKind.NO_ACK, delivered=True),
    FaultOrder(FaultKind.NO_ACK),
    FaultOrder(FaultKind.NO_ACK_AFTER_RECONNECT),
    FaultOrder(FaultKind.SLOW_ACK, seconds=2.0),
    FaultOrder(FaultKind.PREKEYS_REFUSED),
    FaultOrder(FaultKind.DEVICES_REFUSED),
    FaultOrder(FaultKind.LOOKUP_REFUSED),
    FaultOrder(FaultKind.RECEIPT_TYPE, receipt="unheard-of"),
    FaultOrder(FaultKind.LOGIN_FAILURE, code=_LOGIN_LATER),
    FaultOrder(FaultKind.LOGIN_FAILURE, code=402, expire=5),
    FaultOrder(FaultKind.ACK_ERROR, code=479),
)
_RARE = 0.02  # chance that the server goes away, or a host is killed, instead


@dataclass
class Soak:
    """What a soak did and found."""

    figures: Figures = field(default_factory=Figures)
    faults: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    ended_early: list[str] = field(default_factory=list)  # runs that hosts' deaths stopped
    shown: int = 0
    doubled: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        yield f"faults: {dict(self.faults.most_common())}"
        yield f"runs: {self.figures.line()}"
        yield f"in the end: {dict(self.states)}; shown on phones: {self.shown}"
        yield f"runs that were stopped: {self.ended_early}"
        yield f"doubled: {len(self.doubled)} {self.doubled[:5]}"
        yield f"missing: {len(self.missing)} {self.missing[:5]}"


def soak(root: Path, seconds: float, seed: int) -> Soak:
    """Send and break things for so long, then run every campaign to its end, and compare."""
    random = Random(seed)  # noqa: S311 - to be repeated
    done = Soak()
    with fleet(root, DEVICES) as made:
        names = _break_for(made, seconds, random, done)
        made.control.faults.clear()
        for name in names:
            _finish(made, name, done)
        _listen(made)
        for name in names:
            _compare(made, name, done)
    return done


def _break_for(made: Rig, seconds: float, random: Random, done: Soak) -> list[str]:
    until, names = time.monotonic() + seconds, list[str]()
    with mischief(made.control, random, _EVERY, _break) as counted:
        while time.monotonic() < until:
            name = f"wave-{len(names)}"
            names.append(name)
            made.enroll_rows(_rows(name), name)
            _run(made, name, done, longest=max(5.0, until - time.monotonic()))
    done.faults = counted
    return names


def _break(control: Control, random: Random, device: str) -> str:
    if random.random() < _RARE:
        living = hosts()
        if living and random.random() < 0.5:
            living[0].kill()
            return "host killed"
        control.faults.order(FaultOrder(FaultKind.SERVER_GONE, seconds=_GONE))
        return "server gone"
    if random.random() < 0.5:
        action = random.choice(_ACTIONS)
        control.devices.act(device, action)
        return action.value
    order = random.choice(_ORDERS)
    control.faults.order(order)
    return f"{order.kind.value}{f' {order.code}' if order.code else ''}"


def _rows(name: str) -> list[Planned]:
    return [
        Planned(row, phone, Content(_text(name, phone)))
        for row, phone in enumerate(phones(_WAVE), 2)
    ]


def _text(name: str, phone: Phone) -> str:
    return f"{name} to {phone}"


def _settings(made: Rig, name: str, longest: float | None) -> RunSettings:
    host = HostSettings(made.server.trust, call_timeout=_CALL)
    return RunSettings(
        name, host=host, hosts=2, refreshes=200, max_runtime=longest, max_wait=20.0, max_tries=10
    )


def _run(made: Rig, name: str, done: Soak, *, longest: float | None) -> None:
    try:
        follow(made.send_events(_settings(made, name, longest)), done.figures, every=100)
    except OwnFault as stopped:  # hosts died over and over: an ordinary end, too
        done.ended_early.append(stopped.message)


def _finish(made: Rig, name: str, done: Soak) -> None:
    for _ in range(20):
        if not made.tally(name)[State.PENDING]:
            return
        _run(made, name, done, longest=None)


def _listen(made: Rig) -> None:
    """Collect the receipts that wait for their device."""
    collect = Collect(
        made.home, made.lock, made.ledger, HostSettings(trust=made.server.trust), words=Words()
    )
    for _event in collect.events(made.ledger.devices.all(made.clock()), _LISTEN):
        continue


def _story(made: Rig, name: str, phone: Phone) -> str:
    """Tell every attempt at a recipient, and every message that the phone has."""
    asked = """
    SELECT a.attempt, a.device, a.outcome, a.reason, a.verdict, a.message_id, a.host_log, a.ended
      FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
      JOIN campaigns c ON c.id = d.campaign_id WHERE c.name = ? AND d.phone = ? ORDER BY a.attempt
    """
    uri = f"{made.home.ledger_path.as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as ledger:
        attempts = ledger.execute(asked, (name, phone)).fetchall()
    wanted = _text(name, phone)
    received = [each for each in made.control.phones.received(phone) if each.text == wanted]
    return f"{attempts} {received}"


def _compare(made: Rig, name: str, done: Soak) -> None:
    texts = made.texts()
    for phone, state in made.states(name).items():
        count = texts.get(phone, []).count(_text(name, phone))
        done.states[state.value] += 1
        done.shown += count
        who = f"{name} {phone} {state}"
        if count > 1:
            done.doubled.append(f"{who}: {_story(made, name, phone)}")
        if count == 0 and state not in {State.UNCERTAIN, State.FAILED}:
            done.missing.append(who)
        if count == 1 and state in {State.PENDING, State.FAILED}:
            done.doubled.append(f"{who}: the phone has it")
