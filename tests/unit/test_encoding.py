from pathlib import Path

import pytest

from waheal.campaign.encoding import encoding_of, scan

TEXT = "phone,name\n+12025550100,Zoë さくら\n"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
def test_tells_the_encoding_by_its_marks_and_its_nuls(written: str, read: str) -> None:
    data = TEXT.encode(written)
    encoding = encoding_of(data)
    assert encoding is not None
    assert encoding.codec == read
    assert data.decode(encoding.codec, encoding.errors) == TEXT


@pytest.mark.parametrize("written", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_wide_encoding_that_is_named_needs_no_mark(tmp_path: Path, written: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(TEXT.encode(written))
    found = scan(path, written[:6]).encoding
    assert found is not None
    assert found.codec == written


def test_what_is_no_utf_8_is_windows_1252() -> None:
    encoding = encoding_of("prénom;€ 5\n".encode("cp1252"))
    assert encoding is not None
    assert encoding.codec == "cp1252"


def test_damaged_utf_8_stays_utf_8() -> None:
    encoding = encoding_of("Zoë, Noël, Chloé\n".encode() + b"\xff\n")
    assert encoding is not None
    assert (encoding.codec, encoding.errors) == ("utf-8", "surrogateescape")


def test_a_few_nuls_make_no_utf_16() -> None:
    encoding = encoding_of(b"phone,name\n+12025550100,\0\0\n")
    assert encoding is not None
    assert encoding.codec == "utf-8"


def test_a_workbook_has_no_encoding() -> None:
    assert encoding_of(b"PK\x03\x04rest") is None


def test_a_character_may_lie_across_two_chunks(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"a" * ((1 << 20) - 1) + "é".encode())
    found = scan(path)
    assert found.encoding is not None
    assert found.encoding.codec == "utf-8"
    assert len(found.sha256) == 64


def test_windows_1252_is_told_from_the_end_of_a_large_file_too(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"a" * (1 << 21) + b"\xe9\n")
    found = scan(path)
    assert found.encoding is not None
    assert found.encoding.codec == "cp1252"
