"""Machines of one ledger at work beside each other: real commands and hosts, and the sandbox."""

import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.kill.scene import Command, Scene, clear, marked, until
from tests.kit import postgres
from tests.kit.cluster import Cluster
from tests.kit.ledgers import server_of
from tests.kit.numbers import recipients as numbers
from tests.kit.rig import PATIENCE, Server
from waheal.acts.attaching import provision
from waheal.engine.collect import probe
from waheal.errors import HomeUnusableError
from waheal.model import Content, DeviceId, ExitCode, Phone, Planned, State
from waheal.sandbox.control import FaultKind, FaultOrder
from waheal.store.database import Row
from waheal.store.ledger import Ledger
from waheal.wire import HostSettings

pytestmark = [pytest.mark.cluster, pytest.mark.real]

NAME = "news"
_CALL_S = 90.0  # until a call is no longer waited for
_SLOW = 45.0  # seconds until the sandbox acknowledges a message

_ROWS = """
SELECT d.id, d.state, d.attempt, d.running, d.due, d.lane, d.reason, d.updated, a.id, a.machine,
       a.device, a.ended, a.outcome, a.settled, a.verdict, a.message_id, a.delivered
  FROM deliveries d JOIN attempts a ON a.delivery_id = d.id
 WHERE a.machine = 1 ORDER BY d.id, a.id
"""
_UNDER_WAY = """
SELECT COUNT(*)
  FROM deliveries d JOIN attempts a ON a.delivery_id = d.id AND a.attempt = d.attempt
 WHERE a.machine = 1 AND d.state = 'sending'
"""
_CUT_OFF = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE application_name LIKE 'waheal %' AND application_name <> 'waheal, looking'
   AND pid <> pg_backend_pid() AND datname = current_database()
"""


@dataclass
class Machines:
    """Two homes with devices of one sandbox, and one ledger."""

    cluster: Cluster
    server: Server
    paris: Scene
    lyon: Scene
    ledger: Ledger  # only to look

    def waheal(self, scene: Scene, *words: str, json: bool = True) -> Command:
        return scene.command(*words, "--ledger", self.cluster.at, json=json)

    def run(
        self, scene: Scene, home: Path | None = None, *, wait: float = 60.0, limit: int = 99
    ) -> Command:
        """Run the campaign on a machine, through the engine."""
        words = [str(home or scene.home.root), self.cluster.at, str(self.server.trust_file)]
        how = [str(each) for each in (_CALL_S, wait, limit)]
        return scene.program("tests.kit.machine_run", *words, NAME, *how)

    def sync(self, scene: Scene) -> Command:
        return self.waheal(scene, "sync", "--for", "1s", "--trust", str(self.server.trust_file))

    def rows(self) -> Sequence[Row]:
        return server_of(self.ledger).all(_ROWS)

    def may_write(self) -> bool:
        """Tell whether nobody is within a transaction."""
        server_of(self.ledger).conn.execute("SET lock_timeout = '200ms'")
        with suppress(HomeUnusableError):
            self.ledger.marks.set("looked", 1)
            return True
        return False

    def under_way(self) -> int:
        """Count paris' messages that are claimed, and not answered."""
        ((count,),) = server_of(self.ledger).all(_UNDER_WAY)
        return int(count or 0)

    def received(self) -> dict[Phone, int]:
        shown: dict[Phone, int] = {}
        for message in self.server.control.phones.received():
            phone = Phone(message.phone)
            shown[phone] = shown.get(phone, 0) + message.delivered
        return shown


@pytest.fixture
def machines(cluster: Cluster, tmp_path: Path) -> Iterator[Machines]:
    with two(cluster, tmp_path) as made:
        yield made


@contextmanager
def two(cluster: Cluster, folder: Path) -> Iterator[Machines]:
    with ExitStack() as stack:
        server = Server(folder / "server")
        stack.callback(server.stop)
        paris, lyon = (machine(cluster, server, name) for name in ("paris", "lyon"))
        for scene in (paris, lyon):
            stack.callback(clear, scene)
            stack.callback(resume, scene)  # before: what is stopped is ended all the same
        looking = cluster.open(cluster.home("laptop"))
        yield Machines(cluster, server, paris, lyon, looking)


def machine(cluster: Cluster, server: Server, name: str) -> Scene:
    """Make a home with four devices, which has joined."""
    home = cluster.home(name)
    probe(home, HostSettings(trust=server.trust))
    with cluster.once(home, name) as ledger:
        ledger.bind(server.trust.noise_root)
        labels = [DeviceId(f"{name}-{n}") for n in range(4)]
        provision(home, ledger, server.control, labels)
    return Scene(server, home, secrets.token_hex(4), cluster.folder / "none", ())


def resume(scene: Scene) -> None:
    for process in marked(scene.mark):
        process.kill(signal.SIGCONT)


def enrol(machines: Machines, everyone: Sequence[Phone]) -> None:
    """Enrol people: one for each device of paris', then for lyon's."""
    now = time.time()
    rows = [
        Planned(
            n + 2,
            phone,
            Content(f"to {phone}"),
            pinned=DeviceId(f"{'paris' if n < 4 else 'lyon'}-{n % 4}"),
        )
        for n, phone in enumerate(everyone)
    ]
    with machines.cluster.once(machines.paris.home) as ledger:
        campaign = ledger.campaigns.open(NAME, "/news.csv", now)
        ledger.enrolment.enroll(campaign.id, rows, now=now, digest=None)


def run_until_it_hangs(machines: Machines, everyone: Sequence[Phone]) -> Command:
    """Run paris, whose calls hang, and stop its coordinator while they are under way."""
    for device in machines.ledger.devices.all(0.0, everywhere=True):
        if device.machine == "paris" and device.jid is not None:
            slow = FaultOrder(FaultKind.SLOW_ACK, device=device.jid, count=None, seconds=_SLOW)
            machines.server.control.faults.order(slow)
            held = FaultOrder(FaultKind.RECEIPTS_WITHHELD, device=device.jid, count=None)
            machines.server.control.faults.order(held)
    enrol(machines, everyone)
    run = machines.run(machines.paris)

    def stopped() -> bool:
        assert run.process.poll() is None, run.told
        if machines.under_way() < 4:
            return False
        run.kill(signal.SIGSTOP)
        if machines.may_write():
            return True
        run.kill(signal.SIGCONT)  # within a transaction it would hold others up
        return False

    until(stopped, 3 * PATIENCE, "four calls under way")
    return run


def test_a_machine_starts_syncs_resolves_and_ends_and_no_row_of_anothers_moves(
    machines: Machines,
) -> None:
    everyone = numbers(8)
    paris = run_until_it_hangs(machines, everyone)  # it moves none itself
    before = machines.rows()
    assert len(before) == 4
    trust = ["--trust", str(machines.server.trust_file)]
    for words in (["sync", "--for", "1s", *trust], ["resolve", NAME, "--resend"], ["doctor"]):
        command = machines.waheal(machines.lyon, *words)
        ended = command.wait()
        # Of a server that need not keep what it commits, doctor says that it does not.
        fails = {ExitCode.USAGE} if words == ["doctor"] else set[ExitCode]()
        assert ended in {ExitCode.OK, ExitCode.LEFT_OVER} | fails, (words, command.told)
        assert machines.rows() == before, words
        if words[0] == "resolve":
            open_ = [each for each in before if each[1] in {"sending", "uncertain"}]
            assert command.document()["running_kept"] == len(open_)
    lyon = machines.run(machines.lyon)
    assert lyon.wait() == ExitCode.LEFT_OVER, lyon.told
    assert machines.rows() == before
    resume(machines.paris)
    assert paris.wait() in {ExitCode.OK, ExitCode.LEFT_OVER}, paris.told
    assert machines.received() == dict.fromkeys(everyone, 1)
    assert machines.under_way() == 0


def test_a_copy_of_a_home_that_is_at_work_ends_with_11_and_tells_where(machines: Machines) -> None:
    paris = run_until_it_hangs(machines, numbers(8))
    copy = machines.cluster.folder / "copy"
    shutil.copytree(machines.paris.home.root, copy)
    trust = ["--trust", str(machines.server.trust_file)]
    told = machines.lyon.program(
        "waheal.cli", "sync", *trust, "--home", str(copy), "--ledger", machines.cluster.at
    )
    assert told.wait() == ExitCode.HOME_BUSY, told.told
    assert "the machine paris is at work already" in told.told
    assert f":{machines.paris.home.root}" in told.told
    resume(machines.paris)
    assert paris.wait() in {ExitCode.OK, ExitCode.LEFT_OVER}


def test_the_first_of_two_that_was_cut_off_ends_and_writes_nothing(machines: Machines) -> None:
    everyone = numbers(8)
    first = run_until_it_hangs(machines, everyone)
    copy = machines.cluster.folder / "copy"
    shutil.copytree(machines.paris.home.root, copy)
    with machines.cluster.once(machines.lyon.home) as ledger:  # the server has lost it from sight
        server_of(ledger).all(_CUT_OFF)
    second = machines.run(machines.lyon, copy)
    assert second.wait() == ExitCode.LEFT_OVER, second.told
    machines.ledger.relink()
    before = machines.rows()
    resume(machines.paris)
    assert first.wait() == ExitCode.HOME_BUSY, first.told
    machines.paris.wait_alone(PATIENCE)
    assert machines.rows() == before
    assert set(machines.received().values()) <= {1}
    assert set(machines.received()) <= set(everyone)


@pytest.fixture
def servers() -> Iterator[tuple[postgres.Server, postgres.Standby]]:
    """Give a primary and its standby, which gets nothing more once it is told so."""
    with ExitStack() as stack:
        # Not below pytest's own folder: it is for one user, and the servers are another's.
        one, other = (
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="waheal-pg-")))
            for _ in range(2)
        )
        primary = postgres.Server(one)
        stack.callback(primary.stop_if_it_runs)
        standby = postgres.Standby(other, primary)
        stack.callback(standby.stop)
        yield primary, standby


@pytest.fixture
def failing_over(
    servers: tuple[postgres.Server, postgres.Standby], tmp_path: Path
) -> Iterator[tuple[Machines, postgres.Server, postgres.Standby]]:
    """Let machines find whichever of the two is the primary."""
    primary, standby = servers
    hosts = quote(f"{primary.folder},{standby.folder}", safe="")
    url = f"postgresql://waheal@/postgres?host={hosts}&target_session_attrs=read-write"
    with ExitStack() as opened, two(Cluster(tmp_path, url, opened), tmp_path) as made:
        yield made, primary, standby


def fail_over(
    machines: Machines, primary: postgres.Server, standby: postgres.Standby, people: list[Phone]
) -> None:
    """Let paris send to two, and to three more of which the next primary never hears."""
    now = time.time()
    rows = [Planned(n, phone, Content(f"to {phone}")) for n, phone in enumerate(people, 2)]
    with machines.cluster.once(machines.paris.home) as ledger:
        campaign = ledger.campaigns.open(NAME, "/news.csv", now)
        ledger.enrolment.enroll(campaign.id, rows, now=now, digest=None)
    first = machines.run(machines.paris, limit=2)
    assert first.wait() == ExitCode.LEFT_OVER, first.told
    until(lambda: caught_up(primary, standby), PATIENCE, "the standby")
    standby.starve()
    lost = machines.run(machines.paris, limit=3)
    assert lost.wait() == ExitCode.LEFT_OVER, lost.told
    primary.stop()
    standby.promote()
    assert len(machines.received()) == 5


def caught_up(primary: postgres.Server, standby: postgres.Standby) -> bool:
    ((at,),) = primary.do("SELECT pg_current_wal_lsn()")
    ((there,),) = standby.do(f"SELECT pg_last_wal_replay_lsn() >= '{at}'")
    return there is True


def waits_for_paris(machines: Machines) -> None:
    """Let lyon run: it claims nobody."""
    waiting = machines.run(machines.lyon, wait=2.0)
    assert waiting.wait() == ExitCode.LEFT_OVER, waiting.told
    assert waiting.wait_count("Paused", 1)
    assert waiting.named("Claimed") == []
    assert len(machines.received()) == 5


@pytest.mark.soak
def test_a_failover_that_lost_claims_sends_to_nobody_twice(
    failing_over: tuple[Machines, postgres.Server, postgres.Standby],
) -> None:
    machines, primary, standby = failing_over
    everyone = numbers(8)
    fail_over(machines, primary, standby, everyone)
    waits_for_paris(machines)
    told = machines.sync(machines.paris)
    assert told.wait() in {ExitCode.OK, ExitCode.LEFT_OVER}, told.told
    rest = machines.run(machines.lyon)
    assert rest.wait() == ExitCode.LEFT_OVER, rest.told
    assert machines.received() == dict.fromkeys(everyone, 1)
    with machines.cluster.once(machines.lyon.home) as ledger:
        campaign = ledger.campaigns.find(NAME)
        assert campaign is not None
        assert ledger.campaigns.tally(campaign.id)[State.UNCERTAIN] == 3


@pytest.mark.soak
def test_after_it_a_machine_that_does_not_come_back_is_awaited_until_it_is_given_up(
    failing_over: tuple[Machines, postgres.Server, postgres.Standby],
) -> None:
    machines, primary, standby = failing_over
    everyone = numbers(8)
    fail_over(machines, primary, standby, everyone)
    shutil.rmtree(machines.paris.home.root)
    waits_for_paris(machines)
    with machines.cluster.once(machines.lyon.home) as ledger:
        server_of(ledger).conn.execute("UPDATE machines SET seen = 0 WHERE name = 'paris'")
        ledger.machines.retire("paris")
    rest = machines.run(machines.lyon)
    assert rest.wait() == ExitCode.OK, rest.told
    assert set(machines.received()) == set(everyone)
