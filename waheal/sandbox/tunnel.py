"""What runs inside a CONNECT, sans I/O: TLS, then WebSocket and a session, or HTTP uploads.

TLS runs on memory buffers of its own: asyncio's would keep 256 KiB a connection, which 3,000
devices can't afford.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from websockets.exceptions import InvalidHandshake
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as UpgradeRequest
from websockets.protocol import State
from websockets.server import ServerProtocol

from waheal.sandbox.codec import Node
from waheal.sandbox.protocol import ChatProtocol, Event, ProtocolError
from waheal.sandbox.web import Request, RequestReader, Response, WebError

_CHUNK = 16 * 1024  # a TLS record
_MAX_MESSAGE = 32 * 1024 * 1024


class TunnelError(Exception):
    """The client speaks something else; its connection is to be closed."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An HTTP request to the media host; answer it with `respond`."""

    request: Request


TunnelEvent = Event | Upload


class _Tls:
    """The server's end of TLS, sans I/O."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._shaken = False

    def receive(self, data: bytes) -> bytes:
        self._incoming.write(data)
        plain = bytearray()
        try:
            if not self._shaken:
                self._object.do_handshake()
                self._shaken = True
            while chunk := self._object.read(_CHUNK):
                plain += chunk
        except ssl.SSLWantReadError:
            pass  # the record is not whole yet: the usual end of the loop
        except ssl.SSLZeroReturnError:
            pass  # the peer has said goodbye; the transport's end follows
        return bytes(plain)

    def send(self, plain: bytes) -> None:
        if plain:
            self._object.write(plain)

    def data_to_send(self) -> bytes:
        return self._outgoing.read()


class Tunnel:
    """One tunnelled connection, from its TLS hello on."""

    def __init__(self, context: ssl.SSLContext, make_chat: Callable[[], ChatProtocol]) -> None:
        self._tls = _Tls(context)
        self._make_link = make_chat
        self._reader: RequestReader | None = RequestReader()
        self._head = bytearray()
        self._socket: ServerProtocol | None = None
        self._chat: ChatProtocol | None = None

    def receive(self, data: bytes) -> list[TunnelEvent]:
        """Take in what arrived after the CONNECT.

        Raises:
            TunnelError: it is no such client; what is left to send may still be sent.
        """
        try:
            plain = self._tls.receive(data)
            return self._receive_plain(plain) if plain else []
        except (ssl.SSLError, WebError, ProtocolError, InvalidHandshake) as error:
            raise TunnelError(str(error)) from error

    def tell(self, node: Node) -> None:
        """Send a stanza."""
        if self._chat is not None:
            self._chat.send(node)
            self._flush_chat()

    def respond(self, response: Response) -> None:
        """Answer an upload."""
        self._tls.send(response.encode())

    def goodbye(self) -> None:
        """Close the WebSocket the polite way."""
        if self._socket is not None and self._socket.state is State.OPEN:
            self._socket.send_close(1000)
            self._flush_socket()

    def data_to_send(self) -> bytes:
        """Tell what is to be written to the TCP connection, each byte once."""
        return self._tls.data_to_send()

    @property
    def is_over(self) -> bool:
        """Whether the connection is to be closed after what is left to send."""
        return self._socket is not None and self._socket.close_expected()

    def _receive_plain(self, plain: bytes) -> list[TunnelEvent]:
        if self._socket is not None:
            return self._receive_frames(self._socket, plain)
        if self._reader is None:
            raise TunnelError("the connection is of no kind")
        self._head += plain
        events: list[TunnelEvent] = []
        request = self._reader.receive(plain)
        while request is not None:
            if request.wants_websocket:
                return self._upgrade()
            events.append(Upload(request))
            self._head.clear()
            request = self._reader.receive(b"")
        return events

    def _upgrade(self) -> list[TunnelEvent]:
        """Hand the request as it came to the WebSocket, and make a session behind it."""
        self._socket = ServerProtocol(max_size=_MAX_MESSAGE)
        self._chat = self._make_link()
        data, self._reader = bytes(self._head), None
        self._head.clear()
        return self._receive_frames(self._socket, data)

    def _receive_frames(self, socket: ServerProtocol, data: bytes) -> list[TunnelEvent]:
        socket.receive_data(data)
        events: list[TunnelEvent] = []
        for event in socket.events_received():
            match event:
                case UpgradeRequest():
                    socket.send_response(socket.accept(event))
                case Frame(opcode=Opcode.BINARY | Opcode.CONT) if self._chat is not None:
                    events += self._chat.receive(bytes(event.data))
                case _:
                    pass  # text, pings (answered by the library) and goodbyes hold no stanza
        self._flush_chat()
        return events

    def _flush_chat(self) -> None:
        if self._chat is not None and self._socket is not None:
            data = self._chat.data_to_send()
            if data and self._socket.state is State.OPEN:  # one that says goodbye hears no more
                self._socket.send_binary(data)
            self._flush_socket()

    def _flush_socket(self) -> None:
        if self._socket is not None:
            self._tls.send(b"".join(self._socket.data_to_send()))
