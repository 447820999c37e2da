"""A message stanza's way: what is ordered to befall it, who opens it, its ack and its receipts.

A stanza id of a device that was dealt with is acknowledged again and opened no second time: the
client sends the same id again after a drop. What a phone asked for anew comes with a count.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.correspondence import Correspondence
from waheal.sandbox.fault_orders import ON_MESSAGE, ON_NEW_CHAT, FaultBook, FaultKind, FaultOrder
from waheal.sandbox.inbox import Inbox, InboxEntry
from waheal.sandbox.mail import Mail
from waheal.sandbox.plaintext import ChangeKind
from waheal.sandbox.registry import Companion, Registry
from waheal.sandbox.salts import first_contact_token
from waheal.sandbox.stanzas import ack, receipt, retry_receipt, stream_error
from waheal.sandbox.switchboard import ChatSession, Switchboard
from waheal.sandbox.unlinking import Unlinking

_NO_NEW_CHAT = 463


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message stanza, who sent it and to which number."""

    sender: Companion
    stanza: Node
    number: str

    @property
    def message_id(self) -> str:
        return self.stanza.attr("id")

    @property
    def is_retry(self) -> bool:
        """Whether a phone asked for it anew: its `<enc>` stands alone and counts."""
        enc = self.stanza.child("enc")
        return enc is not None and enc.attr("count") not in {"", "0"}


@dataclass(slots=True)
class Delivery:
    """Everything between a device's message and its recipient's phone."""

    board: Switchboard
    registry: Registry
    faults: FaultBook
    mail: Mail
    inbox: Inbox
    correspondence: Correspondence
    unlinking: Unlinking
    _silent: set[tuple[str, str]] = field(default_factory=set)
    _held: list[tuple[Companion, Node]] = field(default_factory=list)

    def message(self, session: ChatSession, companion: Companion, stanza: Node, now: float) -> None:
        """Deal with a message that a device sent."""
        to = stanza.jid("to")
        number = None if to is None else self.registry.number_behind(to)
        if number is None:  # a group, a channel, a status: taken, and nobody reads it
            self.board.tell(session, ack(stanza, now))
            return
        letter = _Letter(companion, stanza, number)
        if not letter.is_retry:
            told = {"device": str(companion.jid), "message_id": letter.message_id}
            edit = {"edit": said} if (said := stanza.attr("edit")) else {}
            self.board.happened("arrived", {**told, "phone": f"+{number}", **edit})
        key = (str(companion.jid), letter.message_id)
        if key in self._silent:
            self._deliver(letter, now)
            return
        order = self.faults.take(self._dangers(letter), str(companion.jid), [number])
        if order is None:
            self._take(session, letter, now)
        else:
            self._fail(session, letter, order, now)

    def release(self) -> int:
        """Send the receipts that were withheld; how many."""
        held, self._held = self._held, []
        for companion, node in held:
            self.mail.push(companion, node)
        return len(held)

    def mark_read(self, entry: InboxEntry, now: float) -> None:
        """Let the recipient's phone say that it has shown the message."""
        sender = Jid.parse(entry.device)
        companion = self.registry.companion(sender.user, sender.device)
        if companion is not None:
            chat = self.registry.account(entry.phone.lstrip("+")).lid
            self.mail.push(companion, receipt(chat, entry.message_id, "read", now))

    def _dangers(self, letter: _Letter) -> tuple[FaultKind, ...]:
        """Tell the faults that may befall a message."""
        sender = self.registry.account(letter.sender.jid.user)
        recipient = self.registry.account(letter.number)
        if self.inbox.has_chat(sender.number, recipient.number):
            return ON_MESSAGE
        old = (sender.number, recipient.number) in self.correspondence.old_chats
        own = first_contact_token(sender.phone.nct_salt, recipient.lid)
        known = letter.stanza.data_of("cstoken") == own
        trusted = letter.stanza.data_of("tctoken") == recipient.phone.trust_token(sender.lid)
        new = () if old else ON_NEW_CHAT
        bare = () if known or (old and trusted) else (FaultKind.BARE_CHAT_REFUSED,)
        return (*ON_MESSAGE, *new, *bare)

    def _take(self, session: ChatSession, letter: _Letter, now: float) -> None:
        slow = self.faults.take([FaultKind.SLOW_ACK], str(letter.sender.jid), [letter.number])
        answer = ack(letter.stanza, now)
        if slow is None:
            self._deliver(letter, now, before_receipts=lambda: self.board.tell(session, answer))
            return
        self._deliver(letter, now)
        self.board.later(slow.seconds, lambda: self.board.tell(session, answer))

    def _fail(self, session: ChatSession, letter: _Letter, order: FaultOrder, now: float) -> None:
        # What closes the session comes before the receipts, so that they wait for the next login.
        match order.kind:
            case FaultKind.ACK_ERROR:
                self.board.tell(session, ack(letter.stanza, now, order.code))
                return
            case FaultKind.NEW_CHAT_REFUSED | FaultKind.BARE_CHAT_REFUSED:
                self.board.tell(session, ack(letter.stanza, now, _NO_NEW_CHAT))
                return
            case FaultKind.NEW_CHAT_DROPPED:
                self.board.tell(session, ack(letter.stanza, now))
                return
            case FaultKind.NO_ACK:
                pass
            case FaultKind.NO_ACK_AFTER_RECONNECT:
                self._silent.add((str(letter.sender.jid), letter.message_id))
                self.board.close(session, abrupt=True)
            case FaultKind.STREAM_ERROR:
                self.board.tell(session, stream_error(order.code, order.conflict))
                self.board.close(session, abrupt=False)
            case FaultKind.DROP_BEFORE | FaultKind.DROP_AFTER:
                self.board.close(session, abrupt=True)
            case other:
                raise ValueError(f"{other} befalls no message")
        if order.delivered or order.kind is FaultKind.DROP_AFTER:
            self._deliver(letter, now)
        if order.conflict == "device_removed":
            self.unlinking.unlink(letter.sender)

    def _deliver(
        self, letter: _Letter, now: float, before_receipts: Callable[[], None] = lambda: None
    ) -> None:
        """Open what can be opened, then send receipts; `before_receipts` stands for the ack."""
        known = self.inbox.find(str(letter.sender.jid), letter.message_id)
        if known is not None and not letter.is_retry:
            self.inbox.came_again(known)
            before_receipts()
            return
        chat = self.registry.account(letter.number).lid
        numbers = (str(letter.sender.jid), [letter.number])
        retry = self.faults.take([FaultKind.RETRY_INSTEAD], *numbers) is not None
        entry = self.correspondence.read(
            letter.sender, letter.stanza, letter.number, known, now, leave_recipient=retry
        )
        self.inbox.put(entry)
        if entry.delivered > (0 if known is None else known.delivered):
            self._show(entry, now)
        elif entry.dropped is not None:
            self.board.happened("dropped", _told(entry))
        before_receipts()
        if retry:
            asked = retry_receipt(chat, letter.message_id, 1, now, 0, None)
            self.mail.push(letter.sender, asked)
        elif entry.problem is not None:
            self.mail.push(letter.sender, self.correspondence.ask_again(letter.number, entry, now))
        elif entry.delivered:
            self._receipt(letter, chat, now)

    def _show(self, entry: InboxEntry, now: float) -> None:
        if entry.change is None:
            self.board.happened("received", _told(entry))
            return
        changed = self.inbox.change(entry, now)
        if changed is None:
            why = f"its {entry.change} changes nothing: too late, or of nothing that it fits"
            self.board.happened("dropped", {**_told(entry), "why": why})
            return
        if entry.change == ChangeKind.REVOKE:
            self.board.happened("revoked", _told(changed))
        else:
            self.board.happened("edited", _told(changed))

    def _receipt(self, letter: _Letter, chat: Jid, now: float) -> None:
        device, numbers = str(letter.sender.jid), [letter.number]
        other = self.faults.take([FaultKind.RECEIPT_TYPE], device, numbers)
        kind = "" if other is None else other.receipt
        node = receipt(chat, letter.message_id, kind, now)
        if self.faults.take([FaultKind.RECEIPTS_WITHHELD], device, numbers) is None:
            self.mail.push(letter.sender, node)
        else:
            self._held.append((letter.sender, node))


def _told(entry: InboxEntry) -> dict[str, str]:
    told = {
        "phone": entry.phone,
        "device": entry.device,
        "message_id": entry.message_id,
        "text": entry.text,
        "media_name": entry.media_name,
        "media_mime": entry.media_mime,
        "why": entry.dropped,
    }
    return {name: value for name, value in told.items() if value is not None}
