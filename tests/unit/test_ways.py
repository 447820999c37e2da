"""How often a run waits for a shared ledger's server: few times a turn, whatever the turn holds."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from tests.kit.ledgers import server_of
from tests.kit.stage import CAMPAIGN, Stage, phone
from waheal.engine.settings import RunSettings
from waheal.model import Content, DeviceId, Planned

if TYPE_CHECKING:
    from waheal.store.postgres import Statement

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("in_postgres")]

PEOPLE, DEVICES = 300, 20
BEGINNING = 4  # turns in which each device is looked at for the first time
MOST = 14
"""In a turn; one by one, a person cost two or three."""


@pytest.fixture
def made(in_postgres: None, made: Stage) -> Stage:  # noqa: ARG001 - it says where the ledger lies
    made.add(*(DeviceId(f"d{number}") for number in range(DEVICES)))
    made.people(PEOPLE)
    return made


def ways(made: Stage, campaign: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Send a campaign, and tell how often each turn after the first ones has asked the server."""
    asked: Counter[int] = Counter()
    server, first = server_of(made.ledger), made.turns
    send = server.send

    def counting(*statements: "Statement") -> Sequence[object]:
        asked[made.turns - first] += 1
        return send(*statements)

    with monkeypatch.context() as patch:
        patch.setattr(server, "send", counting)
        made.finish(RunSettings(campaign))
    last = max(asked)
    return [count for turn, count in asked.items() if BEGINNING < turn < last]


def test_a_turn_asks_of_all_people_together(made: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ways(made, CAMPAIGN, monkeypatch)
    again = made.ledger.campaigns.open("again", "/again.csv", made.time.time())
    rows = [Planned(n + 2, phone(n), Content(f"again {n}")) for n in range(PEOPLE)]
    made.ledger.enrolment.enroll(again.id, rows, now=made.time.time(), digest=None)
    repeats = ways(made, "again", monkeypatch)
    assert made.left == {phone(n): 2 for n in range(PEOPLE)}
    for each in (first, repeats):
        assert len(each) < PEOPLE / 10, "too few people a turn to tell anything"
        assert max(each) <= MOST, each
