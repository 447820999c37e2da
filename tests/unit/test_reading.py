from pathlib import Path

import pytest

from waheal.campaign.encoding import scan
from waheal.campaign.reading import CELL_LIMIT, Broken, CsvFile, Record, unfit


def read(path: Path, data: bytes) -> list[Record | Broken]:
    path.write_bytes(data)
    encoding = scan(path).encoding
    assert encoding is not None
    return list(CsvFile(path, encoding, lambda names: "phone" in names).records())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "campaign.csv"


def cells(records: list[Record | Broken]) -> list[list[str]]:
    return [record.cells for record in records if isinstance(record, Record)]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_lines_end_in_three_ways(path: Path, end: str) -> None:
    data = f"phone,name{end}1,a{end}2,b".encode()
    assert cells(read(path, data)) == [["phone", "name"], ["1", "a"], ["2", "b"]]


def test_a_quoted_newline_is_kept_and_does_not_advance_the_row(path: Path) -> None:
    records = read(path, b'phone,note\n1,"a\r\nb\nc\rd"\n2,x\n')
    assert [record.row for record in records] == [1, 2, 3]
    assert cells(records)[1] == ["1", "a\r\nb\nc\rd"]


def test_a_blank_line_takes_a_row_number(path: Path) -> None:
    records = read(path, b"phone\n\n\n1\n")
    assert [record.row for record in records] == [1, 2, 3, 4]
    assert cells(records) == [["phone"], [], [], ["1"]]


def test_a_sep_line_is_not_counted(path: Path) -> None:
    records = read(path, b"sep=|\r\nphone|name\r\n1|a\r\n")
    assert [record.row for record in records] == [1, 2]
    assert cells(records) == [["phone", "name"], ["1", "a"]]


def test_an_unclosed_quote_is_told_at_the_row_where_it_opens(path: Path) -> None:
    *good, broken = read(path, b'phone,name\n1,a\n2,"b\n3,c\n4,d\n')
    assert cells(good) == [["phone", "name"], ["1", "a"]]
    assert isinstance(broken, Broken)
    assert (broken.row, broken.column) == (3, 1)
    assert "2 lines after it" in broken.problem
    assert broken.raw == '2,"b\n3,c\n4,d\n'


def test_text_after_a_closing_quote_is_told_and_reading_goes_on(path: Path) -> None:
    _, broken, good = read(path, b'phone,name\n1,"a"b\n2,c\n')
    assert isinstance(broken, Broken)
    assert broken.row == 2
    assert good == Record(3, ["2", "c"], dirty=False)


def test_a_quote_within_a_bare_cell_is_itself(path: Path) -> None:
    assert cells(read(path, b'phone,size\n1,5" pipe\n'))[1] == ["1", '5" pipe']


def test_a_cell_past_every_limit_ends_the_reading(path: Path) -> None:
    data = b'phone,name\n1,"' + b"a\n" * CELL_LIMIT + b'"\n2,b\n'
    _, broken = read(path, data)
    assert isinstance(broken, Broken)
    assert broken.row == 2
    assert "nothing after it was read" in broken.problem


def test_a_row_without_an_end_is_read_no_further(path: Path) -> None:
    *_, broken = read(path, b"phone,name\n" + b'1,"\n",' * 800_000)
    assert isinstance(broken, Broken)
    assert "the row is longer" in broken.problem
    assert broken.cuts
    assert len(broken.raw) < 5 << 20


def test_a_line_without_an_end_is_no_flood(path: Path) -> None:
    *_, broken = read(path, b"phone,name\n" + b"a" * (9 << 20))
    assert isinstance(broken, Broken)


def test_a_file_cut_off_within_a_character_says_so(path: Path) -> None:
    data = "phone,name\r\n1,a\r\n".encode("utf-16") + b"x"
    *_, broken = read(path, data)
    assert isinstance(broken, Broken)
    assert "middle of a character" in broken.problem


def test_rows_with_unfit_characters_are_marked(path: Path) -> None:
    records = read(path, b"phone,name\n1,a\x00\n2,b\n3,\x1b[0m\n")
    assert [record.dirty for record in records if isinstance(record, Record)] == [
        False,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tab\tnewline\r\n\u200e\ufffd\u2028 é", None),
        ("\0", "NUL"),
        ("\x07", "U+0007"),
        ("\x7f", "U+007F"),
        ("\x85", "U+0085"),
        ("\udce9", "bytes"),
    ],
)
def test_names_characters_that_no_text_should_hold(text: str, said: str | None) -> None:
    found = unfit(text)
    assert found is None if said is None else found is not None and said in found
