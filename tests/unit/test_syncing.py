"""A `sync` that is asked to end before it listens."""

from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from waheal.acts import sync as act
from waheal.acts.sync import Syncing, SyncOrder
from waheal.acts.workspace import open_home
from waheal.engine.collect import Collect
from waheal.events import Event
from waheal.model import ExitCode
from waheal.records import Device


class Idle(Collect):
    """Listens to nobody, and keeps whether it was stopped when it would have begun."""

    stopped: bool | None = None

    def events(
        self,
        devices: Sequence[Device],  # noqa: ARG002 - the real one's shape
        seconds: float,  # noqa: ARG002 - likewise
    ) -> Generator[Event, None, None]:
        Idle.stopped = self._stopped
        yield from ()


def test_a_request_that_comes_while_it_attaches_is_heeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(act, "Collect", Idle)
    syncing = Syncing(open_home(tmp_path / "home"), SyncOrder())
    syncing.stop()
    assert list(syncing) == []
    assert Idle.stopped
    assert syncing.exit_code is ExitCode.INTERRUPTED
