"""A PostgreSQL that keeps what it commits, a sandbox, and machines that share a ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from tests.cli.support import served
from tests.kit.machines import Machines
from tests.kit.postgres import Server, durable_server


@pytest.fixture(scope="session")
def durable() -> Iterator[Server]:
    """Give the server that these tests share; none of them stops it."""
    with durable_server() as server:
        yield server


@pytest.fixture
def url(durable: Server) -> str:
    """Give an empty database."""
    name = f"waheal_{uuid4().hex[:12]}"
    import psycopg  # noqa: PLC0415 - of an extra

    with psycopg.connect(durable.url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    return durable.url.replace("/postgres?", f"/{name}?")


@pytest.fixture
def server() -> Iterator[Server]:
    """Give a server of the test's own, which it may stop and start."""
    with durable_server() as server:
        yield server


@pytest.fixture
def alone(tmp_path: Path, url: str) -> Machines:
    """Give the place for machines, and paris's home; there is no ledger and no WhatsApp yet."""
    machines = Machines(tmp_path, url, None)
    machines.home("paris").mkdir(mode=0o700)
    return machines


@pytest.fixture
def machines(tmp_path: Path, url: str) -> Iterator[Machines]:
    """Let paris and lyon share a ledger; each has two devices."""
    with joined(tmp_path, url, "paris", "lyon") as machines:
        yield machines


@pytest.fixture
def three_machines(tmp_path: Path, url: str) -> Iterator[Machines]:
    """Let a third one join them."""
    with joined(tmp_path, url, "paris", "lyon", "nice") as machines:
        yield machines


@pytest.fixture
def machines_apart(tmp_path: Path, server: Server) -> Iterator[Machines]:
    """Let them share one on the test's own server."""
    with joined(tmp_path, server.url, "paris", "lyon") as machines:
        yield machines


@contextmanager
def joined(folder: Path, url: str, *names: str) -> Iterator[Machines]:
    """Make the ledger, and let them join; their workers end with the block."""
    with served(folder) as trust:
        machines = Machines(folder, url, trust)
        machines.home(names[0]).mkdir(mode=0o700)
        made = machines.run(names[0], "cluster", "init")
        assert made.code == 0, made.err
        for name in names:
            machines.join(name)
        try:
            yield machines
        finally:
            for worker in machines.workers:
                worker.close()
