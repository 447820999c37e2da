"""Listening without sending: nothing that devices hear meanwhile is lost."""

from collections.abc import Callable, Iterator

import pytest

from tests.kit.ledgers import NOW
from tests.kit.stage import ONE, TWO, FakeHost, Stage, phone
from waheal.chat_records import ChatLimits
from waheal.engine.collect import Collect, Recorded, connect, log_out, probe, record
from waheal.engine.unwritten import Unwritten
from waheal.errors import OwnFault, UsageError
from waheal.events import DeviceQuarantined, Event, NewChatsHeld, Note, OptedOut, Paused, Receipt
from waheal.model import Accepted, ChatHold, DeviceState, Quarantine, ReceiptKind, State, Unknown
from waheal.policy.optout import Words
from waheal.records import OUTDATED, UPGRADE, Device
from waheal.wire import (
    Answer,
    ChatLock,
    Command,
    Connect,
    Finish,
    HostSettings,
    InboundText,
    Logout,
    LogoutEnded,
    NotServed,
    Offline,
    Online,
    Ready,
    ReceiptSeen,
    Send,
    Setup,
    StanzaSeen,
)

HOST = HostSettings()
STOP = InboundText(ONE, "", phone(0), "stop", NOW)


@pytest.fixture
def made(made: Stage) -> Stage:
    made.add(ONE)
    return made


def devices(made: Stage) -> list[Device]:
    return made.ledger.devices.all(NOW)


def collecting(made: Stage) -> Collect:
    return Collect(
        made.home,
        made.lock,
        made.ledger,
        HOST,
        words=Words(),
        surroundings=made.surroundings,
    )


def listen(made: Stage, seconds: float = 10.0) -> list[Event]:
    return list(collecting(made).events(devices(made), seconds))


def connecting(made: Stage) -> Iterator[Online | Offline]:
    return connect(
        made.home,
        made.lock,
        made.ledger,
        HOST,
        devices(made),
        seconds=5.0,
        surroundings=made.surroundings,
    )


def logging_out(made: Stage) -> str | None:
    return log_out(
        made.home,
        made.lock,
        made.ledger,
        HOST,
        devices(made)[0],
        surroundings=made.surroundings,
    )


def recording(made: Stage) -> list[Recorded]:
    surroundings = made.surroundings
    (device,) = devices(made)
    return list(record(made.home, made.lock, made.ledger, HOST, device, surroundings=surroundings))


def answering(made: Stage, *reports: object, last: object = None) -> None:
    """Let the host say this once a device is to connect, and `last` as it ends."""

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Connect() | Logout() | Setup():
                for report in reports:
                    host.says(report)  # type: ignore[arg-type]
            case Finish():
                if last is not None:
                    host.says(last)  # type: ignore[arg-type]
                host.dies("ended with code 0")
            case _:
                pass

    made.acts = act


def in_doubt(made: Stage) -> str:
    """Leave a message uncertain that is known by its id."""
    made.people(1)

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                made.leaves(command)
                host.answers(command, Unknown("timed out"))
            case _:
                made.obey(host, command)

    made.acts = act
    assert made.finish().tally[State.UNCERTAIN] == 1
    return "ID-1-1"


def test_a_receipt_settles_what_is_in_doubt(made: Stage) -> None:
    message_id = in_doubt(made)
    answering(made, Online(ONE, 0.1, "", rebuilt=True),
              ReceiptSeen(ONE, (message_id,), ReceiptKind.DELIVERED))  # fmt: skip
    events = listen(made)
    assert [each.state for each in events if isinstance(each, Receipt)] == [State.DELIVERED]
    assert made.states()[phone(0)] is State.DELIVERED


def test_what_is_heard_outlives_a_kill_until_it_is_written(made: Stage) -> None:
    kept: list[str] = []

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Connect):
            host.says(Online(ONE, 0.1, "", rebuilt=True))
            host.says(STOP)
            kept.append(made.home.unwritten_path.read_text())
        made.obey(host, command)

    made.acts = act
    assert OptedOut(phone(0), "stop") in listen(made)
    assert '"stop"' in kept[0]
    assert made.home.unwritten_path.read_bytes() == b""


def test_what_was_written_to_a_killed_run_is_heeded(made: Stage) -> None:
    Unwritten(made.home).keep("host-1.log", [STOP])
    assert OptedOut(phone(0), "stop") in listen(made, 0.0)


def test_what_a_killed_run_left_open_is_settled_first(made: Stage) -> None:
    made.people(1)

    def act(_host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            made.leaves(command)

    made.acts = act
    killed = made.run().events()
    for _ in range(2):
        next(killed)  # told of its claim, and then killed
    del killed
    made.acts = None
    assert made.states()[phone(0)] is State.SENDING
    listen(made)
    assert made.states()[phone(0)] is State.UNCERTAIN


def test_an_opt_out_among_the_last_words_is_heeded(made: Stage) -> None:
    answering(made, last=STOP)
    assert any(isinstance(event, OptedOut) for event in listen(made))
    assert made.ledger.people.is_suppressed(phone(0))


def test_an_opt_out_in_the_operators_own_word_is_heeded_wherever_it_is_heard(made: Stage) -> None:
    """Whoever connects devices may be told it, and nobody is told it again."""
    words, known = Words(["basta ya"]), devices(made)
    at, surroundings = (made.home, made.lock, made.ledger, HOST), made.surroundings
    acts: dict[str, Callable[[], object]] = {
        "connect": lambda: list(
            connect(*at, known, seconds=5.0, words=words, surroundings=surroundings)
        ),
        "log out": lambda: log_out(*at, known[0], words=words, surroundings=surroundings),
        "record": lambda: list(record(*at, known[0], words=words, surroundings=surroundings)),
    }
    for number, (name, act) in enumerate(acts.items()):
        heard = InboundText(ONE, "", phone(number), "basta ya", NOW)
        answering(made, heard, Offline(ONE, "no network", None), LogoutEnded(ONE, None))
        act()
        assert made.ledger.people.is_suppressed(phone(number)), name


def test_what_came_with_the_order_to_stop_is_heeded(made: Stage) -> None:
    answering(made, Offline(ONE, "no network", None), STOP)
    collect = collecting(made)
    for event in collect.events(devices(made), 10.0):
        if isinstance(event, Note):
            collect.stop()
    assert made.ledger.people.is_suppressed(phone(0))
    assert not made.hosts[-1].alive


def test_the_time_to_listen_begins_when_the_devices_have_answered(made: Stage) -> None:
    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Connect():
                made.time.after(20.0, lambda: host.says(Online(ONE, 20.0, "", rebuilt=True)))
                made.time.after(23.0, lambda: host.says(STOP))
            case Finish():
                host.dies("ended with code 0")
            case _:
                pass

    made.acts = act
    listen(made, 5.0)
    assert made.ledger.people.is_suppressed(phone(0))
    assert made.ledger.devices.seen(ONE) >= NOW + 20.0


def test_a_device_that_cannot_be_used_is_quarantined(made: Stage) -> None:
    answering(made, Offline(ONE, "logged out", Quarantine.LOGGED_OUT))
    events = listen(made)
    assert DeviceQuarantined(ONE, Quarantine.LOGGED_OUT, None) in events
    assert devices(made)[0].state is DeviceState.QUARANTINED


def test_a_device_that_logs_in_is_out_of_quarantine(made: Stage) -> None:
    made.ledger.devices.quarantine(ONE, Quarantine.UNREACHABLE, NOW + 600.0, NOW)
    answering(made, Online(ONE, 0.1, "", rebuilt=True))
    assert len([each for each in listen(made) if isinstance(each, Note)]) == 1
    assert devices(made)[0].state is DeviceState.READY


def test_a_device_that_only_did_not_connect_is_told_and_not_held(made: Stage) -> None:
    answering(made, Offline(ONE, "no network", None))
    assert Note(f"{ONE}: no network") in listen(made)
    assert devices(made)[0].state is DeviceState.READY


def test_an_answer_to_connecting_is_in_the_ledger_when_it_is_told(made: Stage) -> None:
    made.add(TWO)
    made.ledger.devices.quarantine(ONE, Quarantine.REFUSED, None, NOW)
    gone = Offline(TWO, "logged out", Quarantine.LOGGED_OUT)
    answering(made, Online(ONE, 0.1, "", rebuilt=True), gone)
    seen = [devices(made) for _ in connecting(made)]
    assert [each.state for each in seen[0]] == [DeviceState.READY, DeviceState.QUARANTINED]


def test_without_devices_no_host_is_started(made: Stage) -> None:
    assert list(collecting(made).events([], 10.0)) == []
    assert made.hosts == []


def test_a_host_that_dies_is_a_fault_and_its_words_count(made: Stage) -> None:
    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Connect):
            host.says(STOP)
            host.dies()

    made.acts = act
    with pytest.raises(OwnFault):
        listen(made)
    assert made.ledger.people.is_suppressed(phone(0))


def test_connecting_tells_every_device_and_heeds_what_they_hear(made: Stage) -> None:
    made.add(TWO)
    answering(made, STOP, Online(ONE, 0.1, "", rebuilt=True))
    answers = list(connecting(made))
    assert [(each.device, isinstance(each, Online)) for each in answers] == [
        (ONE, True),
        (TWO, False),
    ]
    assert made.ledger.people.is_suppressed(phone(0))


def test_logging_out_heeds_what_the_device_hears(made: Stage) -> None:
    answering(made, LogoutEnded(ONE, None), last=STOP)
    assert logging_out(made) is None
    assert made.ledger.people.is_suppressed(phone(0))


def test_a_device_that_begins_no_new_chat_hears_when_that_ends(made: Stage) -> None:
    now = made.time.time()
    made.ledger.chats.keep(ONE, ChatLimits(now + 60.0, ChatHold.REFUSED, now, 1))
    answering(
        made, ChatLock(ONE, active=True, until=now + 90.0), Online(ONE, 0.1, "", rebuilt=True)
    )
    told = {each for each in listen(made) if isinstance(each, NewChatsHeld)}
    assert told == {NewChatsHeld(ONE, ChatHold.REFUSED, now + 90.0)}
    (connect,) = [each for each in made.hosts[0].heard if isinstance(each, Connect)]
    assert connect.overhear
    answering(made, ChatLock(ONE, active=False, until=None), Online(ONE, 0.1, "", rebuilt=True))
    listen(made)
    assert made.ledger.devices.all(now)[0].chats_from is None


def test_logging_out_says_when_nobody_answers(made: Stage) -> None:
    answering(made)
    assert logging_out(made) == "no answer"


def test_a_recording_sends_the_devices_own_account_a_note_and_nobody_else(made: Stage) -> None:
    seen, notes = StanzaSeen(received=True, skeleton="<ib/>", at=NOW), list[Send]()

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Connect():
                host.says(seen)
                host.says(Online(ONE, 0.1, "", rebuilt=True))
            case Send() as send:
                notes.append(send)
                host.says(Answer(send.delivery, send.attempt, ONE, Accepted("3A")))
                host.says(seen)
            case Finish():
                host.dies("ended with code 0")
            case _:
                pass

    made.acts = act
    made.ledger.devices.add(ONE, devices(made)[0].jid or "", phone(9), NOW)
    told = recording(made)
    assert [type(each) for each in told] == [StanzaSeen, Online, Answer, StanzaSeen]
    assert [note.phone for note in notes] == [phone(9)]
    assert made.ledger.campaigns.all() == []


def test_a_recording_ends_with_a_device_that_can_not_be_used(made: Stage) -> None:
    answering(made, STOP, Offline(ONE, "logged out", Quarantine.LOGGED_OUT))
    assert {type(each) for each in recording(made)} == {Offline}
    assert devices(made)[0].state is DeviceState.QUARANTINED
    assert made.ledger.people.is_suppressed(phone(0))


def test_a_probe_tells_the_librarys_version(made: Stage) -> None:
    answering(made, Ready(1, "0.5.2"))
    assert probe(made.home, HOST, surroundings=made.surroundings) == "0.5.2"


def test_a_library_that_is_refused_is_told_with_its_reason(made: Stage) -> None:
    answering(made, NotServed("it is another library", None))
    with pytest.raises(UsageError, match="it is another library"):
        probe(made.home, HOST, surroundings=made.surroundings)


def test_a_probe_that_says_nothing_is_a_fault(made: Stage) -> None:
    answering(made)
    with pytest.raises(OwnFault):
        probe(made.home, HOST, surroundings=made.surroundings)


def test_a_version_that_is_too_old_is_told_once_and_ends_it(made: Stage) -> None:
    made.add(TWO)
    old = (Offline(each, "405", Quarantine.OUTDATED) for each in (ONE, TWO))
    answering(made, *old)
    collect = collecting(made)
    events = list(collect.events(devices(made), 3600.0))
    assert events == [Paused(OUTDATED, way_out=UPGRADE)]
    assert collect.outdated
    assert {each.reason for each in devices(made)} == {Quarantine.OUTDATED}
    assert made.time.time() < NOW + 600.0
