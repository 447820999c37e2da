"""Each stanza of the sandbox, through the released library."""

import hashlib
from collections.abc import Iterator
from itertools import count

import pytest

from tests.real.client import DriverError, Neonize, Paired
from tests.real.sandbox_process import SandboxProcess
from waheal.sandbox.control import Action, Control, FaultKind, FaultOrder

pytestmark = pytest.mark.real

_DELIVERED, _READ = 1, 4


@pytest.fixture(scope="module")
def numbers() -> Iterator[str]:
    return (f"+4477009{index:05d}" for index in count(0))


@pytest.fixture
def number(numbers: Iterator[str]) -> str:
    return next(numbers)


def test_pairs_by_qr_and_logs_in(control: Control, device: Paired) -> None:
    linked = control.devices.wait_connected(device.jid)
    assert linked.online
    assert linked.logins == 1
    assert linked.lid.endswith(":1@lid")


def test_links_two_devices_to_one_phone(control: Control, library: Neonize) -> None:
    for name in ("twin-1", "twin-2"):
        library.do("pair", {"client": name})
        qr = library.wait("QR", {"client": name})["code"]
        control.phones.scan(str(qr), "+447700901999")
        library.wait("Connected", {"client": name})
    jids = {one.jid for one in control.devices.linked() if one.number == "+447700901999"}
    assert jids == {"447700901999:1@s.whatsapp.net", "447700901999:2@s.whatsapp.net"}
    library.do("send", {"client": "twin-1", "to": "+447700901998", "text": "seen by my twin"})
    copy = library.wait("Message", {"client": "twin-2"})
    assert copy["from"] == control.devices.wait_connected("447700901999:1@s.whatsapp.net").lid


def test_pairs_by_code(control: Control, library: Neonize) -> None:
    library.do("pair", {"client": "coded"})
    library.wait("QR", {"client": "coded"})
    code = library.do("pair_code", {"client": "coded", "phone": "447700901997"})
    control.phones.enter_code("+447700901997", str(code))
    library.wait("Connected", {"client": "coded"})
    control.devices.wait_connected("447700901997:1@s.whatsapp.net")


def test_a_first_message_arrives_and_is_receipted(
    control: Control, device: Paired, number: str
) -> None:
    message_id = device.send(number, "Grüße, 李雷 🙂\nsecond line")
    (received,) = control.phones.wait_received(1, phone=number)
    assert received.text == "Grüße, 李雷 🙂\nsecond line"
    assert (received.message_id, received.device) == (message_id, device.jid)
    assert (received.stanzas, received.delivered) == (1, 1)
    receipt = device.wait("Receipt", {"ids": [message_id]})
    assert receipt["type"] == _DELIVERED
    assert str(receipt["from"]).endswith("@lid")


def test_repeats_arrive_in_order(control: Control, device: Paired, number: str) -> None:
    for text in ("one", "two", "three"):
        device.send(number, text)
    received = control.phones.wait_received(3, phone=number)
    assert [one.text for one in received] == ["one", "two", "three"]


def test_a_witness_travels_in_the_message(control: Control, device: Paired, number: str) -> None:
    secret = "5a" * 32
    device.do("send", {"to": number, "text": "witnessed", "secret": secret})
    (received,) = control.phones.wait_received(1, phone=number)
    assert received.message_secret == secret


def test_a_phone_marks_a_message_as_read(control: Control, device: Paired, number: str) -> None:
    message_id = device.send(number, "read me")
    control.phones.wait_received(1, phone=number)
    control.phones.mark_read(number, message_id)
    assert device.wait("Receipt", {"ids": [message_id], "type": _READ})


def test_a_phone_answers_before_and_after_it_was_written_to(
    control: Control, device: Paired, number: str
) -> None:
    control.phones.reply(number, device.jid, "who are you?")
    assert device.wait("Message")["text"] == "who are you?"
    device.send(number, "the clinic")
    control.phones.wait_received(1, phone=number)
    control.phones.reply(number, device.jid, "STOP")
    assert device.wait("Message")["text"] == "STOP"
    device.send(number, "you are off the list")
    assert control.phones.wait_received(2, phone=number)[1].text == "you are off the list"


def test_looks_numbers_up(control: Control, device: Paired, number: str) -> None:
    control.faults.order(FaultOrder(FaultKind.NOT_ON_WHATSAPP, recipient="+447700902001"))
    found = device.do("is_on_whatsapp", {"numbers": [number, "+447700902001", "12"]})
    assert isinstance(found, list)
    assert [row[:2] for row in found] == [[number, True], ["+447700902001", False]]


def test_batched_lookups_save_round_trips(control: Control, device: Paired, number: str) -> None:
    device.send(number, "from here on the device list of its own account is known")
    batch = [f"+4477009030{index:02d}" for index in range(5)]
    before = control.stats().devices[device.jid]["iq:usync"]
    assert device.do("look_up", {"numbers": batch})
    lids = device.do("is_on_whatsapp", {"numbers": batch})
    assert isinstance(lids, list)
    device.do("user_devices", {"jids": [f"{row[2]}@lid" for row in lids]})
    for to in batch:
        device.send(to, "prepared")
    assert control.stats().devices[device.jid]["iq:usync"] == before + 3


def test_uploads_a_document_that_the_phone_can_open(
    control: Control, device: Paired, number: str
) -> None:
    data = b"dosage: one a day\n" * 1000
    document = {"to": number, "data": data.hex(), "caption": "Plan", "name": "plan.txt"}
    device.do("send_document", document)
    (received,) = control.phones.wait_received(1, phone=number)
    assert received.media_sha256 == hashlib.sha256(data).hexdigest()
    assert (received.text, received.media_name) == ("Plan", "plan.txt")
    assert received.media_mime == "text/plain"
    assert received.media_readable


def test_a_message_sent_again_after_a_drop_is_delivered_once(
    control: Control, device: Paired, number: str
) -> None:
    control.faults.order(FaultOrder(FaultKind.DROP_AFTER, device=device.jid))
    device.send(number, "only once")
    (received,) = control.phones.received(number)
    assert (received.stanzas, received.delivered) == (2, 1)


def test_what_waits_for_an_offline_device_comes_at_its_next_login(
    control: Control, device: Paired, number: str
) -> None:
    message_id = device.send(number, "will be read while I am away")
    control.phones.wait_received(1, phone=number)
    device.wait("Receipt", {"ids": [message_id]})
    device.do("stop")
    control.devices.wait_disconnected(device.jid)
    control.phones.mark_read(number, message_id)
    control.phones.reply(number, device.jid, "while you were away")
    device.do("connect", {"jid": device.jid})
    device.wait("Connected")
    assert device.wait("Receipt", {"ids": [message_id], "type": _READ})
    assert device.wait("Message")["text"] == "while you were away"


def test_a_killed_server_forgets_nothing(
    sandbox: SandboxProcess, control: Control, device: Paired, number: str
) -> None:
    device.send(number, "before the kill")
    control.phones.wait_received(1, phone=number)
    logins = control.devices.wait_connected(device.jid).logins
    sandbox.kill()
    sandbox.start()
    control = sandbox.control  # a new server has a new token
    assert logins
    control.devices.wait_connected(device.jid)
    device.send(number, "after the kill")
    assert [one.text for one in control.phones.wait_received(2, phone=number)] == [
        "before the kill",
        "after the kill",
    ]


def test_logs_out_for_good(control: Control, library: Neonize) -> None:
    leaver = Paired(library, control, "leaver")
    leaver.do("logout")
    assert leaver.jid not in {one.jid for one in control.devices.linked()}


def test_an_unlinked_device_is_told_so(control: Control, library: Neonize) -> None:
    unlinked = Paired(library, control, "unlinked")
    control.devices.act(unlinked.jid, Action.LOGOUT)
    assert unlinked.wait("LoggedOut")["on_connect"] is False


def test_a_refused_upload_is_an_error(control: Control, device: Paired, number: str) -> None:
    control.faults.order(FaultOrder(FaultKind.UPLOAD_REFUSED, device=device.jid, code=403))
    with pytest.raises(DriverError, match="403"):
        device.do("send_document", {"to": number, "data": "00", "caption": "", "name": "x"})
    assert control.phones.received(number) == []
