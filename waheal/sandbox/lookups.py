"""Answers to usync queries: who is on WhatsApp, under which LID and with which devices.

Shapes as whatsmeow's ``user.go`` reads them. A number is on WhatsApp unless ordered otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass

from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.fault_orders import FaultBook, FaultKind
from waheal.sandbox.numbering import is_number, lid_of, number_in
from waheal.sandbox.protobufs import ADVKeyIndexList, ADVSignedKeyIndexList
from waheal.sandbox.registry import Registry
from waheal.sandbox.stanzas import LEGACY, LIDS, USERS, refusal, result

KEY_INDEX_PREFIX = b"\x06\x02"
"""What an account signs before the list of its devices' keys."""

_TOO_MANY = 429
_UNAVAILABLE = 503
_ABOUT_A_NUMBER = (
    FaultKind.NOT_ON_WHATSAPP,
    FaultKind.LID_LEFT_OUT,
    FaultKind.UNLISTED,
    FaultKind.OTHER_SPELLING,
)
_ANSWERED = (None, FaultKind.LID_LEFT_OUT)  # devices are told of those, by their number's JID
_WITH_LID = (None, FaultKind.OTHER_SPELLING)  # and a LID of these, to who asks for a contact


@dataclass(frozen=True, slots=True)
class _Asked:
    """One user of a query: the node's JID or the contact's text, and the number behind it."""

    jid: Jid | None
    contact: bytes
    number: str | None


@dataclass(slots=True)
class Lookups:
    """The directory."""

    registry: Registry
    faults: FaultBook
    clock: Callable[[], float]

    def answer(self, device: str, query: Node) -> Node | None:
        """Answer a device; None where the query is ordered to stay unanswered."""
        usync = query.child("usync")
        fields, users = (
            (None, None) if usync is None else (usync.child("query"), usync.child("list"))
        )
        if usync is None or fields is None or users is None:
            return result(query)
        asked = [self._asked(user) for user in users.children("user")]
        wanted = {field.tag for field in fields.children()}
        numbers = [user.number for user in asked if user.number is not None]
        # A send asks for its recipient's devices and for its own.
        if len(set(numbers)) > (2 if wanted == {"devices"} else 1):
            order = self.faults.take([FaultKind.BATCH_REFUSED], device, numbers)
            if order is not None:
                return refusal(query, order.code or _TOO_MANY, "rate-overlimit")
        if "lid" in wanted or "contact" in wanted:
            unanswered = self.faults.take([FaultKind.LOOKUP_UNANSWERED], device, numbers)
            if unanswered is not None:
                return None
            order = self.faults.take([FaultKind.LOOKUP_REFUSED], device, numbers)
            if order is not None:
                return refusal(query, order.code or _TOO_MANY, "rate-overlimit")
        elif "devices" in wanted:
            order = self.faults.take([FaultKind.DEVICES_REFUSED], device, numbers)
            if order is not None:
                return refusal(query, order.code or _UNAVAILABLE, "service-unavailable")
        answers = tuple(self._user(user, wanted, device) for user in asked)
        content = Node("list", {}, answers)
        return result(query, Node("usync", dict(usync.attrs), (content,)))

    def _asked(self, user: Node) -> _Asked:
        if (jid := user.jid("jid")) is not None:
            return _Asked(jid, b"", self.registry.number_behind(jid))
        contact = user.data_of("contact")
        text = contact.decode(errors="replace").removesuffix(f"@{LEGACY}")
        return _Asked(None, contact, text.removeprefix("+") if is_number(text) else None)

    def _user(self, asked: _Asked, wanted: set[str], device: str) -> Node:
        number = asked.number
        if number is None:
            attrs: dict[str, str | Jid] = {} if asked.jid is None else {"jid": asked.jid}
            return Node("user", attrs)
        order = self.faults.take(_ABOUT_A_NUMBER, device, [number])
        kind = None if order is None else order.kind
        if asked.jid is None:
            registered = number if order is None or not order.number else number_in(order.number)
            return self._contact(registered, asked.contact, kind)
        content: list[Node] = []
        if kind in _ANSWERED and "devices" in wanted:
            content.append(self._devices(number))
        if kind is None and "lid" in wanted:
            content.append(Node("lid", {"val": Jid(lid_of(number), LIDS)}))
        return Node("user", {"jid": asked.jid}, tuple(content) or None)

    def _contact(self, number: str, contact: bytes, kind: FaultKind | None) -> Node:
        attrs: dict[str, str | Jid] = {"pn_jid": Jid(number, USERS)}
        if kind is FaultKind.UNLISTED:
            return Node("user", attrs)
        if kind in _WITH_LID:
            attrs["jid"] = Jid(lid_of(number), LIDS)
        is_in = kind is not FaultKind.NOT_ON_WHATSAPP
        said = Node("contact", {"type": "in" if is_in else "out"}, contact)
        return Node("user", attrs, (said,))

    def _devices(self, number: str) -> Node:
        ids = [0, *(companion.jid.device for companion in self.registry.companions_of(number))]
        devices = tuple(
            Node("device", {"id": str(each)} | ({"key-index": str(each)} if each else {}))
            for each in ids
        )
        return Node("devices", {}, (Node("device-list", {}, devices), self._signed(number, ids)))

    def _signed(self, number: str, ids: list[int]) -> Node:
        """Write the list of keys that the account has signed, of its phone and its devices.

        whatsmeow does not look at it (``user.go``, `parseDeviceList`); others drop devices that
        it does not name.
        """
        account, now = self.registry.account(number), int(self.clock())
        details = ADVKeyIndexList(
            rawID=account.phone.registration_id,
            timestamp=now,
            currentIndex=max(ids),
            validIndexes=ids,
        ).SerializeToString()
        signed = ADVSignedKeyIndexList(
            details=details, accountSignature=account.phone.sign(KEY_INDEX_PREFIX + details)
        )
        return Node("key-index-list", {"ts": str(now)}, signed.SerializeToString())
