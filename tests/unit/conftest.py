"""What unit tests of the engine stand on: a stage without devices, and its session database."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.stage import Stage, stage
from waheal.store.sessions import Sessions


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Stage]:
    """Whoever needs devices or people on it has a fixture of the same name that adds them."""
    with stage(tmp_path) as made:
        yield made


@pytest.fixture
def sessions(made: Stage) -> Iterator[Sessions]:
    with closing(Sessions(made.home.sessions_path)) as opened:
        yield opened
