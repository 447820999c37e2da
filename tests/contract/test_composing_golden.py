"""Each kind's protobuf, field for field, as sources other than the sandbox document it.

The names and numbers are those of WAWebProtobufsE2E.proto, which whatsmeow and neonize carry. Which
of them a client fills in is told beside each: whatsmeow at 33cfac511629, Baileys at 78e7e4e2cf,
neonize 0.5.2. No kind may depend on what the sandbox takes for right.
"""

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

Told = Mapping[str, Mapping[str, object]]


def raw(data: bytes) -> str:
    return b64encode(data).decode()


WITNESS = {"messageSecret": raw(b"w" * 32)}
# whatsmeow's `UploadResponse` (upload.go) names these fields and where they go.
PLACE = {
    "URL": "https://mmg.whatsapp.net/v/1",
    "directPath": "/v/1",
    "mediaKey": raw(b"key"),
    "fileEncSHA256": raw(b"enc"),
    "fileSHA256": raw(b"sha"),
    "fileLength": "9",
}
SMALL = raw(b"small")
VCARD = (
    "BEGIN:VCARD\nVERSION:3.0\nN:;Ana;;;\nFN:Ana\n"
    "TEL;type=CELL;waid=15035550185:+15035550185\nEND:VCARD"
)

GOLDEN: dict[str, dict[str, object]] = {
    # whatsmeow: send.go, the example of SendMessage
    "text": {"conversation": "words"},
    # whatsmeow: the example of Upload (upload.go); Baileys: prepareWAMessageMedia (messages.ts),
    # with width, height and jpegThumbnail; neonize: build_image_message (client.py)
    "image": {
        "imageMessage": {
            **PLACE, "mimetype": "image/png", "caption": "words", "width": 640, "height": 480,
            "JPEGThumbnail": SMALL,
        }
    },
    # Baileys: likewise; neonize: build_video_message, with seconds
    "video": {
        "videoMessage": {
            **PLACE, "mimetype": "video/mp4", "caption": "words", "width": 640, "height": 480,
            "seconds": 3, "JPEGThumbnail": SMALL,
        }
    },
    # Baileys asks for its length (requiresDurationComputation), as neonize does
    "audio": {"audioMessage": {**PLACE, "mimetype": "audio/mpeg", "seconds": 3,
                               "waveform": raw(b"wave")}},
    # Baileys: MIMETYPE_MAP.audio and requiresWaveformProcessing (messages.ts); neonize: ptt of
    # build_audio_message; whatsmeow: PTT makes the stanza's mediatype ptt (send.go)
    "voice": {
        "audioMessage": {
            **PLACE, "mimetype": "audio/ogg; codecs=opus", "seconds": 3, "PTT": True,
            "waveform": raw(b"wave"),
        }
    },
    # neonize: build_document_message, with title and fileName; whatsmeow: the wrapper is one of
    # those that getMediaTypeFromMessage looks into (send.go)
    "document": {
        "documentWithCaptionMessage": {"message": {"documentMessage": {
            **PLACE, "mimetype": "application/pdf", "caption": "words", "title": "b.pdf",
            "fileName": "b.pdf", "pageCount": 7, "JPEGThumbnail": SMALL,
        }}}
    },
    # Baileys: README "Location Message", generateWAMessageContent (messages.ts)
    "location": {
        "locationMessage": {
            "degreesLatitude": 1.5, "degreesLongitude": -2.5, "name": "Pier 7", "address": "1 Way",
        }
    },
    "bare location": {"locationMessage": {"degreesLatitude": 1.5, "degreesLongitude": -2.5}},
    # whatsmeow: BuildPollCreation (msgsecret.go), and `poll` as the stanza's type (send.go), which
    # no other version of the message gets; the secret of 32 bytes is the witness
    "poll": {
        "pollCreationMessage": {
            "name": "words", "options": [{"optionName": "Yes"}, {"optionName": "No"}],
            "selectableOptionsCount": 1,
        }
    },
    # Baileys: matchedText, title, description and jpegThumbnail of a link's preview (messages.ts);
    # whatsmeow: the title makes the stanza's mediatype url (send.go)
    "link": {
        "extendedTextMessage": {
            "text": "words", "matchedText": "https://example.org/a", "title": "An offer",
            "description": "Until Friday", "JPEGThumbnail": SMALL,
        }
    },
    # Baileys: README "Contact Message"; whatsmeow: the stanza's mediatype is vcard (send.go)
    "card": {"contactMessage": {"displayName": "Ana", "vcard": VCARD}},
}  # fmt: skip


@pytest.fixture(scope="module")
def told() -> Told:
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract.compose_child"],
        env={**os.environ, "GOMAXPROCS": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found: Told = json.loads(done.stdout)
    return found


def test_every_kind_is_held(told: Told) -> None:
    assert set(told) == set(GOLDEN)


@pytest.mark.parametrize("kind", GOLDEN)
def test_a_message_has_these_fields_and_no_others(told: Told, kind: str) -> None:
    assert told[kind] == {**GOLDEN[kind], "messageContextInfo": WITNESS}
