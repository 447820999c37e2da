"""A handful of the disasters; `python -m tests.kill --disasters` tries all of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kill.disasters.catalogue import ALL
from tests.kill.disasters.trial import trial

pytestmark = pytest.mark.real

PATIENCE = 600.0


@pytest.mark.parametrize("name", ["ledger-replaced", "descriptors-at-a-death", "terminal-gone"])
def test_a_campaign_survives_a_disaster(tmp_path: Path, name: str) -> None:
    outcome = trial(ALL[name], tmp_path, 0)
    assert not outcome.wrong, "\n".join(outcome.lines())


def test_a_campaign_survives_a_session_database_without_room() -> None:
    # A process of its own, which gets mounts of its own; where it can't, it says so.
    command = [sys.executable, "-m", "tests.kill", "--disasters", "sessions-wal-full"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
