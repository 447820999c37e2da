"""What a phone makes of messages that take earlier ones back, or edit them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.worlds import NUMBER, Device, Stage
from waheal.sandbox.effects import Happened
from waheal.sandbox.inbox import EDIT_WINDOW, REVOKE_WINDOW, InboxEntry
from waheal.sandbox.protobufs import Message


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


@pytest.fixture
def device(stage: Stage) -> Device:
    return Device(stage)


def revoke(message_id: str, *, from_me: bool = True) -> bytes:
    message = Message()
    message.protocolMessage.key.ID = message_id
    message.protocolMessage.key.fromMe = from_me
    message.protocolMessage.type = message.protocolMessage.REVOKE
    return bytes(message.SerializeToString())


def edit(message_id: str, text: str, *, wrapped: bool = True) -> bytes:
    inner = Message()
    inner.protocolMessage.key.ID = message_id
    inner.protocolMessage.key.fromMe = True
    inner.protocolMessage.type = inner.protocolMessage.MESSAGE_EDIT
    inner.protocolMessage.editedMessage.conversation = text
    outer = Message()
    outer.editedMessage.message.CopyFrom(inner)
    return bytes((outer if wrapped else inner).SerializeToString())


def edit_caption(message_id: str, field: str, caption: str, *, wrapped: bool = False) -> bytes:
    message = Message()
    protocol = message.protocolMessage
    protocol.key.ID = message_id
    protocol.key.fromMe = True
    protocol.type = protocol.MESSAGE_EDIT
    new = protocol.editedMessage
    inner = new.documentWithCaptionMessage.message if wrapped else new
    getattr(inner, field).caption = caption
    return bytes(message.SerializeToString())


def captioned(field: str, mime: str) -> bytes:
    message = Message()
    inner = message.documentWithCaptionMessage.message if field == "documentMessage" else message
    getattr(inner, field).caption = "old"
    getattr(inner, field).mimetype = mime
    return bytes(message.SerializeToString())


def shown(device: Device) -> InboxEntry:
    (entry,) = device.stage.world.inbox.entries()
    return entry


def said(stage: Stage) -> list[str]:
    """Tell why something was dropped, as the log of the last stanza says it."""
    happened = [each for each in stage.effects if isinstance(each, Happened)]
    return [str(each.fields["why"]) for each in happened if each.event == "dropped"]


def change(device: Device, message: bytes, message_id: str | None = None) -> list[str]:
    told = device.send(device.letter(message, message_id=message_id))
    return [node.tag for node in told]


def test_a_revoked_message_is_gone_and_its_revoke_is_no_message(device: Device) -> None:
    device.send(device.letter("hello", message_id="A"))
    assert change(device, revoke("A")) == ["ack", "receipt"]
    assert (shown(device).message_id, shown(device).text, shown(device).revoked) == ("A", None, 1)
    assert device.stage.world.inbox.delivered == 1


def test_each_revoke_of_a_message_is_counted_but_no_stanza_twice(device: Device) -> None:
    device.send(device.letter("hello", message_id="A"))
    letter = device.letter(revoke("A"), message_id="R")
    device.send(letter)
    device.send(letter)
    assert shown(device).revoked == 1
    change(device, revoke("A"))
    assert shown(device).revoked == 2


@pytest.mark.parametrize("wrapped", [True, False])
def test_an_edited_message_has_the_new_text(device: Device, wrapped: bool) -> None:
    device.send(device.letter("helo", message_id="A"))
    change(device, edit("A", "hello", wrapped=wrapped))
    assert said(device.stage) == []
    assert (shown(device).text, shown(device).edited) == ("hello", 1)


FILES = {
    "imageMessage": "image/png", "videoMessage": "video/mp4", "documentMessage": "application/pdf",
}  # fmt: skip


@pytest.mark.parametrize("field", FILES)
@pytest.mark.parametrize("wrapped", [True, False])
def test_a_caption_is_edited_by_one_of_the_same_kind_of_file(
    device: Device, field: str, wrapped: bool
) -> None:
    device.send(device.letter(captioned(field, FILES[field]), message_id="A"))
    change(device, edit_caption("A", field, "new", wrapped=wrapped))
    assert (shown(device).text, shown(device).edited) == ("new", 1)
    assert shown(device).field == field


@pytest.mark.parametrize("field", FILES)
def test_words_by_themselves_take_a_caption_away(device: Device, field: str) -> None:
    device.send(device.letter(captioned(field, FILES[field]), message_id="A"))
    change(device, edit("A", "new"))
    assert (shown(device).text, shown(device).edited) == (None, 1)


@pytest.mark.parametrize(
    ("first", "field", "caption"),
    [
        (captioned("imageMessage", "image/png"), "videoMessage", "new"),
        (captioned("imageMessage", "image/png"), "imageMessage", ""),
        ("words", "imageMessage", "new"),
    ],
    ids=["another kind of file", "an empty one", "no file at all"],
)
def test_what_is_no_caption_of_it_changes_nothing(
    device: Device, first: str | bytes, field: str, caption: str
) -> None:
    device.send(device.letter(first, message_id="A"))
    before = shown(device)
    change(device, edit_caption("A", field, caption))
    assert shown(device) == before


def test_what_is_gone_is_not_edited(device: Device) -> None:
    device.send(device.letter("hello", message_id="A"))
    change(device, revoke("A"))
    change(device, edit("A", "back"))
    assert (shown(device).text, shown(device).edited) == (None, 0)


def test_another_device_of_the_number_may_and_another_number_may_not(
    stage: Stage, device: Device
) -> None:
    device.send(device.letter("hello", message_id="A"))
    change(Device(stage, "14255550151"), revoke("A"))
    assert shown(device).revoked == 0
    change(Device(stage, device.number), revoke("A"))
    assert shown(device).revoked == 1


def test_a_phone_leaves_what_is_too_old_alone_and_nobody_is_told(
    stage: Stage, device: Device
) -> None:
    device.send(device.letter("hello", message_id="A"))
    stage.clock.now += EDIT_WINDOW + 1
    assert change(device, edit("A", "late")) == ["ack", "receipt"]
    assert said(stage)[0].startswith("its edit changes nothing: too late")
    stage.clock.now += REVOKE_WINDOW - EDIT_WINDOW
    assert change(device, revoke("A")) == ["ack", "receipt"]
    assert said(stage)[0].startswith("its revoke changes nothing")
    assert (shown(device).text, shown(device).edited, shown(device).revoked) == ("hello", 0, 0)


def test_somebody_elses_message_is_not_taken_back(device: Device) -> None:
    device.send(device.letter("hello", message_id="A"))
    change(device, revoke("A", from_me=False))
    (entry,) = device.stage.world.inbox.of_message(f"+{NUMBER}", "A")
    assert (entry.text, entry.revoked) == ("hello", 0)


def test_changes_outlive_the_server_and_watchers_are_told(stage: Stage, device: Device) -> None:
    device.send(device.letter("helo", message_id="A"))
    change(device, edit("A", "hello"))
    told = [each.event for each in stage.effects if isinstance(each, Happened)]
    assert told == ["arrived", "edited"]
    change(device, revoke("A"))
    told = [each.event for each in stage.effects if isinstance(each, Happened)]
    assert told == ["arrived", "revoked"]
    stage.reopen()
    (entry,) = stage.world.inbox.entries(f"+{NUMBER}")
    assert (entry.edited, entry.revoked, entry.text) == (1, 1, None)
