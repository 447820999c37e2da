"""A version that WhatsApp refuses (405), through the engine, on a stage: the run ends at once."""

from tests.kit.stage import ONE, TWO, FakeHost, Stage, last
from waheal.events import DeviceQuarantined, Paused
from waheal.model import DeviceId, DeviceState, ExitCode, NotSent, Quarantine, State
from waheal.records import OUTDATED
from waheal.wire import Command, Offline, Send

REFUSAL = NotSent("WhatsApp no longer accepts this version (405)", quarantine=Quarantine.OUTDATED)
MANY = [DeviceId(f"d{n}") for n in range(10)]


def refusing(made: Stage, *devices: DeviceId) -> None:
    """Let these devices' logins be refused, and the others send."""

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send) and command.device in devices:
            host.says(Offline(command.device, REFUSAL.reason, Quarantine.OUTDATED))
            host.answers(command, REFUSAL)
        else:
            made.obey(host, command)

    made.acts = act


def test_the_run_ends_for_the_first_and_names_the_one_way_out(made: Stage) -> None:
    made.add(*MANY)
    made.people(400)
    refusing(made, *MANY)
    began = made.time.monotonic()
    events = made.play()
    assert made.time.monotonic() - began < 1.0
    (told,) = [event for event in events if isinstance(event, Paused)]
    assert told.reason == OUTDATED
    assert "pip install --upgrade waheal" in (told.way_out or "")
    assert len([event for event in events if isinstance(event, DeviceQuarantined)]) == 1
    assert last(events).exit_code is ExitCode.NO_DEVICE
    assert set(made.states().values()) == {State.PENDING}
    assert len(made.sends()) <= 2 * len(MANY)


def test_what_is_on_its_way_through_other_devices_ends(made: Stage) -> None:
    made.add(ONE, TWO)
    made.people(10)
    refusing(made, ONE)
    events = made.play()
    assert last(events).exit_code is ExitCode.NO_DEVICE
    states = set(made.states().values())
    assert State.PENDING in states
    assert State.SENDING not in states


def test_the_next_run_goes_on_where_its_version_is_taken(made: Stage) -> None:
    made.add(ONE, TWO)
    made.people(10)
    refusing(made, ONE, TWO)
    made.play()
    asked = len(made.sends())
    assert (
        last(made.play()).exit_code is ExitCode.NO_DEVICE
    )  # asked once more: it may be another version
    assert len(made.sends()) > asked
    made.acts = None
    assert last(made.play()).exit_code is ExitCode.OK
    assert {each.state for each in made.ledger.devices.all(made.time.time())} == {DeviceState.READY}
