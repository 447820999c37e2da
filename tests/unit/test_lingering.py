"""Lingering: a turn gathers what may wait, and nothing that somebody waits for."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.kit.ledgers import NOW, jid_of
from tests.kit.stage import ONE, TWO, Stage, phone, stage
from waheal.engine.claims import Won
from waheal.engine.fleet import Fleet
from waheal.engine.flights import Flights
from waheal.engine.hosts import Asked, Message
from waheal.engine.lingering import Lingering
from waheal.engine.scheduler import Member
from waheal.model import Accepted, Content, DeviceId, ReceiptKind
from waheal.policy.pacing import Limits
from waheal.records import Claim
from waheal.wire import Answer, InboundText, ReceiptSeen


class Scene:
    """A host that can send two at once, and says what it is told to, a hundredth apart."""

    def __init__(self, made: Stage) -> None:
        made.acts = lambda _host, _command: None
        self.made = made
        link = made.link()
        fleet = Fleet(link, 1, made.time.monotonic)
        fleet.start()
        self.host = made.hosts[0]
        self.flights = Flights(fleet, made.time.monotonic)
        self.lingering = Lingering(link, self.flights, 2, made.time.monotonic)
        self.members = {
            device: Member(device, jid_of(device), 0, Limits().pace(()), 0, own=True)
            for device in (ONE, TWO)
        }

    def dispatch(self, *devices: DeviceId) -> None:
        for device in devices:
            number, member = len(self.flights), self.members[device]
            claim = Claim(number, 1, device, "", phone(number), Content("hello"), b"w", None)
            self.flights.dispatch(Won(claim, member, 0, None), NOW)
            member.in_flight += 1

    def comes(self, *messages: Message | Answer | ReceiptSeen | InboundText) -> None:
        """Arrange for these, each a hundredth of a second after the one before."""
        for number, each in enumerate(messages):
            self.made.time.after(0.01 * number, partial(self._say, each))

    def _say(self, message: Message | Answer | ReceiptSeen | InboundText) -> None:
        if isinstance(message, Answer | ReceiptSeen | InboundText):
            self.host.says(message)
        else:
            self.lingering._link.put(message)

    def hears(self) -> int:
        return len(self.lingering.hear(0.5, self.made.time.time))


def answer(delivery: int, device: DeviceId) -> Answer:
    return Answer(delivery, 1, device, Accepted("ID"))


RECEIPT = ReceiptSeen(ONE, ("ID",), ReceiptKind.DELIVERED)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with stage(tmp_path) as made:
        yield Scene(made)


def test_answers_are_gathered_while_each_device_has_another_claim(scene: Scene) -> None:
    scene.dispatch(ONE, ONE, TWO, TWO)
    scene.comes(answer(0, ONE), answer(2, TWO), RECEIPT)
    assert scene.hears() == 3


def test_a_device_that_is_left_with_nothing_is_not_kept_waiting(scene: Scene) -> None:
    scene.dispatch(ONE, ONE, TWO)
    scene.comes(answer(2, TWO), answer(0, ONE))
    assert scene.hears() == 1


def test_nor_is_it_once_all_that_it_had_is_answered(scene: Scene) -> None:
    scene.dispatch(ONE, ONE, TWO, TWO)
    scene.comes(answer(0, ONE), answer(1, ONE), answer(2, TWO))
    assert scene.hears() == 2


def test_a_device_that_rests_waits_for_no_turn(scene: Scene) -> None:
    scene.dispatch(ONE, ONE, TWO)
    scene.members[TWO].rest_until = NOW + 10
    scene.comes(answer(2, TWO), answer(0, ONE))
    assert scene.hears() == 2


def test_nor_does_one_whose_host_is_busy_with_others(scene: Scene) -> None:
    scene.dispatch(TWO, ONE, ONE, ONE, ONE)
    scene.comes(answer(0, TWO), RECEIPT)
    assert scene.hears() == 2


def test_the_last_answer_is_heard_at_once(scene: Scene) -> None:
    scene.dispatch(ONE)
    scene.members[ONE].rest_until = NOW + 10
    scene.comes(answer(0, ONE), RECEIPT)
    assert scene.hears() == 1


def test_a_text_and_the_operators_word_wait_for_nobody(scene: Scene) -> None:
    scene.dispatch(ONE, ONE)
    scene.comes(InboundText(ONE, "1@lid", None, "STOP", NOW), RECEIPT)
    assert scene.hears() == 1
    scene.comes(RECEIPT, Asked("interrupted"), RECEIPT)
    assert scene.hears() == 1 + 2  # the receipt above, and what came until it was asked


def test_nothing_is_gathered_for_long(scene: Scene) -> None:
    scene.dispatch(*[ONE] * 60)
    scene.comes(*(answer(number, ONE) for number in range(50)))
    began = scene.made.time.monotonic()
    assert 2 <= scene.hears() <= 4
    assert scene.made.time.monotonic() - began < 0.04
