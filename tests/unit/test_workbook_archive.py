import io
import zipfile
from collections.abc import Callable

import pytest

from waheal.workbook.archive import Archive
from waheal.workbook.refusal import WorkbookError


def zipped(write: Callable[[zipfile.ZipFile], None], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", packing) as archive:
        write(archive)
    return content.getvalue()


ONE = zipped(lambda archive: archive.writestr("xl/One.xml", b"one" * 1000))


def test_a_part_is_found_in_any_case() -> None:
    archive = Archive(io.BytesIO(ONE))
    assert "/XL/one.XML" in archive
    assert b"".join(archive.stream("xl/one.xml")) == b"one" * 1000
    assert 0 < archive.packed("xl/one.xml") < 3000


def test_a_part_may_be_named_as_windows_does() -> None:
    named = zipped(lambda archive: archive.writestr("xl\\one.xml", b"one"))
    assert list(Archive(io.BytesIO(named)).stream("xl/one.xml")) == [b"one"]


def test_a_part_that_is_missing_is_named() -> None:
    archive = Archive(io.BytesIO(ONE))
    assert archive.packed("two") == 0
    with pytest.raises(WorkbookError, match="'two' is missing"):
        list(archive.stream("two"))


def test_a_part_that_unfolds_to_far_too_much_is_left_early() -> None:
    bomb = zipped(lambda archive: archive.writestr("bomb", bytes(64 << 20)))
    chunks = list[int]()
    with pytest.raises(WorkbookError, match="unfolds to far more"):
        chunks.extend(map(len, Archive(io.BytesIO(bomb)).stream("bomb")))
    assert sum(chunks) < 12 << 20


def test_an_archive_within_an_archive_is_never_opened() -> None:
    nested = zipped(lambda archive: archive.writestr("inner.zip", ONE))
    assert "xl/one.xml" not in Archive(io.BytesIO(nested))


def test_two_parts_of_one_name_are_refused() -> None:
    def twice(archive: zipfile.ZipFile) -> None:
        archive.writestr("xl/a.xml", b"1")
        archive.writestr("xl/A.xml", b"2")

    with pytest.raises(WorkbookError, match="two parts called"):
        Archive(io.BytesIO(zipped(twice)))


def test_a_directory_without_an_end_is_not_read() -> None:
    def many(archive: zipfile.ZipFile) -> None:
        for i in range(20_000):
            archive.writestr(f"{i:060}", b"")

    with pytest.raises(WorkbookError, match="list of parts is too long"):
        Archive(io.BytesIO(zipped(many)))


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packings_are_refused_before_they_ask_for_memory(packing: int) -> None:
    archive = Archive(io.BytesIO(zipped(lambda a: a.writestr("part", b"x"), packing)))
    with pytest.raises(WorkbookError, match="packed in a way"):
        list(archive.stream("part"))


def test_an_encrypted_part_is_told() -> None:
    directory = ONE.rindex(b"PK\x01\x02")
    encrypted = bytearray(ONE)
    encrypted[6] |= 1
    encrypted[directory + 8] |= 1
    with pytest.raises(WorkbookError, match="encrypted"):
        list(Archive(io.BytesIO(bytes(encrypted))).stream("xl/one.xml"))


@pytest.mark.parametrize("keep", [0, 4, 30, len(ONE) - 30])
def test_an_archive_that_is_cut_short_is_told(keep: int) -> None:
    with pytest.raises(WorkbookError, match="cut short or damaged"):
        Archive(io.BytesIO(ONE[:keep]))


def test_content_that_has_changed_is_told() -> None:
    damaged = bytearray(ONE)
    damaged[ONE.index(b"xl/One.xml") + 12] ^= 0xFF
    with pytest.raises(WorkbookError, match="damaged"):
        list(Archive(io.BytesIO(bytes(damaged))).stream("xl/one.xml"))
