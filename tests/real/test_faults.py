"""What the library makes of each fault that can be ordered."""

import signal
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from tests.real.client import DriverError, Neonize, Paired
from tests.real.sandbox_process import SandboxProcess
from waheal.sandbox.control import Action, Control, ControlTimeoutError, FaultKind, FaultOrder

pytestmark = pytest.mark.real

_RETRY = 3  # neonize's ReceiptType


@pytest.fixture(scope="module")
def numbers() -> Iterator[str]:
    return (f"+4477009{index:05d}" for index in count(500))


@pytest.fixture
def number(numbers: Iterator[str]) -> str:
    return next(numbers)


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    return (f"fresh-{index}" for index in count())


@pytest.fixture
def fresh(library: Neonize, sandbox: SandboxProcess, names: Iterator[str]) -> Paired:
    """A device that a test may ruin."""
    return Paired(library, sandbox.control, next(names))


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
def test_a_dropped_send_is_repeated_by_the_library(
    control: Control, device: Paired, number: str, kind: FaultKind
) -> None:
    control.faults.order(FaultOrder(kind, recipient=number))
    device.send(number, "once")
    device.wait("Disconnected")
    (received,) = control.phones.wait_received(1, phone=number)
    assert received.delivered == 1


def test_a_send_that_is_dropped_twice_fails(control: Control, device: Paired, number: str) -> None:
    control.faults.order(FaultOrder(FaultKind.DROP_BEFORE, recipient=number, count=2))
    with pytest.raises(DriverError, match=r"disconnected before message send \(retry\)"):
        device.send(number, "lost")
    assert control.phones.received(number) == []
    control.devices.wait_connected(device.jid)


@pytest.mark.parametrize("code", [503, 500])
def test_a_stream_error_is_survived(
    control: Control, device: Paired, number: str, code: int
) -> None:
    control.faults.order(FaultOrder(FaultKind.STREAM_ERROR, recipient=number, code=code))
    device.send(number, "carried over")
    assert [one.text for one in control.phones.received(number)] == ["carried over"]


def test_a_515_in_mid_send_fails_the_send(control: Control, device: Paired, number: str) -> None:
    logins = control.devices.wait_connected(device.jid).logins
    control.faults.order(FaultOrder(FaultKind.STREAM_ERROR, recipient=number, code=515))
    with pytest.raises(DriverError, match="disconnected before message send"):
        device.send(number, "cut short")
    control.devices.wait_connected(device.jid, logins=logins + 1)


def test_a_replaced_device_stays_away(control: Control, fresh: Paired, number: str) -> None:
    order = FaultOrder(
        FaultKind.STREAM_ERROR, recipient=number, conflict="replaced", delivered=True
    )
    control.faults.order(order)
    with pytest.raises(DriverError, match="disconnected before message send"):
        fresh.send(number, "delivered all the same")
    fresh.wait("StreamReplaced")
    assert [one.text for one in control.phones.received(number)] == ["delivered all the same"]
    with pytest.raises(DriverError, match="connected"):
        fresh.send(number, "not any more")


def test_a_removed_device_is_logged_out_in_mid_send(
    control: Control, fresh: Paired, number: str
) -> None:
    order = FaultOrder(
        FaultKind.STREAM_ERROR, recipient=number, code=401, conflict="device_removed"
    )
    control.faults.order(order)
    with pytest.raises(DriverError, match="disconnected before message send"):
        fresh.send(number, "gone")
    assert fresh.wait("LoggedOut")["on_connect"] is False
    assert fresh.jid not in {one.jid for one in control.devices.linked()}


def test_a_second_session_replaces_the_first(control: Control, fresh: Paired) -> None:
    logins = control.devices.wait_connected(fresh.jid).logins
    fresh.library.do("connect", {"client": "usurper", "jid": fresh.jid})
    fresh.wait("StreamReplaced")
    assert control.devices.wait_connected(fresh.jid, logins=logins + 1).online


@pytest.mark.parametrize(
    ("fault", "event"),
    [
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=401), "LoggedOut"),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=402, ban_code=104, expire=3600), "TemporaryBan"),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=403), "LoggedOut"),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=405), "ClientOutdated"),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=400), "ConnectFailure"),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=409), "ConnectFailure"),
    ],
    ids=lambda value: str(value.code) if isinstance(value, FaultOrder) else "",
)
def test_a_refused_login_says_why(
    control: Control, fresh: Paired, fault: FaultOrder, event: str
) -> None:
    control.faults.order(fault)
    control.devices.act(fresh.jid, Action.DROP)
    told = fresh.wait(event)
    if event == "TemporaryBan":  # neonize counts the reasons from 1, WhatsApp from 101
        assert (told["code"], told["expire"]) == (4, 3600)


@pytest.mark.parametrize("code", [415, 418])
def test_a_failure_that_neonize_has_no_name_for_ends_the_connect(
    control: Control, fresh: Paired, code: int
) -> None:
    control.faults.order(FaultOrder(FaultKind.LOGIN_FAILURE, device=fresh.jid, code=code))
    control.devices.act(fresh.jid, Action.DROP)
    assert "neonize.ConnectFailure.Reason not set" in str(fresh.wait("Returned")["error"])


@pytest.mark.parametrize("code", [413, 414])
def test_a_failure_of_messenger_aborts_the_process(
    tmp_path: Path, sandbox: SandboxProcess, control: Control, code: int
) -> None:
    with closing(Neonize(tmp_path, sandbox.trust)) as library:
        doomed = Paired(library, control, "doomed")
        control.faults.order(FaultOrder(FaultKind.LOGIN_FAILURE, device=doomed.jid, code=code))
        control.devices.act(doomed.jid, Action.DROP)
        assert library.abort() == -signal.SIGABRT
        assert "nil pointer dereference" in library.log()


def test_a_login_that_fails_with_503_is_tried_again(control: Control, fresh: Paired) -> None:
    control.faults.order(FaultOrder(FaultKind.LOGIN_FAILURE, device=fresh.jid, code=503))
    control.devices.act(fresh.jid, Action.DROP)
    assert control.devices.wait_connected(fresh.jid, logins=2).connects == 3


def test_a_slow_login_is_waited_for(control: Control, fresh: Paired, number: str) -> None:
    slow = FaultOrder(FaultKind.SLOW_LOGIN, device=fresh.jid, seconds=1.0)
    control.faults.order(slow)
    control.devices.act(fresh.jid, Action.DROP)
    control.devices.wait_connected(fresh.jid, logins=2)
    fresh.send(number, "once it is in")
    assert control.phones.wait_received(1, phone=number)


@pytest.mark.parametrize("code", [463, 479, 429])
def test_an_ack_with_an_error_fails_the_send(
    control: Control, device: Paired, number: str, code: int
) -> None:
    control.faults.order(FaultOrder(FaultKind.ACK_ERROR, recipient=number, code=code))
    with pytest.raises(DriverError, match=f"server returned error {code}"):
        device.send(number, "refused")
    assert control.phones.received(number) == []


def test_first_messages_carry_the_token_that_is_asked_for(
    control: Control, device: Paired, number: str
) -> None:
    control.wait_stats("receipt", 1)  # for the history, which brings the salt
    control.faults.order(FaultOrder(FaultKind.BARE_CHAT_REFUSED, recipient=number, count=None))
    device.send(number, "with a token")
    assert control.phones.wait_received(1, phone=number)


def test_without_the_phones_history_they_are_bare(
    control: Control, library: Neonize, number: str
) -> None:
    control.faults.order(FaultOrder(FaultKind.HISTORY_WITHHELD))
    bare = Paired(library, control, "bare")
    control.faults.order(FaultOrder(FaultKind.BARE_CHAT_REFUSED, recipient=number, count=None))
    with pytest.raises(DriverError, match="server returned error 463"):
        bare.send(number, "without one")


def test_a_slow_ack_is_waited_for(control: Control, device: Paired, number: str) -> None:
    control.faults.order(FaultOrder(FaultKind.SLOW_ACK, recipient=number, seconds=0.3))
    asked = device.ask("send", {"to": number, "text": "in time"})
    control.phones.wait_received(1, phone=number)
    assert device.library.answer(asked)


def test_silence_after_a_reconnect_hangs_the_send(
    control: Control, fresh: Paired, number: str
) -> None:
    control.faults.order(FaultOrder(FaultKind.NO_ACK_AFTER_RECONNECT, recipient=number))
    asked = fresh.ask("send", {"to": number, "text": "did it arrive?"})
    control.phones.wait_received(1, phone=number)
    assert control.devices.wait_connected(fresh.jid, logins=2)
    with pytest.raises(AssertionError, match="no answer"):
        fresh.library.answer(asked, timeout=0.5)


def test_refused_prekeys_let_the_send_succeed_with_nothing_sent(
    control: Control, device: Paired, number: str
) -> None:
    control.faults.order(FaultOrder(FaultKind.PREKEYS_REFUSED, recipient=number))
    assert device.send(number, "never")
    assert control.phones.received(number) == []


def test_a_refused_device_list_fails_the_send(
    control: Control, device: Paired, number: str
) -> None:
    control.faults.order(FaultOrder(FaultKind.DEVICES_REFUSED, recipient=number))
    with pytest.raises(DriverError, match="failed to get device list"):
        device.send(number, "never")


def test_a_refused_lookup_fails_the_send(control: Control, device: Paired, number: str) -> None:
    control.faults.order(FaultOrder(FaultKind.LOOKUP_REFUSED, recipient=number))
    with pytest.raises(DriverError, match="429: rate-overlimit"):
        device.send(number, "never")


def test_a_number_that_is_not_on_whatsapp_has_no_lid(
    control: Control, device: Paired, number: str
) -> None:
    control.faults.order(FaultOrder(FaultKind.NOT_ON_WHATSAPP, recipient=number))
    with pytest.raises(DriverError, match="no LID found"):
        device.send(number, "never")


def test_an_unknown_receipt_type_ends_the_events(
    control: Control, fresh: Paired, number: str
) -> None:
    control.faults.order(FaultOrder(FaultKind.RECEIPT_TYPE, recipient=number, receipt="telepathy"))
    fresh.send(number, "hello")
    assert fresh.wait("Returned")
    assert control.devices.wait_connected(fresh.jid).online


def test_withheld_receipts_come_when_they_are_released(
    control: Control, device: Paired, number: str
) -> None:
    control.faults.order(FaultOrder(FaultKind.RECEIPTS_WITHHELD, recipient=number, count=None))
    message_id = device.send(number, "hello")
    control.phones.wait_received(1, phone=number)
    assert control.faults.release_receipts() == 1
    device.wait("Receipt", {"ids": [message_id]})


def test_a_phone_that_asks_again_gets_the_message(
    control: Control, device: Paired, number: str
) -> None:
    control.faults.order(FaultOrder(FaultKind.RETRY_INSTEAD, recipient=number))
    message_id = device.send(number, "pardon?")
    (received,) = control.phones.wait_received(1, phone=number)
    assert (received.text, received.stanzas) == ("pardon?", 2)
    assert device.wait("Receipt", {"ids": [message_id], "type": _RETRY})


def test_a_server_that_is_gone_for_a_while_is_found_again(
    control: Control, device: Paired, number: str
) -> None:
    logins = control.devices.wait_connected(device.jid).logins
    control.faults.order(FaultOrder(FaultKind.SERVER_GONE, seconds=0.5))
    control.devices.wait_connected(device.jid, logins=logins + 1)
    device.send(number, "back")
    assert control.phones.received(number)


def test_a_black_hole_swallows_one_device_until_it_is_lifted(
    control: Control, device: Paired, fresh: Paired, number: str
) -> None:
    control.faults.order(FaultOrder(FaultKind.BLACK_HOLE, device=device.jid))
    asked = device.ask("send", {"to": number, "text": "late"})
    fresh.send(number, "the others go on")
    with pytest.raises(ControlTimeoutError):
        control.phones.wait_received(2, timeout=0.3, phone=number)
    control.faults.clear()
    assert device.library.answer(asked)
    assert [one.text for one in control.phones.received(number)] == ["the others go on", "late"]


def test_a_black_hole_for_all_swallows_new_connections(control: Control, fresh: Paired) -> None:
    control.devices.act(fresh.jid, Action.DROP)
    control.devices.wait_connected(fresh.jid, logins=2)
    fresh.do("stop")
    control.devices.wait_disconnected(fresh.jid)
    control.faults.order(FaultOrder(FaultKind.BLACK_HOLE))
    fresh.do("connect", {"jid": fresh.jid})
    with pytest.raises(ControlTimeoutError):
        control.devices.wait_connected(fresh.jid, timeout=0.2)
    control.faults.clear()
    assert control.devices.wait_connected(fresh.jid)


def test_a_refused_pairing_links_nothing(control: Control, library: Neonize) -> None:
    control.faults.order(FaultOrder(FaultKind.PAIRING_REFUSED))
    library.do("pair", {"client": "refused"})
    jid = control.phones.scan(str(library.wait("QR", {"client": "refused"})["code"]))
    control.wait_stats("iq", 1)
    assert jid not in {one.jid for one in control.devices.linked()}
