"""A device whose connect ends its host: found by trial, set aside, and the run goes on."""

from collections import Counter

from tests.kit.stage import CAMPAIGN, ONE, TWO, FakeHost, Stage, last, phone
from waheal.engine.settings import RunSettings
from waheal.events import DeviceQuarantined, Event, HostRestarted
from waheal.model import Accepted, DeviceId, ExitCode, Quarantine, State
from waheal.wire import Command, Connect, Finish, Healing, Offline, Online, Send

THREE, FOUR = DeviceId("three"), DeviceId("four")


class Library:
    """Hosts that connect a device with its first command, and end with the poisonous ones."""

    def __init__(self, made: Stage, *poison: DeviceId) -> None:
        self.poison = frozenset(poison)
        self.connects: list[tuple[FakeHost, DeviceId]] = []
        self.deadly = True  # whether the end looks like the library's own
        self._made = made
        self._online: set[tuple[FakeHost, DeviceId]] = set()
        made.acts = self.act

    def act(self, host: FakeHost, command: Command) -> None:
        match command:
            case Connect(device):
                self._connect(host, device)
            case Send():
                self._send(host, command)
            case Finish():
                host.dies("ended with code 0")
            case _:
                pass

    def _send(self, host: FakeHost, send: Send) -> None:
        def go() -> None:
            if host.alive:
                host.answers(send, Accepted(self._made.leaves(send)))

        if self._connect(host, send.device):
            self._made.time.after(1.0, go)  # others connect meanwhile

    def _connect(self, host: FakeHost, device: DeviceId) -> bool:
        if (host, device) in self._online:
            return True
        self.connects.append((host, device))
        host.says(Healing(device, "first connect"))
        if device in self.poison:
            # A moment later: until then others connect beside it.
            self._made.time.after(0.5, lambda: host.dies("ended with code 2", crashed=self.deadly))
            return False

        def up() -> None:
            self._online.add((host, device))
            host.says(Online(device, 0.1, "", rebuilt=True))

        self._made.time.after(0.9, up)
        return True


def set_aside(events: list[Event]) -> dict[DeviceId, Quarantine]:
    return {each.device: each.reason for each in events if isinstance(each, DeviceQuarantined)}


def test_the_one_that_ends_its_host_is_set_aside_and_the_others_send_all(made: Stage) -> None:
    made.add(ONE, TWO, THREE, FOUR)
    made.people(12)
    Library(made, TWO)
    events = made.play()
    assert set_aside(events) == {TWO: Quarantine.CRASHES}
    assert Counter(made.states().values()) == {State.SENT: 12}
    assert last(events).exit_code is ExitCode.OK
    assert max(made.left.values()) == 1


def test_suspects_connect_one_by_one_and_nobody_else_meanwhile(made: Stage) -> None:
    made.add(ONE, TWO, THREE, FOUR)
    made.people(12)
    library = Library(made, FOUR)
    made.play()
    second = made.hosts[1]
    tried = [device for host, device in library.connects if host is second]
    commands = [each for each in second.heard if isinstance(each, Connect | Send)]
    assert [type(each) for each in commands] == [Connect] * len(tried)
    assert tried == [FOUR]  # by name the first, and it is the one
    third = [type(each) for each in made.hosts[2].heard if isinstance(each, Connect | Send)]
    assert third[:3] == [Connect] * 3
    assert Send in third


def test_several_of_them_do_not_end_the_run(made: Stage) -> None:
    names = [DeviceId(f"d{number}") for number in range(9)]
    made.add(*names, ONE)
    made.people(20)
    Library(made, *names[1:8])
    events = made.play()
    assert set(set_aside(events)) == set(names[1:8])
    assert Counter(made.states().values()) == {State.SENT: 20}


def test_where_it_is_the_only_device_the_run_says_so_and_ends(made: Stage) -> None:
    made.add(ONE)
    made.people(3)
    Library(made, ONE)
    events = made.play()
    assert set_aside(events) == {ONE: Quarantine.CRASHES}
    assert last(events).exit_code is ExitCode.NO_DEVICE
    assert len([event for event in events if isinstance(event, HostRestarted)]) == 2


def test_a_host_that_is_killed_proves_nothing_of_who_was_connecting(made: Stage) -> None:
    made.add(ONE, TWO)
    made.people(4)
    library = Library(made, ONE)
    library.deadly = False
    made.time.after(2.0, lambda: setattr(library, "poison", frozenset()))
    events = made.play()
    assert set_aside(events) == {}
    assert Counter(made.states().values()) == {State.SENT: 4}


def test_a_death_that_is_nobodys_fault_costs_a_trial_and_no_device(made: Stage) -> None:
    made.add(ONE, TWO)
    made.people(6)
    library = Library(made, TWO)
    made.time.after(0.8, lambda: setattr(library, "poison", frozenset()))
    events = made.play()
    assert set_aside(events) == {}
    assert Counter(made.states().values()) == {State.SENT: 6}


def test_a_suspect_that_does_not_connect_is_none(made: Stage) -> None:
    made.add(ONE, TWO)
    made.people(6)
    library = Library(made, TWO)

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Connect) and command.device == ONE:
            host.says(Offline(ONE, "does not log in", None))
        else:
            library.act(host, command)

    made.acts = act
    events = made.play(RunSettings(CAMPAIGN))
    assert set_aside(events) == {TWO: Quarantine.CRASHES}
    assert made.states()[phone(0)] is State.SENT
