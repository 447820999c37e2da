"""Answers to `<iq>` stanzas, by namespace; an unanswered one would block its client for 75 s."""

from collections.abc import Callable
from dataclasses import dataclass

from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.credentials import MEDIA_HOST
from waheal.sandbox.fault_orders import FaultBook, FaultKind
from waheal.sandbox.lookups import Lookups
from waheal.sandbox.mail import Mail
from waheal.sandbox.media_host import auth_token
from waheal.sandbox.prekeys import bundle_content, read_upload
from waheal.sandbox.registry import Companion, Registry
from waheal.sandbox.stanzas import refusal, result
from waheal.sandbox.switchboard import ChatSession, Switchboard
from waheal.sandbox.unlinking import Unlinking

_DAY = 86_400
_PROPS = Node("props", {"protocol": "1", "hash": "0", "refresh": str(_DAY)}, None)
_REFUSED = 503


@dataclass(slots=True)
class Queries:
    """Whoever answers for the server."""

    board: Switchboard
    registry: Registry
    faults: FaultBook
    mail: Mail
    lookups: Lookups
    unlinking: Unlinking

    def answer(self, session: ChatSession, companion: Companion, query: Node) -> None:
        """Answer, unless the query is an answer itself or is ordered to stay unanswered."""
        if query.attr("type") not in {"get", "set"}:
            return
        answers: dict[str, Callable[[Companion, Node], Node | None]] = {
            "encrypt": self._encrypt,
            "usync": self._usync,
            "md": self._linked_devices,
            "w:m": self._media,
            "w:sync:app:state": self._app_state,
            "passive": lambda _, query: result(query, Node("active")),
            "abt": lambda _, query: result(query, _PROPS),
        }
        answer = answers.get(query.attr("xmlns"))
        node = result(query) if answer is None else answer(companion, query)
        if node is not None:
            self.board.tell(session, node)
        if query.attr("xmlns") == "passive":
            self.mail.hand_over(session, companion)

    def _encrypt(self, companion: Companion, query: Node) -> Node | None:
        if query.attr("type") == "set":
            read_upload(query, companion.stock)
            self.registry.save_stock(companion)
            return result(query)
        if (asked := query.child("key")) is not None:
            return self._bundles(companion, query, asked.children("user"))
        count = str(len(companion.stock.one_time))
        return result(query, Node("count", {"value": count}))

    def _bundles(self, companion: Companion, query: Node, users: tuple[Node, ...]) -> Node | None:
        jids = [jid for user in users if (jid := user.jid("jid")) is not None]
        numbers = [number for jid in jids if (number := self.registry.number_behind(jid))]
        kinds = [FaultKind.PREKEYS_REFUSED, FaultKind.PREKEYS_UNANSWERED]
        order = self.faults.take(kinds, str(companion.jid), numbers)
        if order is not None and order.kind is FaultKind.PREKEYS_UNANSWERED:
            return None
        if order is not None:
            return refusal(query, order.code or _REFUSED, "service-unavailable")
        return result(query, Node("list", {}, tuple(self._bundle(jid) for jid in jids)))

    def _bundle(self, jid: Jid) -> Node:
        missing = Node("user", {"jid": jid}, (Node("error", {"code": "404"}),))
        number = self.registry.number_behind(jid)
        if number is None:
            return missing
        if jid.device == 0:
            bundle = self.registry.account(number).phone_bundle()
            self.registry.save_account(self.registry.account(number))
            return Node("user", {"jid": jid}, bundle)
        companion = self.registry.companion(number, jid.device)
        if companion is None:
            return missing
        stock = companion.stock
        one_time = stock.draw()
        self.registry.save_stock(companion)
        content = bundle_content(stock.registration_id, stock.identity, stock.signed, one_time)
        return Node("user", {"jid": jid}, content)

    def _usync(self, companion: Companion, query: Node) -> Node | None:
        return self.lookups.answer(str(companion.jid), query)

    def _linked_devices(self, companion: Companion, query: Node) -> Node:
        removed = query.child("remove-companion-device")
        if removed is not None and removed.jid("jid") == companion.jid:
            self.unlinking.unlink(companion)
        return result(query)

    def _app_state(self, _: Companion, query: Node) -> Node:
        """Tell that each collection is empty, and as old as the device knows it."""
        asked = query.child("sync")
        collections = () if asked is None else asked.children("collection")
        told = tuple(
            Node("collection", {"name": each.attr("name"), "version": each.attr("version") or "0"})
            for each in collections
        )
        return result(query, Node("sync", {}, told))

    def _media(self, companion: Companion, query: Node) -> Node:
        attrs: dict[str, str | Jid] = {
            "auth": auth_token(companion.jid.user, companion.jid.device),
            "ttl": str(_DAY),
            "auth_ttl": str(_DAY),
            "max_buckets": "12",
        }
        host = Node("host", {"hostname": MEDIA_HOST}, (Node("upload"),))
        return result(query, Node("media_conn", attrs, (host,)))
