"""A world for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.worlds import Device, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def device(stage: Stage) -> Device:
    return Device(stage)
