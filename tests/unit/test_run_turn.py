"""A turn of a run: what is durable before a message leaves, and what other processes say."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.kit.ledgers import NOW, on_both, open_ledger
from tests.kit.stage import CAMPAIGN, ONE, FakeHost, Stage
from waheal.engine.settings import RunSettings
from waheal.events import Note
from waheal.model import Accepted, ExitCode, Phone, State
from waheal.policy.windows import parse_window
from waheal.store.claim_journal import ClaimJournal
from waheal.store.ledger import Ledger
from waheal.wire import Command, Revoke, Send

pytestmark = on_both


@pytest.fixture
def made(database: None, made: Stage) -> Stage:  # noqa: ARG001 - which is chosen first
    made.add(ONE)
    return made


def slowly(made: Stage, elsewhere: Callable[[Ledger], None]) -> None:
    """Let each message take five seconds; with the first, let another process write the ledger."""

    def act(host: FakeHost, command: Command) -> None:
        if not isinstance(command, Send):
            made.obey(host, command)
            return
        made.time.after(5.0, lambda: host.answers(command, Accepted(made.leaves(command))))
        if len(made.sends()) == 1:
            with open_ledger(made.home) as other:
                elsewhere(other)

    made.acts = act


def revoked(made: Stage) -> list[Revoke]:
    return [each for host in made.hosts for each in host.heard if isinstance(each, Revoke)]


def test_a_claim_is_committed_and_in_the_journal_before_it_is_sent(made: Stage) -> None:
    made.people(1)
    seen: list[tuple[set[State], int]] = []

    def act(host: FakeHost, command: Command) -> None:
        if isinstance(command, Send):
            with open_ledger(made.home, readonly=True) as other:
                states = {row.state for row in other.recipients.rows(made.campaign)}
            seen.append((states, ClaimJournal(made.home.journal_path).count()))
        made.obey(host, command)

    made.acts = act
    made.play()
    assert seen == [({State.SENDING}, 1)]


def test_an_opt_out_from_elsewhere_reaches_what_is_on_its_way(made: Stage) -> None:
    people = made.people(2)
    slowly(made, lambda other: _suppress(other, people[1]))
    made.play()
    assert [each.phones for each in revoked(made)] == [{people[1]}]


def test_a_pause_from_elsewhere_reaches_what_is_on_its_way(made: Stage) -> None:
    made.people(2)
    slowly(made, lambda other: other.devices.pause(ONE))
    made.play()
    assert [each.devices for each in revoked(made)] == [{ONE}]


def test_a_stop_from_elsewhere_ends_it_once_what_is_on_its_way_has_ended(made: Stage) -> None:
    people = made.people(12)
    slowly(made, lambda other: other.campaigns.ask_to_stop(made.campaign))
    finished = made.finish()
    assert finished.exit_code is ExitCode.INTERRUPTED
    assert 0 < len(made.left) < len(people)
    assert State.SENDING not in made.states().values()


def test_a_stop_of_before_or_of_another_campaign_ends_nothing(made: Stage) -> None:
    made.people(3)
    made.ledger.campaigns.ask_to_stop(made.campaign)
    slowly(made, lambda other: other.campaigns.ask_to_stop(made.campaign + 1))
    assert made.finish().exit_code is ExitCode.OK


def test_who_opted_out_elsewhere_is_set_aside_in_the_file_and_told(made: Stage) -> None:
    people = made.people(3)
    slowly(made, lambda other: _suppress(other, people[2]))
    told = [each.text for each in made.play() if isinstance(each, Note)]
    assert told == ["1 pending recipients were suppressed meanwhile"]
    assert made.states()[people[2]] is State.SUPPRESSED


def test_whom_a_window_put_off_the_next_run_considers_at_once(made: Stage) -> None:
    people = made.people(1)
    settings = RunSettings(CAMPAIGN)
    made.play(replace(settings, window=parse_window("09:00-10:00")))
    assert made.states() == {people[0]: State.PENDING}
    made.play(settings)
    assert made.states() == {people[0]: State.SENT}


def _suppress(ledger: Ledger, phone: Phone) -> None:
    ledger.people.suppress(phone, NOW, source="operator")
