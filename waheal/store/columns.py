"""How values of several fields stand in one column; knows no table."""

import json

from waheal.model import Content, Media, MediaKind


def pack_media(media: Media | None) -> str | None:
    """Write an attachment as a column has it."""
    if media is None:
        return None
    return json.dumps([media.path, media.kind.value, media.mime, media.sha256])


def content(text: str, media: str | None) -> Content:
    """Read what a message is back from its two columns."""
    if media is None:
        return Content(text)
    path, kind, mime, sha256 = json.loads(media)
    return Content(text, Media(path, MediaKind(kind), mime, sha256))
