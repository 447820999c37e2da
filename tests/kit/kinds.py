"""One message of each kind, for tests that send them all."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from waheal.model import (
    OPUS,
    Card,
    Content,
    LinkPreview,
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


def with_preview(phone: Phone) -> Content:
    """Make a text whose link has a preview, with a picture."""
    link = "https://example.org/offer"
    picture = media("ticket.png", MediaKind.IMAGE, "image/png")
    return Content(f"to {phone}: {link}", LinkPreview(link, "An offer", "Until Friday", picture))


Say = Callable[[Phone], Content]
"""What somebody is sent."""

PREVIEW = "preview"
MESSAGES: Mapping[str, Say] = {
    **{kind.value: partial(message, kind) for kind in MessageKind},
    PREVIEW: with_preview,
}
"""A message of each kind; a link's preview is one of its own here."""
