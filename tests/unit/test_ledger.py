import os
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.kit.ledgers import ANNA, NOW, claim_all, is_open, open_home, row, start
from waheal.errors import HomeUnusableError, UsageError
from waheal.model import ExitCode, State
from waheal.records import Tally
from waheal.store.ledger import WHATSAPP, Ledger

# Claims one message in the home and dies on the spot; the second argument says when.
_CLAIM_AND_DIE = """
import os, signal, sys
from pathlib import Path
from tests.kit.ledgers import claim_all
from waheal.store.home import Home
from waheal.store.ledger import Ledger
ledger = Ledger.open(Home.open(Path(sys.argv[1]), create=False))
campaign = ledger.campaigns.find("c")
if sys.argv[2] == "before the commit":
    with ledger.transaction():
        claim_all(ledger, campaign)
        os.kill(os.getpid(), signal.SIGKILL)
claim_all(ledger, campaign)
os.kill(os.getpid(), signal.SIGKILL)
"""


def run_python(code: str, *arguments: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])},
    )
    return done.returncode


def test_the_ledger_and_its_journals_are_for_the_owner_alone(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    files = [home.ledger_path.with_name(f"waheal.db{suffix}") for suffix in ("", "-wal", "-shm")]
    with Ledger.open(home) as ledger:
        start(ledger, row(2, ANNA))
        for file in files:
            file.chmod(0o644)
        with Ledger.open(home):
            assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 3


@pytest.mark.parametrize(
    ("when", "state"), [("before the commit", State.PENDING), ("after it", State.SENDING)]
)
def test_a_claim_is_there_after_a_kill_exactly_when_it_was_committed(
    tmp_path: Path, when: str, state: State
) -> None:
    home = open_home(tmp_path)
    with Ledger.open(home) as ledger:
        start(ledger, row(2, ANNA))
    assert run_python(_CLAIM_AND_DIE, str(home.root), when) == -9
    with Ledger.open(home) as ledger:
        campaign = ledger.campaigns.find("c")
        assert campaign is not None
        assert ledger.campaigns.tally(campaign.id)[state] == 1
        doubts = ledger.doubts.open(State.SENDING)
        assert [doubt.attempt for doubt in doubts] == ([1] if state is State.SENDING else [])


def test_a_ledger_may_lie_elsewhere_than_in_its_home(tmp_path: Path) -> None:
    home, place = open_home(tmp_path), tmp_path / "elsewhere.db"
    with Ledger.open(home, at=str(place)) as ledger:
        start(ledger, row(2, ANNA))
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert not home.ledger_path.exists()
    with Ledger.open(home, at=place, readonly=True) as ledger:
        assert ledger.campaigns.find("c") is not None


@pytest.mark.parametrize("at", ["mysql://name:secret@host/ledger", "S3://bucket/ledger"])
def test_no_place_for_a_ledger_is_refused_with_2_and_no_password(tmp_path: Path, at: str) -> None:
    with pytest.raises(UsageError, match="names no database") as refused:
        Ledger.open(open_home(tmp_path), at=at)
    assert refused.value.exit_code is ExitCode.USAGE
    assert "secret" not in f"{refused.value} {refused.value.hint}"


def test_a_newer_ledger_is_refused_with_12(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with Ledger.open(home) as ledger:
        ledger._db.run("PRAGMA user_version = 99")
    for readonly in (True, False):
        with pytest.raises(HomeUnusableError) as caught:
            Ledger.open(home, readonly=readonly)
        assert caught.value.exit_code is ExitCode.HOME_UNUSABLE


@pytest.mark.parametrize("readonly", [True, False])
def test_a_ledger_that_is_refused_is_not_left_open(tmp_path: Path, *, readonly: bool) -> None:
    home = open_home(tmp_path)
    with Ledger.open(home) as ledger:
        ledger._db.run("PRAGMA user_version = 99")
        assert is_open(home.ledger_path)
    # Named, since the error's traceback holds whatever was left open.
    with pytest.raises(HomeUnusableError) as _caught:
        Ledger.open(home, readonly=readonly)
    assert not is_open(home.ledger_path)


def test_a_corrupt_ledger_is_refused_with_12(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.ledger_path.write_bytes(b"this is no database " * 500)
    with pytest.raises(HomeUnusableError, match="damaged"):
        Ledger.open(home)


def test_damage_is_found_by_the_integrity_check(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with Ledger.open(home) as ledger:
        campaign = start(ledger, row(2, ANNA))
        assert ledger.upkeep.damage() == []
        ledger._db.run("PRAGMA foreign_keys = OFF")
        ledger._db.run("DELETE FROM campaigns WHERE id = ?", (campaign.id,))
        assert ledger.upkeep.damage() != []


def test_a_look_at_an_unused_home_writes_nothing(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with Ledger.open(home, readonly=True) as ledger:
        assert ledger.campaigns.all() == []
        assert ledger.devices.all(NOW) == []
        assert list(ledger.recipients.rows(1)) == []
    assert list(home.root.iterdir()) == []


def test_a_reader_sees_what_another_wrote_and_writes_nothing(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with Ledger.open(home) as writer, Ledger.open(home, readonly=True) as reader:
        assert not reader.changed()
        campaign = start(writer, row(2, ANNA))
        assert reader.changed()
        assert not reader.changed()
        assert not writer.changed()
        assert reader.campaigns.tally(campaign.id) == Tally(Counter({State.PENDING: 1}))
        with pytest.raises(HomeUnusableError, match="read-only"):
            reader.people.suppress(ANNA, NOW, source="operator")


def test_a_transaction_groups_calls_and_rolls_them_back_together(tmp_path: Path) -> None:
    def fail(ledger: Ledger) -> None:
        with ledger.transaction():
            campaign = start(ledger, row(2, ANNA))
            claim_all(ledger, campaign)
            raise ValueError("stop")

    with Ledger.open(open_home(tmp_path)) as ledger:
        with pytest.raises(ValueError, match="stop"):
            fail(ledger)
        assert ledger.campaigns.all() == []


def test_a_home_belongs_to_what_it_was_first_used_with(tmp_path: Path) -> None:
    with Ledger.open(open_home(tmp_path)) as ledger:
        assert ledger.bound() is None
        ledger.bind("ab" * 32)
        ledger.bind("ab" * 32)
        assert ledger.bound() == "ab" * 32
        with pytest.raises(UsageError, match="belongs to the sandbox abab") as caught:
            ledger.bind(WHATSAPP)
        assert caught.value.exit_code is ExitCode.USAGE
        assert "--home" in str(caught.value.hint)


def test_doctor_is_told_mode_version_and_size(tmp_path: Path) -> None:
    with Ledger.open(open_home(tmp_path)) as ledger:
        assert ledger.upkeep.journal_mode() == "wal"
        assert ledger.upkeep.schema_version >= 1
        assert ledger.upkeep.size() > 0
