"""A sandbox, and devices of a real host on it."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.conformance.endings import ENDINGS
from tests.conformance.player import Player
from tests.contract.host_process import Home
from tests.contract.sandbox import sandbox
from waheal.store import session_writer

_TOLD = "told"


@pytest.fixture(scope="package")
def players(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Player]]:
    """A device that lives through everything, and one for each stanza that ends it."""
    folder = tmp_path_factory.mktemp("conformance")
    with sandbox(folder / "state") as server:
        home = Home(folder, server)
        try:
            sessions = home.pair(_TOLD)
            made = server.control.devices.provision(len(ENDINGS))
            session_writer.provision(home.sessions, made)
            ended = zip((ending.name for ending in ENDINGS), made, strict=True)
            sessions |= {label: device.jid for label, device in ended}
            host, numbers = home.sender(), count(1)
            yield {
                label: Player(host, server.control, label, jid, numbers)
                for label, jid in sessions.items()
            }
        finally:
            home.close()


@pytest.fixture
def player(players: dict[str, Player]) -> Player:
    return players[_TOLD]
