"""A campaign that is taken back, or amended, through drops and kills: each message once."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill.recalls import errand_run
from tests.kit.rig import Server
from waheal.model import ErrandKind

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server"))
    yield made
    made.stop()


@pytest.mark.parametrize("kind", list(ErrandKind))
@pytest.mark.parametrize("seed", range(2))
def test_an_errand_survives_its_kills(
    tmp_path: Path, server: Server, seed: int, kind: ErrandKind
) -> None:
    account = errand_run(tmp_path, server, seed, kind=kind)
    sys.stdout.write("\n".join(account.lines()) + "\n")
    assert not account.wrong


@pytest.mark.soak
@pytest.mark.parametrize("kind", list(ErrandKind))
def test_an_errand_of_1000_messages_over_50_devices_survives_its_kills(
    tmp_path: Path, server: Server, kind: ErrandKind
) -> None:
    account = errand_run(tmp_path, server, 7, kind=kind, messages=1_000, devices=50, too_old=30)
    sys.stdout.write("\n".join(account.lines()) + "\n")
    assert not account.wrong
