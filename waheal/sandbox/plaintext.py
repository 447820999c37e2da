"""What a decrypted message says, and the file it points to; knows no sessions and no network."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum, unique

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from google.protobuf.message import DecodeError

from waheal.sandbox.codec import CodecError, Jid
from waheal.sandbox.curve import hkdf
from waheal.sandbox.protobufs import Message

_MAX_PAD = 16  # bytes
_MEDIA_MAC = 10  # bytes
_WRAPPERS = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "documentWithCaptionMessage",
    "editedMessage",
)
_MAX_WRAPPERS = 8


class PlaintextError(Exception):
    """The message was decrypted, but what it held can't be read."""


class MediaError(Exception):
    """A stored file is not what the message says it is."""


@unique
class MediaFileKind(StrEnum):
    """What kind of file a message carries; the name of its field without `Message`."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"

    @property
    def info(self) -> bytes:
        """HKDF's info for the file's keys (whatsmeow's ``download.go``)."""
        name = "Image" if self is MediaFileKind.STICKER else self.value.title()
        return f"WhatsApp {name} Keys".encode()


@dataclass(frozen=True, slots=True)
class MediaFile:
    """Where a sealed file lies, and how to open it."""

    kind: MediaFileKind
    direct_path: str
    url: str
    media_key: bytes
    file_sha256: bytes
    file_enc_sha256: bytes
    file_length: int  # bytes
    mimetype: str
    file_name: str

    def open(self, blob: bytes) -> bytes:
        """Decrypt the stored file and check both of its hashes.

        Raises:
            MediaError: blob is not the file that was sent.
        """
        if hashlib.sha256(blob).digest() != self.file_enc_sha256:
            raise MediaError("the stored file has another hash than the message says")
        plain = decrypt_media(blob, self.media_key, self.kind)
        if hashlib.sha256(plain).digest() != self.file_sha256:
            raise MediaError("the decrypted file has another hash than the message says")
        return plain


@unique
class ChangeKind(StrEnum):
    """What a message does to an earlier one."""

    REVOKE = "revoke"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Change:
    """What a message does to an earlier one of its own sender, which it names by its id.

    `field`: of an edit, the one of waE2E's Message that its new words are in.
    """

    kind: ChangeKind
    message_id: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Plaintext:
    """A message as its reader sees it, wrappers taken off."""

    text: str  # conversation, extended text, or caption; of an edit the new one; else empty
    media: MediaFile | None
    message_secret: bytes  # 32 bytes, or empty
    device_sent_to: Jid | None  # set on an own phone's copy: whom the device wrote to
    field: str  # which field of waE2E's Message holds the content; empty where none does
    raw: bytes  # the message as it was sealed, wrappers and all, without padding
    bare: Message  # what the wrappers held
    wrapped: bool  # whether there were any
    change: Change | None = None  # what it does to an earlier message; then it shows nothing itself


def pad(plain: bytes) -> bytes:
    """Append 1 to 16 bytes, each of which tells how many they are."""
    count = 1 + secrets.randbelow(_MAX_PAD)
    return plain + bytes((count,)) * count


def unpad(padded: bytes) -> bytes:
    """Take the padding off.

    Raises:
        PlaintextError: there is none.
    """
    count = padded[-1] if padded else 0
    if not 1 <= count <= _MAX_PAD or padded[-count:] != bytes((count,)) * count:
        raise PlaintextError("the plaintext is not padded with 1 to 16 bytes")
    return padded[:-count]


def text_message(text: str, message_secret: bytes = b"") -> bytes:
    """Write a plain text message."""
    message = Message(conversation=text)
    if message_secret:
        message.messageContextInfo.messageSecret = message_secret
    written: bytes = message.SerializeToString()
    return written


def read_plaintext(raw: bytes) -> Plaintext:
    """Read a serialised Message without padding.

    Raises:
        PlaintextError: the bytes are no Message.
    """
    try:
        outer = Message.FromString(raw)
    except DecodeError as error:
        raise PlaintextError("the plaintext is no Message") from error
    sent = outer.HasField("deviceSentMessage")
    sealed = outer.deviceSentMessage.message if sent else outer
    inner = _unwrap(sealed)
    media, change = _media(inner), _change(inner)
    shown = inner if change is None else _unwrap(inner.protocolMessage.editedMessage)
    return Plaintext(
        text=_text(shown),
        media=media,
        message_secret=bytes(
            inner.messageContextInfo.messageSecret or outer.messageContextInfo.messageSecret
        ),
        device_sent_to=_address(outer.deviceSentMessage.destinationJID) if sent else None,
        field=_content_field(inner),
        raw=raw,
        bare=inner,
        wrapped=inner is not sealed,
        change=change,
    )


def _change(message: Message) -> Change | None:
    """Read a revoke or an edit of the sender's own (whatsmeow's ``BuildRevoke``, ``BuildEdit``)."""
    protocol = message.protocolMessage
    if not (protocol.HasField("key") and protocol.key.fromMe and protocol.key.ID):
        return None
    match protocol.Type.Name(protocol.type):
        case "REVOKE":
            return Change(ChangeKind.REVOKE, protocol.key.ID)
        case "MESSAGE_EDIT" if protocol.HasField("editedMessage"):
            new = _content_field(_unwrap(protocol.editedMessage))
            return Change(ChangeKind.EDIT, protocol.key.ID, new)
        case _:
            return None


def _address(text: str) -> Jid:
    try:
        return Jid.parse(text)
    except CodecError as error:
        raise PlaintextError(f"a copy for {text!r}, which is no JID") from error


def _unwrap(message: Message) -> Message:
    for _ in range(_MAX_WRAPPERS):
        wrapper = next((name for name in _WRAPPERS if message.HasField(name)), None)
        if wrapper is None:
            return message
        message = getattr(message, wrapper).message
    raise PlaintextError(f"a message wrapped more than {_MAX_WRAPPERS} times")


def _content_field(message: Message) -> str:
    names = (field.name for field, _ in message.ListFields())
    return next((str(name) for name in names if name != "messageContextInfo"), "")


def _text(message: Message) -> str:
    if message.conversation:
        return str(message.conversation)
    if message.HasField("extendedTextMessage"):
        return str(message.extendedTextMessage.text)
    if message.HasField("pollCreationMessage"):
        return str(message.pollCreationMessage.name)
    kind = _file_kind(message)
    return "" if kind is None else str(getattr(getattr(message, f"{kind}Message"), "caption", ""))


def _file_kind(message: Message) -> MediaFileKind | None:
    return next((kind for kind in MediaFileKind if message.HasField(f"{kind}Message")), None)


def _media(message: Message) -> MediaFile | None:
    kind = _file_kind(message)
    if kind is None:
        return None
    part = getattr(message, f"{kind}Message")
    return MediaFile(
        kind=kind,
        direct_path=part.directPath,
        url=part.URL,
        media_key=part.mediaKey,
        file_sha256=part.fileSHA256,
        file_enc_sha256=part.fileEncSHA256,
        file_length=part.fileLength,
        mimetype=part.mimetype,
        file_name=getattr(part, "fileName", ""),
    )


def _media_keys(media_key: bytes, kind: MediaFileKind) -> tuple[bytes, bytes, bytes]:
    """Derive IV, cipher key and MAC key."""
    out = hkdf(media_key, kind.info, 112)
    return out[:16], out[16:48], out[48:80]


def encrypt_media(plain: bytes, media_key: bytes, kind: MediaFileKind) -> bytes:
    """Seal a file as whatsmeow's ``upload.go`` does: AES-CBC, then 10 bytes of MAC."""
    iv, cipher_key, mac_key = _media_keys(media_key, kind)
    padder = padding.PKCS7(128).padder()
    sealer = Cipher(algorithms.AES256(cipher_key), modes.CBC(iv)).encryptor()
    body = sealer.update(padder.update(plain) + padder.finalize()) + sealer.finalize()
    return body + hmac.digest(mac_key, iv + body, "sha256")[:_MEDIA_MAC]


def decrypt_media(blob: bytes, media_key: bytes, kind: MediaFileKind) -> bytes:
    """Open a stored file.

    Raises:
        MediaError: the MAC or the padding is wrong: another key or kind, or damaged bytes.
    """
    iv, cipher_key, mac_key = _media_keys(media_key, kind)
    body, mac = blob[:-_MEDIA_MAC], blob[-_MEDIA_MAC:]
    if not hmac.compare_digest(hmac.digest(mac_key, iv + body, "sha256")[:_MEDIA_MAC], mac):
        raise MediaError("the stored file's MAC does not fit its key")
    opener = Cipher(algorithms.AES256(cipher_key), modes.CBC(iv)).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    try:
        return unpadder.update(opener.update(body) + opener.finalize()) + unpadder.finalize()
    except ValueError as error:
        raise MediaError("the stored file is no AES-CBC") from error
