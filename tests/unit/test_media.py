import hashlib
import os
from pathlib import Path

import pytest

from waheal.campaign.media import MediaReader, Unusable, read_media
from waheal.model import Media, MediaKind

TICKET = Path(__file__).parents[2] / "campaigns" / "media" / "ticket.png"


def refusal(media: Media | Unusable) -> str:
    assert isinstance(media, Unusable)
    assert media.hint
    return media.problem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "ticket.png").write_bytes(TICKET.read_bytes())
    (tmp_path / "out.txt").write_text("secret")
    return tmp_path / "in"


def test_a_file_beside_the_campaign_is_read_with_its_hash(folder: Path) -> None:
    media = MediaReader(folder).read("deep/../ticket.png")
    digest = hashlib.sha256(TICKET.read_bytes()).hexdigest()
    path = str(folder.resolve() / "ticket.png")
    assert media == Media(path, MediaKind.IMAGE, "image/png", digest)


def test_a_file_is_read_once(folder: Path) -> None:
    reader = MediaReader(folder)
    media = reader.read("ticket.png")
    (folder / "ticket.png").unlink()
    assert reader.read("ticket.png") is media


def test_a_cell_can_not_lead_out_of_the_folder(folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "out.txt")
    for cell in ("../out.txt", str(folder.parent / "out.txt"), "link.txt", "/etc/passwd"):
        assert "outside" in refusal(MediaReader(folder).read(cell))
    assert isinstance(MediaReader(folder.parent).read("in/../out.txt"), Media)


@pytest.mark.parametrize(
    "cell", ["gone.png", "a\0b", "x" * 5000, "deep", "https://example.org/a.png"]
)
def test_a_cell_that_names_no_file_is_told_off(folder: Path, cell: str) -> None:
    assert refusal(MediaReader(folder).read(cell))


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert "not a file" in refusal(MediaReader(folder).read("pipe"))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.png", b"", "empty"),
        ("text.png", b"hello", "not what its name says"),
        ("cut.png", TICKET.read_bytes()[:-20], "damaged"),
    ],
)
def test_a_bad_file_is_found(folder: Path, name: str, data: bytes, said: str) -> None:
    (folder / name).write_bytes(data)
    assert said in refusal(read_media(folder / name))


def test_a_file_that_is_too_large_is_told_with_its_limit(folder: Path) -> None:
    with (folder / "large.pdf").open("wb") as file:
        file.write(b"%PDF-1.7")
        file.truncate(101 << 20)
    assert "100 MB" in refusal(read_media(folder / "large.pdf"))
    with (folder / "large.jpg").open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(17 << 20)
    assert "16 MB is the most for an image" in refusal(read_media(folder / "large.jpg"))


def test_the_bytes_decide_and_the_name_only_tells_which_archive(folder: Path) -> None:
    (folder / "odd.pdf").write_bytes(TICKET.read_bytes())
    (folder / "list.xlsx").write_bytes(b"PK\x03\x04" + b"x" * 9 + b"PK\x05\x06" + b"\0" * 18)
    (folder / "notes.txt").write_text("hello")
    (folder / "blob").write_bytes(b"\1\2\3")
    found = [read_media(folder / name) for name in ("odd.pdf", "list.xlsx", "notes.txt", "blob")]
    assert [media.mime for media in found if isinstance(media, Media)] == [
        "image/png",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "text/plain",
        "application/octet-stream",
    ]
