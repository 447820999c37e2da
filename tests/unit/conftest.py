"""What unit tests stand on: a home and its ledger; for the engine's, a stage without devices."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.cluster import Cluster
from tests.kit.ledgers import NOW, ONE, TWO, jid_of, open_home, open_ledger
from tests.kit.stage import Stage, stage
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.sessions import Sessions


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    """Whoever needs devices in it has a fixture of the same name that adds them."""
    with open_ledger(home) as opened:
        yield opened


@pytest.fixture
def paris(cluster: Cluster) -> Ledger:
    ledger = cluster.join("paris")
    ledger.devices.add(ONE, jid_of(ONE), None, NOW)
    return ledger


@pytest.fixture
def lyon(cluster: Cluster, paris: Ledger) -> Ledger:
    """Join beside paris: both have a device of their own."""
    assert paris.machines.mine == 1
    ledger = cluster.join("lyon")
    ledger.devices.add(TWO, jid_of(TWO), None, NOW)
    return ledger


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Stage]:
    """Whoever needs devices or people on it has a fixture of the same name that adds them."""
    with stage(tmp_path) as made:
        yield made


@pytest.fixture
def sessions(made: Stage) -> Iterator[Sessions]:
    with closing(Sessions(made.home.sessions_path)) as opened:
        yield opened
