"""One client's chat, sans I/O: the bytes of its WebSocket in, events and bytes out.

States, in order: the header `WA 06 03`, the client's hello, its finish, then stanzas. Each frame is
three bytes of big-endian length and a body; after the handshake the body is a sealed stanza. Knows
neither accounts nor what a stanza asks for.
"""

from dataclasses import dataclass
from enum import Enum, auto, unique
from typing import assert_never

from waheal.sandbox.codec import CodecError, Node, decode, encode
from waheal.sandbox.greeting import Greeting, GreetingError, read_finish, read_hello, write_hello
from waheal.sandbox.noise import PROLOGUE, NoiseError, Responder, Transport

_LENGTH_SIZE = 3


class ProtocolError(Exception):
    """The client speaks something else; its connection is to be closed."""


@dataclass(frozen=True, slots=True)
class Greeted:
    """The handshake is over: who the client says it is."""

    greeting: Greeting


@dataclass(frozen=True, slots=True)
class StanzaReceived:
    """A stanza arrived."""

    node: Node


Event = Greeted | StanzaReceived


@unique
class _Expected(Enum):
    """What the client says next."""

    HEADER = auto()
    HELLO = auto()
    FINISH = auto()
    STANZAS = auto()


def frame(body: bytes) -> bytes:
    """Put the body's length before it."""
    return len(body).to_bytes(_LENGTH_SIZE, "big") + body


class ChatProtocol:
    """The server's end of one chat."""

    def __init__(self, responder: Responder, certificates: bytes) -> None:
        self._expected = _Expected.HEADER
        self._buffer = bytearray()
        self._out = bytearray()
        self._responder: Responder | None = responder
        self._certificates = certificates
        self._transport: Transport | None = None

    def receive(self, data: bytes) -> list[Event]:
        """Take in what the client sent.

        Raises:
            ProtocolError: it is no such client; nothing more may be asked of this session.
        """
        self._buffer += data
        events: list[Event] = []
        if self._expected is _Expected.HEADER and not self._take_header():
            return events
        while (body := self._take_frame()) is not None:
            try:
                event = self._on_frame(body)
            except (CodecError, GreetingError, NoiseError) as error:
                raise ProtocolError(str(error)) from error
            if event is not None:
                events.append(event)
        return events

    def send(self, node: Node) -> None:
        """Queue a stanza for the client; it may be asked for from `Greeted` on."""
        if self._transport is None:
            raise ProtocolError("no stanza can be sent before the handshake")
        self._out += frame(self._transport.seal(encode(node)))

    def data_to_send(self) -> bytes:
        """Tell what is to be written to the client, each byte once."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def _take_header(self) -> bool:
        if not PROLOGUE.startswith(bytes(self._buffer[: len(PROLOGUE)])):
            raise ProtocolError("the session does not begin with its header")
        if len(self._buffer) < len(PROLOGUE):
            return False
        del self._buffer[: len(PROLOGUE)]
        self._expected = _Expected.HELLO
        return True

    def _take_frame(self) -> bytes | None:
        size = int.from_bytes(self._buffer[:_LENGTH_SIZE], "big") + _LENGTH_SIZE
        if len(self._buffer) < max(size, _LENGTH_SIZE):
            return None
        body = bytes(self._buffer[_LENGTH_SIZE:size])
        del self._buffer[:size]
        return body

    def _on_frame(self, body: bytes) -> Event | None:
        match self._expected:
            case _Expected.HEADER | _Expected.HELLO:
                self._on_hello(body)
                return None
            case _Expected.FINISH:
                return self._on_finish(body)
            case _Expected.STANZAS:
                return self._on_stanza(body)
        assert_never(self._expected)

    def _on_hello(self, body: bytes) -> None:
        responder = self._responder
        if responder is None:
            raise ProtocolError("the handshake is over")
        ephemeral, static, payload = responder.answer_hello(read_hello(body), self._certificates)
        self._out += frame(write_hello(ephemeral, static, payload))
        self._expected = _Expected.FINISH

    def _on_finish(self, body: bytes) -> Greeted:
        responder = self._responder
        if responder is None:
            raise ProtocolError("the handshake is over")
        greeting = read_finish(body, responder.read_finish)
        self._transport = responder.finish()
        self._responder = None  # frees the handshake's keys
        self._expected = _Expected.STANZAS
        return Greeted(greeting)

    def _on_stanza(self, body: bytes) -> StanzaReceived:
        if self._transport is None:
            raise ProtocolError("no stanza can come before the handshake")
        plain = self._transport.open(body)
        return StanzaReceived(decode(plain))
