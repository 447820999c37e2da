"""What a phone shows of a message beside its text, as JSON: each kind's own fields, by name."""

import hashlib
import json
from collections.abc import Mapping

from waheal.sandbox.plaintext import Plaintext
from waheal.sandbox.protobufs import Message

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "locationMessage": ("degreesLatitude", "degreesLongitude", "name", "address"),
    "contactMessage": ("displayName", "vcard"),
    "extendedTextMessage": ("matchedText", "title", "description", "JPEGThumbnail"),
    "imageMessage": ("width", "height", "JPEGThumbnail"),
    "videoMessage": ("width", "height", "seconds", "JPEGThumbnail"),
    "audioMessage": ("seconds", "PTT", "waveform"),
    "documentMessage": ("title", "pageCount"),
}
"""Of each field of waE2E's Message (WAWebProtobufsE2E.proto) those of its own that are shown."""

_TEXTS = ("conversation", "")


def particulars(plain: Plaintext) -> str | None:
    """Write what there is as a JSON object with sorted keys; None for a plain text."""
    if plain.field in _TEXTS:
        return None
    part = getattr(plain.bare, plain.field)
    if plain.field == "extendedTextMessage" and not part.title:
        return None
    if plain.field == "pollCreationMessage":
        poll = {"name": part.name, "selectableOptionsCount": part.selectableOptionsCount}
        told = {**poll, "options": [option.optionName for option in part.options]}
        return json.dumps({"message": plain.field, **told}, sort_keys=True, ensure_ascii=False)
    names = _FIELDS.get(plain.field, ())
    told = {name: _plain(getattr(part, name)) for name in names if _is_set(part, name)}
    return json.dumps({"message": plain.field, **told}, sort_keys=True, ensure_ascii=False)


def _is_set(part: Message, name: str) -> bool:
    return any(field.name == name for field, _ in part.ListFields())


def _plain(value: object) -> object:
    """Give a value as JSON can hold it; of bytes their SHA-256."""
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, (str, int, float)):
        return value
    raise TypeError(f"a phone shows no {type(value).__name__}")
