"""Opt-outs, pauses and stops from elsewhere, in the moments in which they might be missed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import postgres
from tests.kit.ledgers import NOW, open_ledger
from tests.kit.proxy import Proxy
from tests.kit.stage import ONE, TWO, FakeHost, Stage, stage
from waheal.model import Accepted, ExitCode, Phone, State
from waheal.store.claim_journal import ClaimJournal
from waheal.store.ledger import Ledger
from waheal.wire import Command, Revoke, Send


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[Proxy]:
    with Proxy(postgres_url) as made:
        yield made


def slowly(made: Stage) -> None:
    """Let each message take five seconds."""

    def act(host: FakeHost, command: Command) -> None:
        if not isinstance(command, Send):
            made.obey(host, command)
            return
        made.time.after(5.0, lambda: host.answers(command, Accepted(made.leaves(command))))

    made.acts = act


def hear_a_stop(ledger: Ledger, phone: Phone) -> None:
    """Write what another machine's run writes of it."""
    with ledger.turn():
        ledger.people.suppress(phone, NOW, source="reply")
        ledger.people.suppress_pending([phone], NOW)


def revoked(made: Stage) -> list[Revoke]:
    return [each for host in made.hosts for each in host.heard if isinstance(each, Revoke)]


@pytest.mark.usefixtures("database")
def test_who_opts_out_between_a_claim_and_its_dispatch_is_withheld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage(tmp_path) as made, open_ledger(made.home) as other:
        made.add(ONE)
        people = made.people(2)
        slowly(made)
        append, stopped = ClaimJournal.append, list[Phone]()

        def after_the_commit(journal: ClaimJournal, witnesses: Iterator[bytes]) -> None:
            if not stopped:
                assert State.SENDING in made.states().values()
                assert made.sends() == []
                stopped.append(people[0])
                hear_a_stop(other, people[0])
            append(journal, witnesses)

        monkeypatch.setattr(ClaimJournal, "append", after_the_commit)
        made.play()
        assert people[0] in {phone for each in revoked(made) for phone in each.phones}


def write(by: Ledger, what: str, campaign: int, phone: Phone) -> None:
    match what:
        case "opt-out":
            hear_a_stop(by, phone)
        case "pause":
            by.devices.pause(ONE)
        case _:
            by.campaigns.ask_to_stop(campaign)


@pytest.mark.cluster
@pytest.mark.parametrize("what", ["opt-out", "pause", "stop"])
def test_what_is_told_while_the_link_is_cut_is_looked_up_once_it_is_back(
    tmp_path: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, postgres_url: str, what: str
) -> None:
    monkeypatch.setenv(postgres.LEDGERS, proxy.url)
    with stage(tmp_path) as made:
        monkeypatch.setenv(postgres.LEDGERS, postgres_url)
        made.add(ONE, TWO)
        people, campaign = made.people(20), made.campaign
        cut = list[int]()
        with open_ledger(made.home) as other:

            def act(host: FakeHost, command: Command) -> None:
                if not isinstance(command, Send):
                    made.obey(host, command)
                    return
                made.time.after(5.0, lambda: host.answers(command, accepted(made, command)))
                if not cut:
                    cut.append(proxy.cut())
                    write(other, what, campaign, people[0])

            made.acts = act
            finished = made.finish()
        assert cut == [1]
        first = next(each for each in revoked(made) if each.everything)
        if what == "opt-out":
            assert people[0] in {phone for each in revoked(made) for phone in each.phones}
        elif what == "pause":
            later = made.hosts[0].heard[made.hosts[0].heard.index(first) :]
            assert {each.device for each in later if isinstance(each, Send)} == {TWO}
        else:
            assert finished.exit_code is ExitCode.INTERRUPTED
            assert State.PENDING in made.states().values()


def accepted(made: Stage, send: Send) -> Accepted:
    return Accepted(made.leaves(send))
