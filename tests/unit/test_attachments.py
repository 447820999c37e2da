import hashlib
import os
import socket
from pathlib import Path

import pytest

from waheal.host.attachments import _read, read_attachment
from waheal.host.client import AttachmentError
from waheal.model import MEDIA_LIMITS, Media, MediaKind

DATA = b"\x89PNG and more"


def media(path: Path, data: bytes = DATA) -> Media:
    return Media(str(path), MediaKind.IMAGE, "image/png", hashlib.sha256(data).hexdigest())


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "a.png").write_bytes(DATA)
    return tmp_path / "a.png"


def test_what_was_checked_is_read(path: Path) -> None:
    assert read_attachment(media(path)) == DATA


def test_another_content_is_refused(path: Path) -> None:
    path.write_bytes(DATA + b"!")
    with pytest.raises(AttachmentError, match="changed"):
        read_attachment(media(path))


def test_what_came_in_its_place_is_neither_waited_for_nor_followed(path: Path) -> None:
    away = path.rename(path.with_name("b.png"))
    path.symlink_to(away)
    with pytest.raises(AttachmentError):
        read_attachment(media(path))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(AttachmentError, match="no file"):
        read_attachment(media(path))
    path.unlink()
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))
        with pytest.raises(AttachmentError):
            read_attachment(media(path))
    path.unlink()
    path.mkdir()
    with pytest.raises(AttachmentError):
        read_attachment(media(path))


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/full"])
def test_a_device_without_an_end_is_not_read(name: str) -> None:
    with pytest.raises(AttachmentError, match="no file"):
        read_attachment(media(Path(name)))


def test_no_more_is_read_than_an_attachment_may_have(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MEDIA_LIMITS, MediaKind.IMAGE, 10)
    assert len(_read(media(path))) == 11
    with pytest.raises(AttachmentError, match="changed"):
        read_attachment(media(path))


def test_no_descriptor_is_left(path: Path) -> None:
    before = descriptors()
    for name in (str(path), "/dev/zero", str(path.parent)):
        with pytest.raises(AttachmentError):
            read_attachment(media(Path(name), b"other"))
    assert descriptors() <= before  # a thread that another test left may close one
