"""A poll over hundreds of people who change their minds: the report counts what they chose last."""

from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from tests.kit.rig import CAMPAIGN, Rig, phones, rig
from waheal.acts.status import status
from waheal.acts.workspace import Workspace
from waheal.engine.collect import Collect
from waheal.events import Replied
from waheal.model import Content, Phone, Planned, Poll
from waheal.policy.optout import Words
from waheal.reckoning.summing import sum_up
from waheal.records import Recipient
from waheal.wire import HostSettings

pytestmark = pytest.mark.real

PEOPLE, DEVICES, ROUNDS = 300, 4, 2
OPTIONS = ("Today", "Tomorrow", "Next week", "Not at all")


def _enroll(made: Rig) -> list[Phone]:
    people = phones(PEOPLE)
    made.enroll_rows(
        [
            Planned(row, phone, Content(f"When, {row}?", Poll(OPTIONS, 0)))
            for row, phone in enumerate(people, start=2)
        ]
    )
    return people


def _vote(made: Rig, chance: Random) -> dict[str, tuple[str, ...]]:
    """Let each phone vote, and change its mind; what it holds in the end."""
    held = {}
    for received in made.control.phones.received():
        for _ in range(ROUNDS):
            chosen = chance.sample(OPTIONS, chance.randint(0, len(OPTIONS)))
            made.control.phones.vote(received.phone, received.message_id, *chosen)
            held[received.phone] = tuple(each for each in OPTIONS if each in chosen)
    return held


def _collect(made: Rig, votes: int) -> None:
    """Listen until so many votes have been heard."""
    settings = HostSettings(made.server.trust)
    listening = Collect(made.home, made.lock, made.ledger, settings, words=Words())
    devices = made.ledger.devices.all(made.clock())
    with closing(listening.events(devices, 300.0)) as events:
        for event in events:
            votes -= isinstance(event, Replied)
            if votes == 0:
                listening.stop()
    assert votes == 0


def _rows(made: Rig) -> list[Recipient]:
    campaign = made.ledger.campaigns.find(CAMPAIGN)
    assert campaign is not None
    return list(made.ledger.recipients.rows(campaign.id))


def test_the_reports_counts_are_the_phones_own(tmp_path: Path) -> None:
    with rig(tmp_path, devices=DEVICES) as made:
        people = _enroll(made)
        made.send()
        held = _vote(made, Random(14))  # noqa: S311 - the same votes each time
        assert set(held) == set(people)
        _collect(made, PEOPLE * ROUNDS)
        rows = _rows(made)
    assert {row.phone: row.vote for row in rows} == held
    counted = Counter(option for chosen in held.values() for option in chosen)
    standing = status(Workspace(made.home.root), CAMPAIGN)
    report = sum_up(CAMPAIGN, rows, now=0.0)
    assert (standing.poll.votes, standing.poll.voters) == (report.votes, report.voters)
    assert dict(report.votes) == {option: counted[option] for option in OPTIONS}
    assert report.voters == sum(bool(chosen) for chosen in held.values())
