"""How a message stands in the ledger's two columns, and back."""

import pytest

from waheal.model import (
    Body,
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
from waheal.store.columns import content, pack_body

BODIES: list[Body] = [
    Media("/a/b.png", MediaKind.IMAGE, "image/png", "00"),
    Media("/a/b.ogg", MediaKind.VOICE, "audio/ogg; codecs=opus", "01"),
    Location(-1.25, 151.2153, "Opera House", ""),
    Card("Ana", Phone("+15035550185"), "Harbor; Tours", "ana@example.org"),
    Poll(("Yes", "No"), 0),
    LinkPreview("https://example.org", "An offer"),
    LinkPreview(
        "https://example.org", "An offer", "Now", Media("/a.png", MediaKind.IMAGE, "x/y", "00")
    ),
    Card("Ana", None, "", "ana@example.org"),
]


@pytest.mark.parametrize("body", [None, *BODIES], ids=str)
def test_a_body_comes_back_as_it_was(body: Body | None) -> None:
    packed = pack_body(body)
    assert content("words", packed) == Content("words", body)
    assert packed == pack_body(content("words", packed).body)


def test_an_attachment_stands_there_as_it_did_before_there_were_kinds() -> None:
    """A ledger that was migrated must not take what was sent for another message."""
    assert pack_body(BODIES[0]) == '["/a/b.png", "image", "image/png", "00"]'


def test_every_kind_is_tried() -> None:
    assert {Content("", body).kind for body in (None, *BODIES)} == set(MessageKind)


def test_what_is_no_body_is_not_read_as_one() -> None:
    with pytest.raises(ValueError, match="no body"):
        content("", '{"dance": []}')
