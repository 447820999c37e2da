"""Whatever is killed whenever: nobody is written to twice, nobody is lost, the ledger is right."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill.harness import kill_run, summary
from tests.kill.restores import restore_run
from tests.kit.rig import Server
from waheal.model import MessageKind

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


@pytest.mark.parametrize("kind", [each for each in MessageKind if each is not MessageKind.TEXT])
def test_a_campaign_of_each_kind_survives_its_kills(tmp_path: Path, kind: MessageKind) -> None:
    server = Server(tmp_path / "server")
    try:
        account = kill_run(tmp_path, server, seed=14, kind=kind)
    finally:
        server.stop()
    sys.stdout.write("\n".join(account.lines()) + "\n")
    assert not account.wrong
    assert account.kills


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
