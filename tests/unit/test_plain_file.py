import os
import socket
from pathlib import Path

import pytest

from waheal.campaign.plain_file import NotAFileError, PlainFile, open_plain, read_small, same


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "a").write_bytes(b"abc")
    return tmp_path / "a"


def test_a_regular_file_is_read_and_sought(path: Path) -> None:
    with open_plain(path) as file:
        assert file.read() == b"abc"
        file.seek(1)
        assert (file.read(1), file.read(9), file.read()) == (b"b", b"c", b"")
    assert read_small(path, 3) == b"abc"


def test_what_is_added_to_it_later_is_not_read(path: Path) -> None:
    with PlainFile(path) as plain, path.open("ab") as more:
        more.write(b"d" * 100)
        more.flush()
        buffer = bytearray(9)
        assert (plain.readinto(buffer), plain.readinto(buffer)) == (3, 0)
        plain.seek(1)
        assert plain.readall() == b"bc"
        assert plain.changed()
    assert not same(path, plain.identity)


def test_nothing_but_a_regular_file_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = descriptors()
    for name in (tmp_path / "pipe", tmp_path, Path("/dev/zero"), Path("a\0b")):
        with pytest.raises(NotAFileError):
            open_plain(name)
    assert descriptors() <= before  # a thread that another test left may close one
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
        with pytest.raises(OSError, match="such device"):
            open_plain(tmp_path / "socket")


def test_no_link_is_followed_where_none_should_be(path: Path) -> None:
    folder = path.parent / "folder"
    folder.symlink_to(path.parent)
    (path.parent / "link").symlink_to(path)
    with PlainFile(folder / "a") as file:
        assert file.readall() == b"abc"
    for name in (folder / "a", path.parent / "link"):
        with pytest.raises(OSError, match="symbolic"):
            PlainFile(name, follow=False)
    with PlainFile(path, follow=False) as file:
        assert file.readall() == b"abc"


def test_a_small_file_is_no_larger_than_it_may_be(path: Path) -> None:
    with pytest.raises(OSError, match="more than 2 bytes"):
        read_small(path, 2)
    with pytest.raises(OSError, match="not a file"):
        read_small(Path("/dev/zero"), 2)
