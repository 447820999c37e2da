"""The run's devices: who may send, who rests, and whose their recipients are meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.kit.ledgers import NOW, ONE, TWO, jid_of, on_both, open_home, open_ledger, start
from tests.kit.stage import CAMPAIGN, phone
from waheal.engine.new_chats import NewChats
from waheal.engine.presence import try_the_version
from waheal.engine.roster import Roster
from waheal.engine.settings import RunSettings
from waheal.events import DeviceQuarantined, Note
from waheal.model import Content, DeviceId, DeviceState, NotSent, Planned, Quarantine
from waheal.store.ledger import Ledger
from waheal.store.sessions import Sessions
from waheal.wire import Offline

pytestmark = on_both

SETTINGS = RunSettings(CAMPAIGN)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(open_home(tmp_path)) as ledger:
        for device in (ONE, TWO):
            ledger.devices.add(device, jid_of(device), None, NOW)
        start(
            ledger,
            Planned(2, phone(0), Content("a"), pinned=ONE),
            Planned(3, phone(1), Content("b")),
        )
        # phone(1) is a contact of ONE
        ledger._db.run("UPDATE deliveries SET lane = ? WHERE pinned = 0", (ONE,))
        yield ledger


def roster(ledger: Ledger, settings: RunSettings = SETTINGS, now: float = NOW) -> Roster:
    campaign = ledger.campaigns.find(CAMPAIGN)
    assert campaign is not None
    return Roster(
        ledger.devices,
        ledger.work,
        ledger.history,
        NewChats(ledger.chats, Sessions(Path("none")), settings.new_chats, now),
        campaign.id,
        settings,
        Random(0),  # noqa: S311 - jitter
        now,
    )


def usable(made: Roster, device: DeviceId) -> bool:
    member = made.get(device)
    return member is not None and member.usable


def held(ledger: Ledger) -> dict[DeviceId, tuple[int, bool]]:
    campaign = ledger.campaigns.find(CAMPAIGN)
    assert campaign is not None
    return ledger.work.lanes(campaign.id)


def state(ledger: Ledger, device: DeviceId, now: float = NOW) -> tuple[DeviceState, str | None]:
    found = ledger.devices.find(device, now)
    assert found is not None
    return found.state, found.reason


def quarantine(made: Roster, reason: Quarantine, until: float | None) -> list[DeviceQuarantined]:
    events = made.offline(Offline(ONE, "why", reason, until), NOW)
    return [event for event in events if isinstance(event, DeviceQuarantined)]


def test_a_quarantine_is_written_and_told_once(ledger: Ledger) -> None:
    made = roster(ledger)
    told = quarantine(made, Quarantine.BANNED, NOW + 60.0)
    assert told == [DeviceQuarantined(ONE, Quarantine.BANNED, NOW + 60.0)]
    assert quarantine(made, Quarantine.BANNED, NOW + 60.0) == []
    assert state(ledger, ONE) == (DeviceState.QUARANTINED, "banned")
    assert made.next_return() == NOW + 60.0


def test_its_contacts_go_to_others_and_its_pins_do_not(ledger: Ledger) -> None:
    quarantine(roster(ledger), Quarantine.LOGGED_OUT, None)
    assert held(ledger) == {ONE: (1, True)}


def test_contacts_stay_where_the_operator_wants_no_failover(ledger: Ledger) -> None:
    made = roster(ledger, replace(SETTINGS, sticky_failover=False))
    quarantine(made, Quarantine.LOGGED_OUT, None)
    assert held(ledger) == {ONE: (2, True)}


def test_contacts_of_a_device_left_out_are_anyones(ledger: Ledger) -> None:
    made = roster(ledger, replace(SETTINGS, devices=frozenset({TWO})))
    made.free_contacts()
    assert held(ledger) == {ONE: (1, True)}


def test_contacts_of_a_device_that_takes_part_stay_its_own(ledger: Ledger) -> None:
    roster(ledger).free_contacts()
    assert held(ledger) == {ONE: (2, True)}


def test_contacts_bind_nobody_without_stickiness(ledger: Ledger) -> None:
    roster(ledger, replace(SETTINGS, sticky=False)).free_contacts()
    assert held(ledger) == {ONE: (1, True)}


def test_a_device_is_used_again_when_its_quarantine_ends(ledger: Ledger) -> None:
    made = roster(ledger)
    quarantine(made, Quarantine.RATE_LIMITED, NOW + 60.0)
    assert made.readmit(NOW + 59.0) == []
    assert len(made.readmit(NOW + 60.0)) == 1
    assert usable(made, ONE)


def test_a_device_paused_during_its_quarantine_stays_out(ledger: Ledger) -> None:
    made = roster(ledger)
    quarantine(made, Quarantine.RATE_LIMITED, NOW + 60.0)
    ledger.devices.pause(ONE)
    assert made.readmit(NOW + 60.0) == []
    assert not usable(made, ONE)
    ledger.devices.pause(ONE, paused=False)
    made.reload(NOW + 61.0)
    assert usable(made, ONE)


def test_a_device_quarantined_anew_by_others_waits_for_the_new_end(ledger: Ledger) -> None:
    made = roster(ledger)
    quarantine(made, Quarantine.RATE_LIMITED, NOW + 60.0)
    ledger.devices.quarantine(ONE, Quarantine.BANNED, NOW + 600.0, NOW)
    assert made.readmit(NOW + 60.0) == []
    assert made.next_return() == NOW + 600.0


def test_a_logout_during_a_quarantine_ends_the_waiting(ledger: Ledger) -> None:
    made = roster(ledger)
    quarantine(made, Quarantine.RATE_LIMITED, NOW + 60.0)
    quarantine(made, Quarantine.LOGGED_OUT, None)
    assert made.next_return() is None
    assert state(ledger, ONE) == (DeviceState.QUARANTINED, "logged out")


def test_a_device_that_was_out_before_the_run_is_not_used(ledger: Ledger) -> None:
    ledger.devices.pause(ONE)
    ledger.devices.quarantine(TWO, Quarantine.BANNED, NOW + 5.0, NOW)
    made = roster(ledger)
    assert not made.scheduler.any_usable()
    assert made.next_return() == NOW + 5.0


def test_a_version_that_is_refused_is_told_once_for_all_devices(ledger: Ledger) -> None:
    made = roster(ledger)
    told = [
        event
        for device in (ONE, TWO)
        for event in made.offline(Offline(device, "405", Quarantine.OUTDATED), NOW)
    ]
    assert told == [DeviceQuarantined(ONE, Quarantine.OUTDATED, None)]
    assert state(ledger, TWO) == (DeviceState.QUARANTINED, Quarantine.OUTDATED)


def test_the_next_run_tries_again_whether_its_version_is_taken(ledger: Ledger) -> None:
    ledger.devices.quarantine(ONE, Quarantine.OUTDATED, None, NOW)
    ledger.devices.quarantine(TWO, Quarantine.LOGGED_OUT, None, NOW)
    made = roster(ledger)
    assert not usable(made, ONE)
    try_the_version(ledger.devices, NOW)
    made.reload(NOW)
    assert (usable(made, ONE), usable(made, TWO)) == (True, False)
    assert state(ledger, ONE) == (DeviceState.READY, None)


def test_failed_connects_rest_a_device_and_then_quarantine_it(ledger: Ledger) -> None:
    made = roster(ledger)
    failed = Offline(ONE, "does not connect", None)
    assert made.offline(failed, NOW) == made.offline(failed, NOW) == []
    member = made.get(ONE)
    assert member is not None
    assert member.rest_until > NOW
    (told,) = made.offline(failed, NOW)
    assert isinstance(told, DeviceQuarantined)
    assert told.reason is Quarantine.UNREACHABLE


def test_a_connect_forgets_the_failures(ledger: Ledger) -> None:
    made = roster(ledger)
    failed = Offline(ONE, "does not connect", None)
    for _ in range(5):
        assert made.offline(failed, NOW) == []
        assert made.online(ONE, NOW) == []


def test_a_device_that_logs_in_takes_part_again_at_once(ledger: Ledger) -> None:
    made = roster(ledger)
    quarantine(made, Quarantine.UNREACHABLE, NOW + 60.0)
    assert made.scheduler.take(NOW) is not None  # TWO, with the one that is anyone's now
    (told,) = made.online(ONE, NOW)
    assert isinstance(told, Note)
    assert usable(made, ONE)
    assert made.next_return() is None
    assert state(ledger, ONE) == (DeviceState.READY, None)
    taken = made.scheduler.take(NOW)
    assert taken is not None
    assert (taken[0].row, taken[1].device) == (2, ONE)


def test_a_device_that_logs_in_while_it_is_paused_stays_out(ledger: Ledger) -> None:
    made = roster(ledger)
    quarantine(made, Quarantine.UNREACHABLE, NOW + 60.0)
    ledger.devices.pause(ONE)
    assert len(made.online(ONE, NOW)) == 1
    assert not usable(made, ONE)
    assert made.next_return() is None


def test_a_limit_outlasts_a_login(ledger: Ledger) -> None:
    made = roster(ledger)
    quarantine(made, Quarantine.RATE_LIMITED, NOW + 60.0)
    assert made.online(ONE, NOW) == []
    assert not usable(made, ONE)
    assert made.next_return() == NOW + 60.0


def test_a_login_of_a_device_that_takes_no_part_is_noted(ledger: Ledger) -> None:
    made = roster(ledger, replace(SETTINGS, devices=frozenset({TWO})))
    assert made.online(ONE, NOW + 5.0) == []
    assert ledger.devices.seen(ONE) == NOW + 5.0


def test_a_refusal_rests_or_quarantines_the_device(ledger: Ledger) -> None:
    made = roster(ledger)
    member = made.get(ONE)
    assert member is not None
    assert made.refused(member, NotSent("busy", hold=30.0), NOW) == []
    assert member.rest_until == NOW + 30.0
    told = made.refused(member, NotSent("429", hold=60.0, quarantine=Quarantine.RATE_LIMITED), NOW)
    assert told == [DeviceQuarantined(ONE, Quarantine.RATE_LIMITED, NOW + 60.0)]


def test_a_pause_from_outside_stops_a_device_and_a_resume_frees_it(ledger: Ledger) -> None:
    made = roster(ledger)
    ledger.devices.pause(ONE)
    assert made.reload(NOW) == frozenset({ONE})
    assert made.reload(NOW) == frozenset()
    ledger.devices.pause(ONE, paused=False)
    made.reload(NOW)
    assert usable(made, ONE)


def test_a_device_paired_anew_goes_on_with_its_new_session(ledger: Ledger) -> None:
    made = roster(ledger)
    quarantine(made, Quarantine.LOGGED_OUT, None)
    ledger.devices.add(ONE, "12025550199:9@s.whatsapp.net", None, NOW)
    made.reload(NOW)
    member = made.get(ONE)
    assert member is not None
    assert (member.usable, member.jid) == (True, "12025550199:9@s.whatsapp.net")


def test_a_new_device_that_is_paused_at_once_is_not_used(ledger: Ledger) -> None:
    made, new = roster(ledger), DeviceId("new")
    ledger.devices.add(new, "12025550199:9@s.whatsapp.net", None, NOW)
    ledger.devices.pause(new)
    made.reload(NOW)
    assert not usable(made, new)


def test_each_device_has_its_host_whenever_it_joins(ledger: Ledger) -> None:
    settings = replace(SETTINGS, hosts=3)
    first, second = roster(ledger, settings), roster(ledger, settings)
    for device in (ONE, TWO):
        one, other = first.get(device), second.get(device)
        assert one is not None
        assert other is not None
        assert one.host == other.host in range(3)


def test_devices_of_an_exchanged_host_stand_still(ledger: Ledger) -> None:
    made = roster(ledger)
    made.hold_host(0, NOW, held=True)
    assert made.scheduler.take(NOW) is None
    made.hold_host(0, NOW, held=False)
    assert made.scheduler.take(NOW) is not None
