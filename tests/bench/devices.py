"""Thousands of sessions: taken over, listed, examined, connected."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.bench.figures import Baseline, Figure, at_most
from tests.bench.measure import Spent, middle, waheal
from tests.kit.rig import Server
from waheal.engine.collect import probe
from waheal.store import session_writer
from waheal.store.home import Home
from waheal.store.sessions import Sessions
from waheal.wire import HostSettings

_SESSIONS = 3000
_CONNECTED = 1000
_TIMES = 3
_JUDGED = frozenset({0, 1, 2})  # this machine's limits may be too low; that is doctor's to say


def devices(place: Path, scale: float) -> Iterator[Figure]:
    """Import, list and examine 3,000 sessions; connect 1,000."""
    many, some = max(30, round(_SESSIONS * scale)), max(10, round(_CONNECTED * scale))
    server = Server(place / "server")
    try:
        trust = str(server.trust_file)
        yield from _offline(place, made(place / "elsewhere", server, many), many, trust)
        yield from _connected(place, made(place / "some", server, some), some, trust)
    finally:
        server.stop()


def made(root: Path, server: Server, count: int) -> Path:
    """Make a neonize database with so many sessions, outside of any home in use."""
    home = Home.open(root, create=True)
    probe(home, HostSettings(trust=server.trust))
    session_writer.provision(home.sessions_path, server.control.devices.provision(count))
    with closing(Sessions(home.sessions_path)) as sessions:
        assert len(sessions.devices()) == count
    return home.sessions_path


def _command(
    name: str, limit: float, *words: str, codes: frozenset[int] = frozenset({0})
) -> tuple[Spent, Figure]:
    """Run a command three times, and one that does nothing beside it."""
    rounds = [(waheal(*words, codes=codes), waheal("--help")) for _ in range(_TIMES)]
    spent = middle([pair[0] for pair in rounds])
    nothing = middle([pair[1] for pair in rounds])
    baseline = Baseline("waheal --help", nothing.seconds)
    return spent, Figure(name, spent.seconds, "s", baseline, at_most(limit), spent.processor)


def _offline(place: Path, database: Path, count: int, trust: str) -> Iterator[Figure]:
    at = ["--home", str(place / "home"), "--json", "--trust", trust]
    imported = waheal("devices", "import", str(database), *at)
    assert len(json.loads(imported.text)["imported"]) == count
    yield _spent(f"devices import, {count:,}", imported, 10)
    listed, figure = _command(f"devices list --json, {count:,}", 1, "devices", "list", *at)
    assert len(json.loads(listed.text)["devices"]) == count
    yield figure
    plain = [word for word in at if word != "--json"]
    yield _command(f"devices list, {count:,}", 1, "devices", "list", *plain)[1]
    yield _command(f"doctor offline, {count:,}", 3, "doctor", *at, codes=_JUDGED)[1]


def _spent(name: str, spent: Spent, limit: float) -> Figure:
    return Figure(name, spent.seconds, "s", None, at_most(limit), spent.processor)


def _connected(place: Path, database: Path, count: int, trust: str) -> Iterator[Figure]:
    at = ["--home", str(place / "home-some"), "--json", "--trust", trust]
    waheal("devices", "import", str(database), *at)
    connected = waheal("doctor", "--connect", *at, codes=_JUDGED)
    checks = json.loads(connected.text)["checks"]
    online = sum(
        1 for check in checks if check["id"].startswith("connect.") and check["status"] == "ok"
    )
    yield _spent(f"doctor --connect, {count:,}", connected, 60)
    yield Figure("of them did not answer", count - online, "", None, at_most(0))
