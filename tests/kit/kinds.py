"""One message of each kind, for tests that send them all."""

import hashlib
from pathlib import Path

from waheal.model import (
    OPUS,
    Card,
    Content,
    Location,
    Media,
    MediaKind,
    MessageKind,
    Phone,
    Poll,
)

SAMPLES = Path(__file__).parents[2] / "campaigns" / "media"


def media(name: str, kind: MediaKind, mime: str) -> Media:
    """Make an attachment of a sample."""
    path = SAMPLES / name
    return Media(str(path), kind, mime, hashlib.sha256(path.read_bytes()).hexdigest())


def message(kind: MessageKind, phone: Phone) -> Content:
    """Make a message of this kind to somebody."""
    match kind:
        case MessageKind.TEXT:
            return Content(f"to {phone}")
        case MessageKind.MEDIA:
            return Content(f"to {phone}", media("ticket.png", MediaKind.IMAGE, "image/png"))
        case MessageKind.VOICE:
            return Content("", media("hello.ogg", MediaKind.VOICE, OPUS))
        case MessageKind.POLL:
            return Content(f"to {phone}?", Poll(("Yes", "No")))
        case MessageKind.LOCATION:
            return Content("", Location(45.5122, -122.6587, f"where {phone} lives"))
        case MessageKind.CARD:
            return Content("", Card("Ana Silva", phone))
