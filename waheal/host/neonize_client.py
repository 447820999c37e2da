"""The client protocol on the real library: one device, one blocked thread."""

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Event as Flag

from waheal.host import overhearing, skeleton, translation, whatsapp
from waheal.host.appearance import NOTHING, Appearance, Appearances
from waheal.host.attachments import read_attachment, state_of
from waheal.host.client import (
    ConnectionEvent,
    Ended,
    News,
    Outgoing,
    SendError,
    UploadError,
)
from waheal.host.composing import UPLOAD_KINDS, Uploads, compose
from waheal.host.directory import Listing
from waheal.host.left_out import Address
from waheal.host.life import Life
from waheal.model import LinkPreview, Phone
from waheal.wire import StanzaSeen

_CATCH_UP = 3.0
"""Seconds for what waited at the server; a device with a long absence goes on without the rest."""


class NeonizeClient:
    """See `client.Client`. Its session must be stored: the library aborts the process else."""

    def __init__(
        self,
        library: whatsapp.Library,
        uploads: Uploads,
        appearances: Appearances,
        jid: str,
        on_event: Callable[[ConnectionEvent], None],
        on_news: Callable[[News], None],
        *,
        overhear: bool = False,
        on_stanza: Callable[[StanzaSeen], None] | None = None,
    ) -> None:
        """Make it; with `overhear` it tells of limits, with `on_stanza` of each stanza, masked.

        Either makes a message cost more of the processor: see host/README.md.
        """
        self._library = library
        self._jid = jid
        self._own = {jid.partition(":")[0]}  # number and LID of the account, as they show
        self._uploads = uploads
        self._appearances = appearances
        self._on_event = on_event
        self._on_news = on_news
        self._on_stanza = on_stanza
        self._life = Life()
        self._caught_up = Flag()
        self._client = whatsapp.LibraryClient(
            library,
            self._handle,
            lambda error: on_event(Ended(error)),
            self._hear_line if overhear or on_stanza is not None else None,
        )
        self._uuid = self._client.uuid

    @property
    def life(self) -> Life:
        """The state of its connection; the library's events move it."""
        return self._life

    @property
    def gone(self) -> Flag:
        """Set once the library has let go of it."""
        return self._client.gone

    def connect(self, timeout: float) -> bool:
        """Connect and log in; True once `life` is up, False when it died or `timeout` passed.

        What waited at the server has come then: among it may be an opt-out.
        """
        self._client.start(self._jid)
        if not self._life.wait_up(timeout):
            return False
        self._caught_up.wait(_CATCH_UP)
        return True

    def is_connected(self) -> bool:
        """Ask the library whether it is connected and logged in."""
        return whatsapp.is_online(self._uuid)

    def look_up(self, phones: Sequence[Phone]) -> Mapping[Phone, Listing]:
        """Ask the server who is on WhatsApp, and under which LID; whom it leaves out is missing.

        Raises:
            SendError: the library's string, as a send would fail that asks for a LID.
        """
        if self._life.death is not None:
            raise SendError("client is nil")
        listed, error = whatsapp.look_up(self._uuid, phones)
        if error:
            raise SendError(f"failed to get user info for {phones[0]} to fill LID cache: {error}")
        return {Phone(each): Listing(known, lid) for each, (known, lid) in listed.items()}

    def fetch_devices(self, lids: Sequence[str]) -> None:
        """Have the library ask for the device lists that its memory lacks.

        Raises:
            SendError: the library's string, as a send would fail that asks for one.
        """
        if self._life.death is not None:
            raise SendError("client is nil")
        _, error = whatsapp.fetch_devices(self._uuid, lids)
        if error:
            raise SendError(f"failed to get device list: {error}")

    def prepare(self, message: Outgoing) -> None:
        """Upload the attachment, unless this device has done so lately and it is still the same.

        Raises:
            UploadError: the library could not; nothing was sent.
            AttachmentError: the file can't be used.
        """
        media = message.content.media
        if media is None:
            self._seen(message)
            return
        state = state_of(media)
        uploaded = self._uploads.find(self._jid, media)
        if uploaded is not None and state is not None and self._uploads.seen(media) == state:
            return
        data = read_attachment(media)
        self._appearances.of(media, lambda _: data)
        self._uploads.see(media, state)
        if uploaded is not None:
            return  # touched, and the same all the same
        if self._life.death is not None:  # the library aborts on a client that it has let go
            raise UploadError("client is nil")
        result = whatsapp.upload(self._uuid, data, UPLOAD_KINDS[media.kind])
        if result.Error:
            raise UploadError(str(result.Error))
        self._uploads.keep(self._jid, media, result.UploadResponse)

    def send(self, message: Outgoing) -> str:
        """Send a prepared message and wait for the server's ack; its message id.

        Raises:
            SendError: the library's string.
            UploadError: its attachment is to be uploaded anew; nothing was sent.
        """
        media = message.content.media
        uploaded = None if media is None else self._uploads.find(self._jid, media)
        if media is not None and uploaded is None:
            raise UploadError("the upload has run out since it was prepared")
        seen = self._seen(message)
        to = whatsapp.jid_of(f"{message.phone.removeprefix('+')}@s.whatsapp.net")
        composed = compose(message, uploaded, time.time(), seen)
        message_id, error = whatsapp.send(self._uuid, to, composed)
        if error:
            raise SendError(error)
        if left_out := self._library.left_out.take(message_id):
            self._require_reader(message.phone, left_out)
        return message_id

    def _require_reader(self, phone: Phone, left_out: Mapping[Address, str]) -> None:
        """See that somebody can read what the server took.

        Left out may be a device of the recipient's, or another of the account's own.

        Raises:
            SendError: nobody can, or there is no telling.
        """
        if self._own.issuperset(address.user for address in left_out):
            return
        listed, error = whatsapp.look_up(self._uuid, [phone])
        _, lid = listed.get(str(phone), (False, None))
        if lid is None:
            raise SendError(f"encrypted for not all devices, and whose is not known: {error}")
        user = lid.partition("@")[0]
        self._own |= {address.user for address in left_out} - {user}
        devices, error = whatsapp.fetch_devices(self._uuid, [lid])
        if error:
            raise SendError(f"encrypted for not all devices, and for whom is not known: {error}")
        if devices <= left_out.keys():
            reason = next(iter(left_out.values()))
            raise SendError(f"encrypted for no device of the recipient: {reason}")

    def _seen(self, message: Outgoing) -> Appearance:
        """Tell how the file of a message looks, or the picture of its link.

        Raises:
            AttachmentError: it has to be read, and can't be.
        """
        body = message.content.body
        file = body.picture if isinstance(body, LinkPreview) else message.content.media
        return NOTHING if file is None else self._appearances.of(file, read_attachment)

    def logout(self) -> None:
        """Unlink the device at WhatsApp and delete its session.

        Raises:
            SendError: the library's string.
        """
        if error := whatsapp.logout(self._uuid):
            raise SendError(error)

    def hang_up(self, timeout: float) -> bool:
        """Hear no more, and tell what was heard; True once it is so."""
        return self._client.hang_up(timeout)

    def stop(self, timeout: float) -> bool:
        """Disconnect for good; True once the library let go."""
        return self._client.stop(timeout)

    def _hear_line(self, name: str, line: str) -> None:
        if self._on_stanza is not None and name in (skeleton.RECEIVED, skeleton.SENT):
            received, masked = name == skeleton.RECEIVED, skeleton.skeleton(line)
            self._on_stanza(StanzaSeen(received, masked, time.time()))
        if (told := overhearing.read(name, line)) is not None:
            self._on_news(told)

    def _handle(self, code: int, data: bytes) -> None:
        if code == whatsapp.EventCode.OFFLINE_SYNC_COMPLETED:
            self._caught_up.set()
        elif (event := translation.connection_event(code, data)) is not None:
            self._on_event(event)
        elif (news := translation.news(code, data)) is not None:
            self._on_news(news)
