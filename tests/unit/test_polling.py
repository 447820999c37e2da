"""Votes as `status` counts them, in the ledger: the same as the report's, which reads each row."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.kit.ledgers import NOW, open_home, start
from waheal.model import Content, Location, Phone, Planned, Poll
from waheal.reckoning.polling import MOST_OPTIONS, OTHERS, PollCount
from waheal.reckoning.summing import sum_up
from waheal.store.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(open_home(tmp_path)) as opened:
        yield opened


def counted(ledger: Ledger, campaign: int) -> PollCount:
    count = PollCount()
    for poll, chosen, people in ledger.votes.counts(campaign):
        count.take(poll.options, chosen, people)
    return count


def asked(number: int, body: Poll | Location | None) -> Planned:
    return Planned(number, Phone(f"+1503555{number:04d}"), Content("When?", body))


@pytest.mark.parametrize("names", [3, 40, 3 * MOST_OPTIONS])
def test_the_ledger_counts_as_the_report_does(ledger: Ledger, names: int) -> None:
    chance = Random(names)  # noqa: S311 - the same polls each time
    options = [f"option {n}" for n in range(names)]
    polls = [Poll(tuple(chance.sample(options, 2 + n % 2)), 0) for n in range(names)]
    rows = [asked(n, chance.choice(polls)) for n in range(2, 400)]
    campaign = start(ledger, *rows, asked(400, None), asked(401, Location(1.0, 2.0)))
    for due in ledger.work.due(campaign.id, None, NOW, 500):
        if isinstance(due.content.body, Poll) and chance.random() < 0.7:
            offered = due.content.body.options
            chosen = [each for each in offered if chance.random() < 0.4]
            ledger.votes.cast(due.delivery, chosen, NOW)
    report = sum_up("c", ledger.recipients.rows(campaign.id), now=NOW)
    found = counted(ledger, campaign.id)
    assert (found.votes, found.voters) == (report.votes, report.voters)
    assert found.voters > 0
    assert (OTHERS in dict(found.votes)) == (names > MOST_OPTIONS)


def test_a_campaign_without_a_poll_has_no_votes(ledger: Ledger) -> None:
    campaign = start(ledger, asked(2, None), asked(3, Location(1.0, 2.0)))
    assert counted(ledger, campaign.id) == PollCount()


def test_options_that_nobody_chose_are_told_with_nothing(ledger: Ledger) -> None:
    campaign = start(ledger, asked(2, Poll(("Yes", "No"))))
    found = counted(ledger, campaign.id)
    assert (found.votes, found.voters) == ((("Yes", 0), ("No", 0)), 0)
