"""What the simulated phones received: one entry for each message, however often its stanza came."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from waheal.sandbox.journal import Journal
from waheal.sandbox.json_fields import Fields, Row
from waheal.sandbox.plaintext import ChangeKind

PREFIX = "inbox/"

TEXTS = ("conversation", "extendedTextMessage")
_CAPTIONED = ("imageMessage", "videoMessage", "documentMessage")
"""Fields of waE2E's Message: of words by themselves, and of files that have some under them."""

REVOKE_WINDOW = 60 * 3600.0
EDIT_WINDOW = 20 * 60.0
"""Seconds after a message in which a phone heeds its revoke or its edit.

60 hours is what is said of the real one, 20 minutes whatsmeow's ``EditWindow``.
"""


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One message of a device, as the recipient's phone holds it. Bytes are in hex digits."""

    phone: str  # "+E164" of the recipient
    device: str  # JID of the sending device
    number: str  # "+E164" of the sending device
    message_id: str
    at: float  # seconds since 1970, of the first stanza
    stanzas: int = 0  # how many stanzas with this id came in
    delivered: int = 0  # how many of them the phone could read; more than one is a doubled message
    text: str | None = None
    media_sha256: str | None = None
    media_mime: str | None = None
    media_name: str | None = None
    media_readable: bool | None = None  # whether the upload was there and decrypted to the hash
    message_secret: str | None = None
    particulars: str | None = None  # what it shows beside the text, as JSON; None for a text
    problem: str | None = None  # why the phone could not read it, when it could not
    dropped: str | None = None  # why the phone shows nothing of it, though it could read it
    revoked: int = 0  # how many revokes of it the phone has read; with the first it is gone
    edited: int = 0  # how many edits; `text` is the last one's
    change: str | None = None  # "revoke" or "edit": it shows nothing itself, ...
    changes: str | None = None  # ... but does that to the message of this id
    edits: str | None = None  # of an edit, the field of waE2E's Message that its words are in

    def to_row(self) -> dict[str, str | int | float | bool | None]:
        """Write a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_fields(cls, fields: Fields) -> "InboxEntry":
        """Read `to_row` back.

        Raises:
            FieldError: a field is missing or of another type.
        """
        readable = fields.row.get("media_readable")
        return cls(
            phone=fields.text("phone"),
            device=fields.text("device"),
            number=fields.text("number"),
            message_id=fields.text("message_id"),
            at=fields.real("at"),
            stanzas=fields.integer("stanzas"),
            delivered=fields.integer("delivered"),
            text=fields.maybe_text("text"),
            media_sha256=fields.maybe_text("media_sha256"),
            media_mime=fields.maybe_text("media_mime"),
            media_name=fields.maybe_text("media_name"),
            media_readable=None if readable is None else fields.flag("media_readable"),
            message_secret=fields.maybe_text("message_secret"),
            particulars=fields.maybe_text("particulars"),
            problem=fields.maybe_text("problem"),
            dropped=fields.maybe_text("dropped"),
            revoked=fields.integer("revoked", 0),
            edited=fields.integer("edited", 0),
            change=fields.maybe_text("change"),
            changes=fields.maybe_text("changes"),
            edits=fields.maybe_text("edits"),
        )

    @property
    def field(self) -> str:
        """Which field of waE2E's Message it came in."""
        told = json.loads(self.particulars) if self.particulars else {}
        return str(told.get("message", TEXTS[0]))

    @property
    def shown(self) -> bool:
        """Whether the phone could read it, and it is a message of its own."""
        return self.delivered > 0 and self.change is None


@dataclass(slots=True)
class Inbox:
    """Every entry, by sending device and message id, and by phone for those who wait for one."""

    journal: Journal
    _entries: dict[tuple[str, str], InboxEntry] = field(default_factory=dict)
    _by_phone: dict[str, dict[tuple[str, str], InboxEntry]] = field(default_factory=dict)
    _chats: set[tuple[str, str]] = field(default_factory=set)
    delivered: int = 0  # entries that a phone could read, and shows

    def load(self, records: Mapping[str, Row]) -> None:
        """Take up what an earlier run left.

        Raises:
            FieldError: an entry can't be read.
        """
        for key, row in records.items():
            if key.startswith(PREFIX):
                entry = InboxEntry.from_fields(Fields(row))
                self._keep(entry)

    def records(self) -> Iterator[tuple[str, Row]]:
        """Everything known, for a journal."""
        for entry in self._entries.values():
            yield f"{PREFIX}{entry.device}/{entry.message_id}", entry.to_row()

    def find(self, device: str, message_id: str) -> InboxEntry | None:
        """Tell the entry of a message, if any of its stanzas came in."""
        return self._entries.get((device, message_id))

    def put(self, entry: InboxEntry) -> None:
        """Keep an entry, in place of what was known of its message."""
        self._keep(entry)
        self.journal.put(f"{PREFIX}{entry.device}/{entry.message_id}", entry.to_row())

    def change(self, by: InboxEntry, now: float) -> InboxEntry | None:
        """Let a message that was just read do to an earlier one what it is for; what that is then.

        A phone looks at the chat and at the sender's number, not at the device; and it leaves alone
        what is too old, or gone.
        """
        for entry in self.of_message(by.phone, by.changes or ""):
            window = REVOKE_WINDOW if by.change == ChangeKind.REVOKE else EDIT_WINDOW
            if entry.number != by.number or not entry.shown or now - entry.at > window:
                continue
            changed = _revoked(entry) if by.change == ChangeKind.REVOKE else _edited(entry, by)
            if changed is not None:
                self.put(changed)
                return changed
        return None

    def came_again(self, entry: InboxEntry) -> None:
        """Count one more stanza of a message that was dealt with."""
        self.put(replace(entry, stanzas=entry.stanzas + 1))

    def entries(self, phone: str | None = None) -> list[InboxEntry]:
        """Tell what was read, by one phone or by all, oldest first; and what no phone shows."""
        found = self._entries if phone is None else self._by_phone.get(phone, {})
        return [entry for entry in found.values() if entry.shown or entry.dropped]

    def has_chat(self, sender: str, recipient: str) -> bool:
        """Tell whether a message of this number has been read by that one's phone."""
        return (f"+{sender}", f"+{recipient}") in self._chats

    def of_message(self, phone: str, message_id: str) -> list[InboxEntry]:
        """Tell a phone's entries of a message id; ids of different devices may be the same."""
        found = self._by_phone.get(phone, {})
        return [entry for entry in found.values() if entry.message_id == message_id]

    def _keep(self, entry: InboxEntry) -> None:
        key = (entry.device, entry.message_id)
        before = self._entries.get(key)
        self.delivered += entry.shown - (before is not None and before.shown)
        if entry.delivered:
            self._chats.add((entry.number, entry.phone))
        self._entries[key] = self._by_phone.setdefault(entry.phone, {})[key] = entry


def _edited(entry: InboxEntry, by: InboxEntry) -> InboxEntry | None:
    """Give what a phone shows of an edited message; None: it leaves it as it is.

    WhatsApp Web heeds a caption that is not empty, of an image, a video or a document. Words by
    themselves in its place take it away (https://github.com/tulir/whatsmeow/issues/684). That
    anything else changes nothing is a guess.
    """
    if entry.revoked:
        return None
    words, file = by.edits in TEXTS, entry.field in _CAPTIONED
    if words and (file or entry.field in TEXTS):
        return replace(entry, text=None if file else by.text, edited=entry.edited + 1)
    if file and by.edits == entry.field and by.text:
        return replace(entry, text=by.text, edited=entry.edited + 1)
    return None


def _revoked(entry: InboxEntry) -> InboxEntry:
    """Give what a phone shows of a message that was taken back: that there was one."""
    gone = replace(entry, text=None, media_sha256=None, media_mime=None, media_name=None)
    return replace(gone, media_readable=None, revoked=entry.revoked + 1)
