"""Answers to usync queries: who is on WhatsApp, under which LID and with which devices.

Shapes as whatsmeow's ``user.go`` reads them. A number is on WhatsApp unless ordered otherwise.
"""

from dataclasses import dataclass

from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.fault_orders import FaultBook, FaultKind
from waheal.sandbox.numbering import is_number, lid_of
from waheal.sandbox.registry import Registry
from waheal.sandbox.stanzas import LEGACY, LIDS, USERS, refusal, result

_TOO_MANY = 429
_UNAVAILABLE = 503


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
        known = self.faults.take([FaultKind.NOT_ON_WHATSAPP], device, [number]) is None
        if asked.jid is None:
            return self._contact(number, asked.contact, known=known)
        content: list[Node] = []
        if known and "devices" in wanted:
            content.append(self._devices(number))
        if known and "lid" in wanted:
            content.append(Node("lid", {"val": Jid(lid_of(number), LIDS)}))
        return Node("user", {"jid": asked.jid}, tuple(content) or None)

    def _contact(self, number: str, contact: bytes, *, known: bool) -> Node:
        attrs: dict[str, str | Jid] = {"pn_jid": Jid(number, USERS)}
        if known:
            attrs["jid"] = Jid(lid_of(number), LIDS)
        said = Node("contact", {"type": "in" if known else "out"}, contact)
        return Node("user", attrs, (said,))

    def _devices(self, number: str) -> Node:
        ids = [0, *(companion.jid.device for companion in self.registry.companions_of(number))]
        devices = tuple(Node("device", {"id": str(device)}) for device in ids)
        return Node("devices", {}, (Node("device-list", {}, devices),))
