"""A shared ledger that was put back to an earlier state: nobody is claimed before all have told."""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.kit import postgres
from tests.kit.cluster import Cluster
from tests.kit.ledgers import NOW, ONE, TWO, jid_of, row, server_of, start, want
from tests.kit.numbers import recipients as numbers
from waheal.engine.past import learn_the_past, settle_killed_runs
from waheal.model import DeviceId, Phone, State
from waheal.records import Campaign
from waheal.store.claim_journal import ClaimJournal
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.sessions import Sessions

pytestmark = pytest.mark.cluster

PEOPLE = numbers(6)
FEW = 2


class Machine:
    """A machine with one device, whose runs claim and send without a host."""

    def __init__(self, cluster: Cluster, name: str, device: DeviceId) -> None:
        self.cluster = cluster
        self.home: Home = cluster.home(name)
        self.device = device
        self.sent: list[Phone] = []
        with cluster.once(self.home, name) as ledger:
            ledger.devices.add(device, jid_of(device), None, NOW)

    def begin(self, ledger: Ledger) -> list[str]:
        """Begin a run as the engine does; tells who is awaited."""
        settle_killed_runs(self.home, ledger, NOW)
        with closing(Sessions(self.home.sessions_path)) as sessions:
            learn_the_past(ledger, sessions, ClaimJournal(self.home.journal_path))
        return ledger.machines.awaited()

    def awaits(self) -> list[str]:
        """Begin a run; tells who is awaited."""
        with self.cluster.once(self.home) as ledger:
            return self.begin(ledger)

    def run(self, most: int = 99) -> dict[State, int]:
        """Send to so many of those who are left; tells what became of whom it did not send to."""
        with self.cluster.once(self.home) as ledger:
            assert self.begin(ledger) == []
            campaign = _campaign(ledger)
            due = ledger.work.due(campaign.id, None, NOW, most)
            wants = [want(each.delivery, self.device) for each in due]
            claims, dropped = ledger.work.claim(campaign, wants, now=NOW)
            ClaimJournal(self.home.journal_path).append(each.witness for each in claims)
            for claim in claims:
                self.sent.append(claim.phone)
                ledger.outcomes.settle(claim.delivery, claim.attempt, State.SENT, now=NOW)
            states = [each.state for each in dropped]
            return {state: states.count(state) for state in states}


def _campaign(ledger: Ledger) -> Campaign:
    found = ledger.campaigns.find("c")
    assert found is not None
    return found


@pytest.fixture
def paris(cluster: Cluster) -> Machine:
    return Machine(cluster, "paris", ONE)


@pytest.fixture
def lyon(cluster: Cluster, paris: Machine) -> Machine:
    assert paris.sent == []
    made = Machine(cluster, "lyon", TWO)
    with cluster.once(made.home) as ledger:
        start(ledger, *(row(n, phone) for n, phone in enumerate(PEOPLE, 2)))
    return made


@pytest.fixture
def dump(cluster: Cluster) -> Iterator[Callable[[], None]]:
    """Take a dump into a database of its own; what comes after it is forgotten there."""
    import psycopg  # noqa: PLC0415 - of an extra

    name = f"restored_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(cluster.url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            into = urlunsplit(urlsplit(cluster.url)._replace(path=f"/{name}"))
            yield lambda: postgres.dump(cluster.url, postgres.schema_of(cluster.folder), into)
        finally:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def put_back(cluster: Cluster) -> None:
    """Let machines find the dump from now on."""
    import psycopg  # noqa: PLC0415 - of an extra

    with psycopg.connect(cluster.url) as conn:
        found = conn.execute("SELECT datname FROM pg_database WHERE datname LIKE 'restored_%'")
        ((name,),) = found.fetchall()
    cluster.at = urlunsplit(urlsplit(cluster.at)._replace(path=f"/{name}"))


def test_a_restored_dump_waits_until_each_machine_has_told_what_it_sent(
    cluster: Cluster, paris: Machine, lyon: Machine, dump: Callable[[], None]
) -> None:
    assert (paris.run(1), lyon.run(1)) == ({}, {})
    dump()
    paris.run(FEW)
    put_back(cluster)
    assert lyon.awaits() == ["paris"]
    assert lyon.awaits() == ["paris"]  # as long as it takes
    assert paris.awaits() == []
    assert lyon.run() == {State.UNCERTAIN: FEW}
    assert sorted(paris.sent + lyon.sent) == sorted(PEOPLE)  # each once
    assert paris.awaits() == []  # and it stays so


def test_a_machine_that_does_not_come_back_is_awaited_until_it_is_given_up(
    cluster: Cluster, paris: Machine, lyon: Machine, dump: Callable[[], None]
) -> None:
    paris.run(1)
    dump()
    put_back(cluster)
    assert lyon.awaits() == ["paris"]
    with cluster.once(lyon.home) as ledger:
        server_of(ledger).conn.execute("UPDATE machines SET seen = 0 WHERE name = 'paris'")
        ledger.machines.retire("paris")
    assert lyon.run() == {}
    assert sorted(paris.sent + lyon.sent) == sorted(PEOPLE)


def test_a_home_that_the_ledger_forgot_is_awaited_once_it_has_joined_again(
    cluster: Cluster, lyon: Machine, paris: Machine, dump: Callable[[], None]
) -> None:
    dump()
    nice = Machine(cluster, "nice", DeviceId("three"))
    nice.run(FEW)
    put_back(cluster)
    assert paris.awaits() == ["lyon"]
    assert lyon.awaits() == []
    with cluster.once(nice.home, "nice") as ledger:
        ledger.devices.add(nice.device, jid_of(nice.device), None, NOW)
    assert lyon.awaits() == ["nice"]
    assert nice.awaits() == []
    assert lyon.run() == {State.UNCERTAIN: FEW}


def test_one_that_joins_anew_is_awaited_by_nobody(
    cluster: Cluster, paris: Machine, lyon: Machine, dump: Callable[[], None]
) -> None:
    dump()
    put_back(cluster)
    assert (paris.awaits(), lyon.awaits()) == (["lyon"], [])
    Machine(cluster, "nice", DeviceId("three"))
    assert paris.awaits() == []


# The server's files, and its standby.


@pytest.fixture
def folders() -> Iterator[tuple[Path, Path]]:
    # Not below pytest's own folder: it is for one user, and the servers are another's.
    with (
        tempfile.TemporaryDirectory(prefix="waheal-pg-") as one,
        tempfile.TemporaryDirectory(prefix="waheal-pg-") as other,
    ):
        yield Path(one), Path(other)


@pytest.fixture
def server(folders: tuple[Path, Path]) -> Iterator[postgres.Server]:
    made = postgres.Server(folders[0])
    try:
        yield made
    finally:
        made.stop_if_it_runs()


def two(folder: Path, server: postgres.Server) -> tuple[Cluster, Machine, Machine]:
    cluster = Cluster(folder, server.url, ExitStack())
    paris, lyon = Machine(cluster, "paris", ONE), Machine(cluster, "lyon", TWO)
    with cluster.once(lyon.home) as ledger:
        start(ledger, *(row(n, phone) for n, phone in enumerate(PEOPLE, 2)))
    return cluster, paris, lyon


def test_files_that_were_put_back_are_noticed_by_the_machine_that_knows_more(
    tmp_path: Path, server: postgres.Server, folders: tuple[Path, Path]
) -> None:
    """The server itself is the same, on the same timeline."""
    _, paris, lyon = two(tmp_path, server)
    paris.run(1)
    server.stop()
    server.copy(folders[1] / "data")
    server.start()
    paris.run(FEW)
    server.stop()
    server.put_back(folders[1] / "data")
    server.start()
    assert paris.awaits() == ["lyon"]
    assert lyon.awaits() == []
    assert lyon.run() == {State.UNCERTAIN: FEW}
    assert sorted(paris.sent + lyon.sent) == sorted(PEOPLE)


def test_a_standby_that_was_promoted_waits_for_all_who_sent_what_it_never_got(
    tmp_path: Path, server: postgres.Server, folders: tuple[Path, Path]
) -> None:
    cluster, paris, lyon = two(tmp_path, server)
    assert (paris.run(1), lyon.run(1)) == ({}, {})
    standby = postgres.Standby(folders[1], server)
    try:
        standby.starve()
        paris.run(FEW)
        server.stop()
        standby.promote()
        cluster.at = postgres.place(standby.url, tmp_path)
        assert lyon.awaits() == ["paris"]
        assert paris.awaits() == []
        assert lyon.run() == {State.UNCERTAIN: FEW}
    finally:
        standby.stop()
    assert sorted(paris.sent + lyon.sent) == sorted(PEOPLE)
