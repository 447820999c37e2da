"""The cache of clients, on the fake: what each lease makes of what happened before."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest

from tests.contract.fake import FakeWorld, Silence
from waheal.host.cache import ClientCache, Clock, DeviceLostError, Healed, Watcher
from waheal.host.cache_settings import CacheSettings
from waheal.host.client import (
    Banned,
    Build,
    Connected,
    ConnectionEvent,
    Disconnected,
    Ended,
    KeepAliveRestored,
    KeepAliveTimeout,
    LoginFault,
    News,
    Refused,
    Replaced,
)
from waheal.host.life import Death
from waheal.host.session_lookup import LookupFailedError
from waheal.model import DeviceId, Quarantine
from waheal.wire import HostSettings

A, B, C = DeviceId("a"), DeviceId("b"), DeviceId("c")
JID, JID_B, JID_C = (f"1555555010{n}:1@s.whatsapp.net" for n in range(3))


class FakeTime:
    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.sleep, lambda: 0.0)


class Seen(Watcher):
    def __init__(self) -> None:
        self.causes: list[str] = []
        self.heals: list[Healed] = []
        self.deaths: list[tuple[DeviceId, Death]] = []
        self.heard: list[tuple[DeviceId, News]] = []

    def healing(self, device: DeviceId, cause: str) -> None:  # noqa: ARG002 - one device a test
        self.causes.append(cause)

    def healed(self, healed: Healed) -> None:
        self.heals.append(healed)

    def news(self, device: DeviceId, news: News) -> None:
        self.heard.append((device, news))

    def died(self, device: DeviceId, death: Death) -> None:
        self.deaths.append((device, death))


class Rig:
    def __init__(self, settings: CacheSettings | None = None) -> None:
        self.world = FakeWorld()
        self.time = FakeTime()
        self.seen = Seen()
        build: Build = self.world.build
        quick = CacheSettings(
            HostSettings(connect_timeout=0.01, reconnect_wait=0.01), stop_wait=0.01
        )
        self.cache = ClientCache(build, self.world, settings or quick, self.seen, self.time.clock())
        for jid in (JID, JID_B, JID_C):
            self.world.link(jid)

    def lease(self, device: DeviceId = A, jid: str = JID) -> None:
        with self.cache.lease(device, jid) as client:
            assert client.life.death is None

    def lost(self, device: DeviceId = A, jid: str = JID) -> DeviceLostError:
        with pytest.raises(DeviceLostError) as caught, self.cache.lease(device, jid):
            pytest.fail("the lease was given")
        return caught.value


def test_the_first_lease_connects_and_the_next_ones_use_it() -> None:
    rig = Rig()
    rig.lease()
    rig.lease()
    assert rig.world.connects[JID] == 1
    assert rig.seen.causes == ["first connect"]
    assert rig.seen.heals == [Healed(A, 0.0, "", rebuilt=True)]


def test_a_hundred_callers_of_a_dead_device_cause_one_connect() -> None:
    rig = Rig()
    rig.lease()
    rig.world.client(JID).tell(Ended("the loop choked"))
    together = Barrier(100)

    def call() -> None:
        together.wait()
        rig.lease()

    threads = [Thread(target=call) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rig.world.connects[JID] == 2
    assert rig.world.violations == []


def test_waits_for_the_library_to_reconnect_by_itself() -> None:
    rig = Rig(CacheSettings(HostSettings(reconnect_wait=30.0)))
    rig.lease()
    client = rig.world.client(JID)
    client.tell(Disconnected())
    waiting = Thread(target=rig.lease)
    waiting.start()
    client.tell(Connected())
    waiting.join()
    assert rig.world.connects[JID] == 1
    assert not client.gone.is_set()


def test_rebuilds_when_the_library_does_not_come_back_in_time() -> None:
    rig = Rig()
    rig.lease()
    first = rig.world.client(JID)
    first.tell(Disconnected())
    rig.lease()
    assert first.gone.is_set()
    assert rig.world.connects[JID] == 2
    assert rig.seen.heals[-1] == Healed(A, 0.0, "connection lost", rebuilt=True)


def test_one_unanswered_ping_is_forgiven_and_two_are_not() -> None:
    rig = Rig()
    rig.lease()
    rig.world.client(JID).tell(KeepAliveTimeout(1))
    rig.lease()
    assert rig.world.connects[JID] == 1
    rig.world.client(JID).tell(KeepAliveTimeout(2))
    rig.lease()
    assert rig.world.connects[JID] == 2


def test_pings_that_are_answered_again_need_no_healing() -> None:
    rig = Rig()
    rig.lease()
    rig.world.client(JID).tell(KeepAliveTimeout(2))
    rig.world.client(JID).tell(KeepAliveRestored())
    rig.lease()
    assert rig.world.connects[JID] == 1


def test_a_doubt_that_the_library_dispels_costs_no_wait() -> None:
    rig = Rig()
    rig.lease()
    rig.world.client(JID).life.doubt("connection lost in mid-send")
    rig.world.online_behind_its_back.add(JID)
    rig.lease()
    assert rig.world.connects[JID] == 1
    assert len(rig.seen.heals) == 1


def test_a_doubt_that_the_library_shares_is_healed() -> None:
    rig = Rig()
    rig.lease()
    rig.world.client(JID).life.doubt("connection lost in mid-send")
    rig.lease()
    assert rig.world.connects[JID] == 2


def test_tries_again_with_a_growing_pause_and_gives_up() -> None:
    rig = Rig()
    rig.world.on_connect(JID, Silence(), Ended("no route"), Silence())
    lost = rig.lost()
    assert lost.quarantine is None
    assert rig.time.slept == [0.25, 0.5]
    assert rig.world.living(JID) == []
    rig.lease()  # and the next lease begins afresh
    assert rig.world.violations == []


def test_heals_within_the_tries_of_one_lease() -> None:
    rig = Rig()
    rig.world.on_connect(JID, Ended("no route"))
    rig.lease()
    assert rig.world.connects[JID] == 2
    assert rig.seen.heals == [Healed(A, 0.25, "", rebuilt=True)]


@pytest.mark.parametrize(
    ("event", "quarantine", "hold"),
    [
        (Banned("sent to too many people", 77.0), Quarantine.BANNED, 77.0),
        (Refused(LoginFault.OUTDATED, ""), Quarantine.OUTDATED, None),
        (Refused(LoginFault.GENERIC, ""), Quarantine.REFUSED, 3600.0),
    ],
)
def test_gives_up_at_once_where_another_try_would_not_help(
    event: ConnectionEvent, quarantine: Quarantine, hold: float | None
) -> None:
    rig = Rig()
    rig.world.on_connect(JID, event)
    lost = rig.lost()
    assert (lost.quarantine, lost.hold) == (quarantine, hold)
    assert rig.world.connects[JID] == 1
    assert rig.time.slept == []


def test_a_ban_is_told_at_once_and_tried_again_when_the_coordinator_says_so() -> None:
    rig = Rig()
    rig.lease()
    rig.world.client(JID).tell(Banned("too many", 60.0))
    assert [death.quarantine for _device, death in rig.seen.deaths] == [Quarantine.BANNED]
    assert rig.lost().quarantine is Quarantine.BANNED
    rig.lease()  # whose time it is, the coordinator knows
    assert rig.world.violations == []


def test_a_logged_out_session_is_never_built_again() -> None:
    rig = Rig()
    rig.lease()
    rig.world.client(JID).log_out()
    for _ in range(3):
        assert rig.lost().quarantine is Quarantine.LOGGED_OUT
    assert rig.world.connects[JID] == 1
    assert rig.world.violations == []


def test_nothing_is_built_for_a_session_that_is_not_stored() -> None:
    rig = Rig()
    rig.world.sessions.clear()
    assert rig.lost().quarantine is Quarantine.NO_SESSION
    assert rig.world.clients[JID] == []


def test_a_device_that_was_paired_anew_is_used_under_its_new_session() -> None:
    rig = Rig()
    rig.lease()
    rig.world.client(JID).log_out()
    rig.lost()
    rig.lease(A, rig.world.link("15555550100:2@s.whatsapp.net"))
    assert rig.world.violations == []


def test_a_session_database_that_cannot_be_read_loses_no_device() -> None:
    rig = Rig()

    class Unreadable:
        def is_stored(self, jid: str) -> bool:
            raise LookupFailedError(jid)

    cache = ClientCache(rig.world.build, Unreadable(), CacheSettings(), Watcher())
    with pytest.raises(DeviceLostError) as caught, cache.lease(A, JID):
        pytest.fail("the lease was given")
    assert caught.value.quarantine is None
    assert rig.world.clients[JID] == []


def test_the_first_replacements_are_healed_and_a_rival_is_left_alone_for_a_while() -> None:
    rig = Rig()
    for _ in range(4):
        rig.lease()
        rig.world.client(JID).tell(Replaced())
    lost = rig.lost()
    assert (lost.quarantine, lost.hold) == (Quarantine.REPLACED, 300.0)
    assert rig.world.connects[JID] == 4
    rig.lease()


def test_replacements_long_ago_are_forgotten() -> None:
    rig = Rig()
    for _ in range(12):
        rig.lease()
        rig.world.client(JID).tell(Replaced())
        rig.time.now += 30.0
    rig.lease()
    assert rig.world.violations == []


def test_no_second_client_is_built_before_the_library_let_go_of_the_first() -> None:
    rig = Rig()
    rig.lease()
    rig.world.lingers = True
    old = rig.world.client(JID)
    old.tell(Ended("the loop choked"))
    assert "still closing" in rig.lost().reason
    assert rig.world.connects[JID] == 1
    old.release()
    rig.lease()
    assert rig.world.connects[JID] == 2
    assert rig.world.violations == []


def test_past_the_limit_the_client_used_longest_ago_is_closed() -> None:
    rig = Rig(CacheSettings(HostSettings(max_open=2), stop_wait=0.01))
    for device, jid in ((A, JID), (B, JID_B), (A, JID), (C, JID_C)):
        rig.time.now += 1
        rig.lease(device, jid)
    assert rig.cache.clients() == 2
    assert rig.world.living(JID_B) == []
    rig.lease(B, JID_B)  # its next message heals it
    assert rig.world.connects[JID_B] == 2
    assert rig.world.living(JID) == []


def test_a_client_in_use_is_never_closed_to_make_room() -> None:
    rig = Rig(CacheSettings(HostSettings(max_open=1), stop_wait=0.01))
    with rig.cache.lease(A, JID) as client:
        rig.lease(B, JID_B)
        assert not client.gone.is_set()
        assert rig.world.living(JID_B) == []


def test_an_abandoned_client_is_stopped_and_its_device_healed_meanwhile() -> None:
    rig = Rig()
    with rig.cache.lease(A, JID) as stuck:
        rig.cache.abandon(A, stuck)
        rig.lease()  # does not wait for the lease that is stuck
        assert stuck.gone.is_set()
    assert rig.world.connects[JID] == 2
    assert rig.seen.causes[-1] == "a call did not return"
    assert rig.world.violations == []


def test_only_the_client_that_hangs_is_abandoned() -> None:
    rig = Rig()
    with rig.cache.lease(A, JID) as stuck:
        rig.cache.abandon(A, stuck)
        rig.lease()
        rig.cache.abandon(A, stuck)
    assert len(rig.world.living(JID)) == 1


def test_ensure_tells_whether_anybody_was_told() -> None:
    rig = Rig()
    assert rig.cache.ensure(A, JID)
    assert not rig.cache.ensure(A, JID)
    rig.world.client(JID).tell(Disconnected())
    assert rig.cache.ensure(A, JID)


def test_discarding_stops_the_client_and_the_next_lease_connects() -> None:
    rig = Rig()
    rig.lease()
    rig.cache.discard(A)
    assert rig.world.living(JID) == []
    rig.lease()
    assert rig.world.connects[JID] == 2


def test_closing_stops_every_client() -> None:
    rig = Rig()
    rig.lease(A, JID)
    rig.lease(B, JID_B)
    rig.cache.close()
    assert rig.world.living(JID) == rig.world.living(JID_B) == []


def test_at_the_end_all_hang_up_before_the_first_is_stopped() -> None:
    rig = Rig()
    rig.lease(A, JID)
    rig.lease(B, JID_B)
    living: list[int] = []
    rig.world.on_hang_up = lambda: living.append(
        len([*rig.world.living(JID), *rig.world.living(JID_B)])
    )
    rig.cache.close()
    assert set(living) == {2}
    assert set(rig.world.hung_up) == {JID, JID_B}


def test_closing_stops_hundreds_of_clients_too() -> None:
    rig = Rig()
    jids = [f"1555556{number:04}:1@s.whatsapp.net" for number in range(200)]
    for number, jid in enumerate(jids):
        rig.world.link(jid)
        rig.lease(DeviceId(f"many-{number}"), jid)
    rig.cache.close()
    assert not [jid for jid in jids if rig.world.living(jid)]


def test_no_more_connects_are_under_way_at_once_than_allowed() -> None:
    rig = Rig(CacheSettings(HostSettings(connects=2)))
    under_way: list[int] = []
    now = 0

    def build(
        jid: str, on_event: Callable[[ConnectionEvent], None], on_news: Callable[[News], None]
    ) -> object:
        nonlocal now
        client = rig.world.build(jid, on_event, on_news)
        plain = client.connect

        def connect(timeout: float) -> bool:
            nonlocal now
            with rig.world.lock:
                now += 1
                under_way.append(now)
            try:
                return plain(timeout)
            finally:
                with rig.world.lock:
                    now -= 1

        client.connect = connect  # type: ignore[method-assign]
        return client

    cache = ClientCache(build, rig.world, CacheSettings(HostSettings(connects=2)), Watcher())  # type: ignore[arg-type]
    jids = [rig.world.link(f"155555501{n:02}:1@s.whatsapp.net") for n in range(12)]

    def call(jid: str) -> None:
        with cache.lease(DeviceId(jid), jid):
            pass

    threads = [Thread(target=call, args=(jid,)) for jid in jids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(under_way) <= 2
    assert len(under_way) == 12
