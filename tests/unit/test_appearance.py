"""How files look to phones; without the library, and where needed with an ffmpeg of the test's."""

import io
import sys
from array import array
from pathlib import Path
from threading import Barrier, Thread

import pytest
from PIL import Image
from pypdf import PdfWriter

from waheal.host.appearance import (
    NOTHING,
    THUMBNAIL,
    WAVEFORM,
    Appearance,
    Appearances,
    look,
    waveform,
)
from waheal.host.client import AttachmentError
from waheal.model import OPUS, Media, MediaKind

HELLO = (Path(__file__).parents[2] / "campaigns" / "media" / "hello.ogg").read_bytes()
VOICE = Media("/a.ogg", MediaKind.VOICE, OPUS, "01")
PICTURE = Media("/a.png", MediaKind.IMAGE, "image/png", "02")
FILM = Media("/a.mp4", MediaKind.VIDEO, "video/mp4", "03")
PAPER = Media("/a.pdf", MediaKind.DOCUMENT, "application/pdf", "04")
SENDERS = 8

FFMPEG = """#!{python}
import sys
assert "file,pipe" in sys.argv and "-nostdin" in sys.argv
with open(sys.argv[sys.argv.index("-i") + 1], "rb") as given:
    sys.stdout.buffer.write({gives})
"""


@pytest.fixture(autouse=True)
def _no_ffmpeg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def ffmpeg(folder: Path, gives: str) -> None:
    """Install one that gives this, having read what it was handed as `given`."""
    tool = folder / "ffmpeg"
    tool.write_text(FFMPEG.format(python=sys.executable, gives=gives))
    tool.chmod(0o700)


def drawn(size: tuple[int, int], form: str = "PNG", mode: str = "RGB", turn: int = 1) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = turn
    Image.new(mode, size).save(out, form, exif=exif)
    return out.getvalue()


def opened(seen: Appearance) -> Image.Image:
    picture = Image.open(io.BytesIO(seen.thumbnail))
    assert picture.format == "JPEG"
    return picture


@pytest.mark.parametrize(
    ("size", "small"), [((640, 480), (100, 75)), ((30, 20), (30, 20)), ((9, 900), (1, 100))]
)
def test_a_picture_has_its_measures_and_a_small_one(
    size: tuple[int, int], small: tuple[int, int]
) -> None:
    seen = look(PICTURE, drawn(size))
    assert (seen.width, seen.height) == size
    assert opened(seen).size == small
    assert max(small) <= THUMBNAIL


@pytest.mark.parametrize("turn", [6, 8])
def test_a_photo_taken_sideways_is_upright(turn: int) -> None:
    seen = look(PICTURE, drawn((640, 480), "JPEG", turn=turn))
    assert (seen.width, seen.height) == (480, 640)
    assert opened(seen).size == (75, 100)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1", "LA", "I;16"])
def test_any_mode_makes_a_small_picture_and_what_is_clear_is_white(mode: str) -> None:
    seen = look(PICTURE, drawn((200, 100), mode=mode))
    assert (seen.width, seen.height) == (200, 100)
    shade = opened(seen).convert("L").getpixel((5, 5))
    assert shade == (255 if mode in {"RGBA", "LA"} else 0)


def test_a_picture_that_is_damaged_has_its_measures_alone() -> None:
    seen = look(PICTURE, drawn((640, 480))[:-400])
    assert (seen.width, seen.height, seen.thumbnail) == (640, 480, b"")


@pytest.mark.parametrize("media", [VOICE, PICTURE, FILM, PAPER])
@pytest.mark.parametrize("data", [b"", b"nothing", bytes(100)])
def test_what_can_not_be_told_is_left_out_and_stops_nothing(media: Media, data: bytes) -> None:
    assert look(media, data) == NOTHING


def test_a_recording_has_its_length_and_no_waveform_without_ffmpeg() -> None:
    assert look(VOICE, HELLO) == Appearance(seconds=3)


def test_what_is_shorter_than_a_second_has_one() -> None:
    starts = [at for at in range(len(HELLO)) if HELLO.startswith(b"OggS", at)]
    short = bytearray(HELLO[: starts[3]])  # the head, the comments, and one page of sound
    short[starts[2] + 6 : starts[2] + 14] = (9_600).to_bytes(8, "little")  # a fifth of a second
    short[starts[2] + 5] |= 4  # the last page
    assert look(VOICE, bytes(short)) == Appearance(seconds=1)


def test_lengths_that_would_be_wrong_are_not_told() -> None:
    assert look(Media("/a.aac", MediaKind.AUDIO, "audio/aac", ""), HELLO) == NOTHING


def test_a_voice_note_has_a_waveform_of_what_ffmpeg_hears(tmp_path: Path) -> None:
    heard = "bytes(640) + bytes([0, 64]) * 320 if given.read(4) == b'OggS' else b''"
    ffmpeg(tmp_path, heard)
    assert look(VOICE, HELLO) == Appearance(seconds=3, waveform=bytes(32) + bytes([100]) * 32)


@pytest.mark.parametrize("kind", ["aac", "amr"])
@pytest.mark.parametrize(("heard", "seconds"), [(20, 20), (0.4, 1), (900, 0), (0, 0)])
def test_what_says_nowhere_how_long_it_is_is_heard(
    tmp_path: Path, kind: str, heard: float, seconds: int
) -> None:
    tells = f"bytes({round(heard * 8_000)} * 2) if {kind!r} in sys.argv else b''"
    ffmpeg(tmp_path, f"{tells} if given.read() == b'sound' else b''")
    media = Media(f"/a.{kind}", MediaKind.AUDIO, f"audio/{kind}", "05")
    assert look(media, b"sound") == Appearance(seconds=seconds)


def test_a_film_has_the_first_picture_that_ffmpeg_sees(tmp_path: Path) -> None:
    ffmpeg(tmp_path, "given.read()")  # as if the film were its own first picture
    seen = look(FILM, drawn((320, 180), "JPEG"))
    assert (seen.width, seen.height) == (320, 180)
    assert opened(seen).size == (100, 56)


def test_an_ffmpeg_that_fails_is_as_none(tmp_path: Path) -> None:
    ffmpeg(tmp_path, "1 / 0")
    assert look(FILM, drawn((320, 180), "JPEG")) == NOTHING


def test_a_pdf_has_its_pages() -> None:
    out, writer = io.BytesIO(), PdfWriter()
    for _ in range(3):
        writer.add_blank_page(72, 72)
    writer.write(out)
    assert look(PAPER, out.getvalue()) == Appearance(pages=3)
    other = Media("/a", MediaKind.DOCUMENT, "text/plain", "")
    assert look(other, out.getvalue()) == NOTHING


def test_the_loudest_part_is_a_hundred_and_silence_nothing() -> None:
    assert max(waveform(array("h", range(640)).tobytes())) == 100
    assert waveform(bytes(2 * 640)) == bytes(WAVEFORM)
    assert waveform(b"") == b""
    for length in (64, 65, 127, 1_000, 9_999):
        assert len(waveform(array("h", [-32768] * length).tobytes())) == WAVEFORM


def test_a_file_is_looked_at_once_however_many_send_it() -> None:
    appearances, looks = Appearances(), list[str]()
    together = Barrier(SENDERS)
    seen = list[Appearance]()

    def read(media: Media) -> bytes:
        looks.append(media.sha256)
        return drawn((640, 480))

    def one() -> None:
        together.wait()
        seen.append(appearances.of(PICTURE, read))

    threads = [Thread(target=one) for _ in range(SENDERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert looks == ["02"]
    assert (len(seen), len(set(seen))) == (SENDERS, 1)


def test_a_file_that_could_not_be_read_is_read_again() -> None:
    appearances = Appearances()

    def gone(_: Media) -> bytes:
        raise AttachmentError("gone")

    with pytest.raises(AttachmentError):
        appearances.of(PICTURE, gone)
    assert appearances.of(PICTURE, lambda _: drawn((3, 4))).width == 3
