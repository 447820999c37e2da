"""The stanzas that the server writes, and how it reads those that arrive; decides nothing.

Shapes are those that whatsmeow's parsers ask for (``connectionevents.go``, ``receipt.go``,
``message.go``, ``retry.go``).
"""

import json
from collections.abc import Mapping

from waheal.sandbox.codec import Jid, Node

USERS = "s.whatsapp.net"
LIDS = "lid"
LEGACY = "c.us"
#: `from` of what the server says itself; it must travel as a JID pair, never as a token.
SERVER = Jid("", USERS, 0)


def result(query: Node, *content: Node) -> Node:
    """Answer an iq."""
    attrs: dict[str, str | Jid] = {"from": SERVER, "type": "result", "id": query.attr("id")}
    return Node("iq", attrs, content or None)


def refusal(query: Node, code: int, text: str) -> Node:
    """Answer an iq that is refused."""
    attrs: dict[str, str | Jid] = {"from": SERVER, "type": "error", "id": query.attr("id")}
    return Node("iq", attrs, (Node("error", {"code": str(code), "text": text}, None),))


def ack(stanza: Node, now: float, error: int = 0) -> Node:
    """Acknowledge a message or a receipt; `now` in seconds since 1970."""
    attrs: dict[str, str | Jid] = {
        "class": stanza.tag,
        "id": stanza.attr("id"),
        "from": stanza.jid("to") or SERVER,
        "t": str(int(now)),
    }
    if stanza.tag == "receipt" and (kind := stanza.attr("type")):
        attrs["type"] = kind
    if error:
        attrs["error"] = str(error)
    return Node("ack", attrs, None)


def limit_notification(operation: str, key: str, told: Mapping[str, object], now: float) -> Node:
    """Tell an account of a limit of its own, as JSON in a `mex` update."""
    update = Node("update", {"op_name": operation}, json.dumps({"data": {key: told}}).encode())
    attrs: dict[str, str | Jid] = {
        "from": SERVER,
        "type": "mex",
        "id": f"{operation}-{now:.3f}",
        "t": str(int(now)),
    }
    return Node("notification", attrs, (update,))


def receipt(chat: Jid, message_id: str, kind: str, now: float) -> Node:
    """Write a chat's receipt for a message of the device that gets it; "" is delivery."""
    attrs: dict[str, str | Jid] = {"from": chat, "id": message_id, "t": str(int(now))}
    if kind:
        attrs["type"] = kind
    return Node("receipt", attrs, None)


def retry_receipt(
    chat: Jid, message_id: str, count: int, now: float, registration_id: int, keys: Node | None
) -> Node:
    """Write a chat's word that it could not read a message, with keys for a new session."""
    said = receipt(chat, message_id, "retry", now)
    asked = {"count": str(count), "id": message_id, "t": str(int(now)), "v": "1"}
    content = [
        Node("retry", asked, None),
        Node("registration", {}, registration_id.to_bytes(4, "big")),
    ]
    if keys is not None:
        content.append(keys)
    return Node("receipt", said.attrs, tuple(content))


def success(lid: Jid, now: float) -> Node:
    """Accept the login; `lid` carries the device."""
    return Node("success", {"t": str(int(now)), "lid": lid, "location": "sandbox"}, None)


def passkey_request(request_id: str, options: bytes) -> Node:
    """Ask a client that is to be linked for a passkey; `options` are WebAuthn's, as JSON."""
    attrs: dict[str, str | Jid] = {
        "from": SERVER,
        "type": "passkey_prologue_request",
        "id": request_id,
    }
    return Node("notification", attrs, (Node("passkey_request_options", {}, options),))


def offline_done(count: int) -> Node:
    """Everything that waited has been handed over."""
    return Node("ib", {"from": SERVER}, (Node("offline", {"count": str(count)}, None),))


def failure(code: int, ban_code: int = 0, expire: int = 0) -> Node:
    """Refuse the login; a 402 has its reason and its length in seconds."""
    attrs: dict[str, str | Jid] = {"reason": str(code), "location": "sandbox"}
    if ban_code:
        attrs |= {"code": str(ban_code), "expire": str(expire)}
    return Node("failure", attrs, None)


def stream_error(code: int, conflict: str = "") -> Node:
    """End the session and say why; a conflict is `replaced` or `device_removed`."""
    attrs: dict[str, str | Jid] = {"code": str(code)} if code else {}
    content = (Node("conflict", {"type": conflict}, None),) if conflict else None
    return Node("stream:error", attrs, content)
