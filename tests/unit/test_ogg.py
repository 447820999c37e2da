"""Ogg pages as Opus is packed in them: whole or not, and what iPhones take."""

import io
from pathlib import Path

import pytest

from waheal.campaign import ogg
from waheal.campaign.media import Unusable, read_media
from waheal.campaign.voice import VoiceNotes, as_voice
from waheal.model import OPUS, Media, MediaKind

HELLO = Path(__file__).parents[2] / "campaigns" / "media" / "hello.ogg"


def page(granule: int, *packets: bytes) -> bytes:
    table = b"".join(bytes([255] * (len(each) // 255) + [len(each) % 255]) for each in packets)
    head = b"OggS\0\0" + granule.to_bytes(8, "little", signed=True) + bytes(12)
    return head + bytes([len(table)]) + table + b"".join(packets)


def opus(channels: int = 1, code: int = 3, *, granule: int = 48_000) -> bytes:
    head = b"OpusHead\1" + bytes([channels]) + bytes(9)
    return page(0, head) + page(0, b"OpusTags" + bytes(600)) + page(granule, bytes([0x48 | code]))


def written(folder: Path, data: bytes, name: str = "a.ogg") -> Media | Unusable:
    path = folder / name
    path.write_bytes(data)
    return read_media(path)


@pytest.mark.parametrize(
    ("channels", "code", "told"),
    [(1, 3, None), (1, 1, None), (1, 0, "it has one frame in a packet"),
     (2, 3, "it has 2 channels")],
)  # fmt: skip
def test_iphones_take_what_phones_record(channels: int, code: int, told: str | None) -> None:
    assert ogg.refused_on_iphones(io.BytesIO(opus(channels, code))) == told


def test_a_real_recording_has_its_pages_and_its_length() -> None:
    pages = list(ogg.pages(io.BytesIO(HELLO.read_bytes())))
    assert pages[0].first.startswith(b"OpusHead")
    assert max(each.granule for each in pages) == 3 * 48_000 + 312  # the pre-skip


def test_opus_goes_by_the_one_name_under_which_it_arrives(tmp_path: Path) -> None:
    media = written(tmp_path, opus(), "a.opus")
    assert isinstance(media, Media)
    assert (media.kind, media.mime) == (MediaKind.AUDIO, OPUS)
    voice = as_voice(media)
    assert isinstance(voice, Media)
    assert voice.kind is MediaKind.VOICE
    assert VoiceNotes().misgiving(voice) is None


def test_ogg_without_opus_is_a_file_and_no_voice_note(tmp_path: Path) -> None:
    media = written(tmp_path, page(0, b"\1vorbis" + bytes(20)) + page(9, b"x"))
    assert isinstance(media, Media)
    assert (media.kind, media.mime) == (MediaKind.DOCUMENT, "audio/ogg")
    refused = as_voice(media)
    assert isinstance(refused, Unusable)
    assert "-c:a libopus a.ogg" in refused.hint


@pytest.mark.parametrize("cut", range(1, 28, 3))
def test_a_recording_that_is_cut_short_is_told(tmp_path: Path, cut: int) -> None:
    told = written(tmp_path, opus()[:-cut])
    assert isinstance(told, Unusable)
    assert "ends too early" in told.problem


@pytest.mark.parametrize("granule", [0, -1])
def test_a_recording_without_sound_is_told(tmp_path: Path, granule: int) -> None:
    told = written(tmp_path, opus(granule=granule))
    assert isinstance(told, Unusable)
    assert "has no sound" in told.problem


def test_a_file_that_is_gone_gives_no_misgiving(tmp_path: Path) -> None:
    assert VoiceNotes().misgiving(Media(str(tmp_path / "a"), MediaKind.VOICE, OPUS, "")) is None
