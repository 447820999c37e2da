"""Each message heals its device on the way: the clients by device; knows neither wire nor library.

Theory of operation. A device has a slot, a slot at most one client. A lease holds the slot's lock
across connect and send, which makes connecting single-flight for free: a hundred callers of a dead
device queue at its lock, the first heals it, the others find it healthy when they look again. In
the order of cost, a lease

1. uses a client that is up: no call into the library, nothing but the slot's own lock;
2. waits, bounded, for one that the library is reconnecting by itself: a second client beside it
   would put two sockets on one key, and the server would replace one by the other;
3. stops a dead one, looks its session up, builds a new client and connects it, with a backoff
   between tries and a cap on connects under way;
4. gives up at once where no new client would help, with the reason.

Nothing here runs between leases.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock

from waheal.host import event_table
from waheal.host.cache_settings import CacheSettings
from waheal.host.client import Build, Client, ConnectionEvent, News, Replaced
from waheal.host.life import Death, LifeState, Up
from waheal.host.session_lookup import Lookup, LookupFailedError
from waheal.model import DeviceId, Quarantine

_GOODBYE = 3.0
"""Seconds for all clients together at the end: the process ends then, and its sockets with it."""

_STOPPING = 64  # clients at once, at the end


class DeviceLostError(Exception):
    """A device can't be used now.

    `quarantine`: nor by another try, for `hold` seconds or (None) until the operator acts.
    """

    def __init__(
        self, reason: str, quarantine: Quarantine | None = None, hold: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.quarantine = quarantine
        self.hold = hold


@dataclass(frozen=True, slots=True)
class Healed:
    """A lease connected a device. `cause`: what from, "" the first time."""

    device: DeviceId
    seconds: float
    cause: str
    rebuilt: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the cache sees it: seconds that only go forward, a sleep, and jitter in [0, 1)."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


class Watcher:
    """Hears what leases and clients do; the defaults do nothing.

    Called under a slot's lock, or on a client's own thread: enqueue.
    """

    def healing(self, device: DeviceId, cause: str) -> None:
        """Hear that a device is about to be connected or waited for."""

    def healed(self, healed: Healed) -> None:
        """Hear that it is up again."""

    def built(self) -> None:
        """Hear that one more client was built, whether it connected or not; each leaks a little."""

    def news(self, device: DeviceId, news: News) -> None:
        """Hear of a receipt or a text."""

    def died(self, device: DeviceId, death: Death) -> None:
        """Hear that a client is dead, whether anyone uses it or not."""


@dataclass(slots=True, eq=False)
class _Slot:
    """What is known of one device; guarded by `lock`, but for what says otherwise."""

    device: DeviceId
    # Guards the slot, and is held across connect and send: I/O is what it is for.
    lock: Lock = field(default_factory=Lock)
    jid: str = ""
    client: Client | None = None
    leaving: Client | None = None  # stopped, but the library has not let go of it yet
    cause: str = ""  # why the last client was given up; "" while there was none
    over: Death | None = None  # this session is gone for good
    # When it was replaced; the client's own thread adds to it, as a deque can bear.
    replaced: deque[float] = field(default_factory=deque)
    used: float = 0.0  # when it was last leased; read without the lock to find the oldest


class ClientCache:
    """The clients of one host, by device."""

    def __init__(
        self,
        build: Build,
        sessions: Lookup,
        settings: CacheSettings,
        watcher: Watcher,
        clock: Clock | None = None,
    ) -> None:
        self._build = build
        self._sessions = sessions
        self._settings = settings
        self._watcher = watcher
        self._clock = Clock() if clock is None else clock
        # Guards _slots: dict operations only, never held across I/O. A slot's lock may be tried
        # under it (never waited for).
        self._lock = Lock()
        self._slots: dict[DeviceId, _Slot] = {}
        # Connects under way; held across a connect, after the slot's lock.
        self._connects = BoundedSemaphore(settings.host.connects)

    @contextmanager
    def lease(self, device: DeviceId, jid: str) -> Iterator[Client]:
        """Borrow the client of `device` for its session `jid`, healing it first if need be.

        Raises:
            DeviceLostError: it can't be used now, or until the operator acts.
        """
        slot = self._enter(device)
        try:
            yield self._get_or_refresh(slot, jid)
        finally:
            self._leave(slot)

    def ensure(self, device: DeviceId, jid: str) -> bool:
        """Connect a device if need be; False where it was up, so that nobody was told.

        Raises:
            DeviceLostError: it can't be used now, or until the operator acts.
        """
        slot = self._enter(device)
        try:
            before = slot.client
            up = before is not None and before.life.state in (LifeState.UP, LifeState.DOUBTED)
            return self._get_or_refresh(slot, jid) is not before or not up
        finally:
            self._leave(slot)

    def discard(self, device: DeviceId) -> None:
        """Stop and forget the device's client; waits for a lease under way."""
        slot = self._enter(device)
        try:
            self._give_up(slot, "discarded")
        finally:
            slot.lock.release()

    def abandon(self, device: DeviceId, client: Client) -> None:
        """Take a client away from a lease whose call does not return.

        The device gets a fresh slot, so that its next lease does not wait for that call; it is
        connected anew only when the library has let go of the old client. The stop itself is
        left to a thread of the client's own: this never blocks.
        """
        with self._lock:
            stuck = self._slots.get(device)
            if stuck is None or stuck.client is not client:
                return  # given up already
            self._slots[device] = _Slot(
                device,
                jid=stuck.jid,
                leaving=client,
                cause="a call did not return",
                replaced=stuck.replaced,
            )
        client.stop(0.0)

    def is_open(self, device: DeviceId) -> bool:
        """Whether a lease needs no connect now, but may wait for the library's own."""
        with self._lock:
            slot = self._slots.get(device)
        client = None if slot is None else slot.client
        return client is not None and client.life.state is not LifeState.DEAD

    def clients(self) -> int:
        """How many clients are open."""
        with self._lock:
            slots = list(self._slots.values())
        return sum(1 for slot in slots if slot.client is not None)

    def close(self) -> None:
        """Stop every client, some at a time; for a host that is done, and as far as time allows.

        They hang up first: what came before that is then told by all in the same time.
        """
        with self._lock:
            slots = list(self._slots.values())
        open_now = [client for slot in slots if (client := slot.client) is not None]
        until = self._clock.monotonic() + min(self._settings.stop_wait, _GOODBYE)
        self._each(open_now, lambda client, seconds: client.hang_up(seconds), until)
        self._each(open_now, lambda client, seconds: client.stop(seconds), until)

    def _each(
        self, clients: Iterable[Client], end: Callable[[Client, float], bool], until: float
    ) -> None:
        """End clients in this way, some at a time; those that are left end with the process.

        Each takes a thread of its own: thousands at once would take more memory than the clients.
        """
        leaving = deque[Client]()
        for client in clients:
            if len(leaving) == _STOPPING:
                end(leaving.popleft(), max(0.0, until - self._clock.monotonic()))
            if self._clock.monotonic() >= until:
                return
            end(client, 0.0)
            leaving.append(client)
        for client in leaving:
            end(client, max(0.0, until - self._clock.monotonic()))

    # Slots.

    def _enter(self, device: DeviceId) -> _Slot:
        """Lock the device's slot. One that was abandoned meanwhile is not the device's any more."""
        while True:
            with self._lock:
                slot = self._slots.setdefault(device, _Slot(device))
            slot.lock.acquire()
            with self._lock:
                if self._slots.get(device) is slot:
                    return slot
            slot.lock.release()

    def _leave(self, slot: _Slot) -> None:
        slot.used = self._clock.monotonic()
        slot.lock.release()
        self._close_oldest()

    def _close_oldest(self) -> None:
        """Past the limit, close the client that was used longest ago; one in use is left alone."""
        for slot in self._surplus():
            try:
                self._give_up(slot, "")  # no loss: the next lease connects as for the first time
            finally:
                slot.lock.release()

    def _surplus(self) -> list[_Slot]:
        """Slots to close, locked; chosen under the dict's lock, closed by the caller outside."""
        with self._lock:
            if len(self._slots) <= self._settings.host.max_open:
                return []  # the usual case, without a walk
            taken = [slot for slot in self._slots.values() if slot.client is not None]
            excess = len(taken) - self._settings.host.max_open
            if excess <= 0:
                return []
            taken.sort(key=lambda slot: slot.used)
            chosen: list[_Slot] = []
            for slot in taken:
                if len(chosen) < excess and slot.lock.acquire(blocking=False):
                    chosen.append(slot)
            return chosen

    # Healing; all of it under the slot's lock.

    def _get_or_refresh(self, slot: _Slot, jid: str) -> Client:
        if slot.jid != jid:  # paired anew: whatever was known belongs to the old session
            self._give_up(slot, "")
            slot.jid, slot.over = jid, None
            slot.replaced.clear()
        if slot.over is not None:
            raise _lost(slot.over)
        client = slot.client
        if client is not None and client.life.state is LifeState.UP:
            return client
        if client is not None and self._comes_back(slot, client):
            return client
        return self._rebuild(slot)

    def _comes_back(self, slot: _Slot, client: Client) -> bool:
        """Whether a client that isn't up recovers by itself, within the time it is given."""
        life = client.life
        if life.state is not LifeState.DEAD:
            started, cause = self._clock.monotonic(), life.cause
            # Asked only in doubt: the question may block while the library dials.
            if life.state is LifeState.DOUBTED and client.is_connected():
                life.apply(Up())
                return True
            self._watcher.healing(slot.device, cause)
            if life.wait_up(self._settings.host.reconnect_wait):
                seconds = self._clock.monotonic() - started
                self._watcher.healed(Healed(slot.device, seconds, cause, rebuilt=False))
                return True
        self._give_up(slot, life.cause or "connection lost")
        self._judge(slot, life.death)
        return False

    def _rebuild(self, slot: _Slot) -> Client:
        """Build a new client for the slot's session and connect it."""
        started, cause = self._clock.monotonic(), slot.cause
        self._watcher.healing(slot.device, cause or "first connect")
        reason = "does not connect"
        for attempt in range(self._settings.tries):
            if attempt:
                self._clock.sleep(self._pause(attempt))
            self._check_session(slot)
            self._check_left(slot)
            with self._connects:
                client = self._open(slot)
                connected = client.connect(self._settings.host.connect_timeout)
            if connected:
                seconds = self._clock.monotonic() - started
                self._watcher.healed(Healed(slot.device, seconds, cause, rebuilt=True))
                self._watcher.built()
                return client
            self._watcher.built()
            reason = client.life.cause or "does not log in"
            self._give_up(slot, reason)
            self._judge(slot, client.life.death)
        raise DeviceLostError(reason)

    def _open(self, slot: _Slot) -> Client:
        """Put a new client into the slot. Its events come on its own thread, late ones too."""
        device = slot.device

        def on_event(event: ConnectionEvent) -> None:
            change = event_table.life_change(event)
            died = client.life.apply(change)
            if isinstance(event, Replaced):
                slot.replaced.append(self._clock.monotonic())
            if died and isinstance(change, Death):
                self._watcher.died(device, change)

        def on_news(news: News) -> None:
            self._watcher.news(device, news)

        client = self._build(slot.jid, on_event, on_news)
        slot.client = client
        return client

    def _give_up(self, slot: _Slot, cause: str) -> None:
        """Stop the slot's client, if it has one; the library may take its time to let go."""
        client, slot.client = slot.client, None
        if client is None:
            return
        slot.cause = cause
        slot.leaving = None if client.stop(self._settings.stop_wait) else client

    def _check_session(self, slot: _Slot) -> None:
        """Nothing is built for a session that isn't stored: the library would abort the process."""
        try:
            stored = self._sessions.is_stored(slot.jid)
        except LookupFailedError as error:
            raise DeviceLostError(f"the session database can't be read: {error}") from error
        if not stored:
            slot.over = Death("no session", Quarantine.NO_SESSION, session_gone=True)
            raise _lost(slot.over)

    def _check_left(self, slot: _Slot) -> None:
        """Never two clients of one device: the old one must be gone before the next is built."""
        if slot.leaving is None:
            return
        if not slot.leaving.gone.wait(self._settings.stop_wait):
            raise DeviceLostError("its old connection is still closing")
        slot.leaving = None

    def _judge(self, slot: _Slot, death: Death | None) -> None:
        """Give up where a new client would not help.

        Raises:
            DeviceLostError: it would not.
        """
        if death is None:
            return
        if death.session_gone:
            slot.over = death
        if death.quarantine is not None:
            raise _lost(death)
        since = self._clock.monotonic() - self._settings.replaced_window
        while slot.replaced and slot.replaced[0] < since:
            slot.replaced.popleft()
        if len(slot.replaced) >= self._settings.replaced_limit:
            slot.replaced.clear()  # after the hold it gets as many tries again
            raise DeviceLostError(
                "replaced by another client again and again",
                Quarantine.REPLACED,
                self._settings.replaced_hold,
            )

    def _pause(self, attempt: int) -> float:
        """Seconds before a further try: doubled each time, the upper half of it jitter."""
        whole = self._settings.backoff * 2.0 ** (attempt - 1)
        return whole * (0.5 + 0.5 * self._clock.jitter())


def _lost(death: Death) -> DeviceLostError:
    return DeviceLostError(death.reason, death.quarantine, death.hold)
