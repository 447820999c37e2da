import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.kit.workbooks import Tab, number, row, shared, table, text, write_workbook
from waheal.workbook.book import Book
from waheal.workbook.cells import SheetNotes
from waheal.workbook.refusal import WorkbookError
from waheal.workbook.sheet import column_of, letters_of

HEAD = row(1, text("phone"), text("name"))


def rows_of(path: Path, *, hidden: bool = False) -> dict[int, list[str]]:
    """Read the first sheet: its rows by their numbers, with their texts from left to right."""
    book = Book(lambda: path.open("rb"))
    found = book.rows(book.sheets[0], SheetNotes(), hidden=hidden)
    return {each.number: [each.texts[place] for place in sorted(each.texts)] for each in found}


def one_sheet(path: Path, *rows: str, strings: Iterable[str] | None = None) -> Path:
    return write_workbook(path / "one.xlsx", [Tab("One", rows)], strings=strings)


def cell(body: str, kind: str = "n") -> str:
    return f'<c t="{kind}">{body}</c>'


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (cell("<v>7</v>"), "7"),
        (cell("<v>007</v>"), "7"),
        (cell("<v>1.5E1</v>"), "15"),
        (cell("<v>0.30000000000000004</v>"), "0.3"),
        (cell("<v>1</v>", "b"), "TRUE"),
        (cell("<v>0</v>", "b"), "FALSE"),
        (cell("<v>#N/A</v>", "e"), "#N/A"),
        (cell("<v>2026-12-24T18:00:00</v>", "d"), "2026-12-24 18:00:00"),
        (cell("<v>2026-12-24T00:00:00</v>", "d"), "2026-12-24"),
        (cell("<f>A1&amp;B1</f><v>both</v>", "str"), "both"),
        (cell("<f>1+1</f><v>2</v>"), "2"),
        (cell("<v>NaN</v>"), "NaN"),
        (cell("<v>Infinity</v>"), "Infinity"),
        (cell("<v>1_000</v>"), "1_000"),
        (cell("<v>1e999</v>"), "1e999"),
        (cell(f"<v>{'9' * 400}</v>"), "9" * 400),
        (cell("<v>12025550100</v>", "unheard of"), "12025550100"),
        (cell("<is><t>a</t></is>", "inlineStr"), "a"),
        (cell("<is><r><rPr><b/></rPr><t>A</t></r><r><t>da</t></r></is>", "inlineStr"), "Ada"),
        (cell("<is><t>漢</t><rPh sb='0' eb='1'><t>kan</t></rPh></is>", "inlineStr"), "漢"),
        (cell("<is><t>a_x000D_\nb _x005F_x0041_</t></is>", "inlineStr"), "a\r\nb _x0041_"),
        (cell("<v>1</v><is><t>a</t></is>", "inlineStr"), "a"),
        (cell("<v>1</v><is><t>a</t></is>"), "1"),
        (cell("<is><t>\n a\tb  </t></is>", "inlineStr"), "a\tb"),
        (cell("<is><t xml:space='preserve'> a </t></is>", "inlineStr"), " a "),
        (cell("<is><t>&lt;&#65;&amp;</t></is>", "inlineStr"), "<A&"),
        (cell("<is><t><![CDATA[<b>]]></t></is>", "inlineStr"), "<b>"),
    ],
)
def test_a_cell_is_what_it_shows(tmp_path: Path, written: str, shown: str) -> None:
    assert rows_of(one_sheet(tmp_path, row(1, written))) == {1: [shown]}


def test_blanks_round_a_shared_text_stay_where_they_are_meant(tmp_path: Path) -> None:
    strings = ["<si><t> a </t></si>", "<si><t xml:space='preserve'> a </t></si>"]
    path = one_sheet(tmp_path, row(1, shared(0), shared(1)), strings=strings)
    assert rows_of(path) == {1: ["a", " a "]}


def test_shared_texts_are_looked_up(tmp_path: Path) -> None:
    strings = [
        "<si><t>Zoë</t></si>",
        "<si/>",
        "<si><r><t xml:space='preserve'>two </t></r><r><t>runs</t></r></si>",
        "<si><t>渡辺</t><rPh sb='0' eb='2'><t>わたなべ</t></rPh><phoneticPr fontId='1'/></si>",
    ]
    path = one_sheet(tmp_path, row(1, *map(shared, (3, 2, 1, 0, 0))), strings=strings)
    assert rows_of(path) == {1: ["渡辺", "two runs", "Zoë", "Zoë"]}


@pytest.mark.parametrize("place", [2, -1, 10**30])
def test_a_text_that_is_not_there_is_damage(tmp_path: Path, place: int) -> None:
    path = one_sheet(tmp_path, row(1, shared(place)), strings=["<si><t>a</t></si>"] * 2)
    with pytest.raises(WorkbookError, match="refers to a text"):
        rows_of(path)


def test_rows_and_cells_stand_where_they_say_and_the_rest_is_empty(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "gaps.xlsx",
        [
            Tab(
                "Gaps",
                [
                    row(3, text("b", "B3"), text("a", "A3")),
                    row(7, '<c r="A7"/>', '<c r="B7" s="3"/>'),
                    "<row><c><v>1</v></c></row>",
                    row(1_048_576, text("far", "XFD1048576")),
                ],
            )
        ],
    )
    book = Book(lambda: path.open("rb"))
    found = [(each.number, each.texts) for each in book.rows(book.sheets[0], SheetNotes())]
    assert found == [(3, {0: "a", 1: "b"}), (8, {0: "1"}), (1_048_576, {16_383: "far"})]


@pytest.mark.parametrize("attributes", ['hidden="1"', 'hidden="true"', 'ht="0" customHeight="1"'])
def test_a_hidden_row_is_left_out_and_counted(tmp_path: Path, attributes: str) -> None:
    path = one_sheet(
        tmp_path,
        HEAD,
        row(2, text("a"), attributes=attributes),
        row(3, text("b")),
        row(4, "<c/>", attributes=attributes),
    )
    book, notes = Book(lambda: path.open("rb")), SheetNotes()
    assert [each.number for each in book.rows(book.sheets[0], notes)] == [1, 3]
    assert (notes.hidden.count, notes.hidden.row) == (1, 2)
    assert list(rows_of(path, hidden=True)) == [1, 2, 3]


def test_sheets_are_listed_without_charts(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "sheets.xlsx",
        [Tab("A & B", []), Tab("Old", [], state="hidden"), Tab("Very", [], state="veryHidden")],
    )
    with zipfile.ZipFile(path) as source:
        relations = source.read("xl/_rels/workbook.xml.rels").replace(b"sheet2", b"chart2")
    changed = relations.replace(b'worksheet" Target="worksheets/chart2', b'chartsheet" Target="c')
    write_workbook(
        path,
        [Tab("A & B", []), Tab("Chart", []), Tab("Very", [], state="veryHidden")],
        more={"xl/_rels/workbook.xml.rels": changed},
    )
    found = [(sheet.name, sheet.hidden) for sheet in Book(lambda: path.open("rb")).sheets]
    assert found == [("A & B", False), ("Very", True)]


def test_strict_workbooks_and_those_with_prefixes_are_read(tmp_path: Path) -> None:
    path = one_sheet(tmp_path, HEAD)
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    strict = sheet.replace(
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    prefixed = re.sub(r"<(/?)(\w)", r"<\1x:\2", strict).replace("xmlns=", "xmlns:x=")
    prefixed = prefixed.replace('encoding="UTF-8"', 'encoding="UTF-16"')
    path = write_workbook(
        tmp_path / "strict.xlsx",
        [Tab("S", [])],
        more={"xl/worksheets/sheet1.xml": prefixed.encode("utf-16")},
    )
    assert rows_of(path) == {1: ["phone", "name"]}


def test_formulas_without_result_and_numbers_too_long_are_noted(tmp_path: Path) -> None:
    formula = "<c><f>A1</f></c>"
    path = one_sheet(tmp_path, row(1, formula, formula, number("1234567890123456")))
    book, notes = Book(lambda: path.open("rb")), SheetNotes()
    assert [each.texts for each in book.rows(book.sheets[0], notes)] == [{2: "1234567890123456"}]
    assert (notes.unreckoned.count, notes.unreckoned.row, notes.unreckoned.column) == (2, 1, 0)
    assert (notes.overlong.count, notes.overlong.column) == (1, 2)


def test_a_style_that_is_not_there_shows_the_number(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "styles.xlsx",
        [Tab("S", [row(1, number(1, 1), *(number(7, style) for style in (9, 99_999)))])],
        codes=["0.0"],
    )
    assert rows_of(path) == {1: ["1.0", "7", "7"]}


def test_styles_have_an_end(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "styles.xlsx", [Tab("S", [])], codes=[f'0"{i}"' for i in range(5_000)]
    )
    with pytest.raises(WorkbookError, match="too many styles"):
        Book(lambda: path.open("rb"))


def test_styles_that_refer_to_each_other_in_a_circle_are_no_matter(tmp_path: Path) -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    path = write_workbook(
        tmp_path / "circle.xlsx",
        [Tab("S", [row(1, number(0.5, 1))])],
        more={
            "xl/styles.xml": (
                f'<styleSheet xmlns="{main}"><cellStyleXfs><xf numFmtId="9" xfId="0"/>'
                '</cellStyleXfs><cellXfs><xf numFmtId="0" xfId="1"/><xf numFmtId="10" xfId="1"/>'
                '</cellXfs><dxfs><dxf><numFmt numFmtId="10" formatCode="&quot;no&quot;"/></dxf>'
                "</dxfs></styleSheet>"
            ).encode()
        },
    )
    assert rows_of(path) == {1: ["50.00%"]}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([row(2, text("a")), row(1, text("b"))], "row 1 can't follow row 2"),
        ([row(4_294_967_295, text("a"))], "can't follow row 0"),
        ([row(1, text("a", "A1"), text("b", "A1"))], "two cells in one column"),
        ([row(1, text("a", "XFE1"))], "Excel's last one is XFD"),
        ([row(1, text("a", "ZZZZZZZ1"))], "Excel's last one is XFD"),
        ([row(1, text("a", "a1"))], "there is no column 'a'"),
        ([row(1, "<c/>" * 20_000)], "more than 16,384 columns"),
        ([row(1, text("x" * 70_000))], "row 1 is longer than 65,536 characters"),
        (['<row r="1" x="', "x" * 2_000_000, '"/>'], "longer than 1 MiB"),
        (["<!--", "x" * 2_000_000, "-->"], "longer than 1 MiB"),
        (["<a>" * 100], "far more in it"),
        (["<a/>" * 400_000], "far more in it"),
        ([f"<a{i}/>" for i in range(1_100)], "words that no workbook has"),
        ([f'<row a{i}=""/>' for i in range(1_100)], "words that no workbook has"),
        (["<row>"], "XML is damaged"),
        (['<row r="x"/>'], "where a number belongs"),
    ],
)
def test_what_no_spreadsheet_writes_is_refused(tmp_path: Path, rows: list[str], told: str) -> None:
    with pytest.raises(WorkbookError, match=told):
        rows_of(one_sheet(tmp_path, *rows))


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
@pytest.mark.parametrize("part", ["workbook.xml", "styles.xml", "worksheets/sheet1.xml"])
def test_a_document_type_is_refused_wherever_it_stands(
    tmp_path: Path, part: str, doctype: str
) -> None:
    content = f"<?xml version='1.0'?>{doctype}<worksheet>&b;</worksheet>".encode()
    path = write_workbook(tmp_path / "x.xlsx", [Tab("S", [])], more={f"xl/{part}": content})
    with pytest.raises(WorkbookError, match="declares a document type"):
        rows_of(path)


@pytest.mark.parametrize(
    ("strings", "told"),
    [
        (["<si><t>", "x" * 70_000, "</t></si>"], "texts is longer than 65,536"),
        (["<si/>" * 400_000], "too many"),
        (["<a>" * 100], "far more in it"),
        (["<si>", "<r/>" * 400_000], "far more in it"),
        ([f"<a{i}/>" for i in range(1_100)], "words that no workbook has"),
    ],
)
def test_shared_texts_have_an_end(tmp_path: Path, strings: list[str], told: str) -> None:
    with pytest.raises(WorkbookError, match=told):
        rows_of(one_sheet(tmp_path, HEAD, strings=strings))


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("xl/workbook.bin", "binary workbook"),
        ("word/document.xml", "Word document"),
        ("ppt/presentation.xml", "PowerPoint"),
        ("content.xml", "OpenDocument"),
        ("Index/Document.iwa", "Apple Numbers"),
        ("hello.txt", "zip archive and no workbook"),
    ],
)
def test_another_archive_is_told_for_what_it_is(tmp_path: Path, part: str, told: str) -> None:
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "hello")
    with pytest.raises(WorkbookError, match=told):
        Book(lambda: path.open("rb"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("EncryptedPackage", "protected by a password"),
        ("WordDocument", "Word document"),
        ("Workbook", "Excel 97 to 2003"),
    ],
)
def test_a_compound_file_is_told_for_what_it_is(name: str, told: str) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes((1 << 20) - 9) + name.encode("utf-16-le")
    with pytest.raises(WorkbookError, match=told):
        Book(lambda: io.BytesIO(content))


def test_a_sheet_whose_part_is_missing_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "missing.xlsx"
    whole = one_sheet(tmp_path, HEAD)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            if "sheet1" not in name:
                target.writestr(name, source.read(name))
    with pytest.raises(WorkbookError, match=r"'xl/worksheets/sheet1\.xml' is missing"):
        rows_of(path)


def test_what_follows_the_cells_is_not_read_but_is_to_be_whole(tmp_path: Path) -> None:
    tab = Tab("S", table([["phone"]]), after="<mergeCells>" + "<mergeCell/>" * 30_000 + "<!--" * 9)
    path = write_workbook(tmp_path / "after.xlsx", [tab])
    assert rows_of(path) == {1: ["phone"]}
    content = bytearray(path.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 16] ^= 1  # the checksum of the last part, which is the sheet
    path.write_bytes(content)
    with pytest.raises(WorkbookError, match="damaged"):
        rows_of(path)


def test_columns_have_letters() -> None:
    places = (0, 25, 26, 701, 702, 16_383)
    assert [letters_of(place) for place in places] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert [column_of(letters_of(place)) for place in places] == list(places)
