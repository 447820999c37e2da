"""Votes in polls: whose they are, the last one of each, and those that come before their poll."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    NOW,
    claim_one,
    on_both,
    open_home,
    open_ledger,
    send,
    start,
)
from waheal.engine.voting import Voting
from waheal.model import Ballot, Content, Phone, Planned, Poll
from waheal.records import Claim
from waheal.sandbox.codec import Jid
from waheal.sandbox.polls import vote_message
from waheal.sandbox.protobufs import Message
from waheal.store import votes
from waheal.store.ledger import Ledger
from waheal.store.votes import ASIDE_DAYS

pytestmark = on_both

OPTIONS = ("Today", "Tomorrow", "Never")
SENDER, VOTER = Jid("999", "lid"), Jid("777", "lid")
ID = "3EB0A1"
"""What the library called the message."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(open_ledger(open_home(tmp_path))) as opened:
        yield opened


def asked(ledger: Ledger, who: Phone = ANNA, name: str = "c") -> Claim:
    """Claim a poll; nobody knows yet whether it left."""
    poll = Planned(2, who, Content("When?", Poll(OPTIONS)))
    return claim_one(ledger, start(ledger, poll, name=name))


def vote(claim: Claim, *chosen: str, at: float = NOW, poll: str = ID) -> Ballot:
    """Seal a vote as a phone does."""
    written = vote_message(poll, claim.witness, SENDER, VOTER, chosen, at)
    update = Message.FromString(written).pollUpdateMessage
    return Ballot(update.vote.encPayload, update.vote.encIV, str(SENDER), (str(VOTER),), at)


def told(ledger: Ledger, campaign: int = 1) -> tuple[str, ...] | None:
    (row,) = ledger.recipients.rows(campaign)
    assert row.options == OPTIONS
    return row.vote


def aside(ledger: Ledger) -> bool:
    return ledger.votes.any_aside()


def test_a_vote_is_the_recipients_whom_the_poll_was_sent_to(ledger: Ledger) -> None:
    claim = asked(ledger)
    send(ledger, claim, ID)
    assert told(ledger) is None
    Voting(ledger.votes).heard(ID, vote(claim, "Never", "Today"), NOW)
    assert told(ledger) == ("Today", "Never")
    assert not aside(ledger)


def test_the_last_vote_counts_whatever_order_they_come_in(ledger: Ledger) -> None:
    claim = asked(ledger)
    send(ledger, claim, ID)
    voting = Voting(ledger.votes)
    for at, chosen in ((3.0, "Never"), (1.0, "Today"), (4.0, "Tomorrow"), (2.0, "Today")):
        voting.heard(ID, vote(claim, chosen, at=NOW + at), NOW)
    assert told(ledger) == ("Tomorrow",)
    voting.heard(ID, vote(claim, at=NOW + 5.0), NOW)
    assert told(ledger) == ()


def test_a_vote_that_comes_before_the_answer_waits_for_it_over_runs(ledger: Ledger) -> None:
    claim = asked(ledger)
    Voting(ledger.votes).heard(ID, vote(claim, "Today"), NOW)
    assert aside(ledger)
    later = Voting(ledger.votes)
    later.named()
    assert aside(ledger)
    send(ledger, claim, ID)
    later.named()
    assert (told(ledger), aside(ledger)) == (("Today",), False)


def test_two_accounts_may_have_called_their_polls_alike(ledger: Ledger) -> None:
    first, second = asked(ledger), asked(ledger, BERT, "d")
    send(ledger, first, ID)
    send(ledger, second, ID)
    Voting(ledger.votes).heard(ID, vote(second, "Never"), NOW)
    assert (told(ledger), told(ledger, 2)) == (None, ("Never",))


def test_a_forged_vote_counts_for_nobody(ledger: Ledger) -> None:
    claim = asked(ledger)
    send(ledger, claim, ID)
    forged = vote(claim, "Today", poll="3EB0B2")
    Voting(ledger.votes).heard(ID, forged, NOW)
    assert (told(ledger), aside(ledger)) == (None, False)


def test_votes_in_polls_of_others_are_kept_within_bounds(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(votes, "MOST_ASIDE", 3)
    claim, voting = asked(ledger), Voting(ledger.votes)
    for number in range(9):
        voting.heard(f"OTHER-{number}", vote(claim, "Today"), NOW)
    send(ledger, claim, "OTHER-8")
    voting.named()
    assert aside(ledger)
    voting.heard("LATE", vote(claim, "Today"), NOW + ASIDE_DAYS * 86_400.0 + 1.0)
    with closing(ledger.recipients.rows(1)) as rows:
        assert next(rows).vote is None  # it was sealed for another id


def test_who_is_forgotten_has_no_vote_left(ledger: Ledger) -> None:
    claim = asked(ledger)
    send(ledger, claim, ID)
    voting = Voting(ledger.votes)
    voting.heard(ID, vote(claim, "Today"), NOW)
    mine = Ballot(b"", b"", str(SENDER), (f"{ANNA[1:]}@s.whatsapp.net",), NOW)
    other = Ballot(b"", b"", str(SENDER), (f"{BERT[1:]}@s.whatsapp.net",), NOW)
    voting.heard("OTHER-1", mine, NOW)
    ledger.people.forget(ANNA, NOW)
    (row,) = ledger.recipients.rows(1)
    assert (row.options, row.vote) == ((), None)
    assert not aside(ledger)
    voting.heard("OTHER-2", other, NOW)
    ledger.people.forget(ANNA, NOW)
    assert aside(ledger)
