"""The simulated WhatsApp as a whole, sans I/O: sessions' events in, effects out.

It wires the rooms together and decides who is let in; each kind of stanza has a room of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import assert_never

from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.control_words import Action
from waheal.sandbox.correspondence import Correspondence
from waheal.sandbox.delivery import Delivery
from waheal.sandbox.effects import Effect, GoAway, MuteNewcomers
from waheal.sandbox.fault_orders import FaultBook, FaultKind, FaultOrder
from waheal.sandbox.greeting import Greeting, Login, Registration
from waheal.sandbox.inbox import Inbox, InboxEntry
from waheal.sandbox.journal import Journal
from waheal.sandbox.json_fields import Row
from waheal.sandbox.linking import Linking
from waheal.sandbox.lookups import Lookups
from waheal.sandbox.mail import Mail
from waheal.sandbox.media_host import MediaHost, uploader
from waheal.sandbox.numbering import number_in
from waheal.sandbox.polls import vote_message
from waheal.sandbox.queries import Queries
from waheal.sandbox.registry import Companion, Registry
from waheal.sandbox.stanzas import ack, failure, limit_notification, stream_error, success
from waheal.sandbox.switchboard import ChatSession, Switchboard
from waheal.sandbox.unlinking import Unlinking
from waheal.sandbox.web import Request, Response

_UNKNOWN_DEVICE = 401
_BANNED = 402
_MAX_JOURNAL = 256 * 1024 * 1024  # bytes, then it is compacted


class NoSuchDeviceError(Exception):
    """No linked device goes by this JID or number."""


@dataclass(slots=True)
class World:
    """Accounts, devices, phones, and what goes on between them."""

    clock: Callable[[], float]
    journal: Journal
    media_host: MediaHost
    board: Switchboard
    registry: Registry
    faults: FaultBook
    mail: Mail
    inbox: Inbox
    linking: Linking
    unlinking: Unlinking
    queries: Queries
    correspondence: Correspondence
    delivery: Delivery

    @classmethod
    def open(cls, journal: Journal, media_host: MediaHost, clock: Callable[[], float]) -> "World":
        """Open the world that the journal remembers.

        Raises:
            FieldError: the journal can't be read.
        """
        board, faults = Switchboard(), FaultBook()
        registry, inbox = Registry(journal), Inbox(journal)
        mail = Mail(board, journal)
        unlinking = Unlinking(board, registry, mail)
        correspondence = Correspondence(registry, mail, media_host)
        world = cls(
            clock=clock,
            journal=journal,
            media_host=media_host,
            board=board,
            registry=registry,
            faults=faults,
            mail=mail,
            inbox=inbox,
            linking=Linking(board, registry, faults, correspondence),
            unlinking=unlinking,
            queries=Queries(
                board, registry, faults, mail, Lookups(registry, faults, clock), unlinking
            ),
            correspondence=correspondence,
            delivery=Delivery(board, registry, faults, mail, inbox, correspondence, unlinking),
        )
        records = journal.load()
        for room in (registry, inbox, mail):
            room.load(records)
        journal.compact(world.records())
        return world

    def records(self) -> Iterator[tuple[str, Row]]:
        """Everything there is to remember."""
        yield from self.registry.records()
        yield from self.inbox.records()
        yield from self.mail.records()

    def effects(self) -> list[Effect]:
        """Tell what is to be done now; what it rests on is on disk first."""
        self.journal.flush()
        if self.journal.size > _MAX_JOURNAL:
            self.journal.compact(self.records())
        return self.board.effects()

    # -- what clients do ------------------------------------------------------------------

    def opened(self, greeting: Greeting) -> ChatSession:
        """Let in a client that finished its handshake, or refuse it."""
        session = self.board.open()
        match greeting:
            case Registration():
                session.registration = greeting
                self.board.count(f"pairing {greeting.version} {greeting.build_hash.hex()}", None)
                self.linking.offer(session)
            case Login():
                self._login(session, greeting)
            case _:
                assert_never(greeting)
        return session

    def received(self, session: ChatSession, node: Node) -> None:
        """Take a stanza that a client sent."""
        companion = session.companion
        kind = f"iq:{node.attr('xmlns')}" if node.attr("xmlns") else node.tag
        self.board.count(kind, companion)
        if companion is None:
            self.linking.stanza(session, node, self.clock())
            return
        match node.tag:
            case "iq":
                self.queries.answer(session, companion, node)
            case "message":
                self.delivery.message(session, companion, node, self.clock())
            case "receipt":
                self.mail.received(companion, node.attr("id"))
                self.board.tell(session, ack(node, self.clock()))
                if node.attr("type") == "retry":
                    self.correspondence.write_again(companion, node.attr("id"), self.clock())
            case "ack":
                self.mail.acknowledged(companion, node)
            case _:  # presence, chat states and the like: nobody is there to see them
                pass

    def lost(self, session: ChatSession) -> None:
        """Take note that a client's connection ended."""
        self.linking.left(session)
        self.board.leave(session)

    def upload(self, request: Request) -> Response:
        """Answer what a client wants of the media host."""
        device = uploader(request)
        self.board.count("upload")
        order = self.faults.take([FaultKind.UPLOAD_REFUSED], device)
        if order is not None:
            return Response(HTTPStatus(order.code or HTTPStatus.SERVICE_UNAVAILABLE))
        return self.media_host.answer(request)

    # -- what is ordered ------------------------------------------------------------------

    def order(self, fault: FaultOrder) -> None:
        """Let something go wrong."""
        match fault.kind:
            case FaultKind.SERVER_GONE:
                self.board.do(GoAway(fault.seconds))
            case FaultKind.BLACK_HOLE:
                self.faults.order(fault)
                self._mute()
                if fault.seconds:
                    self.board.later(fault.seconds, lambda: self._surface(fault))
            case _:
                self.faults.order(fault)

    def clear_faults(self) -> None:
        """Let everything go right again, and hand over what was withheld."""
        self.faults.clear()
        self._mute()
        self.delivery.release()

    def act(self, device: str, action: Action, code: int = 0) -> None:
        """Do something to a device now; one that is offline can only be logged out.

        Raises:
            NoSuchDeviceError: no device goes by this name.
        """
        for companion in self.find(device):
            session = self.board.online.get(companion.jid)
            match action:
                case Action.DROP:
                    self._end(session, None)
                case Action.STREAM_ERROR:
                    self._end(session, stream_error(code))
                case Action.REPLACED:
                    self._end(session, stream_error(0, "replaced"))
                case Action.LOGOUT:
                    self._end(session, stream_error(_UNKNOWN_DEVICE, "device_removed"))
                    self.unlinking.unlink(companion)
                case _:
                    assert_never(action)

    def vote(self, poll: InboxEntry, chosen: Sequence[str]) -> None:
        """Let a phone vote in a poll that it holds, and tell the device that sent it.

        Raises:
            NoSuchDeviceError: that is no longer linked.
        """
        number, now = poll.phone.lstrip("+"), self.clock()
        creator = self.registry.account(poll.number.lstrip("+")).lid
        voter = self.registry.account(number).lid
        secret = bytes.fromhex(poll.message_secret or "")
        message = vote_message(poll.message_id, secret, creator, voter, chosen, now)
        for companion in self.find(poll.device):
            self.correspondence.write(number, companion, message, now)

    def find(self, device: str) -> tuple[Companion, ...]:
        """Tell the device of a JID, or every device of a number.

        Raises:
            NoSuchDeviceError: there is none.
        """
        found = self.registry.companions_of(number_in(device))
        if "@" in device:
            wanted = Jid.parse(device).device
            found = tuple(companion for companion in found if companion.jid.device == wanted)
        if not found:
            raise NoSuchDeviceError(f"no linked device goes by {device}")
        return found

    def _end(self, session: ChatSession | None, word: Node | None) -> None:
        if session is not None:
            if word is not None:
                self.board.tell(session, word)
            self.board.close(session, abrupt=word is None)

    def _login(self, session: ChatSession, login: Login) -> None:
        companion = self.registry.companion(login.number, login.device)
        if companion is None or companion.noise_key != login.noise_key:
            self._end(session, failure(_UNKNOWN_DEVICE))
            return
        device = str(companion.jid)
        self.board.count_device("connect", companion)
        order = self.faults.take([FaultKind.LOGIN_FAILURE], device)
        if order is not None:
            banned = (order.ban_code, order.expire) if order.code == _BANNED else (0, 0)
            self._end(session, failure(order.code, *banned))
            if order.code in {401, 403, 406}:
                self.unlinking.unlink(companion)
            return
        before = self.board.seat(session, companion)
        if before is not None:
            self._end(before, stream_error(0, "replaced"))
        if self.faults.holds(FaultKind.BLACK_HOLE, device):
            self.board.mute(session, muted=True)
        self.board.count("login", companion)
        self.board.count(f"version {login.version}", companion)
        slow = self.faults.take([FaultKind.SLOW_LOGIN], device)
        if slow is None:
            self._welcome(session, companion)
        else:
            self.board.later(slow.seconds, lambda: self._welcome(session, companion))

    def _welcome(self, session: ChatSession, companion: Companion) -> None:
        self.board.tell(session, success(companion.lid, self.clock()))
        self.board.happened("connected", {"device": str(companion.jid)})
        self._tell_limits(companion)

    def _tell_limits(self, companion: Companion) -> None:
        """Let the account hear what is ordered of its limits of new chats."""
        device, now = str(companion.jid), self.clock()
        if (lock := self.faults.take([FaultKind.LOCK_TOLD], device)) is not None:
            ends = int(now + lock.seconds) if lock.seconds else 0
            told = {
                "is_active": bool(ends),
                "enforcement_type": "RESTRICT_ALL_COMPANIONS" if ends else "DEFAULT",
                "time_enforcement_ends": str(ends),
            }
            self.mail.push(
                companion,
                limit_notification(
                    "NotificationUserReachoutTimelockUpdate",
                    "xwa2_notify_account_reachout_timelock",
                    told,
                    now,
                ),
            )
        if (quota := self.faults.take([FaultKind.QUOTA_TOLD], device)) is not None:
            capped = quota.used >= quota.total
            self.mail.push(
                companion,
                limit_notification(
                    "MessageCappingInfoNotification",
                    "xwa2_notify_new_chat_messages_capping_info_update",
                    {
                        "total_quota": str(quota.total),
                        "used_quota": str(quota.used),
                        "cycle_start_timestamp": str(int(now)),
                        "cycle_end_timestamp": str(int(now + quota.seconds)),
                        "server_sent_timestamp": str(int(now)),
                        "capping_status": "CAPPED" if capped else "FIRST_WARNING",
                    },
                    now,
                ),
            )

    def _surface(self, fault: FaultOrder) -> None:
        self.faults.drop(fault)
        self._mute()

    def _mute(self) -> None:
        """Make every session's silence agree with the black holes that stand."""
        for session in self.board.sessions.values():
            companion = session.companion
            device = "" if companion is None else str(companion.jid)
            self.board.mute(session, muted=self.faults.holds(FaultKind.BLACK_HOLE, device))
        everyone = any(
            fault.kind is FaultKind.BLACK_HOLE and not fault.device
            for fault in self.faults.standing()
        )
        self.board.do(MuteNewcomers(everyone))
