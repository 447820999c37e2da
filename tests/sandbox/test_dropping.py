"""What WhatsApp accepts and no phone shows: rule by rule, and what becomes of such a message."""

import pytest

from tests.sandbox.worlds import NUMBER, Device, Stage
from waheal.sandbox.dropping import dropped
from waheal.sandbox.effects import Happened
from waheal.sandbox.plaintext import read_plaintext
from waheal.sandbox.protobufs import Message

OPUS = b"OggS\0\x02" + bytes(22) + b"OpusHead\1\1"
VORBIS = b"OggS\0\x02" + bytes(22) + b"\1vorbis"
SECRET = {"messageSecret": bytes(32)}
VCARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nEND:VCARD"


def why(message: Message, file: bytes | None = None) -> str | None:
    return dropped(read_plaintext(message.SerializeToString()), file)


@pytest.mark.parametrize(
    ("message", "file"),
    [
        (Message(conversation="hi"), None),
        (Message(imageMessage={"mimetype": "image/png", "fileLength": 16 << 20}), b"x"),
        (Message(videoMessage={"mimetype": "video/mp4", "caption": "look"}), b"x"),
        (Message(audioMessage={"mimetype": "audio/ogg; codecs=opus"}), OPUS),
        (Message(audioMessage={"mimetype": "audio/ogg"}), VORBIS),
        (Message(audioMessage={"mimetype": "audio/mpeg"}), None),
        (Message(documentMessage={"mimetype": "application/vnd.ms-excel"}), b"x"),
        (
            Message(documentWithCaptionMessage={"message": {
                "documentMessage": {"mimetype": "application/pdf", "caption": "read"}}}),
            b"x",
        ),
        (Message(locationMessage={"degreesLatitude": -90, "degreesLongitude": 180}), None),
        (Message(contactMessage={"displayName": "Ana", "vcard": VCARD}), None),
        (Message(pollCreationMessage={
            "name": "?", "options": [{"optionName": str(n)} for n in range(12)]},
            messageContextInfo=SECRET), None),
    ],
    ids=lambda value: "" if isinstance(value, bytes) or value is None else None,
)  # fmt: skip
def test_what_phones_show_is_delivered(message: Message, file: bytes | None) -> None:
    assert why(message, file) is None


@pytest.mark.parametrize(
    ("message", "file", "told"),
    [
        (Message(imageMessage={"mimetype": ""}), None, "no media type"),
        (Message(imageMessage={"mimetype": "PNG"}), None, "no media type"),
        (Message(imageMessage={"mimetype": "application/pdf"}), None, "is no image"),
        (Message(videoMessage={"mimetype": "image/png"}), None, "is no video"),
        (Message(audioMessage={"mimetype": "audio/ogg"}), OPUS, "Opus as audio/ogg"),
        (Message(audioMessage={"mimetype": "audio/ogg; codecs=vorbis"}), OPUS, "Opus as"),
        (Message(documentMessage={"mimetype": "audio/ogg"}), OPUS, "Opus as"),
        (
            Message(imageMessage={"mimetype": "image/png", "fileLength": (16 << 20) + 1}),
            None,
            "too much for image",
        ),
        (
            Message(documentMessage={"mimetype": "a/b", "fileLength": (100 << 20) + 1}),
            None,
            "too much for document",
        ),
        (
            Message(documentMessage={"mimetype": "application/pdf", "caption": "read"}),
            None,
            "outside of documentWithCaptionMessage",
        ),
        (Message(locationMessage={"degreesLatitude": 90.5}), None, "nowhere on earth"),
        (Message(locationMessage={"degreesLongitude": -181}), None, "nowhere on earth"),
        (Message(locationMessage={"degreesLatitude": float("nan")}), None, "no number"),
        (Message(contactMessage={"displayName": "Ana"}), None, "without a vCard"),
        (
            Message(contactMessage={"vcard": "BEGIN:VCARD\nEND:VCARD"}),
            None,
            "without a name",
        ),
        *(
            (
                Message(pollCreationMessage={
                    "name": "?", "options": [{"optionName": each} for each in options]},
                    messageContextInfo=SECRET),
                None,
                told,
            )
            for options, told in (
                ([], "0 options"), (["a"], "1 options"), (list("abcdefghijklm"), "13 options"),
                (["a", "a"], "told apart"), (["a", ""], "told apart"),
            )
        ),
        (
            Message(pollCreationMessage={
                "name": "?", "options": [{"optionName": "a"}, {"optionName": "b"}]}),
            None,
            "without a secret",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_no_phone_shows_is_told(message: Message, file: bytes | None, told: str) -> None:
    assert told in (why(message, file) or "")


def test_it_is_acknowledged_and_gone_without_a_receipt(stage: Stage, device: Device) -> None:
    lost = Message(locationMessage={"degreesLatitude": 91.0, "degreesLongitude": 1.0})
    letter = device.letter(lost.SerializeToString(), message_id="A1")
    (ack,) = device.send(letter)
    assert (ack.tag, ack.attr("id"), ack.attr("error")) == ("ack", "A1", "")
    (told,) = (
        each for each in stage.effects if isinstance(each, Happened) and each.event == "dropped"
    )
    assert told.fields["why"] == "91.0, 1.0 is nowhere on earth"
    (entry,) = stage.world.inbox.entries(f"+{NUMBER}")
    assert (entry.delivered, entry.dropped) == (0, "91.0, 1.0 is nowhere on earth")
    assert [each.tag for each in device.send(letter)] == ["ack"]


def test_what_it_shows_beside_the_text_is_remembered(stage: Stage, device: Device) -> None:
    place = Message(locationMessage={"degreesLatitude": 1.5, "degreesLongitude": 0, "name": "Pier"})
    device.send(device.letter(place.SerializeToString()))
    device.send(device.letter("hello"))
    shown, text = stage.world.inbox.entries(f"+{NUMBER}")
    assert shown.particulars == (
        '{"degreesLatitude": 1.5, "degreesLongitude": 0.0, "message": "locationMessage",'
        ' "name": "Pier"}'
    )
    assert text.particulars is None
