"""Devices are dropped and replaced all the time, and every message arrives, once."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.kit.rig import Rig
from tests.soak.fleet import Figures, fleet, follow, mischief
from waheal.engine.collect import Collect
from waheal.model import Phone, State
from waheal.policy.optout import Words
from waheal.records import Leftover, Resolution
from waheal.sandbox.control import Action, Control
from waheal.wire import HostSettings

pytestmark = pytest.mark.real

_LISTEN = 3.0  # seconds for the receipts that wait for their device
_ROUNDS = 10  # at most: on a busy machine they take their time
_STRUCK = 4  # times a device, on average: one that is replaced as often is held for minutes
_CAMPAIGNS = 3  # each has a text for everybody


def _drop_or_replace(control: Control, random: Random, device: str) -> str:
    action = random.choice((Action.DROP, Action.REPLACED))
    control.devices.act(device, action)
    return action.value


def _storm(root: Path, devices: int, messages: int, every: float) -> None:
    with fleet(root, devices) as made:
        made.enroll(messages, "warm")  # first contacts cost more than what is compared
        follow(made.send_events(made.settings("warm")))
        made.enroll(messages, "calm")
        calm = follow(made.send_events(made.settings("calm")))
        made.enroll(messages, "storm")
        random = Random(3)  # noqa: S311 - to be repeated
        most = _STRUCK * devices
        with mischief(made.control, random, every, _drop_or_replace, most) as done:
            storm = follow(made.send_events(made.settings("storm")))
        doubt = _to_the_end(made)
        _tell(calm, storm, messages, str(dict(done)), len(doubt))
        shown = {phone: len(texts) for phone, texts in made.texts().items()}
        # Each campaign's text is the same: one of each is three. A connection that was replaced
        # takes the message on it along; whoever got theirs was settled by the receipt.
        assert {phone for phone, count in shown.items() if count == 2} == doubt
        _resend(made)
        assert {len(texts) for texts in made.texts().values()} == {_CAMPAIGNS}
        assert len(made.texts()) == messages
        assert done.total()


def _to_the_end(made: Rig) -> set[Phone]:
    """Run until nothing is pending; who stays in doubt."""
    while made.tally("storm")[State.PENDING]:
        follow(made.send_events(made.settings("storm")))
    doubt = set[Phone]()
    for _ in range(_ROUNDS):
        collect = Collect(
            made.home, made.lock, made.ledger, HostSettings(trust=made.server.trust), words=Words()
        )
        for _event in collect.events(made.ledger.devices.all(made.clock()), _LISTEN):
            continue
        states = made.states("storm")
        assert set(states.values()) <= {State.SENT, State.DELIVERED, State.UNCERTAIN}
        doubt = {phone for phone, state in states.items() if state is State.UNCERTAIN}
        texts = made.texts()
        if all(len(texts[phone]) < _CAMPAIGNS for phone in doubt):
            break  # else a receipt is still on its way
    return doubt


def _resend(made: Rig) -> None:
    """Do what an operator does about those who stay in doubt."""
    campaign = made.ledger.campaigns.find("storm")
    assert campaign is not None
    made.ledger.leftovers.resolve(
        campaign.id, which=Leftover.UNCERTAIN, how=Resolution.RESEND, now=time.time()
    )
    follow(made.send_events(made.settings("storm")))


def _tell(calm: Figures, storm: Figures, messages: int, done: str, doubt: int) -> None:
    for line in _lines(calm, storm, messages, done, doubt):
        sys.stdout.write(f"{line}\n")


def _lines(calm: Figures, storm: Figures, messages: int, done: str, doubt: int) -> Iterator[str]:
    yield f"without faults: {calm.line()}"
    yield f"{done}: {storm.line()}"
    ratio = calm.seconds / storm.seconds
    yield f"throughput with faults / without: {ratio:.2f}; of {messages} in doubt: {doubt}"


def test_all_arrive_once_while_devices_come_and_go(tmp_path: Path) -> None:
    _storm(tmp_path, devices=10, messages=200, every=0.1)


@pytest.mark.soak
def test_1000_messages_over_50_devices(tmp_path: Path) -> None:
    _storm(tmp_path, devices=50, messages=1000, every=0.2)
