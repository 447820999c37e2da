"""The faults that befall one device each, in one run for all of them: what is ordered, expected."""

from dataclasses import dataclass

from waheal.model import ChatHold, Quarantine, State
from waheal.sandbox.control import FaultKind, FaultOrder

LOST = "the connection was lost before the server confirmed it; waits for a receipt"
ROWS_GONE = (
    "the connection was lost before the server confirmed it;"
    " the device's session is gone or another"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A device with `recipients` of its own, all pinned to it; `met_by` meets the fault.

    `faults` name neither device nor recipient: they are aimed at the device, and where their kind
    names a recipient at the one who meets them, with `onwards` at all who come later. `state`,
    `attempt`, `reason` and `received` are theirs, `after` is the last recipient's state,
    `quarantine` the device's, `chats` why it begins no new chat. `or_reason`: where the library
    deletes the rows of a logout while the coordinator reads them.
    """

    name: str
    faults: tuple[FaultOrder, ...]
    state: State
    attempt: int = 1
    reason: str | None = None
    or_reason: str | None = None
    received: int = 1
    quarantine: Quarantine | None = None
    chats: ChatHold | None = None
    hold: float | None = None
    after: State = State.DELIVERED
    met_by: int = 1
    onwards: bool = False
    recipients: int = 3


def _on_login(
    name: str,
    fault: FaultOrder,
    quarantine: Quarantine,
    reason: str,
    hold: float | None = None,
) -> Case:
    """Make the case of a login that fails: nobody of the device's is written to."""
    return Case(
        name,
        (fault,),
        State.PENDING,
        reason=reason,
        received=0,
        quarantine=quarantine,
        hold=hold,
        after=State.PENDING,
        met_by=0,
        recipients=2,
    )


_STREAM = FaultKind.STREAM_ERROR
_LOGIN = FaultKind.LOGIN_FAILURE
_ACK = FaultKind.ACK_ERROR

CONNECTION = (
    Case(
        "TCP drop before the message arrived", (FaultOrder(FaultKind.DROP_BEFORE),), State.DELIVERED
    ),
    Case("TCP drop after it was delivered", (FaultOrder(FaultKind.DROP_AFTER),), State.DELIVERED),
    Case(
        "dropped twice, never delivered",
        (FaultOrder(FaultKind.DROP_BEFORE, count=2),),
        State.UNCERTAIN,
        reason=LOST,
        received=0,
    ),
    Case(
        "dropped twice, delivered the first time",
        (FaultOrder(FaultKind.DROP_AFTER, count=2),),
        State.DELIVERED,
    ),
    Case("stream error 503 in mid-send", (FaultOrder(_STREAM, code=503),), State.DELIVERED),
    Case("stream error 500 in mid-send", (FaultOrder(_STREAM, code=500),), State.DELIVERED),
    Case(
        "stream error 515 in mid-send",
        (FaultOrder(_STREAM, code=515),),
        State.UNCERTAIN,
        reason=LOST,
        received=0,
    ),
    Case(
        "stream error 515, the message delivered",
        (FaultOrder(_STREAM, code=515, delivered=True),),
        State.DELIVERED,
    ),
    Case(
        "conflict: replaced, once",
        (FaultOrder(_STREAM, conflict="replaced"),),
        State.UNCERTAIN,
        reason=LOST,
        received=0,
    ),
    Case(
        "conflict: replaced, the message delivered",
        (FaultOrder(_STREAM, conflict="replaced", delivered=True),),
        State.DELIVERED,
    ),
    Case(
        "device removed (401) in mid-send, not delivered",
        (FaultOrder(_STREAM, code=401, conflict="device_removed"),),
        State.UNCERTAIN,
        reason=LOST,
        or_reason=ROWS_GONE,
        received=0,
        quarantine=Quarantine.LOGGED_OUT,
        after=State.PENDING,
    ),
    Case(
        "device removed (401) in mid-send, delivered",
        (FaultOrder(_STREAM, code=401, conflict="device_removed", delivered=True),),
        State.UNCERTAIN,
        reason=LOST,
        or_reason=ROWS_GONE,
        quarantine=Quarantine.LOGGED_OUT,
        after=State.PENDING,
    ),
    Case(
        "the network is a black hole for 3 s",
        (FaultOrder(FaultKind.BLACK_HOLE, seconds=3.0),),
        State.DELIVERED,
        met_by=0,
        recipients=2,
    ),
)

LOGIN = (
    _on_login(
        "login failure 401", FaultOrder(_LOGIN, code=401), Quarantine.LOGGED_OUT, "logged out"
    ),
    _on_login(
        "login failure 403",
        FaultOrder(_LOGIN, code=403),
        Quarantine.LOGGED_OUT,
        "the account is locked, or its phone is gone (403)",
    ),
    _on_login(
        "login failure 402, for two hours",
        FaultOrder(_LOGIN, code=402, expire=7200, count=None),
        Quarantine.BANNED,
        "temporarily banned (send to too many people)",
        hold=7200.0,
    ),
    _on_login(
        "login failure 400",
        FaultOrder(_LOGIN, code=400, count=None),
        Quarantine.REFUSED,
        "login refused (400)",
        hold=3600.0,
    ),
    _on_login(
        "login failure 409",
        FaultOrder(_LOGIN, code=409, count=None),
        Quarantine.REFUSED,
        "login refused (409)",
        hold=3600.0,
    ),
    _on_login(
        "login failure 418, which neonize has no name for",
        FaultOrder(_LOGIN, code=418, count=None),
        Quarantine.REFUSED,
        "login refused (unknown code)",
        hold=3600.0,
    ),
    Case(
        "login failure 503, twice",
        (FaultOrder(_LOGIN, code=503, count=2),),
        State.DELIVERED,
        met_by=0,
        recipients=2,
    ),
)

ACK = (
    Case(
        "ack error 463 for one contact, of a device's own",
        (FaultOrder(_ACK, code=463),),
        State.PENDING,
        reason="WhatsApp lets no chat begin with them for now (463)",
        received=0,
    ),
    Case(
        "new chats refused (463), the account is locked",
        (FaultOrder(FaultKind.NEW_CHAT_REFUSED),),
        State.PENDING,
        reason="its device begins no new chat for now",
        received=0,
        chats=ChatHold.REFUSED,
        hold=6 * 3600.0,
        after=State.PENDING,
        onwards=True,
    ),
    Case(
        "a new chat is acked and dropped",
        (FaultOrder(FaultKind.NEW_CHAT_DROPPED),),
        State.SENT,
        received=0,
    ),
    Case(
        "ack error 429",
        (FaultOrder(_ACK, code=429),),
        State.PENDING,
        reason="the device is rate limited (429)",
        received=0,
        quarantine=Quarantine.RATE_LIMITED,
        hold=600.0,
        after=State.PENDING,
        onwards=True,
    ),
    Case("ack error 479, once", (FaultOrder(_ACK, code=479),), State.DELIVERED, attempt=2),
    Case(
        "ack error 479, always",
        (FaultOrder(_ACK, code=479, count=None),),
        State.FAILED,
        attempt=3,
        reason="the server found the message malformed (479) (given up after 3 tries)",
        received=0,
    ),
    Case(
        "ack error 405, as any other 4xx",
        (FaultOrder(_ACK, code=405),),
        State.FAILED,
        reason="the server refused the message (error 405)",
        received=0,
    ),
    Case(
        "ack error 500",
        (FaultOrder(_ACK, code=500),),
        State.UNCERTAIN,
        reason="the server stumbled over the message (error 500); waits for a receipt",
        received=0,
    ),
    Case("ack 2 s late", (FaultOrder(FaultKind.SLOW_ACK, seconds=2.0),), State.DELIVERED),
)

LOOKUP = (
    Case(
        "prekeys refused, once",
        (FaultOrder(FaultKind.PREKEYS_REFUSED),),
        State.DELIVERED,
        attempt=2,
    ),
    Case(
        "prekeys refused, always",
        (FaultOrder(FaultKind.PREKEYS_REFUSED, count=None),),
        State.FAILED,
        attempt=3,
        reason="it could not be encrypted for them (given up after 3 tries)",
        received=0,
    ),
    Case(
        "device list refused, once",
        (FaultOrder(FaultKind.DEVICES_REFUSED),),
        State.DELIVERED,
        attempt=2,
    ),
    Case(
        "device list refused, always",
        (FaultOrder(FaultKind.DEVICES_REFUSED, count=None),),
        State.FAILED,
        attempt=3,
        reason="the device list could not be looked up (given up after 3 tries)",
        received=0,
    ),
    Case(
        "user lookup refused (429)",
        (FaultOrder(FaultKind.LOOKUP_REFUSED),),
        State.PENDING,
        reason="lookups are rate limited (429)",
        received=0,
        quarantine=Quarantine.RATE_LIMITED,
        hold=600.0,
        after=State.PENDING,
        onwards=True,
    ),
    Case(
        "user lookup refused (503), once",
        (FaultOrder(FaultKind.LOOKUP_REFUSED, code=503),),
        State.DELIVERED,
        attempt=2,
    ),
    Case(
        "number not on WhatsApp",
        (FaultOrder(FaultKind.NOT_ON_WHATSAPP, count=None),),
        State.FAILED,
        reason="not on WhatsApp",
        received=0,
    ),
    Case(
        "number not on WhatsApp, looked up ahead",
        (FaultOrder(FaultKind.NOT_ON_WHATSAPP, count=None),),
        State.FAILED,
        reason="not on WhatsApp",
        received=0,
        met_by=3,
        recipients=6,
    ),
    Case(
        "look-ups of several people refused (429), always",
        (FaultOrder(FaultKind.BATCH_REFUSED, count=None),),
        State.DELIVERED,
        recipients=6,
    ),
    Case(
        "no LID told for a number that has one, once",
        (FaultOrder(FaultKind.LID_LEFT_OUT),),
        State.DELIVERED,
    ),
    Case(
        "no LID told for a number that is registered",
        (FaultOrder(FaultKind.LID_LEFT_OUT, count=None),),
        State.PENDING,
        reason="on WhatsApp, which tells no LID for them, and without it nobody is written to",
        received=0,
    ),
    Case(
        "nothing said of a number, neither yes nor no",
        (FaultOrder(FaultKind.UNLISTED, count=None),),
        State.PENDING,
        reason="WhatsApp does not say whether they are on it",
        received=0,
    ),
)

RECEIPTS = (
    Case(
        "unknown receipt type (ends the library's loop)",
        (FaultOrder(FaultKind.RECEIPT_TYPE, receipt="telepathy"),),
        State.SENT,
    ),
    Case("receipt withheld", (FaultOrder(FaultKind.RECEIPTS_WITHHELD),), State.SENT),
    Case("the phone asks again, in time", (FaultOrder(FaultKind.RETRY_INSTEAD),), State.DELIVERED),
)

QUICK = (*CONNECTION, *LOGIN, *ACK, *LOOKUP, *RECEIPTS)

HANGS = "no ack after a reconnect (the call hangs)"

# The library's own timeout is fixed at 75 s: these run side by side.
SILENT = (
    Case(
        "no ack, the message delivered",
        (FaultOrder(FaultKind.NO_ACK, delivered=True),),
        State.DELIVERED,
    ),
    Case(
        "no ack, not delivered",
        (FaultOrder(FaultKind.NO_ACK),),
        State.UNCERTAIN,
        reason="the server did not confirm it in time; waits for a receipt",
        received=0,
    ),
    Case(
        "no ack, delivered, its receipt withheld",
        (FaultOrder(FaultKind.NO_ACK, delivered=True), FaultOrder(FaultKind.RECEIPTS_WITHHELD)),
        State.UNCERTAIN,
        reason="the server did not confirm it in time; waits for a receipt",
    ),
    Case(
        "user lookup unanswered",
        (FaultOrder(FaultKind.LOOKUP_UNANSWERED),),
        State.DELIVERED,
        attempt=2,
    ),
    Case(
        "prekeys unanswered",
        (FaultOrder(FaultKind.PREKEYS_UNANSWERED),),
        State.DELIVERED,
        attempt=2,
    ),
    Case(
        HANGS,
        (FaultOrder(FaultKind.NO_ACK_AFTER_RECONNECT),),
        State.DELIVERED,
    ),
)

BYSTANDERS = tuple(Case(f"bystander {n}", (), State.DELIVERED, recipients=25) for n in range(2))
"""Devices that nothing happens to, in the same host."""
