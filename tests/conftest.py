"""What holds for the tests of every tier."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.kit import postgres
from tests.kit.cluster import Cluster
from tests.kit.examples import tries

# A machine that is busy takes its time, over an example as over making it; neither is a failure.
settings.register_profile(
    "busy",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=tries(100),
)
settings.load_profile("busy")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give an empty database of PostgreSQL's."""
    # Not below pytest's own folder: it is for one user, and the server is another's.
    with (
        tempfile.TemporaryDirectory(prefix="waheal-pg-") as folder,
        postgres.database(Path(folder)) as url,
    ):
        yield url


@pytest.fixture
def in_postgres(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `open_ledger` lay ledgers in PostgreSQL, each home's in a schema of its own."""
    monkeypatch.setenv(postgres.LEDGERS, postgres_url)


@pytest.fixture
def cluster(tmp_path: Path, postgres_url: str) -> Iterator[Cluster]:
    """Let homes share a ledger."""
    with ExitStack() as opened:
        yield Cluster(tmp_path, postgres_url, opened)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.cluster)])
def database(request: pytest.FixtureRequest) -> None:
    """Run the test on either database: its ledgers are opened with `open_ledger`."""
    if request.param == "postgresql":
        request.getfixturevalue("in_postgres")
