"""Builds WhatsApp's message for a text, an attachment or an errand; changes no character."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import assert_never

from waheal.host.client import Outgoing
from waheal.host.whatsapp import common, e2e, messages
from waheal.model import Errand, ErrandKind, Media, MediaKind

UPLOAD_LIFE = 6 * 3600.0
"""Seconds for which an upload is used again; WhatsApp keeps media for weeks, so this is safe."""

UPLOAD_KINDS = {
    MediaKind.IMAGE: 0,
    MediaKind.VIDEO: 1,
    MediaKind.AUDIO: 2,
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


def compose(outgoing: Outgoing, uploaded: messages.UploadResponse | None, at: float) -> e2e.Message:
    """Build what is to arrive: the text character for character, the witness beside it.

    `conversation` holds plain text, for which WhatsApp shows no preview and parses no mention.
    `at`: Unix seconds, which an edit tells.
    """
    content = outgoing.content
    context = e2e.MessageContextInfo(messageSecret=outgoing.witness)
    if content.errand is not None:
        message = _errand(content.errand, content.text, at)
        message.messageContextInfo.CopyFrom(context)
        return message
    if content.media is None or uploaded is None:
        return e2e.Message(conversation=content.text, messageContextInfo=context)
    message = _attachment(content.media, content.text, uploaded)
    message.messageContextInfo.CopyFrom(context)
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
                editedMessage=e2e.Message(conversation=text),
                timestampMS=int(at * 1000),
            )
            inner = e2e.Message(protocolMessage=edit)
            return e2e.Message(editedMessage=e2e.FutureProofMessage(message=inner))
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
        case MediaKind.AUDIO:  # WhatsApp has no captions for audio
            return e2e.Message(audioMessage=e2e.AudioMessage(**place))
        case MediaKind.DOCUMENT:
            name = Path(media.path).name
            document = e2e.DocumentMessage(fileName=name, title=name, **place, **told)
            bare = e2e.Message(documentMessage=document)
            if not caption:
                return bare
            # Phones show a document's caption only inside this wrapper.
            return e2e.Message(documentWithCaptionMessage=e2e.FutureProofMessage(message=bare))
