"""Whatever is killed whenever: nobody is written to twice, nobody is lost, the ledger is right."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill.harness import kill_run, summary
from tests.kill.restores import restore_run
from tests.kit.rig import Server

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server"))
    yield made
    made.stop()


@pytest.mark.parametrize("seed", range(10))
def test_a_campaign_survives_its_kills(tmp_path: Path, server: Server, seed: int) -> None:
    account = kill_run(tmp_path, server, seed)
    sys.stdout.write("\n".join(account.lines()) + "\n")
    assert not account.wrong


@pytest.mark.parametrize("seed", range(5))
def test_a_campaign_survives_a_kill_and_a_restore(
    tmp_path: Path, server: Server, seed: int
) -> None:
    account = restore_run(tmp_path, server, seed)
    sys.stdout.write("\n".join(account.lines()) + "\n")
    assert not account.wrong


@pytest.mark.soak
def test_200_campaigns_survive_their_kills(tmp_path: Path, server: Server) -> None:
    accounts = [kill_run(tmp_path / str(seed), server, seed) for seed in range(1000, 1200)]
    sys.stdout.write("\n".join(summary(accounts)) + "\n")
    assert not [wrong for account in accounts for wrong in account.wrong]
