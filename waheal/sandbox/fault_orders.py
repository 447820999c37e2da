"""Fault orders: what shall go wrong, for whom and how often; knows no stanza."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum, unique

from waheal.sandbox.numbering import number_in


@unique
class FaultKind(StrEnum):
    """What can be ordered; README.md tells what a client sees of each."""

    DROP_BEFORE = "drop-before"  # TCP cut when a message arrives, nothing delivered
    DROP_AFTER = "drop-after"  # delivered, then TCP cut without an ack
    STREAM_ERROR = "stream-error"  # code, conflict; delivered says whether the message was
    LOGIN_FAILURE = "login-failure"  # code; with 402 also ban_code and expire
    ACK_ERROR = "ack-error"  # code; nothing delivered
    NEW_CHAT_REFUSED = "new-chat-refused"  # 463 to whom the account has not written; others pass
    NEW_CHAT_DROPPED = "new-chat-dropped"  # acked and delivered to nobody; others pass
    BARE_CHAT_REFUSED = "bare-chat-refused"  # 463 for a new chat without a valid token; others pass
    NO_ACK = "no-ack"  # delivered says whether the message was
    NO_ACK_AFTER_RECONNECT = "no-ack-after-reconnect"  # cut, then silence for the same id
    SLOW_ACK = "slow-ack"  # seconds
    SLOW_LOGIN = "slow-login"  # seconds
    LOCK_TOLD = "lock-told"  # at a login: no new chats for so many seconds; 0: again
    QUOTA_TOLD = "quota-told"  # at a login: used of total new chats, for so many seconds
    PREKEYS_REFUSED = "prekeys-refused"
    PREKEYS_UNANSWERED = "prekeys-unanswered"
    DEVICES_REFUSED = "devices-refused"
    LOOKUP_REFUSED = "lookup-refused"  # code, 429 unless given
    BATCH_REFUSED = "batch-refused"  # code, 429 unless given: of several people; others pass
    LOOKUP_UNANSWERED = "lookup-unanswered"
    NOT_ON_WHATSAPP = "not-on-whatsapp"
    LID_LEFT_OUT = "lid-left-out"  # registered, as is_on_whatsapp says, but no LID is told
    UNLISTED = "unlisted"  # nothing is said of the number, neither yes nor no
    OTHER_SPELLING = "other-spelling"  # number: under which the account is registered instead
    RECEIPT_TYPE = "receipt-type"  # receipt: the type to send in place of a delivery
    RECEIPTS_WITHHELD = "receipts-withheld"  # kept until released or cleared
    RETRY_INSTEAD = "retry-instead"  # the phone asks again in place of a delivery
    UPLOAD_REFUSED = "upload-refused"  # code, 503 unless given
    PAIRING_REFUSED = "pairing-refused"
    PASSKEY_ASKED = "passkey-asked"  # in place of the link, after the scan or the code
    OLD_CHAT = "old-chat"  # number: its phone has a chat with it, and its token, seconds old
    HISTORY_WITHHELD = "history-withheld"  # the phone sends none, and so no salt, ever
    LOGIN_UNASKED = "login-unasked"  # linked, and never sent off to log in (515): silence
    PAIRING_TIMEOUT = "pairing-timeout"  # seconds until the server hangs up on a pairing client
    SERVER_GONE = "server-gone"  # seconds; everything closed, then back on the same port
    BLACK_HOLE = "black-hole"  # sockets stay, nothing passes; seconds, or until cleared

    @property
    def names_a_recipient(self) -> bool:
        """Whether an order of this kind may name one: what it strikes is for somebody."""
        return self not in _FOR_NOBODY


_FOR_NOBODY = frozenset(
    {
        FaultKind.LOGIN_FAILURE,
        FaultKind.SLOW_LOGIN,
        FaultKind.LOCK_TOLD,
        FaultKind.QUOTA_TOLD,
        FaultKind.UPLOAD_REFUSED,
        FaultKind.PAIRING_REFUSED,
        FaultKind.PASSKEY_ASKED,
        FaultKind.HISTORY_WITHHELD,
        FaultKind.OLD_CHAT,
        FaultKind.LOGIN_UNASKED,
        FaultKind.PAIRING_TIMEOUT,
        FaultKind.SERVER_GONE,
        FaultKind.BLACK_HOLE,
    }
)

#: The faults that befall an arriving message, the first that matches; `delivery.py` does each.
ON_MESSAGE = (
    FaultKind.DROP_BEFORE,
    FaultKind.DROP_AFTER,
    FaultKind.STREAM_ERROR,
    FaultKind.ACK_ERROR,
    FaultKind.NO_ACK,
    FaultKind.NO_ACK_AFTER_RECONNECT,
)

#: Likewise, where the account has not written to the recipient before.
ON_NEW_CHAT = (FaultKind.NEW_CHAT_REFUSED, FaultKind.NEW_CHAT_DROPPED)


@dataclass(frozen=True, slots=True)
class FaultOrder:
    """One order. Device and recipient are a JID or a number; empty means any."""

    kind: FaultKind
    device: str = ""
    recipient: str = ""
    count: int | None = 1  # matching stanzas; None until cleared
    code: int = 0
    ban_code: int = 101
    expire: int = 0  # seconds
    seconds: float = 0.0
    delivered: bool = False
    conflict: str = ""
    receipt: str = ""
    used: int = 0
    total: int = 0
    number: str = ""


def _matches_device(wanted: str, device: str) -> bool:
    if not wanted or wanted == device:
        return True
    return "@" not in wanted and number_in(wanted) == number_in(device)


def _matches_recipient(wanted: str, numbers: Iterable[str]) -> bool:
    return not wanted or number_in(wanted) in {number_in(number) for number in numbers}


@dataclass(slots=True)
class _Standing:
    fault: FaultOrder
    left: int | None


@dataclass(slots=True)
class FaultBook:
    """The orders that still stand, oldest first."""

    _standing: list[_Standing] = field(default_factory=list)

    def order(self, fault: FaultOrder) -> None:
        """Let fault stand until its count is used up or the book is cleared."""
        self._standing.append(_Standing(fault, fault.count))

    def clear(self) -> None:
        """Forget every order."""
        self._standing.clear()

    def drop(self, fault: FaultOrder) -> None:
        """Forget one order, if it still stands."""
        self._standing = [order for order in self._standing if order.fault is not fault]

    def standing(self) -> tuple[FaultOrder, ...]:
        """Tell the orders that still stand."""
        return tuple(order.fault for order in self._standing)

    def take(
        self, kinds: Iterable[FaultKind], device: str = "", recipients: Iterable[str] = ()
    ) -> FaultOrder | None:
        """Use the first order of one of these kinds that fits; its count goes down by one."""
        if not self._standing:
            return None
        wanted, numbers = frozenset(kinds), tuple(recipients)
        for order in self._standing:
            fault = order.fault
            if (
                fault.kind in wanted
                and _matches_device(fault.device, device)
                and _matches_recipient(fault.recipient, numbers)
            ):
                self._use(order)
                return fault
        return None

    def holds(self, kind: FaultKind, device: str = "") -> bool:
        """Whether an order of this kind stands for the device, without using it up."""
        return any(
            order.fault.kind is kind and _matches_device(order.fault.device, device)
            for order in self._standing
        )

    def _use(self, order: _Standing) -> None:
        if order.left is None:
            return
        order.left -= 1
        if order.left <= 0:
            self._standing.remove(order)
