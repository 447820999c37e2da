"""What every test of a host process needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.host_process import Home
from tests.contract.sandbox import sandbox


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with sandbox(tmp_path / "state") as server:
        made = Home(tmp_path, server)
        try:
            yield made
        finally:
            made.close()
