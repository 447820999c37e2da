"""Runs of recalls and amends: what the engine does otherwise than for messages, and what not."""

import pytest

from tests.kit.stage import CAMPAIGN, ONE, TWO, FakeHost, Stage
from waheal.engine.settings import RunSettings
from waheal.errand_terms import LIMITS
from waheal.events import DeviceQuarantined, Settled
from waheal.model import (
    ErrandKind,
    ExitCode,
    NotSent,
    Quarantine,
    ReceiptKind,
    State,
    Unknown,
)
from waheal.policy.pacing import Limits
from waheal.store.errands import Which
from waheal.wire import Command, InboundText, Offline, ReceiptSeen, Revoke, Send

RECALL = ErrandKind.RECALL


@pytest.fixture
def bare(made: Stage) -> Stage:
    """Give a stage with a campaign for one, that has not gone out."""
    made.add(ONE)
    made.people(1)
    return made


@pytest.fixture
def played(made: Stage) -> Stage:
    """Give a stage whose campaign went out, through two devices."""
    made.add(ONE, TWO)
    made.people(6)
    assert made.finish().exit_code is ExitCode.OK
    made.left.clear()
    made.hosts.clear()
    return made


def ordered(made: Stage, kind: ErrandKind = RECALL) -> RunSettings:
    parent = made.ledger.campaigns.find(CAMPAIGN)
    assert parent is not None
    now = made.time.time()
    errand = made.ledger.errands.open(parent, kind, "d" if kind is ErrandKind.AMEND else None, now)
    made.ledger.errands.enrol(parent, errand, Which(), LIMITS[kind], now, texts="new")
    return RunSettings(errand.name)


def states(made: Stage, settings: RunSettings) -> list[State]:
    errand = made.ledger.campaigns.find(settings.campaign)
    assert errand is not None
    return [row.state for row in made.ledger.recipients.rows(errand.id)]


def test_each_message_is_named_once_to_the_host_of_the_device_that_sent_it(played: Stage) -> None:
    parent = played.ledger.campaigns.find(CAMPAIGN)
    assert parent is not None
    sent = {row.message_id: row.device for row in played.ledger.recipients.rows(parent.id)}
    settings = ordered(played)
    assert played.finish(settings).exit_code is ExitCode.OK
    told = {
        send.content.errand.message_id: send.device
        for send in played.sends()
        if send.content.errand is not None
    }
    assert told == sent
    assert len(played.sends()) == len(sent)
    assert played.finish(ordered(played)).exit_code is ExitCode.OK
    assert len(played.sends()) == len(sent)


def test_a_recall_goes_on_where_a_killed_run_stopped_and_repeats_nothing(played: Stage) -> None:
    settings = ordered(played)

    def leaves_and_says_nothing(_host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            played.leaves(command)

    played.acts = leaves_and_says_nothing
    events = played.run(settings).events()
    next(events)
    next(events)
    del events
    for host in played.hosts:
        host.dies()
    played.acts = None
    last = played.finish(ordered(played))
    assert last.exit_code is ExitCode.LEFT_OVER
    assert set(played.left.values()) == {1}
    assert set(states(played, settings)) == {State.SENT, State.UNCERTAIN}


def test_a_receipt_settles_an_uncertain_recall(played: Stage) -> None:
    settings = ordered(played)

    def in_doubt(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            message_id = played.leaves(command)
            host.answers(command, Unknown("cut"))
            host.says(ReceiptSeen(command.device, (message_id,), ReceiptKind.DELIVERED))
        else:
            played.obey(host, command)

    played.acts = in_doubt
    assert played.finish(settings).exit_code is ExitCode.OK
    assert set(states(played, settings)) == {State.DELIVERED}


def says_stop(played: Stage, host: FakeHost, send: Send) -> None:
    """Let the recipient opt out while the message is on its way."""
    sender, at = f"{send.phone[1:]}@s.whatsapp.net", played.time.time()
    host.says(InboundText(send.device, sender, send.phone, "stop", at, message_id=send.phone))


def test_whoever_opts_out_meanwhile_has_it_taken_back_all_the_same(played: Stage) -> None:
    settings = ordered(played)
    stopped = list[str]()

    def stops(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send) and command.phone not in stopped:
            stopped.append(command.phone)
            says_stop(played, host, command)
            host.answers(command, NotSent("revoked: the recipient opted out, or has it already"))
        else:
            played.obey(host, command)

    played.acts = stops
    assert played.finish(settings).exit_code is ExitCode.OK
    assert set(states(played, settings)) == {State.SENT}
    assert len(played.left) == 6
    assert not [each for host in played.hosts for each in host.heard if isinstance(each, Revoke)
                and each.phones]  # fmt: skip


def test_whoever_opts_out_meanwhile_keeps_the_old_text(played: Stage) -> None:
    settings = ordered(played, ErrandKind.AMEND)

    def stops(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            says_stop(played, host, command)
            host.answers(command, NotSent("the recipient wrote first"))
        else:
            played.obey(host, command)

    played.acts = stops
    played.finish(settings)
    assert set(states(played, settings)) == {State.SUPPRESSED}
    assert played.left == {}


def test_what_grows_too_old_meanwhile_is_left_alone_and_counts_as_failed(played: Stage) -> None:
    settings = ordered(played)
    played.time.wait(LIMITS[RECALL] + 1.0)
    assert played.finish(settings).exit_code is ExitCode.SOME_FAILED
    assert set(states(played, settings)) == {State.EXPIRED}
    assert played.sends() == []


def test_a_device_that_is_out_leaves_its_own_to_no_other(played: Stage) -> None:
    settings = ordered(played)

    def one_is_out(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send) and command.device == ONE:
            out = Quarantine.LOGGED_OUT
            host.answers(command, NotSent("logged out", quarantine=out))
            host.says(Offline(ONE, "logged out", out))
        else:
            played.obey(host, command)

    played.acts = one_is_out
    events = played.play(settings)
    assert any(isinstance(each, DeviceQuarantined) for each in events)
    assert {
        each.device for each in events if isinstance(each, Settled) and each.state is State.SENT
    } == {TWO}
    assert set(states(played, settings)) == {State.SENT, State.PENDING}


def test_a_recall_keeps_the_devices_pace(played: Stage) -> None:
    settings = ordered(played)
    began = played.time.time()
    paced = RunSettings(settings.campaign, limits=Limits(gap=10.0), max_wait=900.0)
    assert played.finish(paced).exit_code is ExitCode.OK
    assert played.time.time() - began >= 20.0


def test_what_may_never_have_arrived_is_taken_back_and_begins_no_chat(bare: Stage) -> None:
    def in_doubt(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            bare.leaves(command)
            host.answers(command, Unknown("cut"))
        else:
            bare.obey(host, command)

    bare.acts = in_doubt
    bare.finish()
    assert set(bare.states().values()) == {State.UNCERTAIN}
    begun = bare.ledger.chats.begun_times(0.0)
    bare.acts = None
    settings = ordered(bare)
    assert bare.finish(settings).exit_code is ExitCode.OK
    assert states(bare, settings) == [State.SENT]
    assert bare.ledger.chats.begun_times(0.0) == begun
