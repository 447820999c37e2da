"""Runs that meet one person under several names: by spelling, by LID, at any time."""

from functools import partial

import pytest

from tests.kit.ledgers import ANNA, BERT, CARL, LONG, NOW, SHORT
from tests.kit.stage import CAMPAIGN, ONE, TWO, FakeHost, Stage
from waheal.engine.settings import RunSettings
from waheal.identity import Lid
from waheal.model import (
    Accepted,
    Content,
    ExitCode,
    NotSent,
    Phone,
    Planned,
    ReceiptKind,
    State,
    Unknown,
)
from waheal.policy.windows import Window
from waheal.records import Leftover, Resolution, Suppression
from waheal.store.ledger import Ledger
from waheal.wire import Command, InboundText, Online, ReceiptSeen, Revoke, Send

LID = Lid("777@lid")


@pytest.fixture
def made(made: Stage) -> Stage:
    made.add(ONE)
    return made


def to(phone: Phone, row: int = 2, text: str = "hi") -> Planned:
    return Planned(row, phone, Content(text))


def enrol_another(made: Stage, *phones: Phone) -> RunSettings:
    campaign = made.ledger.campaigns.open("second", "/second.csv", NOW)
    rows = [to(phone, row) for row, phone in enumerate(phones, 2)]
    made.ledger.enrolment.enroll(campaign.id, rows, now=NOW, digest=None)
    return RunSettings("second")


def maps(made: Stage, numbers: dict[Phone, str]) -> None:
    """Let the library learn LIDs while it sends, and where it is asked for them."""

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send(phone=phone, ask_lid=True):
                host.answers(command, NotSent("asked first", lid=numbers[phone]))
                return
            case Send(phone=phone) if phone in numbers and phone not in known:
                known.add(phone)
                made.sessions.map(numbers[phone].removesuffix("@lid"), phone.removeprefix("+"))
            case _:
                pass
        made.obey(host, command)

    known: set[Phone] = set()
    made.acts = act


@pytest.mark.parametrize(("listed", "named"), [(SHORT, LONG), (LONG, SHORT)])
def test_whoever_is_suppressed_under_another_spelling_gets_nothing(
    made: Stage, listed: Phone, named: Phone
) -> None:
    made.ledger.people.suppress(listed, NOW, source="operator")
    made.enroll(to(named))
    made.finish()
    assert made.left == {}
    assert made.states() == {named: State.SUPPRESSED}


def test_a_stop_under_the_servers_spelling_holds_in_the_next_campaign(made: Stage) -> None:
    made.enroll(to(LONG))

    def act(host: FakeHost, command: Command) -> None:
        made.obey(host, command)
        if isinstance(command, Send):
            made.sessions.map("777", SHORT.removeprefix("+"))
            host.says(InboundText(ONE, LID, SHORT, "STOP", 1.0))

    made.acts = act
    made.finish()
    made.play(enrol_another(made, LONG))
    assert made.left == {LONG: 1}


def test_a_file_that_respells_a_number_sends_nothing_twice(made: Stage) -> None:
    for phone in (LONG, SHORT):
        made.enroll(to(phone))
        made.finish()
    assert made.left == {LONG: 1}


def test_the_lid_of_a_first_contact_is_known_from_then_on(made: Stage) -> None:
    maps(made, {ANNA: LID})
    made.enroll(to(ANNA))
    made.finish()
    for table in ("deliveries", "attempts", "contacts"):
        ((lid,),) = made.ledger._db.all(f"SELECT lid FROM {table}")  # noqa: S608 - constants
        assert lid == LID


def test_a_number_that_was_changed_is_the_same_person(made: Stage) -> None:
    maps(made, {ANNA: LID})
    made.enroll(to(ANNA))
    made.finish()
    made.sessions.conn.execute("DELETE FROM whatsmeow_lid_map")
    made.sessions.map("777", BERT.removeprefix("+"))
    made.enroll(to(ANNA), to(BERT, 3))
    made.finish()
    assert made.left == {ANNA: 1}


def test_a_stop_by_lid_alone_holds_before_anything_leaves(made: Stage) -> None:
    maps(made, {ANNA: LID, BERT: "778@lid"})
    made.ledger.people.suppress(LID, NOW, source="reply")
    second = enrol_another(made, ANNA)
    made.enroll(to(ANNA), to(BERT, 3))
    assert made.finish(RunSettings(CAMPAIGN, limit=2)).exit_code is ExitCode.OK
    assert made.left == {BERT: 1}
    found = made.ledger.campaigns.find(second.campaign)
    assert found is not None
    assert made.ledger.campaigns.tally(found.id)[State.SUPPRESSED] == 1
    assert made.states() == {ANNA: State.SUPPRESSED, BERT: State.SENT}
    assert [send.ask_lid for send in made.sends() if send.phone == BERT] == [True, False]
    assert list(made.ledger.people.suppressed()) == [Suppression(ANNA, LID, NOW, "reply")]


def test_nobody_is_asked_for_whose_lid_is_known(made: Stage) -> None:
    made.sessions.map("778", BERT.removeprefix("+"))
    made.ledger.people.suppress(LID, NOW, source="reply")
    made.enroll(to(BERT))
    made.finish()
    assert [send.ask_lid for send in made.sends()] == [False]


def test_a_stop_by_lid_calls_back_whoever_it_may_be(made: Stage) -> None:
    made.enroll(to(CARL), to(ANNA, 3))
    numbers = {CARL: "779@lid", ANNA: LID}
    waiting: list[Send] = []

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send(ask_lid=True):
                host.answers(command, NotSent("asked first", lid=numbers[command.phone]))
            case Send(phone=phone) if phone == ANNA:
                waiting.append(command)
                host.says(InboundText(ONE, LID, None, "stop", 1.0))
            case Revoke(phones=phones):
                for send in [each for each in waiting if each.phone in phones]:
                    waiting.remove(send)
                    host.answers(send, NotSent("revoked"))
            case _:
                made.obey(host, command)

    made.acts = act
    made.finish()
    assert made.left == {CARL: 1}
    assert made.states()[ANNA] is State.SUPPRESSED


def test_another_process_reaches_what_is_in_flight_by_the_lid(made: Stage) -> None:
    made.sessions.map("777", BERT.removeprefix("+"))
    made.enroll(to(BERT))
    told: list[Command] = []

    def act(host: FakeHost, command: Command) -> None:
        told.append(command)
        match command:
            case Send():
                made.time.after(1.0, suppress)
            case Revoke():
                host.answers(next(each for each in told if isinstance(each, Send)), NotSent("ok"))
            case _:
                made.obey(host, command)

    def suppress() -> None:
        with Ledger.open(made.home) as other:
            other.people.suppress(ANNA, NOW, source="operator", lid=LID)

    made.acts = act
    made.finish()
    assert Revoke(phones=frozenset({BERT})) in told
    assert made.states() == {BERT: State.SUPPRESSED}
    assert made.left == {}


@pytest.mark.parametrize("window", [None, Window(0, 1440)])
def test_whoever_was_forgotten_is_not_resent(made: Stage, window: Window | None) -> None:
    made.enroll(to(ANNA))
    made.ledger._db.run("UPDATE deliveries SET state = 'failed'")
    made.ledger.people.forget(ANNA, NOW)
    resend(made, Leftover.FAILED)
    how = RunSettings(CAMPAIGN, window=window)
    assert made.finish(how).exit_code is ExitCode.SOME_FAILED
    assert made.sends() == []


def test_a_start_does_not_bring_back_whom_the_operator_forgot(made: Stage) -> None:
    made.enroll(to(ANNA))
    made.finish()
    made.ledger.people.suppress(ANNA, NOW, source="reply")
    made.ledger.people.forget(ANNA, NOW)
    made.ledger.people.unsuppress(ANNA, source="reply")
    made.enroll(to(ANNA))
    made.finish()
    assert made.left == {ANNA: 1}


def resend(made: Stage, which: Leftover) -> None:
    made.ledger.leftovers.resolve(made.campaign, which=which, how=Resolution.RESEND, now=NOW)


def lose(made: Stage) -> str:
    """Send a message of which nobody learns that it left; give its id."""
    ids: list[str] = []

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            ids.append(made.leaves(command))
            host.answers(command, Unknown("websocket disconnected"))
        else:
            made.obey(host, command)

    made.acts = act
    made.enroll(to(ANNA))
    made.finish()
    resend(made, Leftover.UNCERTAIN)
    made.acts = None
    return ids[0]


def test_a_receipt_before_the_next_run_beats_the_resend(made: Stage) -> None:
    message_id = lose(made)
    made.ledger.outcomes.receipt(ONE, [message_id], ReceiptKind.DELIVERED, NOW)
    made.finish()
    assert (made.left, made.states()) == ({ANNA: 1}, {ANNA: State.DELIVERED})


def test_a_receipt_on_the_sends_own_connect_beats_the_resend(made: Stage) -> None:
    message_id = lose(made)

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send(unless=unless):
                assert unless == (message_id,)
                host.says(Online(ONE, 0.1, "", rebuilt=True))
                host.says(ReceiptSeen(ONE, (message_id,), ReceiptKind.READ))
                host.answers(command, NotSent("an earlier attempt has arrived"))
            case _:
                made.obey(host, command)

    made.acts = act
    made.finish()
    assert (made.left, made.states()) == ({ANNA: 1}, {ANNA: State.READ})


def test_a_receipt_at_another_device_calls_the_resend_back(made: Stage) -> None:
    message_id = lose(made)
    made.add(TWO)
    made.ledger.devices.pause(ONE)
    waiting: list[Send] = []

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                waiting.append(command)
                seen = ReceiptSeen(ONE, (message_id,), ReceiptKind.DELIVERED)
                made.time.after(1.0, partial(host.says, seen))
                made.time.after(5.0, partial(leave, host))
            case Revoke(phones=phones):
                assert phones == {ANNA}
                host.answers(waiting.pop(), NotSent("revoked"))
            case _:
                made.obey(host, command)

    def leave(host: FakeHost) -> None:
        for send in waiting:
            host.answers(send, Accepted(made.leaves(send)))

    made.acts = act
    made.finish()
    assert (made.left, made.states()) == ({ANNA: 1}, {ANNA: State.DELIVERED})
