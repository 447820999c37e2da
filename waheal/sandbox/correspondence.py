"""How the phones read what devices send, ask for it again, and write themselves; no faults."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.dropping import dropped
from waheal.sandbox.envelopes import SignalError
from waheal.sandbox.inbox import InboxEntry
from waheal.sandbox.mail import Mail
from waheal.sandbox.media_host import MediaHost
from waheal.sandbox.particulars import particulars
from waheal.sandbox.phone import Phone
from waheal.sandbox.plaintext import MediaError, Plaintext, PlaintextError, text_message
from waheal.sandbox.prekeys import bundle_content
from waheal.sandbox.registry import Companion, PhoneAccount, Registry
from waheal.sandbox.salts import OldChat, history_message, keys_message
from waheal.sandbox.signal import Bundle, DuplicateMessageError
from waheal.sandbox.stanzas import retry_receipt


def keys_node(phone: Phone) -> Node:
    """Fresh keys for whoever must begin a new session with the phone (``retry.go``)."""
    bundle = phone.bundle()
    _, *content = bundle_content(0, bundle.identity, bundle.signed, bundle.one_time)
    return Node("keys", {}, tuple(content))


@dataclass(frozen=True, slots=True)
class _Written:
    """A Message that a phone wrote, whose number it is, and how it is announced.

    `by_lid`: the number is kept from the device. `category`: `peer` from its own phone.
    """

    number: str
    message: bytes
    by_lid: bool = False
    category: str = ""


@dataclass(slots=True)
class Correspondence:
    """The phones' hands and eyes."""

    registry: Registry
    mail: Mail
    media_host: MediaHost
    _written: dict[str, _Written] = field(default_factory=dict)
    old_chats: set[tuple[str, str]] = field(default_factory=set)
    """Whom accounts have chats with that are older than this sandbox, by number."""

    def read(
        self,
        sender: Companion,
        stanza: Node,
        number: str,
        known: InboxEntry | None,
        now: float,
        *,
        leave_recipient: bool,
    ) -> InboxEntry:
        """Hand out the stanza's ciphertexts; what the recipient's phone holds of it then.

        With `leave_recipient` the recipient's own phone does not open its part.
        """
        entry = known or InboxEntry(
            phone=f"+{number}",
            device=str(sender.jid),
            number=f"+{sender.jid.user}",
            message_id=stanza.attr("id"),
            at=now,
        )
        entry = replace(entry, stanzas=entry.stanzas + 1)
        for to, enc in self._parts(stanza):
            owner = self.registry.number_behind(to)
            if owner is None:
                continue
            if to.device:
                self._forward(sender, stanza, owner, to, enc, now)
            elif owner == number:
                entry = entry if leave_recipient else self._open(sender, number, enc, entry)
            else:
                self._open_copy(sender, owner, enc)
        return entry

    def ask_again(self, number: str, entry: InboxEntry, now: float) -> Node:
        """Write a phone's retry receipt with keys, after it could not read a message."""
        account = self.registry.account(number)
        keys = keys_node(account.phone)
        self.registry.save_account(account)
        count = max(entry.stanzas, 1)
        registration_id = account.phone.registration_id
        return retry_receipt(account.lid, entry.message_id, count, now, registration_id, keys)

    def write(
        self, number: str, companion: Companion, message: bytes, now: float, *, by_lid: bool = False
    ) -> str:
        """Send a Message from a number's phone to a device; the message's id.

        `by_lid`: the number is not said.
        """
        return self._write(_Written(number, message, by_lid), companion, now)

    def tell_history(
        self, companion: Companion, now: float, trusting: Iterable[tuple[str, float]] = ()
    ) -> None:
        """Let the own phone of a device that was just linked send it keys and history, once.

        `trusting`: numbers of which it has old chats and tokens, and since when (Unix seconds).
        """
        own = self.registry.account(companion.jid.user)
        chats = []
        for number, since in trusting:
            them = self.registry.account(number)
            token = them.phone.trust_token(own.lid)
            self.registry.save_account(them)
            self.old_chats.add((own.number, number))
            chats.append(OldChat(them.jid, them.lid, token, int(since)))
        for message in (
            keys_message(own.phone.app_state_key, now),
            history_message(own.phone.nct_salt, chats),
        ):
            self._write(_Written(own.number, message, category="peer"), companion, now)

    def write_again(self, companion: Companion, message_id: str, now: float) -> None:
        """Send a message once more in a new session, to a device that could not read it."""
        if message_id not in self._written:
            return  # of an earlier run; only the latest can be repeated, as in whatsmeow
        account = self.registry.account(self._written[message_id].number)
        account.phone.forget(companion.lid)
        self._send(account, companion, message_id, now)

    def seal(self, number: str, companion: Companion, text: str) -> Node:
        """Write a text from a number's phone for a device as an `<enc>`, for whatever stanza."""
        return self._seal(self.registry.account(number), companion, text_message(text))

    def _seal(self, account: PhoneAccount, companion: Companion, message: bytes) -> Node:
        bundle = None
        if not account.phone.has_session(companion.lid):
            stock = companion.stock
            bundle = Bundle(stock.registration_id, stock.identity, stock.signed, stock.draw())
            self.registry.save_stock(companion)
        kind, ciphertext = account.phone.encrypt(companion.lid, message, bundle)
        self.registry.save_account(account)
        return Node("enc", {"v": "2", "type": kind}, ciphertext)

    def _write(self, written: _Written, companion: Companion, now: float) -> str:
        message_id = f"3A{secrets.token_hex(9).upper()}"
        self._written[message_id] = written
        self._send(self.registry.account(written.number), companion, message_id, now)
        return message_id

    def _send(
        self,
        account: PhoneAccount,
        companion: Companion,
        message_id: str,
        now: float,
    ) -> None:
        written = self._written[message_id]
        enc = self._seal(account, companion, written.message)
        attrs: dict[str, str | Jid] = {
            "from": account.lid,
            "id": message_id,
            "t": str(int(now)),
            "type": "text",
            "notify": f"Phone {account.number[-4:]}",
        }
        if not written.by_lid:
            attrs["sender_pn"] = account.jid
        if written.category:
            attrs["category"] = written.category
        self.mail.push(companion, Node("message", attrs, (enc,)))

    def _parts(self, stanza: Node) -> list[tuple[Jid, Node]]:
        """Each ciphertext and the device that it is for; a retried one is for the phone alone."""
        to = stanza.jid("to")
        alone = stanza.child("enc")
        if alone is not None and to is not None:
            return [(to, alone)]
        participants = stanza.child("participants")
        parts: list[tuple[Jid, Node]] = []
        for part in participants.children("to") if participants is not None else ():
            jid, enc = part.jid("jid"), part.child("enc")
            if jid is not None and enc is not None:
                parts.append((jid, enc))
        return parts

    def _open(self, sender: Companion, number: str, enc: Node, entry: InboxEntry) -> InboxEntry:
        account = self.registry.account(number)
        try:
            plain = account.phone.decrypt(sender.lid, enc.attr("type"), enc.data())
        except DuplicateMessageError:
            return entry
        except (SignalError, PlaintextError) as error:
            return replace(entry, problem=str(error))
        finally:
            self.registry.save_account(account)
        file, entry = self._fetched(plain, replace(entry, problem=None))
        entry = replace(
            entry,
            text=plain.text or None,
            message_secret=plain.message_secret.hex() or None,
            particulars=particulars(plain),
            dropped=dropped(plain, file),
        )
        if plain.change is not None:
            change, changes = plain.change.kind.value, plain.change.message_id
            edits = plain.change.field or None
            entry = replace(entry, change=change, changes=changes, edits=edits)
        return entry if entry.dropped else replace(entry, delivered=entry.delivered + 1)

    def _open_copy(self, sender: Companion, owner: str, enc: Node) -> None:
        """Open an own phone's copy; nothing is told of it."""
        account = self.registry.account(owner)
        try:
            account.phone.decrypt(sender.lid, enc.attr("type"), enc.data())
        except (SignalError, PlaintextError):
            account.phone.forget(sender.lid)  # the next copy brings the keys for a new session
        self.registry.save_account(account)

    def _fetched(self, plain: Plaintext, entry: InboxEntry) -> tuple[bytes | None, InboxEntry]:
        """Fetch and open what the message points to, where it was uploaded and is whole."""
        media = plain.media
        if media is None:
            return None, entry
        blob = self.media_host.find(media.file_enc_sha256)
        try:
            file = None if blob is None else media.open(blob)
        except MediaError:
            file = None
        return file, replace(
            entry,
            media_sha256=media.file_sha256.hex(),
            media_mime=media.mimetype or None,
            media_name=media.file_name or None,
            media_readable=file is not None and len(file) == media.file_length,
        )

    def _forward(
        self, sender: Companion, stanza: Node, owner: str, to: Jid, enc: Node, now: float
    ) -> None:
        """Put another linked device's part into its box."""
        companion = self.registry.companion(owner, to.device)
        if companion is None:
            return
        attrs: dict[str, str | Jid] = {
            "from": sender.lid,
            "id": stanza.attr("id"),
            "t": str(int(now)),
            "type": stanza.attr("type"),
            "sender_pn": sender.jid,
        }
        if owner == sender.jid.user and (chat := stanza.jid("to")) is not None:
            attrs["recipient"] = chat
        identity = stanza.child("device-identity")
        content = (enc,) if identity is None else (enc, identity)
        self.mail.push(companion, Node("message", attrs, content))
