"""A world without a shell, and linked devices in it that write real ciphertexts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.sandbox.scripted import DeviceKeys
from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.effects import Close, Effect, Later, Tell
from waheal.sandbox.journal import Journal
from waheal.sandbox.linking import new_companion
from waheal.sandbox.media_host import MediaHost
from waheal.sandbox.numbering import lid_of
from waheal.sandbox.phone import Phone
from waheal.sandbox.plaintext import text_message
from waheal.sandbox.prekeys import read_prekey
from waheal.sandbox.registry import Companion
from waheal.sandbox.signal import Bundle
from waheal.sandbox.stanzas import LIDS, SERVER, USERS
from waheal.sandbox.switchboard import ChatSession
from waheal.sandbox.world import World

NUMBER = "447700900123"


@dataclass(slots=True)
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Stage:
    """A world, and what it did since one last looked."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    world: World = field(init=False)
    effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        journal = Journal(self.folder / "journal.jsonl")
        self.world = World.open(journal, MediaHost(self.folder / "media"), self.clock)

    def reopen(self) -> None:
        """End without saying goodbye, and start again."""
        self.look()
        self.world.journal.close()
        self.open()

    def close(self) -> None:
        self.world.journal.close()

    def look(self) -> list[Effect]:
        self.effects = self.world.effects()
        return self.effects

    def told(self, session: ChatSession) -> list[Node]:
        """What the session was told since the last look."""
        effects = self.look()
        return [
            effect.node
            for effect in effects
            if isinstance(effect, Tell) and effect.session == session.session_id
        ]

    def closed(self, session: ChatSession) -> bool:
        return any(
            isinstance(effect, Close) and effect.session == session.session_id
            for effect in self.effects
        )

    def later(self) -> Later:
        (effect,) = (effect for effect in self.effects if isinstance(effect, Later))
        return effect


@dataclass(slots=True)
class Device:
    """A linked device as its client: a session, keys, and a ratchet with everyone."""

    stage: Stage
    number: str = "14255550150"
    keys: DeviceKeys = field(default_factory=DeviceKeys)
    ratchets: Phone = field(default_factory=Phone.create)
    companion: Companion = field(init=False)
    session: ChatSession = field(init=False)
    sent: int = 0

    def __post_init__(self) -> None:
        account = self.stage.world.registry.account(self.number)
        account.linked += 1
        registration = self.keys.registration()
        self.companion = new_companion(account, account.linked, registration)
        self.stage.world.registry.add(self.companion)
        self.log_in()

    @property
    def jid(self) -> str:
        return str(self.companion.jid)

    def log_in(self) -> list[Node]:
        """Log in and ask for what waits; everything that was told."""
        login = self.keys.login(self.number, self.companion.jid.device)
        self.session = self.stage.world.opened(login)
        self.say("iq", {"id": "p", "xmlns": "passive", "type": "set"}, Node("active"))
        return self.stage.told(self.session)

    def drop(self) -> None:
        self.stage.world.lost(self.session)

    def say(self, tag: str, attrs: dict[str, str | Jid], *content: Node) -> None:
        self.stage.world.received(self.session, Node(tag, attrs, content or None))

    def ask(self, tag: str, attrs: dict[str, str | Jid], *content: Node) -> list[Node]:
        """Say something; what was told since."""
        self.stage.look()
        self.say(tag, attrs, *content)
        return self.stage.told(self.session)

    def query(self, xmlns: str, kind: str, *content: Node) -> list[Node]:
        return self.ask("iq", {"id": "q", "xmlns": xmlns, "type": kind, "to": SERVER}, *content)

    def usync(self, wanted: Sequence[str], *users: Node) -> list[Node]:
        fields = Node("query", {}, tuple(Node(tag) for tag in wanted))
        return self.query("usync", "get", Node("usync", {}, (fields, Node("list", {}, users))))

    def letter(
        self,
        text: str,
        number: str = NUMBER,
        message_id: str | None = None,
        message: bytes | None = None,
    ) -> Node:
        """A message stanza, sealed for the number's phone; `message` in the text's place."""
        self.sent += 1
        lid = Jid(lid_of(number), LIDS)
        bundle = None if self.ratchets.has_session(lid) else self.fetch(lid)
        kind, ciphertext = self.ratchets.encrypt(lid, message or text_message(text), bundle)
        enc = Node("enc", {"v": "2", "type": kind}, ciphertext)
        to = Node("participants", {}, (Node("to", {"jid": lid}, (enc,)),))
        attrs: dict[str, str | Jid] = {
            "id": message_id or f"3EB0{self.sent:04d}",
            "type": "text",
            "to": lid,
            "peer_recipient_pn": Jid(number, USERS),
        }
        return Node("message", attrs, (to,))

    def fetch(self, lid: Jid) -> Bundle:
        """Ask for the keys of a phone."""
        (answer,) = self.query("encrypt", "get", Node("key", {}, (Node("user", {"jid": lid}),)))
        users = answer.child("list")
        assert users is not None
        (user,) = users.children("user")
        registration, identity = user.child("registration"), user.child("identity")
        signed, one_time = user.child("skey"), user.child("key")
        assert registration is not None
        assert identity is not None
        assert signed is not None
        assert one_time is not None
        return Bundle(
            int.from_bytes(registration.data(), "big"),
            identity.data(),
            read_prekey(signed),
            read_prekey(one_time),
        )

    def send(self, letter: Node) -> list[Node]:
        """Send a stanza as it is; what was told since."""
        self.stage.look()
        self.stage.world.received(self.session, letter)
        return self.stage.told(self.session)

    def texts(self) -> list[str | None]:
        return [entry.text for entry in self.stage.world.inbox.entries()]
