"""What every test of a host process needs."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
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


@pytest.fixture(scope="session")
def lines() -> Mapping[str, str]:
    """What a process that loads the library told, a line a name: see `translate_child`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract.translate_child"],
        env={**os.environ, "GOMAXPROCS": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return dict(line.split(": ", 1) for line in done.stdout.splitlines())
