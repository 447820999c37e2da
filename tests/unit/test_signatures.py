import io
import struct
import zlib

import pytest

from waheal.campaign.signatures import CutShortError, recognise, verify
from waheal.model import MediaKind


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 40 + b"\xff\xd9"
MP4 = struct.pack(">I4s8s", 16, b"ftyp", b"isom") + struct.pack(">I4s", 8, b"moov")
PDF = b"%PDF-1.7\n%%EOF\n"
ARCHIVE = b"PK\x03\x04" + b"x" * 40 + b"PK\x05\x06" + b"\0" * 18


@pytest.mark.parametrize(
    ("data", "kind", "mime"),
    [
        (PNG, MediaKind.IMAGE, "image/png"),
        (JPEG, MediaKind.IMAGE, "image/jpeg"),
        (MP4, MediaKind.VIDEO, "video/mp4"),
        (b"\0\0\0\x14ftypM4A ", MediaKind.AUDIO, "audio/mp4"),
        (b"\0\0\0\x14ftyp3gp5", MediaKind.VIDEO, "video/3gpp"),
        (b"OggS\0\x02" + bytes(22) + b"OpusHead", MediaKind.AUDIO, "audio/ogg; codecs=opus"),
        (b"OggS\0\x02" + bytes(22) + b"\1vorbis", MediaKind.DOCUMENT, "audio/ogg"),
        (b"ID3\x04", MediaKind.AUDIO, "audio/mpeg"),
        (b"#!AMR\n", MediaKind.AUDIO, "audio/amr"),
        (PDF, MediaKind.DOCUMENT, "application/pdf"),
        (b"GIF89a", MediaKind.DOCUMENT, "image/gif"),
        (ARCHIVE, MediaKind.DOCUMENT, "application/zip"),
    ],
)
def test_tells_the_content_by_its_bytes(data: bytes, kind: MediaKind, mime: str) -> None:
    content = recognise(io.BytesIO(data))
    assert content is not None
    assert (content.kind, content.mime) == (kind, mime)


def test_unknown_bytes_say_nothing() -> None:
    assert recognise(io.BytesIO(b"hello")) is None
    assert recognise(io.BytesIO(b"")) is None


WHOLE = [
    (PNG, "image/png"),
    (JPEG, "image/jpeg"),
    (MP4, "video/mp4"),
    (PDF, "application/pdf"),
    (ARCHIVE, "application/zip"),
]


@pytest.mark.parametrize(("data", "mime"), WHOLE)
def test_whole_content_is_taken_and_cut_content_is_not(data: bytes, mime: str) -> None:
    verify(io.BytesIO(data), mime, len(data))
    cut = data[: len(data) // 2]
    with pytest.raises(CutShortError):
        verify(io.BytesIO(cut), mime, len(cut))


def test_a_changed_bit_of_a_png_is_found() -> None:
    damaged = bytearray(PNG)
    damaged[45] ^= 1
    with pytest.raises(CutShortError, match="checksum"):
        verify(io.BytesIO(bytes(damaged)), "image/png", len(damaged))


def test_a_recording_without_an_index_is_cut_short() -> None:
    data = MP4[:16] + struct.pack(">I4s", 8, b"mdat")
    with pytest.raises(CutShortError, match="index"):
        verify(io.BytesIO(data), "video/mp4", len(data))


def test_what_has_no_end_to_look_for_is_taken() -> None:
    verify(io.BytesIO(b"GIF89a"), "image/gif", 6)
