"""The cache against a world that kills clients in any order between any leases."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.contract.fake import FakeClient, FakeWorld, Silence
from tests.kit.examples import tries
from waheal.host.cache import ClientCache, Clock, DeviceLostError, Watcher
from waheal.host.cache_settings import CacheSettings
from waheal.host.client import (
    Banned,
    Connected,
    ConnectionEvent,
    Disconnected,
    Ended,
    KeepAliveTimeout,
    LoginFault,
    Refused,
    Replaced,
)
from waheal.host.life import LifeState
from waheal.model import DeviceId
from waheal.wire import HostSettings

MAX_OPEN = 3
DEVICES = tuple(DeviceId(f"d{number}") for number in range(5))
HARMLESS: tuple[ConnectionEvent, ...] = (
    Connected(),
    Disconnected(),
    KeepAliveTimeout(1),
    KeepAliveTimeout(2),
    Replaced(),
    Ended("the loop choked"),
    Banned("too many", 60.0),
    Refused(LoginFault.GENERIC, ""),
)
"""Whatever of these befalls a device, its session stays in the database."""


class CacheMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.world = FakeWorld()
        self.cache = ClientCache(
            self.world.build,
            self.world,
            CacheSettings(
                HostSettings(max_open=MAX_OPEN, connect_timeout=0.001, reconnect_wait=0.001),
                stop_wait=0.001,
            ),
            Watcher(),
            Clock(lambda: self.now, self._sleep, lambda: 0.5),
        )
        self.generation = dict.fromkeys(DEVICES, 1)
        for device in DEVICES:
            self.world.link(self._jid(device))

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _jid(self, device: DeviceId) -> str:
        number = DEVICES.index(device)
        return f"1555555010{number}:{self.generation[device]}@s.whatsapp.net"

    def _client(self, device: DeviceId) -> FakeClient | None:
        living = self.world.living(self._jid(device))
        return living[-1] if living else None

    def _lease(self, device: DeviceId) -> DeviceLostError | None:
        try:
            with self.cache.lease(device, self._jid(device)) as client:
                assert client.life.state is LifeState.UP
        except DeviceLostError as lost:
            return lost
        return None

    @rule(device=st.sampled_from(DEVICES))
    def lease(self, device: DeviceId) -> None:
        lost = self._lease(device)
        stored = self.world.is_stored(self._jid(device))
        if lost is None:
            assert stored
            return
        if stored and not self.world.lingers:
            # Refused once, with its reason. When the coordinator asks again, it heals: no path
            # ends in a lost device while its session is in the database.
            assert lost.quarantine is not None
            assert self._lease(device) is None

    @rule(device=st.sampled_from(DEVICES), event=st.sampled_from(HARMLESS))
    def die_or_not(self, device: DeviceId, event: ConnectionEvent) -> None:
        if (client := self._client(device)) is not None:
            client.tell(event)

    @rule(device=st.sampled_from(DEVICES))
    def log_out(self, device: DeviceId) -> None:
        if (client := self._client(device)) is not None:
            client.log_out()

    @rule(device=st.sampled_from(DEVICES))
    def pair_anew(self, device: DeviceId) -> None:
        if not self.world.is_stored(self._jid(device)):
            self.generation[device] += 1
            self.world.link(self._jid(device))

    @rule(device=st.sampled_from(DEVICES))
    def connect_fails_once(self, device: DeviceId) -> None:
        if self.world.lingers or not self.world.is_stored(self._jid(device)):
            return  # nothing would connect, and the order would wait for a later lease
        self.cache.discard(device)
        self.world.on_connect(self._jid(device), Silence())
        assert self._lease(device) is None

    @rule(device=st.sampled_from(DEVICES))
    def cut_loose(self, device: DeviceId) -> None:
        try:
            with self.cache.lease(device, self._jid(device)) as client:
                self.cache.abandon(device, client)
                assert self.world.lingers or client.gone.is_set()
        except DeviceLostError:
            return  # nothing to cut

    @rule(device=st.sampled_from(DEVICES))
    def discard(self, device: DeviceId) -> None:
        self.cache.discard(device)

    @rule(seconds=st.floats(0, 120))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: not self.world.lingers)
    @rule()
    def the_library_becomes_slow_to_let_go(self) -> None:
        self.world.lingers = True

    @precondition(lambda self: self.world.lingers)
    @rule()
    def the_library_lets_go(self) -> None:
        self.world.lingers = False
        for jid in tuple(self.world.clients):  # those of earlier sessions, too
            for client in self.world.living(jid):
                client.release_if_stopped()

    @invariant()
    def nothing_that_would_abort_the_library(self) -> None:
        assert self.world.violations == []

    @invariant()
    def no_more_clients_than_allowed(self) -> None:
        assert self.cache.clients() <= MAX_OPEN

    def teardown(self) -> None:
        self.world.lingers = False
        self.cache.close()


TestCacheMachine = pytest.mark.filterwarnings("error")(CacheMachine.TestCase)
TestCacheMachine.settings = settings(max_examples=tries(60), stateful_step_count=40)
