"""Each kind of message through the real library to a sandbox's phone: it shows what was meant."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.host_process import Home
from tests.kit.sends import make_send
from waheal.model import (
    OPUS,
    Accepted,
    Body,
    Card,
    Content,
    Errand,
    ErrandKind,
    LinkPreview,
    Location,
    Media,
    MediaKind,
    MessageKind,
    Phone,
    Poll,
    ReplyKind,
)
from waheal.policy.ballots import open_ballot
from waheal.wire import InboundText

pytestmark = [pytest.mark.real, pytest.mark.once]


def arrived(home: Home, content: Content) -> dict[str, object]:
    """Send one message; what the phone shows of it, once the message came with its witness."""
    jid = home.pair("a")["a"]
    host = home.sender()
    host.tell(make_send(1, "a", jid, content=content))
    assert isinstance(host.outcome(1), Accepted)
    (received,) = home.control.phones.wait_received(1)
    assert (received.dropped, received.problem) == (None, None)
    assert received.message_secret == (1).to_bytes(32).hex()
    assert (received.text or "") == content.text
    shown = json.loads(received.particulars or "{}")
    assert isinstance(shown, dict)
    return shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            Location(-33.8568, 151.2153, "Opera House", "Bennelong Point, Sydney"),
            {
                "message": "locationMessage", "degreesLatitude": -33.8568,
                "degreesLongitude": 151.2153, "name": "Opera House",
                "address": "Bennelong Point, Sydney",
            },
        ),
        (
            Card("Ana; Silva", Phone("+15035550185"), "", "ana@example.org"),
            {
                "message": "contactMessage", "displayName": "Ana; Silva",
                "vcard": "BEGIN:VCARD\nVERSION:3.0\nN:;Ana\\; Silva;;;\nFN:Ana\\; Silva\n"
                "TEL;type=CELL;waid=15035550185:+15035550185\n"
                "EMAIL;type=INTERNET:ana@example.org\nEND:VCARD",
            },
        ),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_has_no_file_arrives_as_it_was_written(
    home: Home, body: Body, shown: dict[str, object]
) -> None:
    assert arrived(home, Content("", body)) == shown


SAMPLES = Path(__file__).parents[2] / "campaigns" / "media"


def media(name: str, kind: MediaKind, mime: str) -> Media:
    path = SAMPLES / name
    return Media(str(path), kind, mime, hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_voice_note_arrives_as_one_with_its_length(home: Home) -> None:
    shown = arrived(home, Content("", media("hello.ogg", MediaKind.VOICE, OPUS)))
    shown.pop("waveform", None)  # where ffmpeg is installed
    assert shown == {"message": "audioMessage", "PTT": True, "seconds": 3}
    (received,) = home.control.phones.received()
    assert (received.media_mime, received.media_readable) == (OPUS, True)


def test_a_picture_arrives_with_its_measures_and_a_small_one(home: Home) -> None:
    shown = arrived(home, Content("look", media("ticket.png", MediaKind.IMAGE, "image/png")))
    assert len(str(shown.pop("JPEGThumbnail"))) == 64  # its SHA-256
    assert shown == {"message": "imageMessage", "width": 48, "height": 48}


def test_opus_under_another_name_is_taken_and_never_shown(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    wrong = media("hello.ogg", MediaKind.VOICE, "audio/ogg")
    host.tell(make_send(1, "a", jid, content=Content("", wrong)))
    assert isinstance(host.outcome(1), Accepted)
    (received,) = home.control.phones.received()
    assert received.delivered == 0
    assert "Opus as audio/ogg" in (received.dropped or "")


def test_a_poll_arrives_and_its_vote_comes_back_sealed(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    poll = Content("When, Ana?", Poll(("Today", "Tomorrow", "Never"), 0))
    host.tell(make_send(1, "a", jid, content=poll))
    outcome = host.outcome(1)
    assert isinstance(outcome, Accepted)
    (received,) = home.control.phones.wait_received(1)
    assert (received.text, received.dropped) == ("When, Ana?", None)
    assert json.loads(received.particulars or "{}") == {
        "message": "pollCreationMessage", "name": "When, Ana?", "selectableOptionsCount": 0,
        "options": ["Today", "Tomorrow", "Never"],
    }  # fmt: skip
    home.control.phones.vote(received.phone, received.message_id, "Never", "Today")
    said = host.first(InboundText)
    assert (said.kind, said.quotes, said.text) == (ReplyKind.VOTE, outcome.message_id, "")
    assert said.ballot is not None
    secret = (1).to_bytes(32)
    options = ("Today", "Tomorrow", "Never")
    opened = open_ballot(said.ballot, secret, outcome.message_id, (), options)
    assert opened == ("Today", "Never")
    assert open_ballot(said.ballot, bytes(32), outcome.message_id, (), options) is None


def test_a_link_arrives_with_its_preview(home: Home) -> None:
    picture = media("ticket.png", MediaKind.IMAGE, "image/png")
    text = "Look: https://example.org/a"
    shown = arrived(
        home, Content(text, LinkPreview("https://example.org/a", "Offer", "Now", picture))
    )
    assert len(str(shown.pop("JPEGThumbnail"))) == 64  # its SHA-256
    assert shown == {
        "message": "extendedTextMessage", "matchedText": "https://example.org/a", "title": "Offer",
        "description": "Now",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name", "mime"),
    [
        (MediaKind.IMAGE, "ticket.png", "image/png"),
        (MediaKind.VIDEO, "clip.mp4", "video/mp4"),
        (MediaKind.DOCUMENT, "menu.pdf", "application/pdf"),
    ],
)
def test_a_caption_is_amended_and_its_file_stays(
    home: Home, kind: MediaKind, name: str, mime: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(b"no such file")  # which nobody can look into, and which is sent all the same
    file = Media(str(path), kind, mime, hashlib.sha256(path.read_bytes()).hexdigest())
    jid = home.pair("a")["a"]
    host = home.sender()
    host.tell(make_send(1, "a", jid, content=Content("at 8", file)))
    sent = host.outcome(1)
    assert isinstance(sent, Accepted)
    (before,) = home.control.phones.wait_received(1)
    chat = f"{before.phone.removeprefix('+')}@s.whatsapp.net"
    amend = Errand(ErrandKind.AMEND, sent.message_id, chat, kind)
    host.tell(make_send(2, "a", jid, content=Content("at 9", errand=amend)))
    assert isinstance(host.outcome(2), Accepted)
    (after,) = home.control.phones.received()
    assert (before.text, after.text, after.edited) == ("at 8", "at 9", 1)
    assert after == replace(before, text="at 9", edited=1)
    assert after.media_readable


def test_every_kind_is_sent_here() -> None:
    here = {MessageKind.LOCATION, MessageKind.CARD, MessageKind.VOICE, MessageKind.MEDIA}
    here |= {MessageKind.POLL}
    assert here == set(MessageKind) - {MessageKind.TEXT}  # of which other tests are full
