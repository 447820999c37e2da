"""How values of several fields stand in one column; knows no table.

An attachment is a list, as it was from the first version on; any other body is an object of one
key, its kind.
"""

import json
from typing import assert_never

from waheal.model import (
    Body,
    Card,
    Content,
    LinkPreview,
    Location,
    Media,
    MediaKind,
    MessageKind,
    Poll,
)


def pack_body(body: Body | None) -> str | None:
    """Write what goes with a message's words as a column has it; equal bodies alike."""
    match body:
        case None:
            return None
        case Media(path, kind, mime, sha256):
            return json.dumps([path, kind.value, mime, sha256])
        case Location(latitude, longitude, name, address):
            fields: list[object] = [latitude, longitude, name, address]
            return json.dumps({MessageKind.LOCATION.value: fields})
        case Card(name, phone, organisation, email):
            return json.dumps({MessageKind.CARD.value: [name, phone, organisation, email]})
        case LinkPreview(url, title, words, picture):
            shown = None if picture is None else pack_body(picture)
            return json.dumps({"link": [url, title, words, shown]})
        case Poll(options, answers):
            return json.dumps({MessageKind.POLL.value: [list(options), answers]})
        case other:
            assert_never(other)


def content(text: str, body: str | None) -> Content:
    """Read what a message is back from its two columns."""
    return Content(text, None if body is None else _body(json.loads(body)))


def _body(packed: object) -> Body:
    match packed:
        case [str(path), str(kind), str(mime), str(sha256)]:
            return Media(path, MediaKind(kind), mime, sha256)
        case {"location": [latitude, longitude, name, address]}:
            return Location(latitude, longitude, name, address)
        case {"card": [name, phone, organisation, email]}:
            return Card(name, phone, organisation, email)
        case {"poll": [list(options), int(answers)]}:
            return Poll(tuple(map(str, options)), answers)
        case {"link": [url, title, words, picture]}:
            shown = None if picture is None else content("", picture).media
            return LinkPreview(url, title, words, shown)
        case _:
            raise ValueError(f"no body of a message: {packed!r}")
