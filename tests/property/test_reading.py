"""Tables are read back as they were written, and no bytes at all can break a check."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.kit.examples import tries
from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.checking import check
from waheal.campaign.choices import Choices
from waheal.campaign.encoding import scan
from waheal.campaign.reading import CsvFile, Record
from waheal.findings import Caution, Problem
from waheal.model import Planned

NOW = 1_800_000_000.0
PROVEN = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
NAMED = ("cp1252", "cp1251", "koi8-r", "mac-roman", "gb18030", "cp932", "euc-kr", "cp1256")
ONE_WAY = "\u00a2\u00a3\u00ac\u2016\u2212\u301c\u3164"  # some codecs write them and read others
LISTS = {
    "cp1252": "José Müller|Élodie Lefèvre|Zoë|Gonçalves Muñoz|Søren Åberg|Ørsted",
    "mac-roman": "José Müller|Élodie Lefèvre|Zoë|Núñez|Käthe",
    "cp1250": "Łukasz Kamiński|Agnieszka Woźniak|Wójcik|Żółtowska",
    "cp1254": "Ayşe Güneş|İbrahim Şahin|Gülşen Doğan",
    "cp1251": "Иван Петров|Мария|Сергей Кузнецов|ОЛЬГА",
    "koi8-r": "Иван Петров|Мария|Сергей Кузнецов|Екатерина",
    "cp1253": "Γιώργος Παπαδόπουλος|Μαρία|Ελένη",
    "cp1255": "דוד כהן|שרה לוי|ירושלים",
    "cp1256": "محمد أحمد|فاطمة|عبد الله",
    "cp874": "สมชาย ใจดี|กรุงเทพ",
    "gb18030": "张伟|李娜|王小明|陈静",
    "cp950": "陳怡君|林志明|張雅婷",
    "cp932": "佐藤 太郎|鈴木さくら|タナカ|高橋健一",
    "cp949": "김민수|이영희|박지훈",
}
"""Names of people in the encodings of their lists."""

words = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from(list(",;\t\"'\n\r =+{}% "))
    ),
    max_size=20,
)


def _comes_back(character: str, encoding: str) -> bool:
    return character.encode(encoding, "replace").decode(encoding, "replace") in {character, "?"}


def words_in(encoding: str) -> st.SearchStrategy[str]:
    characters = st.characters(
        codec=encoding,
        exclude_categories=["Cs", "Cc"],
        exclude_characters=[each for each in ONE_WAY if not _comes_back(each, encoding)],
    )
    return st.text(characters | st.sampled_from(list('\n\t",;\\| ')), max_size=20)


def written(
    rows: list[list[str]], separator: str, end: str, declared: str, *, bare: bool = False
) -> str:
    out = io.StringIO(newline="")
    if bare:
        csv.writer(out, delimiter=separator, lineterminator=end).writerows(rows)
    else:
        csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
            rows
        )
    return declared + out.getvalue()


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], bytes, str | None]:
    """A table, its bytes, and the encoding where nothing proves it."""
    encoding = draw(st.sampled_from(PROVEN + NAMED))
    cell = words_in(encoding) if encoding in NAMED else words
    width = draw(st.integers(1, 5))
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=8))
    header = ["phone", *(f"column {i}" for i in range(1, width))]
    separator = draw(st.sampled_from([",", ";", "\t", "|"] if width > 1 else [",", ";", "\t"]))
    end = draw(st.sampled_from(["\r\n", "\n", "\r"]))
    declared = f"sep={separator}{end}" if draw(st.booleans()) else ""
    text = written([header, *rows], separator, end, declared)
    return [header, *rows], text.encode(encoding), encoding if encoding in NAMED else None


@given(tables())
def test_a_table_in_any_dialect_and_encoding_is_read_back_as_it_was(
    table: tuple[list[list[str]], bytes, str | None],
) -> None:
    rows, data, named = table
    with TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_bytes(data)
        encoding = scan(path, named).encoding
        assert encoding is not None
        file = CsvFile(path, encoding, lambda names: "phone" in names)
        records = list(file.records())
    assert all(isinstance(record, Record) for record in records)
    assert [record.row for record in records] == list(range(1, len(rows) + 1))
    assert [record.cells for record in records if isinstance(record, Record)] == rows


def _judged(encoding: str, names: Sequence[str]) -> list[Planned | Problem | Caution]:
    rows = [[f"+120255501{i:02}", name] for i, name in enumerate(names)]
    data = written([["phone", "name"], *rows], ",", "\r\n", "", bare=True)
    with TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_bytes(data.encode(encoding))
        return list(open_campaign_file(path, Choices(now=NOW, message="{{ name }}")).rows())


@pytest.mark.parametrize("encoding", sorted(LISTS))
def test_names_in_an_old_encoding_are_read_as_they_were(encoding: str) -> None:
    names = LISTS[encoding].split("|")
    found = _judged(encoding, names)
    assert [f.content.text for f in found if isinstance(f, Planned)] == names


@given(
    st.sampled_from(sorted(LISTS)).flatmap(
        lambda encoding: st.tuples(
            st.just(encoding),
            st.lists(st.sampled_from(LISTS[encoding].split("|")), min_size=1, max_size=9),
        )
    )
)
def test_whatever_few_names_are_taken_for_is_told_as_a_guess(
    given_names: tuple[str, list[str]],
) -> None:
    encoding, names = given_names
    found = _judged(encoding, names)
    told = [each for each in found if isinstance(each, Caution)]
    if not "".join(names).isascii():
        assert "encoding" in told[0].problem
        assert "--encoding" in str(told[0].hint)


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


@given(st.lists(cells, min_size=1, max_size=6))
@example([" \u00a0{{ 7*7 }}{% raw %}\r\n "])
@example(["=HYPERLINK(1)", "'quoted", "\u200e"])
@example([' "', " \n0"])
@example([' ", "', 'a, "b" , c'])
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


@settings(max_examples=tries(300))
@given(headers, bodies, st.sampled_from([None, "US"]))
def test_no_bytes_can_break_a_check(head: bytes, body: bytes, region: str | None) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.csv")
        path.write_bytes(head + body)
        message = None if b"message" in head else "Hi {{ name }}"
        checked = check(path, Choices(now=NOW, region=region, message=message))
    assert checked.ok is not bool(checked.problems)
    assert all(problem.row is None or problem.row >= 1 for problem in checked.problems)
