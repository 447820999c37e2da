"""A client without a library, and the world it connects to: scripted, and checked by a contract.

It refuses what would abort the real library's process: a session that isn't stored, a second
client beside a living one.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Lock

from waheal.host.client import (
    Connected,
    ConnectionEvent,
    Ended,
    LoggedOut,
    LoginFault,
    News,
    Outgoing,
    ReceiptCame,
    ReceiptType,
    SendError,
    UploadError,
)
from waheal.host.directory import Listing
from waheal.host.life import Life, LifeState
from waheal.model import Phone

LOST = "websocket disconnected before message send returned response"
NOT_CONNECTED = "failed to send message node: websocket not connected"
NIL = "client is nil"


@dataclass(slots=True)
class Hang:
    """A call that returns when `released`, or when its client is stopped, unless `stubborn`."""

    entered: Flag = field(default_factory=Flag)
    released: Flag = field(default_factory=Flag)
    stubborn: bool = False


class Silence:
    """A connect that nothing answers."""


Answer = ConnectionEvent | Silence
Sending = str | Hang | Callable[[], None]
"""What becomes of a send: an error's string, a call that hangs, or something done meanwhile."""


class FakeWorld:
    """WhatsApp and the session database, as far as a client sees them."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.sessions: set[str] = set()
        self.clients: dict[str, list[FakeClient]] = defaultdict(list)
        self.connects: Counter[str] = Counter()
        self.sent: list[tuple[str, Outgoing]] = []
        self.violations: list[str] = []
        self.hung_up: list[str] = []
        self.on_hang_up: Callable[[], None] = lambda: None
        self._connecting: dict[str, deque[Answer]] = defaultdict(deque)
        self._sending: dict[str, deque[Sending]] = defaultdict(deque)
        self._uploading: dict[str, deque[Sending]] = defaultdict(deque)
        self.online_behind_its_back: set[str] = set()
        self.lingers = False  # a stopped client is let go only by `release`
        self.listings: dict[Phone, Listing | None] = {}  # others have a LID made of the number
        self.fetched: list[tuple[str, ...]] = []  # device lists that were asked for together
        self.looked_up: list[tuple[Phone, ...]] = []  # likewise, of the directory
        self.refused_lookups: dict[str, str] = {}  # by session: the library's own error
        self.waiting: dict[str, list[News]] = defaultdict(list)  # told right after the connect
        self.confirms = False  # whether the recipient's phone sends receipts

    def link(self, jid: str) -> str:
        self.sessions.add(jid)
        return jid

    def on_connect(self, jid: str, *answers: Answer) -> None:
        """Answer the next connects so; then, and by default, Connected."""
        self._connecting[jid].extend(answers)

    def on_send(self, jid: str, *sendings: Sending) -> None:
        self._sending[jid].extend(sendings)

    def on_upload(self, jid: str, *uploads: Sending) -> None:
        self._uploading[jid].extend(uploads)

    def is_stored(self, jid: str) -> bool:
        return jid in self.sessions

    def living(self, jid: str) -> "list[FakeClient]":
        return [client for client in self.clients[jid] if not client.gone.is_set()]

    def client(self, jid: str) -> "FakeClient":
        return self.clients[jid][-1]

    def build(
        self,
        jid: str,
        on_event: Callable[[ConnectionEvent], None],
        on_news: Callable[[News], None],
    ) -> "FakeClient":
        with self.lock:
            if jid not in self.sessions:
                self.violations.append(f"{jid}: built without a session")
            if self.living(jid):
                self.violations.append(f"{jid}: two clients at once")
            client = FakeClient(self, jid, on_event, on_news)
            self.clients[jid].append(client)
        return client

    def next_answer(self, jid: str) -> Answer:
        with self.lock:
            self.connects[jid] += 1
            queue = self._connecting[jid]
            return queue.popleft() if queue else Connected()

    def next_sending(self, jid: str) -> Sending | None:
        with self.lock:
            queue = self._sending[jid]
            return queue.popleft() if queue else None

    def next_upload(self, jid: str) -> Sending | None:
        with self.lock:
            queue = self._uploading[jid]
            return queue.popleft() if queue else None


class FakeClient:
    """See `waheal.host.client.Client`."""

    def __init__(
        self,
        world: FakeWorld,
        jid: str,
        on_event: Callable[[ConnectionEvent], None],
        on_news: Callable[[News], None],
    ) -> None:
        self._world = world
        self._jid = jid
        self._on_event = on_event
        self._on_news = on_news
        self._life = Life()
        self._gone = Flag()
        self._stopped = Flag()
        self._hanging: list[Hang] = []

    @property
    def life(self) -> Life:
        return self._life

    @property
    def gone(self) -> Flag:
        return self._gone

    def connect(self, timeout: float) -> bool:
        match self._world.next_answer(self._jid):
            case Silence():
                return self._life.wait_up(min(timeout, 0.01))
            case event:
                self.tell(event)
        for news in self._world.waiting.pop(self._jid, []):
            self.hear(news)
        return self._life.wait_up(timeout)

    def is_connected(self) -> bool:
        return self._jid in self._world.online_behind_its_back

    def look_up(self, phones: Sequence[Phone]) -> dict[Phone, Listing]:
        if self._stopped.is_set():
            raise SendError(NIL)
        if self._life.state is not LifeState.UP:
            raise SendError(
                f"failed to get user info for {phones[0]} to fill LID cache:"
                " failed to send usync query: websocket not connected"
            )
        if (refusal := self._world.refused_lookups.get(self._jid)) is not None:
            raise SendError(f"failed to get user info for {phones[0]} to fill LID cache: {refusal}")
        self._world.looked_up.append(tuple(phones))
        known = {
            phone: self._world.listings.get(
                phone, Listing(registered=True, lid=f"1{phone[1:]}@lid")
            )
            for phone in phones
        }
        return {phone: listing for phone, listing in known.items() if listing is not None}

    def fetch_devices(self, lids: Sequence[str]) -> None:
        if self._stopped.is_set():
            raise SendError(NIL)
        if self._life.state is not LifeState.UP:
            raise SendError(
                "failed to get device list: failed to send usync query: websocket not connected"
            )
        self._world.fetched.append(tuple(lids))

    def prepare(self, message: Outgoing) -> None:
        if message.content.media is None:
            return
        match self._world.next_upload(self._jid):
            case str() as error:
                raise UploadError(error)
            case Hang() as hang:
                self._hang(hang)
            case None:
                pass
            case act:
                act()
        if self._stopped.is_set():
            raise UploadError(NIL)

    def send(self, message: Outgoing) -> str:
        sending = self._world.next_sending(self._jid)
        match sending:
            case str() as error:
                raise SendError(error)
            case Hang() as hang:
                self._hang(hang)
                if self._stopped.is_set():
                    raise SendError(LOST)
            case None:
                pass
            case act:
                act()
        if self._stopped.is_set():
            raise SendError(NIL)
        if self._life.state is not LifeState.UP:
            raise SendError(NOT_CONNECTED)
        with self._world.lock:
            self._world.sent.append((self._jid, message))
            message_id = f"3EB0{len(self._world.sent):08X}"
        if self._world.confirms:
            self.hear(ReceiptCame((message_id,), ReceiptType.DELIVERED, from_me=False))
        return message_id

    def logout(self) -> None:
        if self._life.state is not LifeState.UP:
            raise SendError("error sending logout request: websocket not connected")
        self._world.sessions.discard(self._jid)

    def hang_up(self, timeout: float) -> bool:  # noqa: ARG002 - the real one's shape
        self._world.hung_up.append(self._jid)
        self._world.on_hang_up()
        return True

    def stop(self, timeout: float) -> bool:
        self._stopped.set()
        for hang in self._hanging:
            if not hang.stubborn:
                hang.released.set()
        if not self._world.lingers:
            self.release()
        return self._gone.wait(timeout) if timeout else self._gone.is_set()

    # What the world does to it.

    def tell(self, event: ConnectionEvent) -> None:
        """Let the library say this."""
        if isinstance(event, LoggedOut):
            self._world.sessions.discard(self._jid)
        self._on_event(event)

    def hear(self, news: News) -> None:
        self._on_news(news)

    def release_if_stopped(self) -> None:
        if self._stopped.is_set():
            self.release()

    def log_out(self) -> None:
        self.tell(LoggedOut(LoginFault.LOGGED_OUT))

    def release(self) -> None:
        """Let the library let go of it."""
        if not self._gone.is_set():
            self._on_event(Ended(""))
            self._gone.set()

    def _hang(self, hang: Hang) -> None:
        self._hanging.append(hang)
        hang.entered.set()
        hang.released.wait(120)
