"""A device that goes from one machine to another: where its session is, and who may use it."""

import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.kit.cluster import Cluster
from tests.kit.ledgers import ANNA, claim_all, row, start, states
from tests.kit.session_db import OUR_JID, SessionDb
from waheal.acts.moving import Moved, move
from waheal.acts.takeover import import_devices
from waheal.acts.workspace import Workspace, open_home
from waheal.errors import HomeBusyError, UsageError, WahealError
from waheal.model import DeviceId, DeviceState, State
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.store.sessions import OWNED, Sessions

pytestmark = pytest.mark.cluster

SHOP = DeviceId("shop-1")
OTHER = "12025550191:1@s.whatsapp.net"
FILE = Path("shop-1.session")


class Three:
    """Paris, which has the device and another one, lyon and nice."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        for name in ("paris", "lyon", "nice"):
            home = cluster.home(name)
            with closing(SessionDb(home.sessions_path)) as made:
                if name == "paris":
                    fill(made)
            home.sessions_path.chmod(0o600)
            with cluster.once(home, name) as ledger:
                if name == "paris":
                    ledger.devices.add(SHOP, OUR_JID, None, time.time())
                    ledger.devices.add(DeviceId("till"), OTHER, None, time.time())

    def workspace(self, name: str) -> Workspace:
        return open_home(self.cluster.folder / name, ledger=self.cluster.at)

    @contextmanager
    def ledger(self, name: str) -> Iterator[Ledger]:
        with self.cluster.once(self.cluster.home(name)) as ledger:
            yield ledger

    def stored(self, name: str) -> set[str]:
        with closing(Sessions(self.cluster.home(name).sessions_path)) as sessions:
            return set(sessions.devices())

    def may_use(self) -> list[str]:
        """Name the machines that would use the device: it is theirs, and its session is there."""
        users = []
        for name in ("paris", "lyon", "nice"):
            with self.ledger(name) as ledger:
                known = {each.label: each.jid for each in ledger.devices.all(time.time())}
            if known.get(SHOP) in self.stored(name):
                users.append(name)
        return users

    def rows(self, name: str) -> dict[str, list[tuple[object, ...]]]:
        """Give all rows of the device's session."""
        return rows_of(self.cluster.home(name).sessions_path)

    def move(self, to: str = "lyon", at: str = "paris") -> Moved:
        return move(self.workspace(at), SHOP, to)

    def arrive(self, at: str = "lyon", file: Path = FILE) -> list[DeviceId]:
        return import_devices(self.workspace(at), file)

    def killed(self, name: str, when: str, place: str, *act: str) -> None:
        """Let an act be killed at a step."""
        words = [str(self.cluster.folder / name), self.cluster.at, when, place, *act]
        child = subprocess.run(
            [sys.executable, "-m", "tests.kit.move_child", *words], check=False, timeout=120
        )
        assert child.returncode == -signal.SIGKILL


def rows_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as conn:
        there = {row[0] for row in conn.execute("SELECT name FROM sqlite_master")}
        return {
            table: sorted(conn.execute(f"SELECT * FROM {table} WHERE {owner} = ?", (OUR_JID,)))  # noqa: S608 - ours
            for table, owner in {"whatsmeow_device": "jid", **OWNED}.items()
            if table in there
        }


def fill(made: SessionDb) -> None:
    for jid in (OUR_JID, OTHER):
        made.device(jid)
        made.pre_key(1, jid)
        made.session("77_1:0", jid)
        made.token(jid)
        made.salt(jid)
        made.secret("77@lid", b"w" * 32, "ID-1", our=jid)
    made.map("77", "12025550100")


@pytest.fixture
def three(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Three:
    made = Three(cluster)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return made


def test_its_session_goes_as_a_file_and_the_other_devices_stay(three: Three) -> None:
    before, kept = three.rows("paris"), three.stored("paris")
    moved = three.move()
    assert (moved.machine.name, moved.file) == ("lyon", FILE.absolute())
    assert (stat.S_IMODE(FILE.stat().st_mode), rows_of(FILE)) == (0o600, before)
    assert (three.stored("paris"), three.may_use()) == (kept - {OUR_JID}, [])
    assert not any(three.rows("paris").values())
    with three.ledger("nice") as ledger:
        device = ledger.devices.find(SHOP, time.time())
    assert device is not None
    assert (device.machine, device.state, device.reason) == (
        "lyon", DeviceState.QUARANTINED, "on its way from another machine",
    )  # fmt: skip
    assert three.arrive() == [SHOP]
    assert (three.rows("lyon"), three.may_use()) == (before, ["lyon"])
    with closing(Sessions(three.cluster.home("lyon").sessions_path)) as sessions:
        assert sessions.phone_of("77@lid") == "+12025550100"
    assert three.arrive() == []  # once more: it is here


MOVING = "waheal.acts.moving"
STEPS = [
    ("before", f"{MOVING}:session_moves.pack"),
    ("before", f"{MOVING}:.write_lasting"),
    ("after", f"{MOVING}:.write_lasting"),
    ("before", "waheal.store.moves:Moves.give"),
    ("after", "waheal.store.moves:Moves.give"),
    ("before", f"{MOVING}:session_moves.take_out"),
    ("after", f"{MOVING}:session_moves.take_out"),
]


@pytest.mark.parametrize(("when", "place"), STEPS)
def test_killed_at_any_step_it_is_one_machines_and_the_same_command_goes_on(
    three: Three, when: str, place: str
) -> None:
    before = three.rows("paris")
    three.killed("paris", when, place, "move", SHOP, "lyon")
    given = place.endswith("take_out") or (when, place[-4:]) == ("after", "give")
    assert three.may_use() == ([] if given else ["paris"])
    if not given and FILE.exists():
        with pytest.raises(UsageError, match="was not moved here"):
            three.arrive()
    three.move()
    assert (three.may_use(), OUR_JID in three.stored("paris")) == ([], False)
    assert three.arrive() == [SHOP]
    assert (three.may_use(), three.rows("lyon")) == (["lyon"], before)


@pytest.mark.parametrize(
    ("when", "place"),
    [
        ("before", "waheal.acts.takeover:session_moves.unpack"),
        ("after", "waheal.acts.takeover:session_moves.unpack"),
        ("before", "waheal.store.moves:Moves.arrive"),
        ("after", "waheal.store.moves:Moves.arrive"),
    ],
)
def test_killed_as_it_arrives_the_same_command_goes_on(three: Three, when: str, place: str) -> None:
    before = three.rows("paris")
    three.move()
    three.killed("lyon", when, place, "import", str(FILE))
    arrived = (when, place[-6:]) == ("after", "arrive")
    assert three.may_use() == (["lyon"] if arrived else [])
    assert three.arrive() == ([] if arrived else [SHOP])
    assert (three.may_use(), three.rows("lyon")) == (["lyon"], before)


def test_what_was_left_behind_goes_once_it_has_arrived(three: Three) -> None:
    three.killed("paris", "before", f"{MOVING}:session_moves.take_out", "move", SHOP, "lyon")
    three.arrive()
    assert OUR_JID in three.stored("paris")
    assert three.move().file is None
    assert (OUR_JID in three.stored("paris"), three.may_use()) == (False, ["lyon"])
    three.move("paris", at="lyon")
    assert three.arrive("paris") == [SHOP]
    assert three.may_use() == ["paris"]


def test_a_lost_file_is_written_again_while_the_rows_are_there(three: Three) -> None:
    before = three.rows("paris")
    three.killed("paris", "before", f"{MOVING}:session_moves.take_out", "move", SHOP, "lyon")
    FILE.unlink()
    assert three.move().file is not None
    three.arrive()
    assert (three.may_use(), three.rows("lyon")) == (["lyon"], before)


def test_what_is_on_its_way_may_be_sent_on(three: Three) -> None:
    three.move()
    assert three.move("nice").file is None
    with pytest.raises(UsageError, match="a device of the machine nice"):
        three.arrive("lyon")
    assert three.arrive("nice") == [SHOP]
    assert three.may_use() == ["nice"]
    with pytest.raises(UsageError, match="a device of the machine nice"):
        three.move("lyon")


def test_only_the_last_moves_file_is_taken_in(three: Three) -> None:
    three.move()
    old = FILE.rename("old.session")
    three.arrive(file=old)
    three.move("paris", at="lyon")
    with pytest.raises(UsageError, match="of an earlier move"):
        three.arrive("paris", old)
    assert three.arrive("paris") == [SHOP]
    three.move()
    with pytest.raises(UsageError, match="of an earlier move"):
        three.arrive(file=old)
    assert three.may_use() == []


def test_what_a_killed_run_left_is_settled_by_its_own_evidence_first(three: Three) -> None:
    with three.ledger("paris") as ledger:
        campaign = start(ledger, row(2, ANNA))
        claim_all(ledger, campaign, device=SHOP)
        assert states(ledger, campaign) == {ANNA: State.SENDING}
    three.move()
    with three.ledger("lyon") as ledger:
        # Its session database bears no stamp of that run: nothing proves that it stayed.
        assert states(ledger, campaign) == {ANNA: State.UNCERTAIN}
        assert ledger.doubts.open() == []


def test_what_a_label_holds_goes_along(three: Three) -> None:
    with three.ledger("paris") as ledger:
        ledger.devices.pause(SHOP)
    three.move()
    three.arrive()
    with three.ledger("lyon") as ledger:
        assert [(each.label, each.paused) for each in ledger.devices.all(time.time())] == [
            (SHOP, True)
        ]


def test_it_is_refused_before_anything_is_changed(three: Three, tmp_path: Path) -> None:
    at = three.workspace("paris")
    alone = open_home(tmp_path / "alone")
    for workspace, words, told in (
        (at, (SHOP, "rome"), "no machine is called 'rome'"),
        (at, (SHOP, "paris"), "is on paris already"),
        (at, ("shop-9", "lyon"), "no device is called"),
        (three.workspace("lyon"), (SHOP, "lyon"), "a device of the machine paris"),
        (alone, (SHOP, "lyon"), "there is no other machine to move to"),
    ):
        with pytest.raises(UsageError, match=told):
            move(workspace, *words)
    FILE.write_text("the operator's own")
    with pytest.raises(WahealError, match=r"shop-1\.session"):
        three.move()
    FILE.unlink()
    with (
        HomeLock.acquire(three.cluster.home("paris"), what="waheal worker"),
        pytest.raises(HomeBusyError),
    ):
        three.move()
    assert (three.may_use(), FILE.exists()) == (["paris"], False)


def test_a_file_that_runs_what_it_says_is_refused(three: Three) -> None:
    three.move()
    with closing(sqlite3.connect(FILE)) as conn:
        conn.executescript(
            "ALTER TABLE waheal_moves RENAME TO m; CREATE VIEW waheal_moves AS SELECT * FROM m"
        )
    with pytest.raises(UsageError, match="waheal_moves is no table"):
        three.arrive()


def test_a_retired_machines_device_is_anyones_who_has_its_file(three: Three) -> None:
    three.move()
    with three.ledger("paris") as ledger:
        ledger.machines.retire("lyon")
    assert three.arrive("nice") == [DeviceId("12025550190")]
