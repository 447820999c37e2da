"""WhatsApp is not reached at all: one word, few tries, and an end after three minutes."""

from dataclasses import replace

import pytest

from tests.kit.ledgers import NOW
from tests.kit.stage import CAMPAIGN, FakeHost, Stage, last
from waheal.engine.settings import RunSettings
from waheal.events import DeviceQuarantined, Event, Paused, Resumed
from waheal.model import DeviceId, DeviceState, ExitCode, NotSent, State
from waheal.policy.outage import FEW, TRIES, Outage
from waheal.store.sessions import phone_of
from waheal.wire import Command, HostSettings, Offline, Online, Send

SETTINGS = RunSettings(CAMPAIGN, host=HostSettings(senders=32), hosts=2)
ALL = [DeviceId(f"d{number}") for number in range(5)]


def cut_off(made: Stage, until: float = 1e9) -> None:
    """Let no device connect until then, on the stage's own clock."""

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send() if made.time.passed < until:
                made.time.after(2.0, lambda: refused(host, command))
            case Send():
                host.says(Online(command.device, 0.1, "does not connect", rebuilt=True))
                made.obey(host, command)
            case _:
                made.obey(host, command)

    def refused(host: FakeHost, send: Send) -> None:
        host.says(Offline(send.device, "does not connect", None))
        host.answers(send, NotSent("does not connect"))

    made.acts = act


def paired(made: Stage, devices: int) -> None:
    for number in range(devices):
        jid, label = f"1425555{number:04}:1@s.whatsapp.net", DeviceId(f"d{number}")
        made.ledger.devices.add(label, jid, phone_of(jid), NOW)
        made.sessions.device(jid, lid=None, key=label.encode().ljust(32))


@pytest.mark.parametrize("devices", [1, 2, 5, 3000])
def test_a_run_that_reaches_nobody_ends_after_three_minutes(made: Stage, devices: int) -> None:
    paired(made, devices)
    made.people(4000)
    cut_off(made)
    events = made.play(SETTINGS)
    finished = last(events)
    assert finished.exit_code is ExitCode.NO_DEVICE
    assert 180.0 <= finished.seconds < 200.0
    assert finished.tally[State.PENDING] == 4000
    assert finished.stop is not None
    assert finished.stop.reason.startswith("no device can send: WhatsApp unreachable since ")
    told = [event for event in events if isinstance(event, Paused)]
    assert all("WhatsApp unreachable since " in event.reason for event in told)
    assert len(told) <= 1 + len(TRIES) + 2
    assert [event for event in events if isinstance(event, DeviceQuarantined)] == []
    assert {each.state for each in made.ledger.devices.all(NOW)} == {DeviceState.READY}


def test_few_are_tried_while_it_lasts(made: Stage) -> None:
    paired(made, 300)
    made.people(1000)
    cut_off(made)
    made.play(SETTINGS)
    under_way = 2 * SETTINGS.host.senders * SETTINGS.hosts
    assert len(made.sends()) <= under_way + FEW * (len(TRIES) + 2)


def test_it_goes_on_as_soon_as_one_connects(made: Stage) -> None:
    made.add(*ALL)
    people = made.people(50)
    cut_off(made, until=60.0)
    events = made.play(SETTINGS)
    assert last(events).exit_code is ExitCode.OK
    assert made.left == dict.fromkeys(people, 1)
    kinds = [type(event) for event in events if isinstance(event, Paused | Resumed)]
    assert kinds[0] is Paused
    assert kinds.count(Resumed) == 1
    assert kinds[-1] is Resumed


def test_the_word_has_since_when_the_next_try_and_the_end(made: Stage) -> None:
    made.add(*ALL)
    made.people(50)
    cut_off(made)
    first: Event = next(event for event in made.run(SETTINGS).events() if isinstance(event, Paused))
    assert isinstance(first, Paused)
    since, next_try, end = first.reason.split("; ")
    assert since.startswith("WhatsApp unreachable since ")
    assert next_try.startswith("next try ")
    assert end.startswith("gives up ")
    assert first.until is None


def test_a_sign_of_the_server_from_any_device_ends_it() -> None:
    outage = Outage(180.0, NOW)
    for number, device in enumerate(ALL[: FEW - 1]):
        outage.failed(device, NOW + number, ALL)
    assert outage.since is None
    outage.reached(NOW)
    outage.failed(ALL[3], NOW + 10.0, ALL)
    outage.failed(ALL[3], NOW + 11.0, ALL)
    assert outage.since is None
    for device in ALL[:FEW]:
        outage.failed(device, NOW + 12.0, ALL)
    assert outage.since == NOW + 10.0
    assert outage.gives_up == NOW + 190.0
    outage.reached(NOW)
    assert (outage.since, outage.room(NOW, 64)) == (None, 64)


def test_it_gives_up_no_later_than_the_longest_wait(made: Stage) -> None:
    made.add(*ALL)
    made.people(50)
    cut_off(made)
    finished = last(made.play(replace(SETTINGS, max_wait=40.0)))
    assert finished.exit_code is ExitCode.NO_DEVICE
    assert finished.seconds < 60.0
