"""The asyncio shell on loopback: sockets and timers round the world; it decides nothing.

One port serves all: a CONNECT becomes a client's tunnel, any other request goes to the desk.
"""

import asyncio
import resource
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import assert_never

from waheal.sandbox.codec import CodecError, Node
from waheal.sandbox.credentials import Credentials
from waheal.sandbox.desk import Desk, PendingAnswer
from waheal.sandbox.effects import (
    Close,
    Effect,
    GoAway,
    Happened,
    Later,
    Mute,
    MuteNewcomers,
    Tell,
)
from waheal.sandbox.gate import Gate
from waheal.sandbox.greeting import Greeting
from waheal.sandbox.noise import Responder
from waheal.sandbox.protocol import ChatProtocol, Greeted, StanzaReceived
from waheal.sandbox.switchboard import ChatSession
from waheal.sandbox.tunnel import Tunnel, TunnelError, Upload
from waheal.sandbox.web import Request, RequestReader, Response, WebError
from waheal.sandbox.world import World

HOST = "127.0.0.1"
#: Seconds between a last word and the close. whatsmeow reads both on threads of their own, and a
#: close that overtakes a 515 would leave its client waiting for ever.
_LINGER = 0.25
_BACKLOG = 4096
_LARGEST_ORDER = 1 << 20  # bytes of a control request's body
_FORBIDDEN = Response(HTTPStatus.FORBIDDEN, b'{"error":"not allowed"}')
_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class _Peer(asyncio.Protocol):
    """One TCP connection: first its request, then a tunnel or the control interface."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._reader: RequestReader | None = RequestReader(_LARGEST_ORDER)
        self._held: list[bytes] = []  # what a muted peer would have written
        self._unread: list[bytes] = []  # what came while muted, before reading stopped
        self.tunnel: Tunnel | None = None
        self.session: ChatSession | None = None
        self.is_client = False
        self.muted = False

    # -- asyncio's calls ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
        self._server.expect(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._server.lost(self)

    def data_received(self, data: bytes) -> None:
        if self.muted:
            self._unread.append(data)
            return
        try:
            if self.tunnel is not None:
                self._receive_tunnel(self.tunnel, data)
            elif self._reader is not None:
                self._receive_plain(self._reader, data)
        except (TunnelError, WebError):  # not a client, or no longer one: it alone is cut off
            self.drop()
        self._server.pump()

    # -- what the server asks for ---------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Write, or keep it until the peer is heard again."""
        if self.muted:
            self._held.append(data)
        elif data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def flush(self) -> None:
        """Write what the tunnel has ready."""
        if self.tunnel is not None:
            self.write(self.tunnel.data_to_send())

    def finish(self) -> None:
        """Say goodbye and close."""
        if self.tunnel is not None:
            self.tunnel.goodbye()
            self.flush()
        if self._transport is not None:
            self._transport.close()

    def drop(self) -> None:
        """Cut the connection off."""
        if self._transport is not None:
            self._transport.abort()

    def mute(self, *, muted: bool) -> None:
        """Stop hearing and answering, or make up for it."""
        if self.muted is muted or self._transport is None:
            return
        self.muted = muted
        if muted:
            self._transport.pause_reading()
            return
        held, self._held = self._held, []
        for data in held:
            self.write(data)
        unread, self._unread = self._unread, []
        for data in unread:
            self.data_received(data)
        if not self._transport.is_closing():
            self._transport.resume_reading()

    # -- what arrives ---------------------------------------------------------------------

    def _receive_plain(self, reader: RequestReader, data: bytes) -> None:
        request = reader.receive(data)
        while request is not None:
            if request.method == "CONNECT":
                self._become_client(reader.rest())
                return
            self._server.ask(self, request)
            request = reader.receive(b"")

    def _become_client(self, rest: bytes) -> None:
        self.is_client = True
        self._reader = None
        self.tunnel = self._server.make_tunnel()
        if self._server.newcomers_muted:
            self.mute(muted=True)
        self.write(_ESTABLISHED)
        if rest:
            self.data_received(rest)

    def _receive_tunnel(self, tunnel: Tunnel, data: bytes) -> None:
        try:
            for event in tunnel.receive(data):
                match event:
                    case Greeted(greeting):
                        self._server.greeted(self, greeting)
                    case StanzaReceived(node):
                        if self.session is not None:
                            self._server.world.received(self.session, node)
                    case Upload(request):
                        tunnel.respond(self._server.world.upload(request))
                    case _:
                        assert_never(event)
        finally:
            self.flush()
        if tunnel.is_over:
            self.finish()


class Server:
    """The listener, its peers and the timers of one world."""

    def __init__(
        self, world: World, credentials: Credentials, clock: Callable[[], float], gate: Gate
    ) -> None:
        self.world = world
        self._gate = gate
        self.peers: set[_Peer] = set()
        self.newcomers_muted = False
        self._unknown: dict[_Peer, None] = {}  # who has not said who they are, the oldest first
        self._by_session: dict[int, _Peer] = {}
        self._credentials = credentials
        self._context = credentials.tls_context()
        self._certificates = credentials.certificates(clock())
        self._desk = Desk(world)
        self._waiting: dict[_Peer, PendingAnswer] = {}
        self._watchers: set[_Peer] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._listener: asyncio.Server | None = None
        self.port = 0

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: _Peer(self), HOST, port, backlog=_BACKLOG, reuse_address=True
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything and write down what is left."""
        if self._listener is not None:
            self._listener.close()
        for timer in self._timers:
            timer.cancel()
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for peer in [*self.peers]:
            peer.drop()
        await asyncio.sleep(0)  # lets the transports tell that they are gone
        self.pump()
        self.world.journal.flush()

    # -- peers ----------------------------------------------------------------------------

    def make_tunnel(self) -> Tunnel:
        """Make a new client's tunnel."""
        return Tunnel(
            self._context,
            lambda: ChatProtocol(Responder(self._credentials.static), self._certificates),
        )

    def greeted(self, peer: _Peer, greeting: Greeting) -> None:
        """Take note of who a client says it is."""
        self._unknown.pop(peer, None)
        peer.session = self.world.opened(greeting)
        self._by_session[peer.session.session_id] = peer

    def expect(self, peer: _Peer) -> None:
        """Let a connection in that has said nothing yet.

        Past half of what the process may open, the oldest such one is cut off: whoever holds many
        would leave no room for others.
        """
        self.peers.add(peer)
        self._unknown[peer] = None
        if len(self._unknown) > resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2:
            oldest = next(iter(self._unknown))
            del self._unknown[oldest]
            oldest.drop()

    def lost(self, peer: _Peer) -> None:
        """Forget a connection that is gone."""
        self.peers.discard(peer)
        self._unknown.pop(peer, None)
        self._watchers.discard(peer)
        self._waiting.pop(peer, None)
        if peer.session is not None:
            self._by_session.pop(peer.session.session_id, None)
            self.world.lost(peer.session)
            self.pump()

    # -- the control interface ------------------------------------------------------------

    def ask(self, peer: _Peer, request: Request) -> None:
        """Answer a control request, at once or when what it waits for has come."""
        if not self._gate.admits(request, self.port):
            peer.write(_FORBIDDEN.encode())
            peer.finish()
            return
        self._unknown.pop(peer, None)
        if request.target == "/control/watch" and request.method == "GET":
            peer.write(_STREAM)
            self._watchers.add(peer)
            return
        answer = self._desk.ask(request.body)
        self.pump()
        if (ready := answer.ready()) is not None:
            peer.write(ready.encode())
            return
        self._waiting[peer] = answer
        self._later(answer.seconds, lambda: self._give_up(peer, answer))

    def _give_up(self, peer: _Peer, answer: PendingAnswer) -> None:
        if self._waiting.get(peer) is answer:
            del self._waiting[peer]
            peer.write(answer.timed_out().encode())

    def _answer_waiting(self) -> None:
        for peer, answer in [*self._waiting.items()]:
            if (ready := answer.ready()) is not None:
                del self._waiting[peer]
                peer.write(ready.encode())

    # -- effects --------------------------------------------------------------------------

    def pump(self) -> None:
        """Do what the world wants done; called after everything that reached it."""
        while effects := self.world.effects():
            touched: dict[int, _Peer] = {}
            for effect in effects:
                self._do(effect, touched)
            for peer in touched.values():
                peer.flush()
        self._answer_waiting()

    def _do(self, effect: Effect, touched: dict[int, _Peer]) -> None:
        match effect:
            case Tell(session, node):
                self._tell(session, node, touched)
            case Close(session, abrupt):
                self._close(session, abrupt=abrupt)
            case Mute(session, muted):
                self._mute(session, muted=muted)
            case MuteNewcomers(muted):
                self._mute_newcomers(muted=muted)
            case GoAway(seconds):
                self._spawn(self._go_away(seconds))
            case Later(seconds, call):
                self._later(seconds, call)
            case Happened(event, fields):
                self._tell_watchers(self._desk.line(event, fields))
            case _:
                assert_never(effect)

    def _tell_watchers(self, line: bytes) -> None:
        for watcher in self._watchers:
            watcher.write(line)

    def _close(self, session: int, *, abrupt: bool) -> None:
        peer = self._by_session.pop(session, None)
        if peer is None:
            return
        peer.session = None  # the world has forgotten it already
        if abrupt:
            peer.drop()
            return
        peer.flush()
        self._later(_LINGER, peer.finish)

    def _tell(self, session: int, node: Node, touched: dict[int, _Peer]) -> None:
        peer = self._by_session.get(session)
        if peer is None or peer.tunnel is None:
            return
        try:
            peer.tunnel.tell(node)
        except CodecError:  # it asked for something that can't be written: its own loss
            peer.drop()
        else:
            touched[session] = peer

    def _mute(self, session: int, *, muted: bool) -> None:
        peer = self._by_session.get(session)
        if peer is not None:
            peer.flush()
            peer.mute(muted=muted)

    def _mute_newcomers(self, *, muted: bool) -> None:
        self.newcomers_muted = muted
        for peer in self.peers:
            if peer.is_client and peer.session is None:
                peer.mute(muted=muted)

    async def _go_away(self, seconds: float) -> None:
        if self._listener is not None:
            self._listener.close()
        for peer in [*self.peers]:
            if peer.is_client:
                peer.drop()
        await asyncio.sleep(seconds)
        await self.start(self.port)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        def run() -> None:
            self._timers.discard(timer)
            call()
            self.pump()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._tasks.discard)
