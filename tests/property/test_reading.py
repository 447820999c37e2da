"""Tables are read back as they were written, and no bytes at all can break a check."""

import csv
import io
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.checking import check
from waheal.campaign.choices import Choices
from waheal.campaign.encoding import scan
from waheal.campaign.reading import CsvFile, Record
from waheal.model import Planned

NOW = 1_800_000_000.0
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
WINDOWS = "".join(bytes([b]).decode("cp1252", "ignore") for b in range(0x20, 0x100))

ACCIDENT = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")

words = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from(list(",;\t\"'\n\r =+{}% "))
    ),
    max_size=20,
)
windows_words = st.text(st.sampled_from(WINDOWS + '\n\r\t",;'), max_size=20)


def written(rows: list[list[str]], separator: str, end: str, declared: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return declared + out.getvalue()


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], bytes]:
    encoding = draw(st.sampled_from(ENCODINGS))
    cell = windows_words if encoding == "cp1252" else words
    width = draw(st.integers(1, 5))
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=8))
    header = ["phone", *(f"column {i}" for i in range(1, width))]
    separator = draw(st.sampled_from([",", ";", "\t"]))
    end = draw(st.sampled_from(["\r\n", "\n", "\r"]))
    declared = f"sep={separator}{end}" if draw(st.booleans()) else ""
    text = written([header, *rows], separator, end, declared)
    # Windows-1252 whose accents happen to be UTF-8 can't be told from it by anyone.
    assume(encoding != "cp1252" or not ACCIDENT.search(text.encode(encoding)))
    return [header, *rows], text.encode(encoding)


@settings(deadline=None)
@given(tables())
def test_a_table_in_any_dialect_and_encoding_is_read_back_as_it_was(
    table: tuple[list[list[str]], bytes],
) -> None:
    rows, data = table
    with TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_bytes(data)
        encoding = scan(path).encoding
        assert encoding is not None
        file = CsvFile(path, encoding, lambda names: "phone" in names)
        records = list(file.records())
    assert all(isinstance(record, Record) for record in records)
    assert [record.row for record in records] == list(range(1, len(rows) + 1))
    assert [record.cells for record in records if isinstance(record, Record)] == rows


cells = (
    st.lists(
        st.characters(exclude_categories=["Cs", "Cc"])
        | st.sampled_from(["{{ 7*7 }}", "{%", '"', "\n", "\r\n", ",", " "]),
        min_size=1,
        max_size=30,
    )
    .map("".join)
    .filter(str.strip)
)


@settings(deadline=None)
@given(st.lists(cells, min_size=1, max_size=6))
@example([" \u00a0{{ 7*7 }}{% raw %}\r\n "])
@example(["=HYPERLINK(1)", "'quoted", "\u200e"])
def test_a_variable_arrives_character_for_character(values: list[str]) -> None:
    rows = [[f"+1202555{100 + i:04}", value] for i, value in enumerate(values)]
    with TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_bytes(written([["phone", "value"], *rows], ",", "\r\n", "").encode())
        choices = Choices(now=NOW, message="<{{ value }}>")
        found = list(open_campaign_file(path, choices).rows())
    assert [f.content.text for f in found if isinstance(f, Planned)] == [
        f"<{value}>" for value in values
    ]


WORKBOOK = (Path(__file__).parents[2] / "campaigns" / "workbook.xlsx").read_bytes()


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), min_size=1, max_size=9
    ),
    st.integers(4, len(WORKBOOK)),
)
def test_no_damage_to_a_workbook_can_break_a_check(
    changes: list[tuple[int, int]], length: int
) -> None:
    data = bytearray(WORKBOOK)
    for position, value in changes:
        data[position] = value
    with TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.xlsx")
        path.write_bytes(bytes(data[:length]) if length % 2 else bytes(data))
        checked = check(path, Choices(now=NOW, region="US", message="Hi {{ name }}"))
    assert checked.ok is not bool(checked.problems)


headers = st.sampled_from(
    [
        b"",
        b"phone,message\n",
        b"\xff\xfe",
        b"\xef\xbb\xbfphone;name\r\n",
        b"sep=;\nphone;message\n",
        b"phone\tsend_after\tmedia\tmessage\texpires\r",
        b"PK\x03\x04",
        "phone,message\n".encode("utf-16"),
    ]
)
NAMES = [b"+12025550100", b"name", b"2020-01-01", b"1E+9", b"{{", b"}}", b"{%", b"=", b"|"]
BYTES = [b",", b";", b"\t", b'"', b"\n", b"\r", b"\0", b"\xe9", b"\xc3\xa9", b"\x1c"]
bodies = st.binary(max_size=300) | st.lists(st.sampled_from([*NAMES, *BYTES]), max_size=60).map(
    b"".join
)


@settings(deadline=None, max_examples=300)
@given(headers, bodies, st.sampled_from([None, "US"]))
def test_no_bytes_can_break_a_check(head: bytes, body: bytes, region: str | None) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.csv")
        path.write_bytes(head + body)
        message = None if b"message" in head else "Hi {{ name }}"
        checked = check(path, Choices(now=NOW, region=region, message=message))
    assert checked.ok is not bool(checked.problems)
    assert all(problem.row is None or problem.row >= 1 for problem in checked.problems)
