"""Builds WhatsApp's message for each kind of content; sends nothing, changes no character."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import assert_never

from waheal.host.appearance import NOTHING, Appearance
from waheal.host.client import AttachmentError, Outgoing
from waheal.host.vcard import vcard
from waheal.host.whatsapp import common, e2e, messages
from waheal.model import (
    Card,
    Content,
    Errand,
    ErrandKind,
    LinkPreview,
    Location,
    Media,
    MediaKind,
    Poll,
)

UPLOAD_LIFE = 6 * 3600.0
"""Seconds for which an upload is used again; WhatsApp keeps media for weeks, so this is safe."""

UPLOAD_KINDS = {
    MediaKind.IMAGE: 0,
    MediaKind.VIDEO: 1,
    MediaKind.AUDIO: 2,
    MediaKind.VOICE: 2,
    MediaKind.DOCUMENT: 3,
}
"""neonize's MediaType numbers."""


@dataclass(frozen=True, slots=True)
class _Key:
    jid: str
    sha256: str
    kind: MediaKind


class Uploads:
    """What each session has uploaded lately, so that a file goes up once a device."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = Lock()  # guards _done and _seen; no I/O
        self._seen: dict[str, tuple[int, ...] | None] = {}
        self._done: dict[_Key, tuple[float, messages.UploadResponse]] = {}

    def find(self, jid: str, media: Media) -> messages.UploadResponse | None:
        """Find this session's upload of the file, while it may still be used."""
        with self._lock:
            until, response = self._done.get(_key(jid, media), (0.0, None))
        return response if self._now() < until else None

    def seen(self, media: Media) -> tuple[int, ...] | None:
        """Tell how the file stood when its content was last read and was the one checked."""
        with self._lock:
            return self._seen.get(f"{media.sha256} {media.path}")

    def see(self, media: Media, state: tuple[int, ...] | None) -> None:
        """Note how it stands."""
        with self._lock:
            self._seen[f"{media.sha256} {media.path}"] = state

    def keep(self, jid: str, media: Media, response: messages.UploadResponse) -> None:
        """Remember an upload."""
        with self._lock:
            self._done[_key(jid, media)] = (self._now() + UPLOAD_LIFE, response)


def _key(jid: str, media: Media) -> _Key:
    return _Key(jid, media.sha256, media.kind)


def compose(
    outgoing: Outgoing,
    uploaded: messages.UploadResponse | None,
    at: float,
    seen: Appearance = NOTHING,
) -> e2e.Message:
    """Build what is to arrive: the text character for character, the witness beside it.

    `conversation` holds plain text, for which WhatsApp shows no preview and parses no mention.
    `at`: Unix seconds, which an edit tells.
    """
    content = outgoing.content
    if content.errand is None:
        message = _bare(content, uploaded, seen)
    else:
        message = _errand(content.errand, content.text, at)
    message.messageContextInfo.CopyFrom(e2e.MessageContextInfo(messageSecret=outgoing.witness))
    return message


def _errand(errand: Errand, text: str, at: float) -> e2e.Message:
    """Build what takes a message back, or gives it another text.

    As whatsmeow's `BuildRevoke` and `BuildEdit` (send.go) do: the library tells by these fields
    which `edit` the stanza says, 7 or 1. Baileys (Utils/messages.ts) and whatsapp-rust send the
    same, the edit without the wrapper; Baileys gives such messages a `messageSecret`, too.
    """
    key = common.MessageKey(remoteJID=errand.chat, fromMe=True, ID=errand.message_id)
    kinds = e2e.ProtocolMessage.Type
    match errand.kind:
        case ErrandKind.RECALL:
            return e2e.Message(
                protocolMessage=e2e.ProtocolMessage(key=key, type=kinds.Value("REVOKE"))
            )
        case ErrandKind.AMEND:
            edit = e2e.ProtocolMessage(
                key=key,
                type=kinds.Value("MESSAGE_EDIT"),
                editedMessage=_anew(text, errand.under),
                timestampMS=int(at * 1000),
            )
            inner = e2e.Message(protocolMessage=edit)
            return e2e.Message(editedMessage=e2e.FutureProofMessage(message=inner))


def _anew(text: str, under: MediaKind | None) -> e2e.Message:
    """Build what an amended message is to say: its words, or a caption and nothing of its file.

    So do WhatsApp's own apps (a caption of theirs: https://github.com/devlikeapro/waha/issues/1773),
    and WhatsApp Web reads a document's with the wrapper or without. Words by themselves would take
    the caption away (https://github.com/tulir/whatsmeow/issues/684).
    """
    match under:
        case None:
            return e2e.Message(conversation=text)
        case MediaKind.IMAGE:
            return e2e.Message(imageMessage=e2e.ImageMessage(caption=text))
        case MediaKind.VIDEO:
            return e2e.Message(videoMessage=e2e.VideoMessage(caption=text))
        case MediaKind.DOCUMENT:
            return _captioned(e2e.Message(documentMessage=e2e.DocumentMessage(caption=text)))
        case MediaKind.AUDIO | MediaKind.VOICE:
            raise AttachmentError("audio has no caption that could be amended")
        case other:
            assert_never(other)


def _bare(
    content: Content, uploaded: messages.UploadResponse | None, seen: Appearance
) -> e2e.Message:
    match content.body:
        case None:
            return e2e.Message(conversation=content.text)
        case Media() as media:
            if uploaded is None:
                raise AttachmentError(f"the attachment {media.path} was not uploaded")
            message = _attachment(media, content.text, uploaded)
            _show(message, seen)
            return message
        case LinkPreview() as link:
            return _linked(content.text, link, seen)
        case other:
            return _without_file(content.text, other)


def _linked(text: str, link: LinkPreview, seen: Appearance) -> e2e.Message:
    # The title is what makes it a preview to whatsmeow (getMediaTypeFromMessage).
    linked = e2e.ExtendedTextMessage(text=text, matchedText=link.url, title=link.title)
    if link.text:
        linked.description = link.text
    if seen.thumbnail:
        linked.JPEGThumbnail = seen.thumbnail
    return e2e.Message(extendedTextMessage=linked)


def _without_file(text: str, body: Location | Card | Poll) -> e2e.Message:
    match body:
        case Location(latitude, longitude, name, address):
            location = e2e.LocationMessage(degreesLatitude=latitude, degreesLongitude=longitude)
            if name:
                location.name = name
            if address:
                location.address = address
            return e2e.Message(locationMessage=location)
        case Card() as card:
            contact = e2e.ContactMessage(displayName=card.name, vcard=vcard(card))
            return e2e.Message(contactMessage=contact)
        case Poll(options, answers):
            # The stanza of no other version is marked as a poll's (whatsmeow's
            # getTypeFromMessage); the witness beside it is what votes are sealed with.
            poll = e2e.PollCreationMessage(name=text, selectableOptionsCount=answers)
            poll.options.extend(
                e2e.PollCreationMessage.Option(optionName=option) for option in options
            )
            return e2e.Message(pollCreationMessage=poll)
        case other:
            assert_never(other)


def _attachment(media: Media, caption: str, uploaded: messages.UploadResponse) -> e2e.Message:
    place = {
        "URL": uploaded.url,
        "directPath": uploaded.DirectPath,
        "mediaKey": uploaded.MediaKey,
        "fileEncSHA256": uploaded.FileEncSHA256,
        "fileSHA256": uploaded.FileSHA256,
        "fileLength": uploaded.FileLength,
        "mimetype": media.mime,
    }
    told = {"caption": caption} if caption else {}
    match media.kind:
        case MediaKind.IMAGE:
            return e2e.Message(imageMessage=e2e.ImageMessage(**place, **told))
        case MediaKind.VIDEO:
            return e2e.Message(videoMessage=e2e.VideoMessage(**place, **told))
        case MediaKind.AUDIO | MediaKind.VOICE:  # WhatsApp has no captions for audio
            audio = e2e.AudioMessage(**place)
            if media.kind is MediaKind.VOICE:
                audio.PTT = True
            return e2e.Message(audioMessage=audio)
        case MediaKind.DOCUMENT:
            name = Path(media.path).name
            document = e2e.DocumentMessage(fileName=name, title=name, **place, **told)
            bare = e2e.Message(documentMessage=document)
            return _captioned(bare) if caption else bare


def _captioned(document: e2e.Message) -> e2e.Message:
    """Wrap a document, without which phones show no caption of it."""
    return e2e.Message(documentWithCaptionMessage=e2e.FutureProofMessage(message=document))


def _show(message: e2e.Message, seen: Appearance) -> None:
    """Write into an attachment what is known of how it looks; what is not is left out."""
    inner = message.documentWithCaptionMessage.message
    for body in (message, inner) if message.HasField("documentWithCaptionMessage") else (message,):
        for _, part in body.ListFields():
            known = {
                "width": seen.width, "height": seen.height, "seconds": seen.seconds,
                "pageCount": seen.pages, "JPEGThumbnail": seen.thumbnail,
                "waveform": seen.waveform,
            }  # fmt: skip
            for name, value in known.items():
                if value and name in part.DESCRIPTOR.fields_by_name:
                    setattr(part, name, value)
