"""Composes a message of each kind, in a process that may load the library; prints them as JSON."""

import json
import sys

from waheal.host import whatsapp  # isort: skip - loads neonize, with its libmagic
from google.protobuf.json_format import MessageToDict

from waheal.host.appearance import Appearance
from waheal.host.client import Outgoing
from waheal.host.composing import compose
from waheal.model import (
    OPUS,
    Body,
    Card,
    Content,
    LinkPreview,
    Location,
    Media,
    MediaKind,
    Phone,
    Poll,
)

SEEN = Appearance(640, 480, 3, 7, b"small", b"wave")
UPLOADED = whatsapp.messages.UploadResponse(
    url="https://mmg.whatsapp.net/v/1",
    DirectPath="/v/1",
    Handle="",
    MediaKey=b"key",
    FileEncSHA256=b"enc",
    FileSHA256=b"sha",
    FileLength=9,
)
FILES = {
    "image": Media("/a/b.png", MediaKind.IMAGE, "image/png", ""),
    "video": Media("/a/b.mp4", MediaKind.VIDEO, "video/mp4", ""),
    "audio": Media("/a/b.mp3", MediaKind.AUDIO, "audio/mpeg", ""),
    "voice": Media("/a/b.ogg", MediaKind.VOICE, OPUS, ""),
    "document": Media("/a/b.pdf", MediaKind.DOCUMENT, "application/pdf", ""),
}
BODIES: dict[str, Body | None] = {
    "text": None,
    **FILES,
    "location": Location(1.5, -2.5, "Pier 7", "1 Way"),
    "bare location": Location(1.5, -2.5),
    "poll": Poll(("Yes", "No"), 1),
    "link": LinkPreview("https://example.org/a", "An offer", "Until Friday"),
    "card": Card("Ana", Phone("+15035550185")),
}
WORDLESS = {"audio", "voice", "location", "bare location", "card"}


def main() -> None:
    """Print an object: each kind's message, and its bytes in hex digits."""
    told = {}
    for name, body in BODIES.items():
        content = Content("" if name in WORDLESS else "words", body)
        outgoing = Outgoing(Phone("+15555550100"), content, b"w" * 32)
        message = compose(outgoing, UPLOADED if name in FILES else None, 0.0, SEEN)
        told[name] = MessageToDict(message)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
