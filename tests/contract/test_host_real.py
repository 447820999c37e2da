"""A whole host process with the real library, against a sandbox: each fault of host/README.md."""

import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.contract.host_process import Home
from tests.kit.sends import make_send
from waheal.model import (
    Accepted,
    Content,
    DeviceId,
    Media,
    MediaKind,
    NotSent,
    Outcome,
    Phone,
    Quarantine,
    ReceiptKind,
    Rejected,
    Unknown,
)
from waheal.sandbox.control import Action, FaultKind, FaultOrder
from waheal.wire import (
    Connect,
    HostSettings,
    InboundText,
    Logout,
    LogoutEnded,
    Offline,
    Online,
    Pair,
    PairCode,
    Paired,
    PairFailed,
    QrCode,
    ReceiptSeen,
    Report,
    Returned,
    Role,
    Setup,
)

pytestmark = [pytest.mark.real, pytest.mark.once]

PHONE = "+15555550100"


def test_a_text_arrives_character_for_character_and_is_confirmed(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    text = "Zoë 👋🏽\n\n  see https://example.org @15555550123 *b*\t—\u200b "
    host.tell(make_send(1, "a", jid, content=Content(text)))
    outcome = host.outcome(1)
    assert isinstance(outcome, Accepted)
    (received,) = home.control.phones.wait_received(1)
    assert received.text == text
    assert received.message_secret == (1).to_bytes(32).hex()
    receipt = host.first(ReceiptSeen)
    assert receipt.message_ids == (outcome.message_id,)
    assert receipt.kind is ReceiptKind.DELIVERED
    home.control.phones.mark_read(PHONE, outcome.message_id)
    host.wait(lambda told: any(_is_read(each) for each in told) or None)
    assert host.finish() == 0


def _is_read(report: Report) -> bool:
    return isinstance(report, ReceiptSeen) and report.kind is ReceiptKind.READ


def test_a_reply_comes_in_with_its_number(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    host.tell(make_send(1, "a", jid))
    host.outcome(1)
    home.control.phones.reply(PHONE, jid, "STOP")
    reply = host.first(InboundText)
    assert (reply.device, reply.phone, reply.text) == ("a", PHONE, "STOP")


def test_a_hundred_sends_through_a_dead_device_log_in_once(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    host.tell(make_send(0, "a", jid))
    host.outcome(0)
    logins = home.control.devices.wait_connected(jid).logins
    home.control.devices.act(jid, Action.REPLACED)
    home.control.devices.wait_disconnected(jid)
    for delivery in range(1, 101):
        host.tell(make_send(delivery, "a", jid))
    answers = host.answers(101)
    accepted = [each for each in answers.values() if isinstance(each.outcome, Accepted)]
    assert len(accepted) >= 100  # one may have met the replacement
    assert home.control.devices.wait_connected(jid).logins == logins + 1


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (
            FaultOrder(FaultKind.ACK_ERROR, code=463),
            NotSent("no chat with them could be begun (463)", counts=True, refused_chat=True),
        ),
        (
            FaultOrder(FaultKind.ACK_ERROR, code=429),
            NotSent(
                "the device is rate limited (429)",
                counts=True,
                hold=600.0,
                quarantine=Quarantine.RATE_LIMITED,
            ),
        ),
        (
            FaultOrder(FaultKind.ACK_ERROR, code=479),
            NotSent("the server found the message malformed (479)", counts=True),
        ),
        (FaultOrder(FaultKind.NOT_ON_WHATSAPP, count=None), Rejected("not on WhatsApp")),
        (
            FaultOrder(FaultKind.DEVICES_REFUSED),
            NotSent("the device list could not be looked up", counts=True),
        ),
        (
            FaultOrder(FaultKind.LOOKUP_REFUSED),
            NotSent(
                "lookups are rate limited (429)",
                counts=True,
                hold=600.0,
                quarantine=Quarantine.RATE_LIMITED,
            ),
        ),
    ],
    ids=lambda value: f"{value.kind}-{value.code}" if isinstance(value, FaultOrder) else "",
)
def test_refusals_are_told_apart(home: Home, fault: FaultOrder, expected: Outcome) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    home.control.faults.order(fault)
    host.tell(make_send(1, "a", jid))
    assert host.outcome(1) == expected
    assert home.control.phones.received() == []
    home.control.faults.clear()
    host.tell(make_send(2, "a", jid, "+15555550101"))
    assert isinstance(host.outcome(2), Accepted)


@pytest.mark.parametrize(
    "fault",
    [
        FaultOrder(FaultKind.DROP_BEFORE),
        FaultOrder(FaultKind.DROP_AFTER),
        FaultOrder(FaultKind.STREAM_ERROR, code=503),
        FaultOrder(FaultKind.STREAM_ERROR, code=500, delivered=True),
        FaultOrder(FaultKind.SLOW_ACK, seconds=2.0),
    ],
    ids=lambda fault: f"{fault.kind}{fault.code or ''}",
)
def test_a_drop_in_mid_send_is_repeated_by_the_library_and_delivered_once(
    home: Home, fault: FaultOrder
) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    home.control.faults.order(fault)
    host.tell(make_send(1, "a", jid))
    assert isinstance(host.outcome(1), Accepted)
    host.tell(make_send(2, "a", jid))
    assert isinstance(host.outcome(2), Accepted)
    assert len(home.control.phones.wait_received(2)) == 2


@pytest.mark.parametrize(
    "fault",
    [
        FaultOrder(FaultKind.STREAM_ERROR, code=515),
        FaultOrder(FaultKind.STREAM_ERROR, conflict="replaced"),
        FaultOrder(FaultKind.STREAM_ERROR, code=515, delivered=True),
    ],
    ids=lambda fault: f"{fault.code}{fault.conflict}{fault.delivered}",
)
def test_a_stream_error_in_mid_send_leaves_it_open_and_the_next_send_heals(
    home: Home, fault: FaultOrder
) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    home.control.faults.order(fault)
    host.tell(make_send(1, "a", jid))
    assert isinstance(host.outcome(1), Unknown)
    host.tell(make_send(2, "a", jid))
    assert isinstance(host.outcome(2), Accepted)


def test_a_logout_in_mid_send_ends_the_device_and_not_the_process(home: Home) -> None:
    sessions = home.pair("a", "b")
    host = home.sender()
    home.control.faults.order(
        FaultOrder(FaultKind.STREAM_ERROR, code=401, conflict="device_removed")
    )
    host.tell(make_send(1, "a", sessions["a"]))
    assert isinstance(host.outcome(1), Unknown)
    gone = host.first(Offline)
    assert gone.quarantine is Quarantine.LOGGED_OUT
    for delivery in (2, 3):
        host.tell(make_send(delivery, "a", sessions["a"]))
        refused = host.outcome(delivery)
        assert isinstance(refused, NotSent)
        assert refused.quarantine in {Quarantine.LOGGED_OUT, Quarantine.NO_SESSION}
    host.tell(make_send(4, "b", sessions["b"]))
    assert isinstance(host.outcome(4), Accepted)


@pytest.mark.parametrize(
    ("fault", "quarantine"),
    [
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=401), Quarantine.LOGGED_OUT),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=403), Quarantine.LOGGED_OUT),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=406), Quarantine.LOGGED_OUT),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=402, expire=600), Quarantine.BANNED),
        (
            FaultOrder(FaultKind.LOGIN_FAILURE, code=402, expire=600, ban_code=999),
            Quarantine.BANNED,
        ),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=405), Quarantine.OUTDATED),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=400), Quarantine.REFUSED),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=409), Quarantine.REFUSED),
        (FaultOrder(FaultKind.LOGIN_FAILURE, code=418), Quarantine.REFUSED),
    ],
    ids=lambda value: f"{value.code}-{value.ban_code}" if isinstance(value, FaultOrder) else "",
)
def test_a_refused_login_quarantines_the_device(
    home: Home, fault: FaultOrder, quarantine: Quarantine
) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    home.control.faults.order(fault)
    host.tell(make_send(1, "a", jid))
    refused = host.outcome(1)
    assert isinstance(refused, NotSent)
    assert (refused.quarantine, refused.counts) == (quarantine, False)
    if fault.expire and fault.ban_code == 101:
        assert refused.hold == 600.0
    host.tell(make_send(2, "a", jid))
    again = host.outcome(2)  # answered, whatever it is: the process lives
    assert isinstance(again, NotSent) == (quarantine is Quarantine.LOGGED_OUT)


def test_a_server_that_is_gone_for_a_while_is_waited_for(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    home.control.faults.order(FaultOrder(FaultKind.LOGIN_FAILURE, code=503))
    host.tell(make_send(1, "a", jid))
    assert isinstance(host.outcome(1), Accepted)


def test_a_client_that_is_given_up_while_it_dials_takes_no_other_down(home: Home) -> None:
    # The library aborts the process when a client is stopped between its connect and its loop.
    sessions = home.pair("a", "b")
    host = home.sender(connect_timeout=2.0)
    home.control.faults.order(FaultOrder(FaultKind.BLACK_HOLE, seconds=5.0))
    host.tell(make_send(1, "a", sessions["a"]))
    # Given up after 2 s, let go of after 5 s, when its dial came through; then built anew.
    assert isinstance(host.outcome(1), Accepted)
    assert host.first(Online).seconds > 2.0
    host.tell(make_send(2, "b", sessions["b"]))
    assert isinstance(host.outcome(2), Accepted)


def test_a_retry_that_is_never_acked_is_cut_loose(home: Home) -> None:
    sessions = home.pair("a", "b")
    host = home.sender(call_timeout=6.0)
    home.control.faults.order(FaultOrder(FaultKind.NO_ACK_AFTER_RECONNECT, device=sessions["a"]))
    host.tell(make_send(1, "a", sessions["a"]))
    host.tell(make_send(2, "a", sessions["a"], "+15555550101"))
    host.tell(make_send(3, "b", sessions["b"], "+15555550102"))
    assert isinstance(host.outcome(3), Accepted)
    cut = host.outcome(1)
    assert isinstance(cut, Unknown)
    assert cut.running
    returned = host.first(Returned)
    assert returned.delivery == 1
    assert isinstance(returned.outcome, Unknown)
    assert isinstance(host.outcome(2), Accepted)


def test_an_unknown_receipt_type_ends_the_loop_and_the_next_send_heals(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    home.control.faults.order(FaultOrder(FaultKind.RECEIPT_TYPE, receipt="something-new"))
    host.tell(make_send(1, "a", jid))
    assert isinstance(host.outcome(1), Accepted)
    home.control.devices.wait_disconnected(jid)
    start = len(host.reports)
    host.tell(make_send(2, "a", jid))
    assert isinstance(host.outcome(2), Accepted)
    healed = host.first(Online, after=start)
    assert healed.rebuilt
    assert "Receipt" in healed.cause


def test_a_device_that_is_not_stored_is_refused_and_the_process_lives(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    host.tell(make_send(1, "b", "15555550177:9@s.whatsapp.net"))
    refused = host.outcome(1)
    assert isinstance(refused, NotSent)
    assert refused.quarantine is Quarantine.NO_SESSION
    host.tell(Connect(DeviceId("a"), jid))
    assert host.first(Online).device == "a"


def attach(folder: Path, name: str, kind: MediaKind, mime: str) -> Media:
    file = folder / name
    file.write_bytes(name.encode() * 50)
    return Media(str(file), kind, mime, hashlib.sha256(file.read_bytes()).hexdigest())


@pytest.mark.parametrize(
    ("name", "kind", "mime", "text"),
    [
        ("a.png", MediaKind.IMAGE, "image/png", "a caption\n "),
        ("a.mp4", MediaKind.VIDEO, "video/mp4", "a caption"),
        ("a.mp3", MediaKind.AUDIO, "audio/mpeg", ""),
        ("a.pdf", MediaKind.DOCUMENT, "application/pdf", "a caption"),
        ("b.pdf", MediaKind.DOCUMENT, "application/pdf", ""),
    ],
)
def test_an_attachment_arrives_and_can_be_read(
    home: Home, tmp_path: Path, name: str, kind: MediaKind, mime: str, text: str
) -> None:
    jid = home.pair("a")["a"]
    media = attach(tmp_path, name, kind, mime)
    host = home.sender()
    host.tell(make_send(1, "a", jid, content=Content(text, media)))
    assert isinstance(host.outcome(1), Accepted)
    (received,) = home.control.phones.wait_received(1)
    assert (received.text or "") == text
    assert (received.media_sha256, received.media_mime) == (media.sha256, mime)
    assert received.media_readable
    if kind is MediaKind.DOCUMENT:
        assert received.media_name == name


def test_a_file_goes_up_once_a_device(home: Home, tmp_path: Path) -> None:
    jid = home.pair("a")["a"]
    media = attach(tmp_path, "a.png", MediaKind.IMAGE, "image/png")
    host = home.sender()
    host.tell(make_send(1, "a", jid, content=Content("hello", media)))
    assert isinstance(host.outcome(1), Accepted)
    home.control.faults.order(FaultOrder(FaultKind.UPLOAD_REFUSED, count=None))
    host.tell(make_send(2, "a", jid, "+15555550101", content=Content("hello", media)))
    assert isinstance(host.outcome(2), Accepted)
    other = attach(tmp_path, "b.png", MediaKind.IMAGE, "image/png")
    host.tell(make_send(3, "a", jid, "+15555550102", content=Content("hello", other)))
    assert host.outcome(3) == NotSent("the attachment could not be uploaded", counts=True)
    Path(other.path).write_bytes(b"something else")
    host.tell(make_send(4, "a", jid, "+15555550102", content=Content("hello", other)))
    changed = host.outcome(4)
    reason = f"the attachment {other.path} has changed since it was checked"
    assert changed == NotSent(reason, stops=True)
    Path(other.path).unlink()
    host.tell(make_send(5, "a", jid, "+15555550102", content=Content("hello", other)))
    assert isinstance(gone := host.outcome(5), NotSent)
    assert gone.stops
    assert len(home.control.phones.received()) == 2


def test_a_witness_that_was_not_stored_is_on_file_when_the_answer_comes(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    host.tell(make_send(1, "a", jid))
    assert isinstance(host.outcome(1), Accepted)
    with closing(sqlite3.connect(home.sessions, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # longer than the library's 10 s
        host.tell(make_send(2, "a", jid))
        host.wait_for_log("Failed to store message secret")
        other.execute("ROLLBACK")
    assert isinstance(host.outcome(2), Accepted)
    assert len(home.control.phones.wait_received(2)) == 2


def test_a_lid_that_was_not_stored_is_on_file_when_the_answer_comes(home: Home) -> None:
    jid, stranger = home.pair("a")["a"], "+15555550102"
    host = home.sender()
    host.tell(make_send(1, "a", jid))
    assert isinstance(host.outcome(1), Accepted)
    with closing(sqlite3.connect(home.sessions, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # longer than the library's 10 s
        host.tell(make_send(2, "a", jid, stranger))
        host.wait_for_log("Failed to place LID mappings")
        other.execute("ROLLBACK")
        assert isinstance(host.outcome(2), Accepted)
        kept = other.execute("SELECT 1 FROM whatsmeow_lid_map WHERE pn = ?", (stranger[1:],))
        assert kept.fetchone() is None  # so that nobody finds the session, which is there
    assert len(home.control.phones.wait_received(1, phone=stranger)) == 1


def test_a_device_is_unlinked(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    host.tell(Logout(DeviceId("a"), jid))
    assert host.first(LogoutEnded) == LogoutEnded(DeviceId("a"), None)
    assert home.control.devices.linked() == []
    host.tell(make_send(1, "a", jid))
    assert isinstance(host.outcome(1), NotSent)


def test_past_its_limit_it_closes_the_client_used_longest_ago(home: Home) -> None:
    sessions = home.pair("a", "b", "c")
    host = home.sender(max_open=2)
    for delivery, (label, jid) in enumerate(sessions.items()):
        host.tell(make_send(delivery, label, jid))
        assert isinstance(host.outcome(delivery), Accepted)
    home.control.devices.wait_disconnected(sessions["a"])
    host.tell(make_send(9, "a", sessions["a"]))
    assert isinstance(host.outcome(9), Accepted)


def test_the_log_holds_no_number_and_no_text(home: Home) -> None:
    jid = home.pair("a")["a"]
    host = home.sender()
    home.control.faults.order(FaultOrder(FaultKind.PREKEYS_REFUSED))
    home.control.faults.order(FaultOrder(FaultKind.NOT_ON_WHATSAPP, recipient="+15555550142"))
    host.tell(make_send(1, "a", jid, content=Content("a very private text")))
    host.tell(make_send(2, "a", jid, "+15555550142", content=Content("a very private text")))
    host.outcome(1)
    host.outcome(2)
    host.finish()
    log = host.log.read_text()
    assert "Failed to" in log
    assert "private" not in log
    assert "…" in log, "there was a number to be masked"
    assert re.findall(r"(?<![0-9A-F])[0-9]{7,}(?![0-9A-F])", log) == []  # the rest are message ids


def test_a_phone_is_paired_by_code(home: Home) -> None:
    host = home.host(Setup(str(home.sessions), Role.PAIR, HostSettings(home.sandbox.trust)))
    host.tell(Pair(DeviceId("a"), Phone("+15555550177")))
    home.control.phones.enter_code("+15555550177", host.first(PairCode).code)
    paired = host.first(Paired)
    assert paired.jid.startswith("15555550177:")
    assert paired.lid.endswith("@lid")
    assert not any(isinstance(each, QrCode) for each in host.reports)


@pytest.mark.parametrize("phone", [None, Phone("+15555550178")])
def test_a_passkey_is_named_at_once_with_what_helps(home: Home, phone: Phone | None) -> None:
    home.control.faults.order(FaultOrder(FaultKind.PASSKEY_ASKED))
    host = home.host(Setup(str(home.sessions), Role.PAIR, HostSettings(home.sandbox.trust)))
    host.tell(Pair(DeviceId("a"), phone))
    if phone is None:
        home.control.phones.scan(host.first(QrCode).code)
    else:
        home.control.phones.enter_code(phone, host.first(PairCode).code)
    failed = host.first(PairFailed)  # the codes would have run out only after 160 s
    assert "passkey" in failed.reason
    assert "waheal devices import" in (failed.hint or "")
    assert home.control.devices.linked() == []


def test_a_device_that_is_linked_and_never_logged_in_is_logged_in(home: Home) -> None:
    home.control.faults.order(FaultOrder(FaultKind.LOGIN_UNASKED))
    settings = HostSettings(home.sandbox.trust, pairing_silence=1.0)
    host = home.host(Setup(str(home.sessions), Role.PAIR, settings))
    host.tell(Pair(DeviceId("a")))
    home.control.phones.scan(host.first(QrCode).code)
    paired = host.first(Paired)
    assert paired.salt
    assert [each.jid for each in home.control.devices.linked()] == [paired.jid]
    assert host.finish() == 0


@pytest.mark.parametrize(
    "fault",
    [FaultOrder(FaultKind.PAIRING_REFUSED), FaultOrder(FaultKind.PAIRING_TIMEOUT, seconds=0.5)],
)
def test_a_pairing_that_fails_says_why(home: Home, fault: FaultOrder) -> None:
    home.control.faults.order(fault)
    host = home.host(Setup(str(home.sessions), Role.PAIR, HostSettings(home.sandbox.trust)))
    host.tell(Pair(DeviceId("a")))
    code = host.first(QrCode).code
    if fault.kind is FaultKind.PAIRING_REFUSED:
        home.control.phones.scan(code)
    failed = host.first(PairFailed)
    assert failed.device == "a"
    assert failed.reason
