import hashlib
import os
import socket
import zlib
from pathlib import Path

import pytest

from waheal.campaign.media import MediaReader, Unusable, read_media
from waheal.campaign.plain_file import PlainFile
from waheal.model import MEDIA_LIMITS, Media, MediaKind

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


def test_what_is_no_file_is_neither_waited_for_nor_read(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert "not a file" in refusal(MediaReader(folder).read("pipe"))
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(folder / "socket"))
        assert refusal(MediaReader(folder).read("socket"))
    for name in ("/dev/zero", "/dev/full", "/proc"):
        assert "not a file" in refusal(read_media(Path(name)))
    for name in ("/proc/self/mem", "/proc/self/environ", "/proc/kmsg"):
        assert refusal(read_media(Path(name)))


def test_a_link_may_lead_within_the_folder_and_the_folder_may_be_one(folder: Path) -> None:
    (folder / "deep" / "link.png").symlink_to(folder / "ticket.png")
    (folder.parent / "campaign").symlink_to(folder)
    found = MediaReader(folder.parent / "campaign").read("deep/link.png")
    assert isinstance(found, Media)
    assert found.path == str(folder.resolve() / "ticket.png")


def test_what_takes_a_files_place_after_it_was_judged_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Swapping(PlainFile):
        def __init__(self, path: Path, *, follow: bool = True) -> None:
            folder.rename(folder.parent / "gone")
            folder.symlink_to(folder.parent / "gone")
            super().__init__(path, follow=follow)

    monkeypatch.setattr("waheal.campaign.media.PlainFile", Swapping)
    assert "symbolic" in refusal(MediaReader(folder).read("ticket.png"))


def test_a_file_that_changes_while_it_is_read_is_told_off(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grow(*_: object) -> None:
        with (folder / "ticket.png").open("ab") as file:
            file.write(b"more")

    monkeypatch.setattr("waheal.campaign.media.verify", grow)
    assert "changed" in refusal(MediaReader(folder).read("ticket.png"))


@pytest.mark.parametrize("cell", [".ssh/id.png", "deep/.id.png", "link.png", "deep/../.ssh/id.png"])
def test_nothing_that_is_hidden_can_be_sent(folder: Path, cell: str) -> None:
    (folder / ".ssh").mkdir()
    for name in (".ssh/id.png", "deep/.id.png"):
        (folder / name).write_bytes(TICKET.read_bytes())
    (folder / "link.png").symlink_to(folder / ".ssh" / "id.png")
    assert "hidden" in refusal(MediaReader(folder).read(cell))


def test_a_folder_that_is_given_may_itself_be_hidden(folder: Path) -> None:
    hidden = folder.rename(folder.parent / ".in")
    assert isinstance(MediaReader(hidden).read("ticket.png"), Media)


def test_nothing_of_the_home_can_be_sent(folder: Path) -> None:
    home = folder / "home"
    (home / "logs").mkdir(parents=True)
    (home / "home.key").write_bytes(b"k" * 32)
    (home / "logs" / "a.png").write_bytes(TICKET.read_bytes())
    (folder / "alias").symlink_to(home)
    (folder / "key").symlink_to(home / "home.key")
    (folder / "twin").hardlink_to(home / "home.key")
    (folder / "other").hardlink_to(folder / "ticket.png")
    for cell in ("home/home.key", "home/logs/a.png", "alias/home.key", "key", "twin"):
        assert "the home" in refusal(MediaReader(folder, home).read(cell))
        assert "the home" in refusal(MediaReader(folder, folder / "alias").read(cell))
        assert "the home" in refusal(read_media(folder / cell, home))
    assert isinstance(MediaReader(folder, home).read("other"), Media)
    assert isinstance(MediaReader(folder).read("home/logs/a.png"), Media)


def test_a_path_that_no_text_can_hold_is_told_off(folder: Path) -> None:
    odd = folder / os.fsdecode(b"caf\xe9.png")
    odd.write_bytes(TICKET.read_bytes())
    (folder / "link.png").symlink_to(odd)
    assert "bytes" in refusal(MediaReader(folder).read("link.png"))
    assert "bytes" in refusal(read_media(odd))
    assert refusal(read_media(Path("a\0b")))


def test_a_recording_of_endless_parts_is_not_walked(folder: Path) -> None:
    box = b"\0\0\0\x08free"
    (folder / "many.mp4").write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" + box * 200_000)
    assert "too many parts" in refusal(read_media(folder / "many.mp4"))
    empty = b"\0\0\0\0tEXt" + zlib.crc32(b"tEXt").to_bytes(4)
    (folder / "many.png").write_bytes(b"\x89PNG\r\n\x1a\n" + empty * 200_000)
    assert "too many parts" in refusal(read_media(folder / "many.png"))


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


def test_a_file_of_just_the_limit_is_taken_and_one_of_a_byte_more_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = TICKET.stat().st_size
    monkeypatch.setitem(MEDIA_LIMITS, MediaKind.IMAGE, size)
    assert isinstance(read_media(folder / "ticket.png"), Media)
    monkeypatch.setitem(MEDIA_LIMITS, MediaKind.IMAGE, size - 1)
    assert "is the most for an image" in refusal(read_media(folder / "ticket.png"))


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


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("https://example.com/a.png", "fetches nothing"),
        ("HTTP://example.com/a.png", "fetches nothing"),
        ("www.example.com/a.png", "fetches nothing"),
        ("file:///tmp/a.png", "fetches nothing"),
        ("data:image/png;base64,AAAA", "fetches nothing"),
        ("img\\b.png", "write img/b.png"),
        ("C:\\Users\\ann\\b.png", "another computer"),
        ("C:/Users/ann/b.png", "another computer"),
        ("\\\\server\\b.png", "another computer"),
        ("b.png", "counts from"),
    ],
)
def test_what_names_no_file_is_told_the_way_out(tmp_path: Path, cell: str, hint: str) -> None:
    found = MediaReader(tmp_path).read(cell)
    assert isinstance(found, Unusable)
    assert hint in found.hint
