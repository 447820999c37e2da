"""A PostgreSQL that keeps what it commits, a sandbox, and two machines that share a ledger."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.support import served
from tests.kit.machines import Machines
from tests.kit.postgres import Server


@pytest.fixture
def server() -> Iterator[Server]:
    """Give a server of the test's own, which it may stop and start."""
    # Not below pytest's own folder: it is for one user, and the server is another's.
    with tempfile.TemporaryDirectory(prefix="waheal-pg-") as folder:
        server = Server(Path(folder), durable=True)
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def machines(tmp_path: Path, server: Server) -> Iterator[Machines]:
    """Let paris and lyon share a ledger; each has two devices."""
    with served(tmp_path) as trust:
        machines = Machines(tmp_path, server.url, trust)
        machines.home("paris").mkdir(mode=0o700)
        made = machines.run("paris", "cluster", "init")
        assert made.code == 0, made.err
        machines.join("paris")
        machines.join("lyon")
        try:
            yield machines
        finally:
            for worker in machines.workers:
                worker.close()
