"""What WhatsApp's server takes and its phones never show; knows no ledger and no sender.

The server can't look into a message, so it acknowledges any. What the recipient's phone can't make
sense of is gone without a word: no receipt, no error. Each rule names where it is known from.
"""

import math
import re

from waheal.sandbox.plaintext import MediaFile, MediaFileKind, Plaintext
from waheal.sandbox.protobufs import Message

_MB = 1 << 20
# What the business platform publishes:
# https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
_MOST = {
    MediaFileKind.IMAGE: 16 * _MB,
    MediaFileKind.VIDEO: 16 * _MB,
    MediaFileKind.AUDIO: 16 * _MB,
    MediaFileKind.DOCUMENT: 100 * _MB,
    MediaFileKind.STICKER: _MB,
}
_MAIN = (MediaFileKind.IMAGE, MediaFileKind.VIDEO, MediaFileKind.AUDIO)
_OGG, _OPUS_HEAD, _FIRST_PAGE = b"OggS", b"OpusHead", 128
_OPUS = "audio/ogg; codecs=opus"
_MIME = re.compile(r"[a-z]+/[a-z0-9.+_-]+(?:;.*)?")
_LEAST_OPTIONS, _MOST_OPTIONS = (
    2,
    12,
)  # as the apps let one write: https://faq.whatsapp.com/3433230166970060
_SECRET = 32  # bytes


def dropped(plain: Plaintext, file: bytes | None) -> str | None:
    """Tell why a phone shows nothing of a message; None where it shows it.

    `file`: what the message points to, decrypted; None where that can't be.
    """
    if plain.media is not None:
        return _type(plain.media) or _file(plain, plain.media, file)
    match plain.field:
        case "locationMessage":
            return _location(plain.bare)
        case "contactMessage":
            return _contact(plain.bare)
        case "pollCreationMessage" | "pollCreationMessageV3":
            return _poll(plain)
        case _:
            return None


def _type(media: MediaFile) -> str | None:
    if not _MIME.fullmatch(media.mimetype):
        return f"{media.mimetype or 'nothing'!r} is no media type"
    main = media.mimetype.partition("/")[0]
    return (
        f"{media.mimetype} is no {media.kind}"
        if media.kind in _MAIN and main != media.kind
        else None
    )


def _file(plain: Plaintext, media: MediaFile, file: bytes | None) -> str | None:
    most = _MOST[media.kind]
    if media.file_length > most:
        return f"{media.file_length:,} bytes are too much for {media.kind}: the most is {most:,}"
    # Accepted and never there on Android: https://github.com/adiwajshing/Baileys/issues/819
    if file is not None and _is_opus(file) and media.mimetype != _OPUS:
        return f"Opus as {media.mimetype}: {_OPUS!r} is what phones play"
    if media.kind is MediaFileKind.DOCUMENT and plain.text and not plain.wrapped:
        return "a document's caption outside of documentWithCaptionMessage"
    return None


def _is_opus(file: bytes) -> bool:
    return file.startswith(_OGG) and _OPUS_HEAD in file[:_FIRST_PAGE]


def _location(bare: Message) -> str | None:
    place = bare.locationMessage
    latitude, longitude = place.degreesLatitude, place.degreesLongitude
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return "a location that is no number"
    if abs(latitude) > 90 or abs(longitude) > 180:  # noqa: PLR2004 - degrees
        return f"{latitude}, {longitude} is nowhere on earth"
    return None


def _contact(bare: Message) -> str | None:
    card = bare.contactMessage.vcard
    lines = card.split("\n")
    if lines[0].strip() != "BEGIN:VCARD" or lines[-1].strip() != "END:VCARD":
        return "a contact without a vCard"
    if not any(line.startswith("FN:") and line[3:].strip() for line in lines):
        return "a vCard without a name (FN)"
    return None


def _poll(plain: Plaintext) -> str | None:
    poll = getattr(plain.bare, plain.field)
    options = [option.optionName for option in poll.options]
    if not _LEAST_OPTIONS <= len(options) <= _MOST_OPTIONS:
        return f"a poll of {len(options)} options: {_LEAST_OPTIONS} to {_MOST_OPTIONS} are allowed"
    if len(set(options)) < len(options) or not all(options):
        return "a poll whose options can't be told apart"
    if len(plain.message_secret) != _SECRET:
        return "a poll without a secret of 32 bytes, so that nobody can vote"
    return None
