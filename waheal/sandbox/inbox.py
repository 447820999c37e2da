"""What the simulated phones received: one entry for each message, however often its stanza came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from waheal.sandbox.journal import Journal
from waheal.sandbox.json_fields import Fields, Row

PREFIX = "inbox/"


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
        )


@dataclass(slots=True)
class Inbox:
    """Every entry, by sending device and message id, and by phone for those who wait for one."""

    journal: Journal
    _entries: dict[tuple[str, str], InboxEntry] = field(default_factory=dict)
    _by_phone: dict[str, dict[tuple[str, str], InboxEntry]] = field(default_factory=dict)
    _chats: set[tuple[str, str]] = field(default_factory=set)
    delivered: int = 0  # entries that a phone could read

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

    def came_again(self, entry: InboxEntry) -> None:
        """Count one more stanza of a message that was dealt with."""
        self.put(replace(entry, stanzas=entry.stanzas + 1))

    def entries(self, phone: str | None = None) -> list[InboxEntry]:
        """Tell what was read, by one phone or by all, oldest first; and what no phone shows."""
        found = self._entries if phone is None else self._by_phone.get(phone, {})
        return [entry for entry in found.values() if entry.delivered or entry.dropped]

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
        self.delivered += (entry.delivered > 0) - (before is not None and before.delivered > 0)
        if entry.delivered:
            self._chats.add((entry.number, entry.phone))
        self._entries[key] = self._by_phone.setdefault(entry.phone, {})[key] = entry
