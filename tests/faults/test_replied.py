"""Replies through the sandbox: of every kind, with a number and without, over runs."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.rig import Rig, phones, rig
from waheal.correspondents import Reply
from waheal.events import Event, Replied, Settled
from waheal.model import Content, DeviceId, Phone, Planned, ReplyKind
from waheal.sandbox.control import FaultKind, FaultOrder
from waheal.sandbox.protobufs import Message

pytestmark = pytest.mark.real

ANNA, BERT, CARL = phones(3)


def send(made: Rig, name: str, *people: Phone) -> list[Event]:
    made.enroll_rows(
        [Planned(row, each, Content(name)) for row, each in enumerate(people, 2)], name
    )
    return made.send(replace(made.settings(name), keep_replies=True))


def kept(made: Rig) -> list[Reply]:
    return made.ledger.replies.page(None, 0)


def test_replies_that_waited_count_for_what_was_written_before(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        send(made, "first", ANNA, BERT)
        made.control.phones.reply(ANNA, made.jid("d0"), "yes")
        made.control.phones.reply(BERT, made.jid("d0"), "no", by_lid=True)
        events = send(made, "second", ANNA, CARL)
        assert not any(isinstance(event, Replied) for event in events)  # not to this campaign
        assert {(each.phone, each.campaign, each.text) for each in kept(made)} == {
            (ANNA, "first", "yes"),
            (BERT, "first", "no"),
        }
        assert (made.tally("first").replied, made.tally("second").replied) == (2, 0)


def test_one_in_mid_run_is_told_at_once(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        slow = FaultOrder(FaultKind.SLOW_ACK, device=made.jid("d0"), recipient=BERT, seconds=6.0)
        made.control.faults.order(slow)
        made.enroll_rows([Planned(2, ANNA, Content("hi")), Planned(3, BERT, Content("hi"))])
        running = made.start()
        running.wait_for(lambda event: isinstance(event, Settled) and event.phone == ANNA)
        made.control.phones.reply(ANNA, made.jid("d0"), "at once")
        running.wait_for(lambda event: event == Replied(ANNA, DeviceId("d0"), ReplyKind.TEXT))
        running.finish()
        assert [(each.phone, each.text) for each in kept(made)] == [(ANNA, None)]


def test_an_unknown_lid_counts_after_the_first_message_to_its_number_over_runs(
    tmp_path: Path,
) -> None:
    with rig(tmp_path, devices=2) as made:
        made.control.phones.reply(ANNA, made.jid("d0"), "who is it?", by_lid=True)
        send(made, "before", CARL)
        if not made.ledger.replies.waiting():  # it was the other device that sent
            send(made, "besides", *phones(8)[3:])
        assert (made.ledger.replies.waiting(), kept(made)) == (1, [])
        events = send(made, "first", ANNA, BERT)
        assert [event.phone for event in events if isinstance(event, Replied)] == [ANNA]
        (reply,) = kept(made)
        assert (reply.phone, reply.campaign, reply.text) == (ANNA, "first", "who is it?")
        assert made.ledger.replies.waiting() == 0


def test_what_comes_without_words_counts_and_the_protocols_own_does_not(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        send(made, "first", ANNA)
        send(made, "second", ANNA)
        first, _ = [each for each in made.control.phones.received() if each.phone == ANNA]
        react = Message()
        react.reactionMessage.key.ID = first.message_id
        react.reactionMessage.text = "\N{THUMBS UP SIGN}"
        picture, voice, gone = Message(), Message(), Message()
        picture.imageMessage.caption = "look"
        voice.audioMessage.PTT = True
        gone.protocolMessage.type = gone.protocolMessage.REVOKE
        gone.protocolMessage.key.ID = "X"
        quoting = Message()
        quoting.extendedTextMessage.text = "that one"
        quoting.extendedTextMessage.contextInfo.stanzaID = first.message_id
        for message in (gone, react, picture, voice, quoting):
            sent = message.SerializeToString()
            made.control.phones.reply(ANNA, made.jid("d0"), "", message=sent)
        send(made, "third", BERT)
        assert [(each.campaign, each.kind, each.text) for each in kept(made)] == [
            ("first", ReplyKind.REACTION, "\N{THUMBS UP SIGN}"),
            ("second", ReplyKind.IMAGE, "look"),
            ("second", ReplyKind.AUDIO, None),
            ("first", ReplyKind.TEXT, "that one"),
        ]


def test_a_corrected_text_is_the_same_reply_and_may_opt_out(tmp_path: Path) -> None:
    with rig(tmp_path, devices=1) as made:
        send(made, "first", ANNA)
        corrected = Message()
        made.control.phones.reply(ANNA, made.jid("d0"), "helo")
        send(made, "second", BERT)
        (reply,) = kept(made)
        corrected.protocolMessage.type = corrected.protocolMessage.MESSAGE_EDIT
        corrected.protocolMessage.key.ID = made.ledger.replies._db.all(
            "SELECT message_id FROM replies"
        )[0][0]
        corrected.protocolMessage.editedMessage.conversation = "stop"
        made.control.phones.reply(ANNA, made.jid("d0"), "", message=corrected.SerializeToString())
        send(made, "third", CARL)
        assert kept(made) == [reply]
        assert made.ledger.people.is_suppressed(ANNA)
