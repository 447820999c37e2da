"""Senders on the fake: one Answer for each Send, whatever becomes of the call."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.contract.fake import LOST, Hang
from tests.kit.host_rig import PATIENCE, PHONE, PICTURE, Rig, answers_in, jid_of
from waheal.host import error_table, senders
from waheal.host.arrivals import Arrivals
from waheal.host.client import (
    AttachmentError,
    Banned,
    Connected,
    Disconnected,
    Ended,
    ReceiptCame,
    ReceiptType,
    SendError,
    TextCame,
)
from waheal.host.device_queues import SLOW_AFTER
from waheal.host.directory import Listing
from waheal.host.life import Death
from waheal.host.replies import Replies
from waheal.host.senders import Reporter, offline
from waheal.model import (
    Accepted,
    DeviceId,
    NotSent,
    Phone,
    Quarantine,
    ReceiptKind,
    Rejected,
    Unknown,
)
from waheal.wire import (
    Answer,
    Connect,
    Healing,
    Health,
    InboundText,
    Logout,
    LogoutEnded,
    Offline,
    Online,
    ReceiptSeen,
    Report,
    Returned,
    Revoke,
)

NO_LID = f"no LID found for {PHONE} from server"


def test_a_send_is_answered_with_its_message_id() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.send(7)
    answer = rig.answers(1)[7]
    assert replace(answer, handed=None) == Answer(7, 1, DeviceId("1"), Accepted("3EB000000001"))
    assert answer.handed is not None
    kinds = [type(report) for report in rig.reports]
    assert kinds == [Healing, Online, Health, Answer]


def test_a_device_sends_in_the_order_of_its_sends() -> None:
    rig = Rig(senders=8)
    rig.world.link(jid_of("1"))
    for delivery in range(30):
        rig.send(delivery, phone=Phone(f"+15555550{delivery + 100}"))
    rig.answers(30)
    phones = [outgoing.phone for _jid, outgoing in rig.world.sent]
    assert phones == [f"+15555550{delivery + 100}" for delivery in range(30)]


def test_a_device_that_cannot_be_used_answers_not_sent_and_says_why() -> None:
    rig = Rig()
    rig.send(1)
    rig.send(2)
    answers = rig.answers(2)
    assert {type(answer.outcome) for answer in answers.values()} == {NotSent}
    offline = next(report for report in rig.reports if isinstance(report, Offline))
    assert offline.quarantine is Quarantine.NO_SESSION
    assert rig.world.violations == []


def test_a_device_that_is_banned_answers_how_long_it_must_rest() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.world.on_connect(jid_of("1"), Banned("SENT_TO_TOO_MANY_PEOPLE", 3600.0))
    rig.send(1)
    outcome = rig.answers(1)[1].outcome
    assert isinstance(outcome, NotSent)
    assert (outcome.quarantine, outcome.hold) == (Quarantine.BANNED, 3600.0)


def test_a_call_that_hangs_is_cut_loose_and_its_device_healed() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    hang = Hang()
    rig.world.on_send(jid_of("1"), hang)
    rig.send(1)
    rig.send(2)
    assert hang.entered.wait(PATIENCE)
    rig.too_late()
    reports = rig.wait(lambda told: len(answers_in(told)) == 2 and _returned(told) != [])
    first, second = answers_in(reports)
    assert isinstance(first.outcome, Unknown)
    assert first.outcome.running
    assert isinstance(second.outcome, Accepted)
    (returned,) = _returned(reports)
    assert (returned.delivery, type(returned.outcome)) == (1, Unknown)
    assert rig.world.connects[jid_of("1")] == 2
    assert rig.world.violations == []


def _returned(reports: list[Report]) -> list[Returned]:
    return [report for report in reports if isinstance(report, Returned)]


def test_calls_that_hang_do_not_starve_the_other_devices() -> None:
    rig = Rig(senders=2)
    hangs = [Hang() for _ in range(6)]
    for number, hang in enumerate(hangs):
        rig.world.link(jid_of(str(number)))
        rig.world.on_send(jid_of(str(number)), hang)
        rig.send(number, str(number))
    rig.world.link(jid_of("9"))
    rig.send(9, "9")
    for hang in hangs:
        assert hang.entered.wait(PATIENCE)
        rig.now += SLOW_AFTER
    assert isinstance(rig.answers(1)[9].outcome, Accepted)
    for hang in hangs:
        hang.released.set()
    rig.answers(7)


def test_stuck_threads_end_when_they_are_no_longer_needed() -> None:
    rig = Rig(senders=2)
    hangs = [Hang() for _ in range(5)]
    for number, hang in enumerate(hangs):
        rig.world.link(jid_of(str(number)))
        rig.world.on_send(jid_of(str(number)), hang)
        rig.send(number, str(number))
    for hang in hangs:
        assert hang.entered.wait(PATIENCE)
        rig.now += SLOW_AFTER
    assert rig.senders.threads() == 5
    for hang in hangs:
        hang.released.set()
    rig.answers(5)
    deadline = time.monotonic() + PATIENCE
    while rig.senders.threads() > 2 and time.monotonic() < deadline:
        time.sleep(0.01)  # a bounded wait: threads end on their own
    assert rig.senders.threads() <= 2


def test_a_lost_connection_is_looked_at_before_the_next_send() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.world.on_send(jid_of("1"), LOST)
    rig.send(1)
    rig.send(2)
    answers = rig.answers(2)
    assert isinstance(answers[1].outcome, Unknown)
    assert isinstance(answers[2].outcome, Accepted)
    assert rig.world.connects[jid_of("1")] == 2


def test_an_attachment_that_cannot_be_uploaded_sends_nothing() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.send(1, media=PICTURE)
    rig.answers(1)
    rig.world.on_upload(jid_of("1"), "upload failed with status code 503")
    rig.send(2, media=PICTURE)
    answers = rig.answers(2)
    assert isinstance(answers[1].outcome, Accepted)
    assert answers[2].outcome == NotSent("the attachment could not be uploaded", counts=True)


def test_receipts_from_the_recipient_and_texts_are_told_and_no_others() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.send(1)
    rig.answers(1)
    client = rig.world.client(jid_of("1"))
    client.hear(ReceiptCame(("X",), ReceiptType.SENDER, from_me=True))
    client.hear(ReceiptCame(("Y", "Z"), ReceiptType.INACTIVE, from_me=False))
    client.hear(TextCame("1@lid", PHONE, "STOP", 5.0))
    assert rig.reports[-2:] == [
        ReceiptSeen(DeviceId("1"), ("Y", "Z"), ReceiptKind.DELIVERED),
        InboundText(DeviceId("1"), "1@lid", PHONE, "STOP", 5.0),
    ]


def test_what_has_arrived_meanwhile_is_not_sent_again() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.send(1)
    rig.answers(1)
    for kind, message_id in ((ReceiptType.RETRY, "X"), (ReceiptType.READ, "Y")):
        rig.world.client(jid_of("1")).hear(ReceiptCame((message_id,), kind, from_me=False))
    rig.send(2, unless=("W", "X"))
    rig.send(3, unless=("X", "Y"))
    answers = rig.answers(3)
    assert isinstance(answers[2].outcome, Accepted)
    assert answers[3].outcome == NotSent("an earlier attempt has arrived")
    assert len(rig.world.sent) == 2


def test_a_receipt_that_waited_at_the_server_holds_the_send_that_connects() -> None:
    rig = Rig()
    jid = rig.world.link(jid_of("1"))
    rig.world.waiting[jid].append(ReceiptCame(("X",), ReceiptType.DELIVERED, from_me=False))
    rig.send(1, unless=("X",))
    assert rig.answers(1)[1].outcome == NotSent("an earlier attempt has arrived")
    assert rig.world.sent == []


def test_a_lid_is_asked_for_and_nothing_sent() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.world.listings[PHONE] = Listing(registered=True, lid="77@lid")
    rig.send(1, ask_lid=True)
    outcome = rig.answers(1)[1].outcome
    assert isinstance(outcome, NotSent)
    assert (outcome.lid, outcome.counts) == ("77@lid", False)
    rig.world.listings[PHONE] = Listing(registered=False)
    rig.send(2, ask_lid=True)
    assert rig.answers(2)[2].outcome == Rejected("not on WhatsApp")
    assert rig.world.sent == []


def test_nobody_is_given_up_for_want_of_a_lid_before_the_directory_was_asked() -> None:
    rig = Rig()
    jid = rig.world.link(jid_of("1"))
    rig.world.on_send(jid, NO_LID, NO_LID)
    rig.send(1)  # the directory tells a LID, and the second send finds none either
    outcome = rig.answers(1)[1].outcome
    assert isinstance(outcome, NotSent)
    assert outcome.ask_again > 0
    assert rig.world.sent == []


def test_who_has_a_lid_after_all_is_sent_to() -> None:
    rig = Rig()
    jid = rig.world.link(jid_of("1"))
    rig.world.on_send(jid, NO_LID)
    rig.send(1)
    assert isinstance(rig.answers(1)[1].outcome, Accepted)


@pytest.mark.parametrize(
    ("listing", "gives_up"),
    [(Listing(registered=False), True), (Listing(registered=True), False), (None, False)],
)
def test_only_a_no_is_a_no(listing: Listing | None, *, gives_up: bool) -> None:
    rig = Rig()
    jid = rig.world.link(jid_of("1"))
    rig.world.on_send(jid, NO_LID)
    rig.world.listings[PHONE] = listing
    rig.send(1)
    outcome = rig.answers(1)[1].outcome
    assert isinstance(outcome, Rejected) is gives_up
    assert isinstance(outcome, NotSent) is not gives_up


def test_a_revoked_look_up_is_not_made() -> None:
    rig = Rig()
    jid = rig.world.link(jid_of("1"))
    hang = Hang()
    rig.world.on_send(jid, hang)
    rig.send(1)
    assert hang.entered.wait(PATIENCE)
    rig.send(2, ask_lid=True)
    rig.senders.revoke(Revoke(phones=frozenset({PHONE})))
    hang.released.set()
    outcome = rig.answers(2)[2].outcome
    assert isinstance(outcome, NotSent)
    assert outcome.lid is None


def test_a_connect_is_answered_once() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    connect = Connect(DeviceId("1"), jid_of("1"))
    rig.senders.put(connect)
    rig.wait(lambda told: _onlines(told) == 1)
    rig.senders.put(connect)
    rig.wait(lambda told: _onlines(told) == 2)
    rig.senders.put(Connect(DeviceId("2"), jid_of("2")))
    rig.wait(lambda told: any(isinstance(report, Offline) for report in told))
    assert _onlines(rig.reports) == 2


def test_every_client_that_was_built_counts_whether_it_connected_or_not() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.world.on_connect(jid_of("1"), *[Ended("no route")] * 3)
    for delivery in range(4):
        rig.send(delivery)
    rig.answers(4)
    told = [report.connects for report in rig.reports if isinstance(report, Health)]
    assert told == [1, 2, 3, 4]


def _onlines(reports: list[Report]) -> int:
    return sum(isinstance(report, Online) for report in reports)


def test_a_logout_ends_the_session() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    logout = Logout(DeviceId("1"), jid_of("1"))
    rig.senders.put(logout)
    reports = rig.wait(lambda told: isinstance(told[-1:][0], LogoutEnded) if told else False)
    assert reports[-1] == LogoutEnded(DeviceId("1"), None)
    assert rig.world.living(jid_of("1")) == []
    rig.senders.put(logout)
    reports = rig.wait(lambda told: sum(isinstance(each, LogoutEnded) for each in told) == 2)
    assert reports[-1] == LogoutEnded(DeviceId("1"), "no session")
    assert rig.world.violations == []


def test_a_device_that_nobody_sends_through_costs_no_thread() -> None:
    rig = Rig()
    rig.send(1, "1")  # not linked: brings up what the host itself needs
    rig.answers(1)
    before = threading.active_count()
    for number in range(2, 50):
        rig.world.link(jid_of(str(number)))
    assert threading.active_count() <= before  # others' threads may end meanwhile


def test_a_call_cut_loose_during_the_upload_is_answered_once_and_sends_nothing() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.world.lingers = True
    hang = Hang()
    rig.world.on_upload(jid_of("1"), hang)
    rig.send(1, media=PICTURE)
    assert hang.entered.wait(PATIENCE)
    rig.too_late()
    reports = rig.wait(lambda told: _returned(told) != [])
    (answer,) = answers_in(reports)
    assert isinstance(answer.outcome, Unknown)
    (returned,) = _returned(reports)
    assert isinstance(returned.outcome, NotSent)
    assert rig.world.sent == []


def test_an_attachment_that_is_no_longer_the_same_is_not_sent_and_stops_the_run() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))

    def changed() -> None:
        raise AttachmentError("it has changed")

    rig.world.on_upload(jid_of("1"), changed)
    rig.send(1, media=PICTURE)
    assert rig.answers(1)[1].outcome == NotSent("it has changed", stops=True)


def dropping(rig: Rig, error: str, late: float = 0.0) -> Callable[[], None]:
    """A send during which the connection drops; the event may come after the error."""

    def drop() -> None:
        client = rig.world.client(jid_of("1"))
        client.tell(Disconnected())
        client.tell(Connected())

    def act() -> None:
        if late:
            threading.Timer(late, drop).start()
        else:
            drop()
        raise SendError(error)

    return act


@pytest.mark.parametrize("late", [0.0, 0.05])
@pytest.mark.parametrize("code", [400, 429, 463, 479])
def test_an_answer_after_a_drop_is_for_the_second_copy(
    code: int, late: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "_LATE_EVENT", PATIENCE)
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.world.on_send(jid_of("1"), dropping(rig, f"server returned error {code}", late))
    rig.send(1)
    assert rig.answers(1)[1].outcome == error_table.SECOND_COPY.outcome


def test_what_is_no_answer_stays_what_it_is_after_a_drop() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.world.on_send(jid_of("1"), dropping(rig, "timed out waiting for message send response"))
    rig.send(1)
    assert rig.answers(1)[1].outcome == Unknown("the server did not confirm it in time")


def test_a_limit_does_not_send_back_a_connect() -> None:
    rig = Rig(senders=1)
    rig.world.link(jid_of("1"))
    hang = Hang()
    rig.world.on_send(jid_of("1"), hang, "server returned error 429")
    rig.send(1)
    assert hang.entered.wait(PATIENCE)
    rig.send(2)
    rig.senders.put(Connect(DeviceId("1"), jid_of("1")))
    hang.released.set()
    rig.wait(lambda told: _onlines(told) == 2)  # the lease's own, and the answer to the Connect


def test_a_device_goes_on_beside_a_call_that_no_stop_frees() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    hang = Hang(stubborn=True)
    rig.world.on_send(jid_of("1"), hang)
    rig.send(1)
    rig.send(2)
    assert hang.entered.wait(PATIENCE)
    rig.too_late()
    answers = rig.answers(2)
    assert answers[1].outcome == Unknown("the library's call did not return", running=True)
    assert isinstance(answers[2].outcome, Accepted)
    assert _returned(rig.reports) == []
    hang.released.set()
    rig.wait(lambda told: _returned(told) != [])
    assert len(answers_in(rig.reports)) == 2
    assert rig.senders._calling == {}


def test_a_device_that_dies_beyond_healing_is_told_though_nobody_uses_it() -> None:
    rig = Rig()
    rig.world.link(jid_of("1"))
    rig.send(1)
    rig.answers(1)
    rig.world.client(jid_of("1")).tell(Ended("the loop choked"))  # the next lease heals that
    rig.send(2)
    rig.answers(2)
    rig.world.client(jid_of("1")).log_out()
    told = [report for report in rig.reports if isinstance(report, Offline)]
    assert told == [Offline(DeviceId("1"), "logged out", Quarantine.LOGGED_OUT)]


def test_an_offline_device_is_back_at_a_time_of_the_day() -> None:
    before = time.time()
    told = offline(DeviceId("1"), "banned", Death("banned", Quarantine.BANNED, hold=60.0))
    assert told.until is not None
    assert before + 60 <= told.until <= time.time() + 60
    assert offline(DeviceId("1"), "x", Death("x")).until is None


def test_the_host_tells_of_itself_now_and_then() -> None:
    told: list[Report] = []
    reporter = Reporter(told.append, lambda connects: Health(0, connects), Replies(), Arrivals())
    for _ in range(40):
        reporter.built()
    assert told == [Health(0, connects) for connects in [*range(1, 17), 32]]
