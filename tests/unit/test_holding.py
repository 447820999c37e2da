"""A home that is held: what a killed run left is settled first, and nobody kept out for nothing."""

from collections.abc import Iterator

import pytest

from tests.kit.ledgers import ANNA, NOW, ONE, claim_one, jid_of, row, start, states
from waheal.acts.holding import held, settle_unless_held
from waheal.acts.workspace import Workspace
from waheal.errors import HomeBusyError
from waheal.model import State
from waheal.records import Campaign
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    with Ledger.open(home) as opened:
        opened.devices.add(ONE, jid_of(ONE), None, NOW)
        yield opened


@pytest.fixture
def campaign(ledger: Ledger) -> Campaign:
    """A campaign that a run was killed over, with Anna's message in flight."""
    campaign = start(ledger, row(2, ANNA))
    claim_one(ledger, campaign)
    return campaign


def test_who_holds_it_finds_the_past_settled(
    home: Home, ledger: Ledger, campaign: Campaign
) -> None:
    with held(Workspace(home.root), "waheal resolve c") as at:
        assert states(at.ledger, campaign) == {ANNA: State.UNCERTAIN}
        with pytest.raises(HomeBusyError, match="waheal resolve c"):
            HomeLock.acquire(home, what="waheal send c")
    assert states(ledger, campaign) == {ANNA: State.UNCERTAIN}


def test_beside_a_living_run_nothing_is_judged(
    home: Home, ledger: Ledger, campaign: Campaign
) -> None:
    with HomeLock.acquire(home, what="waheal send c"):
        settle_unless_held(home, ledger, "waheal devices pair")
        assert states(ledger, campaign) == {ANNA: State.SENDING}
    settle_unless_held(home, ledger, "waheal devices pair")
    assert states(ledger, campaign) == {ANNA: State.UNCERTAIN}


def test_with_nothing_in_flight_nobody_is_kept_out(
    home: Home, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HomeLock, "acquire", lambda *_, **__: pytest.fail("it took the lock"))
    settle_unless_held(home, ledger, "waheal devices pair")
