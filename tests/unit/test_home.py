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


def test_a_home_of_another_user_is_not_even_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = open_home(tmp_path)
    home.config_path.write_text("quiet = true")
    assert Home.owned(home.root) == home
    monkeypatch.setattr(os, "geteuid", lambda: home.root.stat().st_uid + 1)
    with pytest.raises(HomeUnusableError, match="another user"):
        Home.owned(home.root)
    with pytest.raises(HomeUnusableError, match="another user"):
        home.config()


def test_a_home_that_is_not_there_yet_is_nobodys(tmp_path: Path) -> None:
    assert Home.owned(tmp_path / "none").config() is None
    assert not (tmp_path / "none").exists()


def test_ones_own_settings_are_read(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    assert home.config() is None
    home.config_path.write_text("quiet = true")
    home.config_path.chmod(0o644)
    assert home.config() == b"quiet = true"


def test_settings_that_others_may_have_written_are_refused(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.config_path.write_text("quiet = true")
    for path, loose in ((home.root, 0o770), (home.root, 0o707), (home.config_path, 0o620)):
        was = mode(path)
        path.chmod(loose)
        with pytest.raises(HomeUnusableError):
            home.config()
        path.chmod(was)
    assert home.config() is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_another_users_settings_in_ones_own_home_are_refused(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.config_path.write_text("quiet = true")
    os.chown(home.config_path, 54_321, 54_321)
    with pytest.raises(HomeUnusableError, match="others may have written"):
        home.config()


def test_settings_are_a_plain_file_and_no_link(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    (home.root / "elsewhere").write_text("quiet = true")
    home.config_path.symlink_to(home.root / "elsewhere")
    with pytest.raises(HomeUnusableError, match="symbolic links"):
        home.config()
    home.config_path.unlink()
    os.mkfifo(home.config_path)
    with pytest.raises(HomeUnusableError):
        home.config()


@pytest.mark.parametrize("name", ["logs", "server"])
def test_a_folder_in_the_home_is_ones_own_and_no_link(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, elsewhere = open_home(tmp_path), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (home.root / name).symlink_to(elsewhere)
    with pytest.raises(HomeUnusableError, match="is a link"):
        home.folder(name)
    (home.root / name).unlink()
    assert mode(home.folder(name)) == 0o700
    (home.root / name).chmod(0o722)
    with pytest.raises(HomeUnusableError, match="not yours alone"):
        home.folder(name)
    (home.root / name).chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: home.root.stat().st_uid + 1)
    with pytest.raises(HomeUnusableError, match="not yours alone"):
        home.folder(name)


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


def test_a_key_is_no_link(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    elsewhere = tmp_path / "key"
    elsewhere.write_bytes(b"k" * 32)
    elsewhere.chmod(0o600)
    home.key_path.symlink_to(elsewhere)
    with pytest.raises(HomeUnusableError):
        home.key()


def test_a_key_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    os.mkfifo(home.key_path, 0o600)
    with pytest.raises(HomeUnusableError, match="does not hold 32 bytes"):
        home.key()


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.key_path.write_bytes(b"short")
    with pytest.raises(HomeUnusableError, match="does not hold 32 bytes"):
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


def test_settings_are_read_up_to_a_bound(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.config_path.write_bytes(b"#" * 65_536)
    home.config_path.chmod(0o600)
    assert home.config() is not None
    home.config_path.write_bytes(b"#" * 65_537)
    with pytest.raises(HomeUnusableError, match="more than 65,536 bytes"):
        home.config()


def test_an_id_is_made_once_and_tells_a_home_from_others(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    assert home.known_id() is None
    made = home.id()
    assert home.known_id() == home.id() == made
    assert mode(home.id_path) == 0o600
    assert Home.open(tmp_path / "other", create=True).id() != made
    home.id_path.chmod(0o644)
    with pytest.raises(HomeUnusableError, match="yours alone"):
        home.known_id()
