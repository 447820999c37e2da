import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.kit.ledgers import open_home
from waheal.errors import HomeUnusableError
from waheal.model import ExitCode
from waheal.store.home import Home


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_home_is_for_its_owner_alone(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    assert mode(home.root) == 0o700
    assert mode(home.logs) == 0o700


def test_what_is_written_after_opening_is_for_the_owner_alone(tmp_path: Path) -> None:
    os.umask(0o022)
    home = open_home(tmp_path)
    home.config_path.write_text("")
    assert mode(home.config_path) == 0o600


def test_an_empty_folder_of_ones_own_is_closed_and_used(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o755)
    assert mode(Home.open(folder, create=True).root) == 0o700


def test_a_home_open_to_others_is_refused_with_the_way_out(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.config_path.write_text("")
    home.root.chmod(0o750)
    with pytest.raises(HomeUnusableError, match="750") as caught:
        Home.open(home.root, create=True)
    assert caught.value.exit_code is ExitCode.HOME_UNUSABLE
    assert f"chmod 700 {home.root}" in str(caught.value.hint)


def test_a_home_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = open_home(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: home.root.stat().st_uid + 1)
    with pytest.raises(HomeUnusableError, match="another user"):
        Home.open(home.root, create=False)


def test_a_missing_home_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(HomeUnusableError, match="can't be opened"):
        Home.open(tmp_path / "none", create=False)


def test_a_file_is_no_home(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(HomeUnusableError):
        Home.open(file, create=True)


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    key = home.key()
    assert len(key) == 32
    assert mode(home.key_path) == 0o600
    assert Home.open(home.root, create=False).key() == key
    assert [each.name for each in home.root.iterdir()] == ["home.key"]


def test_whoever_makes_the_key_first_makes_it_for_all(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: home.key(), range(32)))
    assert len(keys) == 1


def test_a_key_open_to_others_is_refused(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.key()
    home.key_path.chmod(0o644)
    with pytest.raises(HomeUnusableError, match="yours alone"):
        home.key()


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.key_path.write_bytes(b"short")
    with pytest.raises(HomeUnusableError, match="no key"):
        home.key()


def test_loose_modes_are_found_and_mended_once(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.sessions_path.write_bytes(b"")
    home.sessions_path.chmod(0o644)
    home.logs.chmod(0o755)
    (home.root / "link").symlink_to("/etc/hosts")
    assert {each.path for each in home.tighten()} == {home.sessions_path, home.logs}
    assert mode(home.sessions_path) == 0o600
    assert mode(home.logs) == 0o700
    assert home.tighten() == []
