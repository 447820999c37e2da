"""Stanzas on their way to linked devices: kept until the device has acknowledged them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from waheal.sandbox.codec import Jid, Node, decode, encode
from waheal.sandbox.journal import Journal
from waheal.sandbox.json_fields import Fields, Row
from waheal.sandbox.registry import Companion
from waheal.sandbox.stanzas import offline_done
from waheal.sandbox.switchboard import ChatSession, Switchboard

PREFIX = "mail/"


def mail_key(stanza: Node) -> str:
    """Tell what a stanza and its acknowledgement have in common."""
    if stanza.tag == "ack":
        tag = stanza.attr("class")
        return f"{tag}:{stanza.attr('id')}:{stanza.attr('type') if tag != 'message' else ''}"
    kind = stanza.attr("type") if stanza.tag != "message" else ""
    return f"{stanza.tag}:{stanza.attr('id')}:{kind}"


@dataclass(slots=True)
class Mail:
    """Each device's box; what lies in it survives the server and goes out at every login."""

    board: Switchboard
    journal: Journal
    _boxes: dict[Jid, dict[str, Node]] = field(default_factory=dict)

    def load(self, records: Mapping[str, Row]) -> None:
        """Take up what an earlier run left."""
        for key, row in records.items():
            if key.startswith(PREFIX):
                address, _, name = key.removeprefix(PREFIX).partition("/")
                self._boxes.setdefault(Jid.parse(address), {})[name] = decode(
                    Fields(row).raw("node")
                )

    def records(self) -> list[tuple[str, Row]]:
        """Everything that waits, for a journal."""
        return [
            (f"{PREFIX}{jid}/{name}", {"node": encode(node).hex()})
            for jid, box in self._boxes.items()
            for name, node in box.items()
        ]

    def push(self, companion: Companion, stanza: Node) -> None:
        """Hand a stanza over now, or at the next login; until it is acknowledged."""
        name = mail_key(stanza)
        self._boxes.setdefault(companion.jid, {})[name] = stanza
        self.journal.put(f"{PREFIX}{companion.jid}/{name}", {"node": encode(stanza).hex()})
        session = self.board.online.get(companion.jid)
        if session is not None and session.active:
            self.board.tell(session, stanza)

    def hand_over(self, session: ChatSession, companion: Companion) -> None:
        """Send what waits to a device that has asked for it."""
        session.active = True
        box = self._boxes.get(companion.jid, {})
        for stanza in box.values():
            self.board.tell(session, stanza)
        self.board.tell(session, offline_done(len(box)))

    def acknowledged(self, companion: Companion, ack: Node) -> None:
        """Take out what the device says that it has."""
        self._take_out(companion.jid, mail_key(ack))

    def received(self, companion: Companion, message_id: str) -> None:
        """Take out a message that the device has sent a receipt for."""
        self._take_out(companion.jid, f"message:{message_id}:")

    def forget(self, companion: Companion) -> None:
        """Throw a removed device's box away."""
        for name in list(self._boxes.pop(companion.jid, {})):
            self.journal.put(f"{PREFIX}{companion.jid}/{name}", None)

    def _take_out(self, jid: Jid, name: str) -> None:
        box = self._boxes.get(jid)
        if box is not None and box.pop(name, None) is not None:
            self.journal.put(f"{PREFIX}{jid}/{name}", None)
            if not box:
                del self._boxes[jid]
