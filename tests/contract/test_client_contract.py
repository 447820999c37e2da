"""What every client keeps to: the fake that the other tests trust, and the real one."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.contract.fake import FakeWorld, Hang
from tests.contract.host_process import PATIENCE, Home
from tests.contract.remote import RemoteLibrary
from tests.contract.sandbox import sandbox
from waheal.host import error_table, event_table
from waheal.host.client import (
    Banned,
    Build,
    Client,
    Connected,
    ConnectionEvent,
    Disconnected,
    LoggedOut,
    LoginFault,
    News,
    Outgoing,
    ReceiptCame,
    ReceiptType,
    Refused,
    Replaced,
    SendError,
    TextCame,
)
from waheal.host.directory import Listing
from waheal.host.lookup import is_stored
from waheal.identity import every_spelling, is_lid
from waheal.model import Content, NotSent, Phone, Quarantine
from waheal.sandbox.control import Action, FaultKind, FaultOrder

PHONE = Phone("+15555550100")
WITNESS = bytes(range(32))
HELLO = Outgoing(PHONE, Content("hello"), WITNESS)
E = TypeVar("E")


class Rig(ABC):
    """A world with one linked device in it, and what can be done to it there."""

    jid: str

    def __init__(self) -> None:
        self._changed = threading.Condition()  # guards the list
        self._said: list[ConnectionEvent | News] = []

    def hear(self, said: ConnectionEvent | News) -> None:
        with self._changed:
            self._said.append(said)
            self._changed.notify_all()

    def wait(self, kind: type[E], count: int = 1) -> E:
        """Wait for the count-th event of this kind."""

        def found() -> list[E]:
            return [each for each in self._said if isinstance(each, kind)]

        with self._changed:
            assert self._changed.wait_for(lambda: len(found()) >= count, PATIENCE), self._said
            return found()[count - 1]

    def forgets(self) -> bool:
        """Tell whether the session is deleted, if not at once."""
        deadline = time.monotonic() + PATIENCE
        while self.stored() and time.monotonic() < deadline:
            time.sleep(0.01)  # a bounded wait: a row of the library's tells nobody
        return not self.stored()

    def client(self) -> Client:
        return self.build()(self.jid, self.hear, self.hear)

    @abstractmethod
    def build(self) -> Build: ...
    @abstractmethod
    def stored(self) -> bool: ...
    @abstractmethod
    def received(self) -> list[tuple[str, str]]:
        """Texts and witnesses (hex)."""

    @abstractmethod
    def is_not_on_whatsapp(self) -> None:
        """Let the server know no LID for the recipient, once."""

    @abstractmethod
    def is_unlisted(self) -> None:
        """Let the server say nothing of the recipient, once."""

    @abstractmethod
    def drop(self) -> None: ...
    @abstractmethod
    def replace(self) -> None: ...
    @abstractmethod
    def log_out(self) -> None: ...
    @abstractmethod
    def reply(self, text: str) -> None: ...
    @abstractmethod
    def refuse_login(self, event: Banned | Refused) -> None: ...
    @abstractmethod
    def hang_next_send(self) -> Callable[[], None]:
        """Let the next send hang; what to call to wait until it does."""

    @abstractmethod
    def close(self) -> None: ...


class FakeRig(Rig):
    def __init__(self) -> None:
        super().__init__()
        self.world = FakeWorld()
        self.world.confirms = True
        self.jid = self.world.link("15555550199:1@s.whatsapp.net")

    def build(self) -> Build:
        def build(
            jid: str,
            on_event: Callable[[ConnectionEvent], None],
            on_news: Callable[[News], None],
        ) -> Client:
            def told(event: ConnectionEvent) -> None:
                client.life.apply(event_table.life_change(event))
                on_event(event)

            client = self.world.build(jid, told, on_news)
            return client

        return build

    def stored(self) -> bool:
        return self.world.is_stored(self.jid)

    def received(self) -> list[tuple[str, str]]:
        return [(message.content.text, message.witness.hex()) for _jid, message in self.world.sent]

    def is_not_on_whatsapp(self) -> None:
        self.world.listings[PHONE] = Listing(registered=False)

    def is_unlisted(self) -> None:
        self.world.listings[PHONE] = None

    def drop(self) -> None:
        self.world.client(self.jid).tell(Disconnected())
        self.world.client(self.jid).tell(Connected())

    def replace(self) -> None:
        self.world.client(self.jid).tell(Replaced())

    def log_out(self) -> None:
        self.world.client(self.jid).log_out()

    def reply(self, text: str) -> None:
        self.world.client(self.jid).hear(TextCame("1@lid", PHONE, text, 0.0))

    def refuse_login(self, event: Banned | Refused) -> None:
        self.world.on_connect(self.jid, event)

    def hang_next_send(self) -> Callable[[], None]:
        hang = Hang()
        self.world.on_send(self.jid, hang)
        return lambda: self._entered(hang)

    def _entered(self, hang: Hang) -> None:
        assert hang.entered.wait(PATIENCE)

    def close(self) -> None:
        assert self.world.violations == []


class RealRig(Rig):
    def __init__(self, home: Home, folder: Path) -> None:
        super().__init__()
        self._control = home.control
        self._sessions = home.sessions
        self.jid = home.pair("a")["a"]
        self._library = RemoteLibrary(home.sessions, home.sandbox.trust, folder / "client.log")

    def build(self) -> Build:
        return self._library.build

    def stored(self) -> bool:
        return is_stored(self._sessions, self.jid)

    def received(self) -> list[tuple[str, str]]:
        return [
            (each.text or "", each.message_secret or "") for each in self._control.phones.received()
        ]

    def is_not_on_whatsapp(self) -> None:
        self._control.faults.order(FaultOrder(FaultKind.NOT_ON_WHATSAPP, recipient=PHONE, count=1))

    def is_unlisted(self) -> None:
        self._control.faults.order(FaultOrder(FaultKind.UNLISTED, recipient=PHONE, count=1))

    def drop(self) -> None:
        self._control.devices.act(self.jid, Action.DROP)

    def replace(self) -> None:
        self._control.devices.act(self.jid, Action.REPLACED)

    def log_out(self) -> None:
        self._control.devices.act(self.jid, Action.LOGOUT)

    def reply(self, text: str) -> None:
        self._control.phones.reply(PHONE, self.jid, text)

    def refuse_login(self, event: Banned | Refused) -> None:
        match event:
            case Banned():
                expire = int(event.seconds or 0)
                self._control.faults.order(
                    FaultOrder(FaultKind.LOGIN_FAILURE, code=402, expire=expire)
                )
            case Refused():
                self._control.faults.order(
                    FaultOrder(FaultKind.LOGIN_FAILURE, code=int(event.fault))
                )

    def hang_next_send(self) -> Callable[[], None]:
        self._control.faults.order(FaultOrder(FaultKind.NO_ACK, delivered=True))
        return self._arrived

    def _arrived(self) -> None:
        self._control.phones.wait_received(1)

    def close(self) -> None:
        self._library.close()


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.real)])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    if request.param == "fake":
        fake = FakeRig()
        yield fake
        fake.close()
        return
    with sandbox(tmp_path / "state") as server:
        home = Home(tmp_path, server)
        real = RealRig(home, tmp_path)
        try:
            yield real
        finally:
            real.close()
            home.close()


def connected(rig: Rig) -> Client:
    client = rig.client()
    assert client.connect(PATIENCE)
    return client


def test_connecting_ends_when_it_is_logged_in(rig: Rig) -> None:
    connected(rig)
    rig.wait(Connected)


def test_a_message_arrives_with_its_witness_and_is_confirmed(rig: Rig) -> None:
    client = connected(rig)
    client.prepare(HELLO)
    message_id = client.send(HELLO)
    receipt = rig.wait(ReceiptCame)
    assert receipt.message_ids == (message_id,)
    assert receipt.type in {ReceiptType.DELIVERED, ReceiptType.INACTIVE}
    assert not receipt.from_me
    assert rig.received() == [("hello", WITNESS.hex())]


def test_a_lid_is_told_and_nothing_is_sent(rig: Rig) -> None:
    own = connected(rig).look_up([PHONE])[PHONE]
    assert (own.registered, is_lid(own.lid or "")) == (True, True)
    assert rig.received() == []


def test_both_spellings_are_asked_for_at_once(rig: Rig) -> None:
    spellings = every_spelling(Phone("+5521998765432"))
    listed = connected(rig).look_up(spellings)
    assert set(listed) == set(spellings)
    assert {each.registered for each in listed.values()} == {True}


def test_a_number_that_is_not_on_whatsapp_is_told_as_such(rig: Rig) -> None:
    client = connected(rig)
    rig.is_not_on_whatsapp()
    assert client.look_up([PHONE])[PHONE] == Listing(registered=False)


def test_of_whom_the_server_says_nothing_nothing_is_told(rig: Rig) -> None:
    client = connected(rig)
    rig.is_unlisted()
    assert client.look_up([PHONE]) == {}


def test_a_stopped_client_looks_nobody_up(rig: Rig) -> None:
    client = connected(rig)
    client.stop(PATIENCE)
    with pytest.raises(SendError) as caught:
        client.look_up([PHONE])
    assert isinstance(error_table.judge_send(str(caught.value)).outcome, NotSent)


def test_device_lists_are_fetched_and_nothing_is_sent(rig: Rig) -> None:
    client = connected(rig)
    lid = client.look_up([PHONE])[PHONE].lid
    assert lid is not None
    client.fetch_devices([lid])
    assert rig.received() == []


def test_a_stopped_client_fetches_no_device_list(rig: Rig) -> None:
    client = connected(rig)
    client.stop(10)
    with pytest.raises(SendError) as caught:
        client.fetch_devices(["1@lid"])
    assert isinstance(error_table.judge_send(str(caught.value)).outcome, NotSent)


def test_a_reply_names_its_number(rig: Rig) -> None:
    client = connected(rig)
    client.send(HELLO)
    rig.reply("stop")
    text = rig.wait(TextCame)
    assert (text.phone, text.text) == (PHONE, "stop")


def test_a_dropped_client_says_so_and_comes_back_by_itself(rig: Rig) -> None:
    client = connected(rig)
    rig.drop()
    rig.wait(Disconnected)
    rig.wait(Connected, count=2)
    assert client.life.wait_up(PATIENCE)
    assert client.send(HELLO)


def test_a_replaced_client_is_dead_and_its_session_is_kept(rig: Rig) -> None:
    client = connected(rig)
    rig.replace()
    rig.wait(Replaced)
    assert client.life.death == event_table.life_change(Replaced())
    with pytest.raises(SendError) as caught:
        client.send(HELLO)
    assert isinstance(error_table.judge_send(str(caught.value)).outcome, NotSent)
    assert rig.stored()
    assert client.stop(PATIENCE)
    assert connected(rig).send(HELLO)


def test_a_logged_out_client_is_dead_and_its_session_is_gone(rig: Rig) -> None:
    client = connected(rig)
    rig.log_out()
    rig.wait(LoggedOut)
    death = client.life.death
    assert death is not None
    assert (death.quarantine, death.session_gone) == (Quarantine.LOGGED_OUT, True)
    client.stop(PATIENCE)
    assert rig.forgets()  # whatsmeow deletes it beside the event, not before


@pytest.mark.parametrize(
    ("event", "quarantine"),
    [
        (Banned("sent to too many people", 600.0), Quarantine.BANNED),
        (Refused(LoginFault.OUTDATED, ""), Quarantine.OUTDATED),
        (Refused(LoginFault.GENERIC, ""), Quarantine.REFUSED),
    ],
)
def test_a_refused_login_ends_the_connect_and_keeps_the_session(
    rig: Rig, event: Banned | Refused, quarantine: Quarantine
) -> None:
    rig.refuse_login(event)
    client = rig.client()
    assert not client.connect(PATIENCE)
    death = client.life.death
    assert death is not None
    assert death.quarantine is quarantine
    assert client.stop(PATIENCE)
    assert rig.stored()
    assert connected(rig).life.death is None


def test_a_stopped_client_is_gone_for_good(rig: Rig) -> None:
    client = connected(rig)
    assert client.stop(PATIENCE)
    assert client.stop(PATIENCE)
    assert client.gone.is_set()
    assert client.life.death is not None
    assert not client.is_connected()
    with pytest.raises(SendError) as caught:
        client.send(HELLO)
    assert isinstance(error_table.judge_send(str(caught.value)).outcome, NotSent)


def test_a_client_that_hung_up_is_stopped_as_any(rig: Rig) -> None:
    client = connected(rig)
    assert client.hang_up(PATIENCE)
    assert not client.gone.is_set()
    assert client.stop(PATIENCE)
    assert client.gone.is_set()


def test_stopping_frees_a_send_that_hangs(rig: Rig) -> None:
    client = connected(rig)
    wait_until_it_hangs = rig.hang_next_send()
    errors: list[str] = []

    def send() -> None:
        try:
            client.send(HELLO)
        except SendError as error:
            errors.append(str(error))

    sending = threading.Thread(target=send)
    sending.start()
    wait_until_it_hangs()
    client.stop(0)
    sending.join(PATIENCE)
    assert len(errors) == 1
    assert client.gone.wait(PATIENCE)


def test_logging_out_deletes_the_session(rig: Rig) -> None:
    client = connected(rig)
    client.logout()
    client.stop(PATIENCE)
    assert not rig.stored()
