import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from waheal.errors import HomeUnusableError
from waheal.store.ground import Ground
from waheal.store.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.open(tmp_path / "home", create=True)
    made.ledger_path.touch()
    made.key()
    return made


def test_a_home_that_is_written_is_still_itself(home: Home) -> None:
    ground = Ground(home)
    ground.hold()
    home.ledger_path.write_bytes(b"more")
    home.journal_path.touch()
    ground.hold()


def test_a_session_database_may_come_and_not_go_again(home: Home) -> None:
    ground = Ground(home)
    home.sessions_path.touch()
    ground.hold()
    home.sessions_path.unlink()
    with pytest.raises(HomeUnusableError, match=r"sessions\.db was deleted"):
        ground.hold()


def _delete(home: Home) -> None:
    home.ledger_path.unlink()


def _replace(home: Home) -> None:
    copy = home.root / "copy"
    shutil.copy2(home.ledger_path, copy)
    copy.replace(home.ledger_path)


def _lose_the_key(home: Home) -> None:
    home.key_path.unlink()


def _move(home: Home) -> None:
    home.root.rename(home.root.with_name("moved"))


@pytest.mark.parametrize("lose", [_delete, _replace, _lose_the_key, _move])
def test_what_was_lost_under_a_run_is_told(home: Home, lose: Callable[[Home], None]) -> None:
    ground = Ground(home)
    lose(home)
    with pytest.raises(HomeUnusableError, match="deleted, moved or replaced") as refused:
        ground.hold()
    assert "put back" in (refused.value.hint or "")
