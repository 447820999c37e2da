"""New chats through the engine, on a stage: refusals, holds over runs, budgets, silence."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.kit.ledgers import jid_of
from tests.kit.stage import CAMPAIGN, ONE, TWO, FakeHost, Stage, last, phone
from waheal.engine.settings import RunSettings
from waheal.events import Event, NewChatsHeld, Note, Settled
from waheal.model import (
    ChatHold,
    Content,
    DeviceId,
    ExitCode,
    NotSent,
    Phone,
    Planned,
    QuotaWarning,
    ReceiptKind,
    State,
)
from waheal.policy.chat_limits import CONTACT_REST, ChatBudget, Ramp, allow, guess
from waheal.policy.pacing import DAY, HOUR
from waheal.records import REFUSED, SHUT
from waheal.wire import (
    ChatLock,
    ChatQuota,
    Command,
    Connect,
    Finish,
    ReceiptSeen,
    Revoke,
    Send,
)

SETTINGS = RunSettings(CAMPAIGN)
REFUSAL = NotSent("no chat with them could be begun (463)", counts=True, refused_chat=True)
THREE, FOUR = DeviceId("three"), DeviceId("four")


def refusing(made: Stage, refused: Callable[[Send], bool]) -> None:
    """Let hosts refuse the sends that `refused` tells of, and obey otherwise."""

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send) and refused(command):
            host.answers(command, REFUSAL)
        else:
            made.obey(host, command)

    made.acts = act


def tries(made: Stage) -> Counter[tuple[DeviceId, Phone]]:
    return Counter((send.device, send.phone) for send in made.sends())


def reasons(made: Stage) -> dict[Phone, str | None]:
    rows = made.ledger.recipients.rows(made.campaign)
    return {row.phone: row.reason for row in rows if row.state is not State.SENT}


def held(events: list[Event]) -> list[NewChatsHeld]:
    return [event for event in events if isinstance(event, NewChatsHeld)]


def test_a_contact_that_two_devices_may_not_write_to_waits_and_no_device_does(made: Stage) -> None:
    made.add(ONE, TWO, THREE, FOUR)
    made.people(40)
    refusing(made, lambda send: send.phone == phone(7))
    events = made.play()
    assert held(events) == []
    assert reasons(made) == {phone(7): REFUSED}
    assert Counter(made.states().values()) == {State.SENT: 39, State.PENDING: 1}
    by = [device for (device, to), _ in tries(made).items() if to == phone(7)]
    assert len(by) == len(set(by)) == 2
    assert max(tries(made).values()) == 1
    assert last(events).exit_code is ExitCode.LEFT_OVER


def test_it_is_tried_a_bounded_number_of_times_a_day_apart(made: Stage) -> None:
    made.add(ONE, TWO, THREE, FOUR)
    made.people(3)
    refusing(made, lambda send: send.phone == phone(1))
    made.play()
    made.time.moved += CONTACT_REST - HOUR
    made.play()
    assert len([send for send in made.sends() if send.phone == phone(1)]) == 2
    made.time.moved += 2 * HOUR
    made.play()
    assert made.states()[phone(1)] is State.FAILED
    assert "(given up after 3 tries)" in (reasons(made)[phone(1)] or "")


def test_the_only_device_does_not_ask_the_same_again_at_once(made: Stage) -> None:
    made.add(ONE)
    made.people(5)
    refusing(made, lambda send: send.phone == phone(2))
    events = made.play()
    assert held(events) == []
    assert reasons(made) == {phone(2): REFUSED}
    assert len([send for send in made.sends() if send.phone == phone(2)]) == 1


def test_a_locked_account_begins_no_chat_and_others_do(made: Stage) -> None:
    made.add(ONE, TWO)
    made.people(12)
    refusing(made, lambda send: send.device == ONE)
    events = made.play()
    assert [(each.device, each.reason) for each in held(events)] == [(ONE, ChatHold.REFUSED)]
    assert set(made.states().values()) == {State.SENT}
    assert {send.phone for send in made.sends() if send.device == TWO} == set(made.states())
    mine = [send.phone for send in made.sends() if send.device == ONE]
    assert len(mine) <= 3  # two refusals, and one that was on its way


def test_it_goes_on_with_the_chats_it_has(made: Stage) -> None:
    made.add(ONE)
    made.people(3)
    made.play()
    known = set(made.states())
    campaign = made.ledger.campaigns.open("two", "/2.csv", made.time.time())
    rows = [Planned(n + 2, phone(n), Content("again")) for n in range(8)]
    made.ledger.enrolment.enroll(campaign.id, rows, now=made.time.time(), digest=None)
    refusing(made, lambda send: send.phone not in known)
    events = made.play(replace(SETTINGS, campaign="two"))
    states = {row.phone: row.state for row in made.ledger.recipients.rows(campaign.id)}
    assert {to for to, state in states.items() if state is State.SENT} == known
    assert len(held(events)) == 1


def test_a_hold_is_kept_over_runs_and_ends_by_the_clock(made: Stage) -> None:
    made.add(ONE)
    made.people(6)
    refusing(made, lambda _send: True)
    (first,) = held(made.play())
    assert first.until == pytest.approx(made.time.time() + 6 * HOUR, abs=60.0)
    asked = len(made.sends())
    assert held(made.play()) == [first]  # told again, and nothing is asked
    assert len(made.sends()) == asked
    made.time.moved += 6 * HOUR
    (second,) = held(made.play())
    assert second.until == pytest.approx(made.time.time() + 12 * HOUR, abs=60.0)
    assert len(made.sends()) - asked <= 2
    made.acts = None
    made.time.moved += DAY
    assert held(made.play()) == []
    assert Counter(made.states().values())[State.SENT] >= 4


def test_after_a_chat_that_was_begun_the_next_hold_is_short_again(made: Stage) -> None:
    made.add(ONE)
    made.people(4)
    refusing(made, lambda _send: True)
    made.play()
    made.acts = None
    made.time.moved += DAY + HOUR
    made.play()
    assert made.ledger.chats.limits(ONE).holds == 0


def test_the_operator_lets_it_begin_chats_again(made: Stage) -> None:
    made.add(ONE)
    made.people(4)
    refusing(made, lambda _send: True)
    made.play()
    made.ledger.chats.keep(ONE, allow(made.ledger.chats.limits(ONE), made.time.time()))
    made.acts = None
    assert held(made.play()) == []
    assert Counter(made.states().values())[State.SENT] == 2  # the others met it themselves


def test_new_chats_that_wait_in_the_host_are_called_back(made: Stage) -> None:
    made.add(ONE)
    made.people(5)
    told: list[Revoke] = []
    waiting: list[Send] = []

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send():
                waiting.append(command)
                if len(waiting) > 1:  # one is always behind, as in a host
                    host.answers(waiting.pop(0), REFUSAL)
            case Revoke():
                told.append(command)
                for send in waiting:
                    host.answers(send, NotSent("revoked"))
            case Finish():
                host.dies("ended with code 0")
            case _:
                pass

    made.acts = act
    made.play()
    assert len(told) == 1
    assert len(told[0].chats) == 1
    assert told[0].phones == frozenset()


def test_a_budget_of_new_chats_holds_over_runs(made: Stage) -> None:
    made.add(ONE, TWO)
    made.people(10)
    settings = replace(SETTINGS, new_chats=ChatBudget(2))
    made.play(settings)
    assert Counter(made.states().values())[State.SENT] == 4
    made.play(settings)
    assert Counter(made.states().values())[State.SENT] == 4
    made.time.moved += DAY + 60.0
    made.play(settings)
    assert Counter(made.states().values())[State.SENT] == 8


def test_a_budget_leaves_the_chats_that_exist_alone(made: Stage) -> None:
    made.add(ONE)
    made.people(4)
    made.play()
    campaign = made.ledger.campaigns.open("two", "/2.csv", made.time.time())
    rows = [Planned(n + 2, phone(n), Content("again")) for n in range(4)]
    made.ledger.enrolment.enroll(campaign.id, rows, now=made.time.time(), digest=None)
    made.play(replace(SETTINGS, campaign="two", new_chats=ChatBudget(1)))
    assert made.ledger.campaigns.tally(campaign.id)[State.SENT] == 4


def test_a_ramp_counts_from_the_pairing(made: Stage) -> None:
    made.add(ONE)
    made.people(20)
    settings = replace(SETTINGS, new_chats=ChatBudget(None, Ramp(1, 5, 2)))
    made.play(settings)
    assert Counter(made.states().values())[State.SENT] == 1
    made.time.moved += 2 * DAY + 60.0
    made.play(settings)
    assert Counter(made.states().values())[State.SENT] == 6


def test_a_device_whose_first_messages_do_not_arrive_begins_no_more(made: Stage) -> None:
    made.add(ONE)
    made.people(10)
    made.play(replace(SETTINGS, limit=9))
    made.time.moved += 2 * HOUR
    (event,) = held(made.play())
    assert event.reason is ChatHold.UNDELIVERED
    assert reasons(made) == {phone(9): SHUT}
    assert Counter(made.states().values())[State.SENT] == 9  # and nobody is sent to again
    assert set(made.left.values()) == {1}


def test_one_that_arrived_proves_that_they_do(made: Stage) -> None:
    made.add(ONE)
    made.people(10)

    def act(host: FakeHost, command: Command) -> None:
        made.obey(host, command)
        if isinstance(command, Send) and command.phone == phone(6):
            message = f"ID-{command.delivery}-{command.attempt}"
            host.says(ReceiptSeen(ONE, (message,), ReceiptKind.DELIVERED))

    made.acts = act
    made.play(replace(SETTINGS, limit=9))
    made.time.moved += 2 * HOUR
    assert held(made.play()) == []


def test_a_refusal_is_told_as_one_that_may_pass(made: Stage) -> None:
    made.add(ONE)
    made.people(1)
    refusing(made, lambda _send: True)
    settled = [event for event in made.play() if isinstance(event, Settled)]
    assert [(each.state, each.reason) for each in settled] == [(State.PENDING, REFUSAL.reason)]


def told(made: Stage, *reports: ChatLock | ChatQuota) -> None:
    """Let hosts tell these once a device is built anew to overhear its account."""

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send(device=device) if device == ONE:
                host.answers(command, REFUSAL)
            case Connect(overhear=True):
                for report in reports:
                    host.says(report)
            case _:
                made.obey(host, command)

    made.acts = act


def test_the_end_that_whatsapp_tells_takes_the_place_of_the_guess(made: Stage) -> None:
    made.add(ONE)
    made.people(5)
    until = made.time.time() + 3 * HOUR
    told(made, ChatLock(ONE, active=True, until=until))
    assert [each.until for each in held(made.play())][1:] == [until]
    (device,) = made.ledger.devices.all(made.time.time())
    assert device.chats_from == until


@pytest.mark.parametrize("until", [None, 1.0])
def test_a_lock_without_an_end_to_come_leaves_the_guess(made: Stage, until: float | None) -> None:
    made.add(ONE)
    made.people(5)
    told(made, ChatLock(ONE, active=True, until=until))
    assert len(held(made.play())) == 1


def test_a_lock_that_is_over_is_lifted_at_once(made: Stage) -> None:
    made.add(ONE, TWO)
    made.people(3)
    told(made, ChatLock(ONE, active=False, until=None))
    events = made.play()
    assert len(held(events)) >= 1
    assert any("begin new chats again" in e.text for e in events if isinstance(e, Note))


def test_a_quota_that_is_used_up_holds_until_the_next(made: Stage) -> None:
    made.add(ONE)
    made.people(5)
    until = made.time.time() + 9 * HOUR
    told(made, ChatQuota(ONE, 50, 50, QuotaWarning.CAPPED, until))
    last = held(made.play())[-1]
    assert (last.reason, last.until) == (ChatHold.CAPPED, until)


def test_a_warning_of_a_quota_is_told_and_holds_nothing(made: Stage) -> None:
    made.add(ONE)
    made.people(5)
    told(made, ChatQuota(ONE, 40, 50, QuotaWarning.NEAR, made.time.time() + DAY))
    events = made.play()
    assert [each.reason for each in held(events)] == [ChatHold.REFUSED]
    assert [e.text for e in events if isinstance(e, Note)] == [
        "one: WhatsApp warns that 40 of 50 new chats are used"
    ]
    (device,) = made.ledger.devices.all(made.time.time())
    assert device.quota == (40, 50)


def test_a_run_goes_on_by_itself_once_a_short_lock_has_ended(made: Stage) -> None:
    made.add(ONE)
    made.people(6)
    until = made.time.time() + 300.0

    def act(host: FakeHost, command: Command) -> None:
        match command:
            case Send() if made.time.time() < until:
                host.answers(command, REFUSAL)
            case Connect(overhear=True):
                host.says(ChatLock(ONE, active=True, until=until))
            case _:
                made.obey(host, command)

    made.acts = act
    made.play()
    assert Counter(made.states().values())[State.SENT] == 4  # the two refused wait for a day


def test_a_lock_that_ends_before_a_used_up_quota_lets_nobody_begin(made: Stage) -> None:
    made.add(ONE)
    made.people(5)
    now = made.time.time()
    cap = ChatQuota(ONE, 50, 50, QuotaWarning.CAPPED, now + 9 * HOUR)
    told(made, cap, ChatLock(ONE, active=True, until=now + HOUR))
    assert [(each.reason, each.until) for each in held(made.play())][1:] == [
        (ChatHold.CAPPED, now + 9 * HOUR)
    ]
    asked = len(made.sends())
    made.time.moved += 8 * HOUR
    made.play()
    assert len(made.sends()) == asked


def test_a_locked_account_begins_no_chat_through_its_other_device(made: Stage) -> None:
    made.add_of_one_number(ONE, TWO)
    made.people(9)
    refusing(made, lambda _send: True)
    events = made.play()
    assert len(held(events)) == 1
    assert {send.device for send in made.sends()} == {ONE, TWO}
    assert len(made.sends()) <= 5  # two refusals, and what was on its way beside them


def test_a_resumed_device_whose_first_messages_did_not_arrive_begins_again(made: Stage) -> None:
    made.add(ONE)
    made.people(12)
    made.play(replace(SETTINGS, limit=9))
    made.time.moved += 2 * HOUR
    assert len(held(made.play())) == 1
    made.ledger.chats.keep(ONE, allow(made.ledger.chats.limits(ONE), made.time.time()))
    assert held(made.play()) == []
    assert set(made.states().values()) == {State.SENT}


@pytest.mark.parametrize("age", [DAY, 40 * DAY])
def test_a_contact_that_trusts_the_account_is_no_new_chat_while_that_lasts(
    made: Stage, age: float
) -> None:
    made.add(ONE)
    made.people(2)
    name = f"{phone(0).removeprefix('+')}@s.whatsapp.net"
    made.sessions.token(jid_of(ONE), name, made.time.time() - age)
    made.play(replace(SETTINGS, new_chats=ChatBudget(1)))
    sent = Counter(made.states().values())[State.SENT]
    assert sent == (2 if age == DAY else 1)


def test_a_device_that_an_earlier_run_held_hears_when_that_ends(made: Stage) -> None:
    made.add(ONE)
    made.people(2, pinned=ONE)
    made.play()
    limits = guess(made.ledger.chats.limits(ONE), ChatHold.REFUSED, made.time.time())
    made.ledger.chats.keep(ONE, limits)
    campaign = made.ledger.campaigns.open("two", "/2.csv", made.time.time())
    rows = [Planned(n + 2, phone(n), Content("again")) for n in range(3)]
    made.ledger.enrolment.enroll(campaign.id, rows, now=made.time.time(), digest=None)

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Connect):
            assert command.overhear
            host.says(ChatLock(ONE, active=False, until=None))
        else:
            made.obey(host, command)

    made.acts = act
    made.play(replace(SETTINGS, campaign="two"))
    assert made.ledger.campaigns.tally(campaign.id)[State.SENT] == 3  # the new chat as well
