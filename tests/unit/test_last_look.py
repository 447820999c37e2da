"""The last look before a call: revoked, written by the recipient, past its time."""

import time
from collections.abc import Callable

import pytest

from tests.contract.fake import Hang
from tests.kit.host_rig import PATIENCE, PHONE, PICTURE, TOO_LATE, WROTE, Rig, jid_of
from waheal.model import (
    Accepted,
    DeviceId,
    NotSent,
    Outcome,
    Phone,
)
from waheal.wire import (
    Answer,
    InboundText,
    Revoke,
)


def test_a_revoked_phone_is_not_sent_to_though_its_send_is_here_already() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    hang = Hang()
    rig.world.on_send(jid_of("1"), hang)
    rig.send(1)
    assert hang.entered.wait(PATIENCE)
    rig.send(2, phone=Phone("+15555550100"))
    rig.send(3)
    rig.senders.revoke(Revoke(phones=frozenset({Phone("+15555550100")})))
    hang.released.set()
    answers = rig.answers(3)
    assert answers[2].outcome == NotSent("revoked: the recipient opted out, or has it already")
    assert isinstance(answers[3].outcome, Accepted)
    rig.send(4, phone=Phone("+15555550100"))  # claimed after the revocation: opted in again
    assert isinstance(rig.answers(4)[4].outcome, Accepted)


def test_a_revoked_device_sends_no_more_of_what_is_here() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    hang = Hang()
    rig.world.on_send(jid_of("1"), hang)
    rig.send(1)
    assert hang.entered.wait(PATIENCE)
    rig.send(2)
    rig.senders.revoke(Revoke(devices=frozenset({DeviceId("1")})))
    hang.released.set()
    answers = rig.answers(2)
    assert isinstance(answers[1].outcome, Accepted)  # it was inside the library
    assert answers[2].outcome == NotSent("revoked: the device was paused")


def test_what_is_too_late_does_not_leave() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.send(1, not_after=time.time() - 1)
    rig.send(2, not_after=time.time() + 60)
    answers = rig.answers(2)
    assert answers[1].outcome == TOO_LATE
    assert isinstance(answers[2].outcome, Accepted)
    assert len(rig.world.sent) == 1


def test_who_wrote_is_asked_for_again_once() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.send(1)
    rig.answers(1)
    rig.hears("1", PHONE)
    rig.send(2)
    rig.answers(2)
    rig.send(3, heard=1)  # claimed with it heard
    answers = rig.answers(3)
    assert answers[2].outcome == WROTE
    assert isinstance(answers[3].outcome, Accepted)
    kinds = [type(report) for report in rig.reports]
    assert kinds.index(InboundText) < len(kinds) - 2  # ahead of both answers


def test_others_are_not_kept_waiting_by_a_reply() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.send(1)
    rig.answers(1)
    rig.hears("1", PHONE)
    rig.send(2, phone=Phone("+15555550101"))
    assert isinstance(rig.answers(2)[2].outcome, Accepted)


def test_a_reply_to_any_device_of_the_host_holds_what_is_queued() -> None:
    rig = Rig()
    rig.world.link(jid_of("2"))
    rig.send(1, "2", phone=Phone("+15550002222"))
    rig.answers(1)
    hang = rig.hangs(2)
    rig.send(3)
    rig.hears("2", PHONE)
    hang.released.set()
    answers = rig.answers(3)
    assert isinstance(answers[2].outcome, Accepted)
    assert answers[3].outcome == WROTE


def test_a_reply_by_a_lid_alone_holds_everyone_that_it_may_be() -> None:
    rig = Rig()
    hang = rig.hangs(1)
    rig.send(2, phone=Phone("+15555550111"))
    rig.send(3, phone=Phone("+15555550122"))
    rig.send(4, phone=Phone("+15555550133"), lid="4242@lid")
    rig.send(5, phone=Phone("+15555550144"), lid="5@lid")
    rig.hears("1", None, "4242@lid")
    hang.released.set()
    outcomes = [answer.outcome for _delivery, answer in sorted(rig.answers(5).items())]
    assert outcomes[1:4] == [WROTE, WROTE, WROTE]
    assert isinstance(outcomes[4], Accepted)  # somebody else, as is known


@pytest.mark.parametrize(
    ("befalls", "outcome"),
    [
        (lambda rig: rig.hears("1", PHONE), WROTE),
        (lambda rig: rig.hears("1", None), WROTE),
        (
            lambda rig: rig.senders.revoke(Revoke(phones=frozenset({PHONE}))),
            NotSent("revoked: the recipient opted out, or has it already"),
        ),
        (
            lambda rig: rig.senders.revoke(Revoke(devices=frozenset({DeviceId("1")}))),
            NotSent("revoked: the device was paused"),
        ),
    ],
)
def test_what_comes_during_the_upload_keeps_the_message_back(
    befalls: Callable[[Rig], None], outcome: Outcome
) -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.world.on_upload(jid_of("1"), lambda: befalls(rig))
    rig.send(1, media=PICTURE)
    assert rig.answers(1)[1].outcome == outcome
    assert rig.world.sent == []


def test_an_upload_that_takes_too_long_keeps_the_message_back() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    until = time.time() + 0.5

    def upload() -> None:
        while time.time() <= until:
            time.sleep(0.01)  # its time goes by, on the clock

    rig.world.on_upload(jid_of("1"), upload)
    rig.send(1, media=PICTURE, not_after=until)
    assert rig.answers(1)[1].outcome == TOO_LATE
    assert rig.world.sent == []


def test_what_comes_once_the_call_is_entered_comes_too_late() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))

    def everything() -> None:
        rig.hears("1", PHONE)
        rig.senders.revoke(Revoke(phones=frozenset({PHONE})))

    rig.world.on_send(jid_of("1"), everything)
    rig.send(1)
    assert isinstance(rig.answers(1)[1].outcome, Accepted)
    kinds = [type(report) for report in rig.reports]
    assert kinds.index(InboundText) < kinds.index(Answer)  # both are told: nothing is hidden


def test_what_is_revoked_before_its_upload_is_not_uploaded() -> None:
    rig = Rig()
    hang = rig.hangs(1)
    uploads: list[str] = []
    rig.world.on_upload(jid_of("1"), lambda: uploads.append("begun"))
    rig.send(2, media=PICTURE)
    rig.senders.revoke(Revoke(phones=frozenset({PHONE})))
    hang.released.set()
    assert isinstance(rig.answers(2)[2].outcome, NotSent)
    assert uploads == []
