"""What a recipient wrote is heeded, however the process ends that has heard it."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.kill.scene import Scene, scene, until
from tests.kit.rig import PATIENCE
from waheal.model import ExitCode

pytestmark = pytest.mark.real


def heard(made: Scene, word: str) -> int:
    """How many such texts have reached the coordinator: WhatsApp tells them no more then."""
    file = made.home.unwritten_path
    return file.read_text().count(f'"{word}"') if file.exists() else 0


def test_an_opt_out_that_a_killed_sync_had_heard_is_heeded_by_the_next_command(
    tmp_path: Path,
) -> None:
    with scene(tmp_path, devices=1, recipients=2) as made:
        anna, bert = made.recipients
        assert made.send("--limit", "1").wait() == ExitCode.LEFT_OVER
        (message,) = made.control.phones.received()
        sync = made.sync(PATIENCE)
        made.control.devices.wait_connected(message.device)
        # Whoever holds the ledger keeps the sync from writing what it hears.
        with closing(sqlite3.connect(made.home.ledger_path, isolation_level=None)) as ledger:
            ledger.execute("BEGIN IMMEDIATE")
            for each in (anna, bert):
                made.control.phones.reply(each, message.device, "STOP")
            until(lambda: heard(made, "STOP") == 2, PATIENCE, "it does not hear both")
            sync.kill(signal.SIGKILL)
            sync.wait()
            made.wait_alone(PATIENCE)
            ledger.execute("ROLLBACK")
        with made.ledger() as found:
            assert not found.people.is_suppressed(anna)
        made.send().wait()
        with made.ledger() as found:
            assert found.people.is_suppressed(anna)
            assert found.people.is_suppressed(bert)
        assert list(made.received()) == [message.phone]
        assert made.tally().replied == 1
