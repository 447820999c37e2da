import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from waheal.writing import whole_bytes, whole_text, write_whole

STRANGER = 54_321
OWNER = 54_322
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Path]:
    """A folder as /tmp is, but of another owner than the user."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    os.chown(folder, OWNER, OWNER)
    yield folder
    os.chown(folder, 0, 0)


def give(path: Path, user: int) -> Path:
    os.chown(path, user, user, follow_symlinks=False)
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_a_file_is_its_owners_alone_whatever_it_was_and_whatever_the_umask_is(
    tmp_path: Path,
) -> None:
    target = tmp_path / "target"
    target.write_text("old")
    target.chmod(0o666)
    before = os.umask(0)
    try:
        write_whole(target, b"new")
    finally:
        os.umask(before)
    assert (target.read_bytes(), mode(target), names(tmp_path)) == (b"new", 0o600, {"target"})


def test_what_fails_half_way_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("old")

    def break_off() -> None:
        with whole_text(target) as file:
            file.write("half")
            raise InterruptedError

    with pytest.raises(InterruptedError):
        break_off()
    assert (target.read_text(), names(tmp_path)) == ("old", {"target"})


def test_nothing_is_under_the_name_until_all_of_it_is_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = list[bytes]()
    target = tmp_path / "target"

    def sync(descriptor: int) -> None:
        assert not target.exists()
        synced.append(os.pread(descriptor, 9, 0))

    monkeypatch.setattr(os, "fsync", sync)
    with whole_text(target) as file:
        file.write("all")
    assert (synced, target.read_text()) == ([b"all"], "all")


def test_a_drafts_name_can_not_be_guessed(tmp_path: Path) -> None:
    drafts = set[str]()
    for _ in range(3):
        with whole_bytes(tmp_path / "target"):
            drafts |= names(tmp_path) - {"target"}
    assert len(drafts) == 3
    assert not any(str(os.getpid()) in each for each in drafts)


def test_encoding_and_line_ends_are_the_callers(tmp_path: Path) -> None:
    with whole_text(tmp_path / "t", "cp1252", "replace") as file:
        file.write("é\r\nЖ\n")
    assert (tmp_path / "t").read_bytes() == b"\xe9\r\n?\n"


def test_a_chain_of_links_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "folder").symlink_to("there")
    (tmp_path / "there" / "one").symlink_to("../two")
    (tmp_path / "two").symlink_to(tmp_path / "folder" / "target")
    for text in (b"first", b"second"):
        write_whole(tmp_path / "folder" / "one", text)
        assert (tmp_path / "there" / "target").read_bytes() == text
    assert names(tmp_path / "there") == {"one", "target"}
    assert (tmp_path / "two").is_symlink()


def test_links_in_a_circle_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(tmp_path / "one", b"")


def test_a_pipe_and_a_device_are_written_into(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    read = list[bytes]()
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_whole(link, b"told")
    reader.join(60)
    assert (read, pipe.is_fifo(), link.is_symlink()) == ([b"told"], True, True)
    write_whole(Path("/dev/null"), b"told")
    assert Path("/dev/null").is_char_device()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, b"")


@as_root
@pytest.mark.parametrize("leads_to", ["victim", "none yet"])
def test_a_strangers_link_in_a_sticky_folder_leads_nowhere(
    tmp_path: Path, shared: Path, leads_to: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (shared / "out").symlink_to(tmp_path / leads_to)
    give(shared / "out", STRANGER)
    with pytest.raises(PermissionError, match="another user"):
        write_whole(shared / "out", b"told")
    assert (victim.read_text(), names(tmp_path)) == ("mine", {"victim", "shared"})


@as_root
def test_nor_does_a_strangers_link_to_a_folder_or_in_mid_way(tmp_path: Path, shared: Path) -> None:
    (tmp_path / "mine").mkdir()
    give_away = shared / "reports"
    give_away.symlink_to(tmp_path / "mine")
    give(give_away, STRANGER)
    (tmp_path / "short").symlink_to(give_away)
    for path in (give_away / "out", tmp_path / "short" / "out"):
        with pytest.raises(PermissionError, match="another user"):
            write_whole(path, b"told")
    assert names(tmp_path / "mine") == set()


@as_root
def test_nor_a_strangers_pipe_or_a_link_to_a_device(shared: Path) -> None:
    os.mkfifo(shared / "pipe")
    (shared / "null").symlink_to("/dev/null")
    reader = os.open(shared / "pipe", os.O_RDWR)  # so that nobody waits for one
    for name in ("pipe", "null"):
        with pytest.raises(PermissionError, match="another user"):
            write_whole(give(shared / name, STRANGER), b"told")
    os.close(reader)


@as_root
@pytest.mark.parametrize("user", [0, OWNER])
def test_ones_own_link_and_the_folders_owners_hold_there(
    tmp_path: Path, shared: Path, user: int
) -> None:
    (shared / "out").symlink_to(tmp_path / "target")
    give(shared / "out", user)
    write_whole(shared / "out", b"told")
    assert (tmp_path / "target").read_bytes() == b"told"


@as_root
def test_a_strangers_link_elsewhere_is_the_operators_affair(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to("target")
    give(tmp_path / "out", STRANGER)
    write_whole(tmp_path / "out", b"told")
    assert (tmp_path / "target").read_bytes() == b"told"
