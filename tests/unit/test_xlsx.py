import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.kit.workbooks import Tab, number, row, shared, table, text, write_workbook
from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.checking import Checked, check
from waheal.campaign.choices import Choices
from waheal.campaign.reading import Broken, Record
from waheal.campaign.xlsx import ListLayout, Workbook
from waheal.findings import Problem
from waheal.workbook.refusal import WorkbookError

SAMPLE = Path(__file__).parents[2] / "campaigns" / "workbook.xlsx"
ADA = ("+12025550100", "Ada")
BO = ("+12025550101", "Bo")
HEAD = ("phone", "name")


def checked(path: Path, message: str = "Hi {{ name }}", **chosen: str | bool) -> Checked:
    return check(path, Choices(now=0.0, message=message, **chosen))  # type: ignore[arg-type] # each test's own


def test_gives_the_rows_that_its_csv_would_have() -> None:
    rows = [(record.row, record.cells[:3]) for record in Workbook(SAMPLE).records()]
    assert rows == [
        (1, ["phone", "name", "seats"]),
        (2, ["18015550193", "Tāne", "2"]),
        (3, ["+18015550194", "李雷", "1.5"]),
        (4, ["18015550195", "Zoë", "3"]),
    ]


def moved(path: Path) -> Path:
    """Write the sample with its table beginning in B3."""
    with zipfile.ZipFile(SAMPLE) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            if name.endswith("sheet1.xml"):
                for at in (4, 3, 2, 1):
                    for old, new in ("DE", "CD", "BC", "AB"):
                        body = body.replace(f'"{old}{at}"'.encode(), f'"{new}{at + 2}"'.encode())
                    body = body.replace(f'<row r="{at}"'.encode(), f'<row r="{at + 2}"'.encode())
            target.writestr(name, body)
    return path


def test_rows_and_columns_before_the_table_count(tmp_path: Path) -> None:
    header, *_ = Workbook(moved(tmp_path / "moved.xlsx")).records()
    assert header.row == 3
    assert header.cells[:2] == ["", "phone"]


@pytest.mark.parametrize("keep", [4, 100, 2000])
def test_a_damaged_workbook_is_told_off(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.xlsx"
    path.write_bytes(SAMPLE.read_bytes()[:keep])
    with pytest.raises(WorkbookError):
        Workbook(path)


def sheets(path: Path, *tabs: tuple[str, str, Iterable[Iterable[str]]]) -> Path:
    """Write a workbook of sheets: their names, their states, their texts."""
    return write_workbook(path, [Tab(name, table(rows), state=state) for name, state, rows in tabs])


def test_the_first_visible_sheet_is_read_and_the_others_are_told(tmp_path: Path) -> None:
    path = sheets(
        tmp_path / "hidden.xlsx",
        ("Old", "hidden", [HEAD, BO]),
        ("November", "visible", [HEAD, ADA]),
        ("Notes", "visible", []),
    )
    found = checked(path)
    assert [each.phone for each in found.preview] == [ADA[0]]
    (told,) = found.warnings
    assert "only 'November' is read" in told.problem
    assert told.hint == "--sheet names another: 'Old' (hidden), 'Notes'"
    assert open_campaign_file(path, Choices(now=0.0)).hidden_sheets == 1
    assert open_campaign_file(path, Choices(now=0.0, sheet="November")).hidden_sheets == 0


@pytest.mark.parametrize("sheet", ["Contacts", " contacts", "2"])
def test_a_sheet_is_named_or_numbered(tmp_path: Path, sheet: str) -> None:
    path = sheets(
        tmp_path / "second.xlsx",
        ("Instructions", "visible", [["How to fill in this file"]]),
        ("Contacts", "hidden", [HEAD, ADA]),
    )
    assert checked(path, sheet=sheet).ok
    refused = checked(path)
    assert not refused.ok
    assert "this is sheet 'Instructions'" in str(refused.problems[0].hint)
    assert "--sheet names another: 'Contacts' (hidden)" in str(refused.problems[0].hint)


def test_a_text_file_has_no_sheets(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone,name\n+12025550100,Ada\n")
    found = checked(path, sheet="Contacts")
    assert (found.ok, ["--sheet" in each.problem for each in found.warnings]) == (True, [True])


def test_a_sheets_name_goes_before_its_place(tmp_path: Path) -> None:
    path = sheets(
        tmp_path / "years.xlsx", ("2", "visible", [HEAD, ADA]), ("1", "visible", [HEAD, BO])
    )
    assert [each.phone for each in checked(path, sheet="1").preview] == [BO[0]]


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    path = sheets(tmp_path / "a.xlsx", *((f"S{i}", "visible", []) for i in range(20)))
    (problem,) = checked(path, sheet="s99").problems
    assert problem.problem == "the workbook has no sheet 's99'"
    assert "'S0', 'S1'" in str(problem.hint)
    assert "and 8 more" in str(problem.hint)


def test_a_workbook_whose_sheets_are_all_hidden_is_refused(tmp_path: Path) -> None:
    path = sheets(tmp_path / "a.xlsx", ("Old", "veryHidden", [HEAD, ADA]))
    assert "no visible sheet" in checked(path).problems[0].problem
    assert checked(path, sheet="Old").ok


def filtered(path: Path) -> Path:
    cells = [[*map(text, each)] for each in (HEAD, ADA, BO, ("+12025550102", "Cy"))]
    rows = [
        row(i, *each, attributes='hidden="1"' if i in (3, 4) else "")
        for i, each in enumerate(cells, 1)
    ]
    return write_workbook(path, [Tab("S", rows, after='<autoFilter ref="A1:B4"/>')])


def test_rows_that_are_filtered_out_are_left_out_and_told(tmp_path: Path) -> None:
    path = filtered(tmp_path / "filtered.xlsx")
    found = checked(path)
    assert (found.ok, found.rows, [each.phone for each in found.preview]) == (True, 1, [ADA[0]])
    (told,) = found.warnings
    assert (told.row, told.problem) == (3, "2 hidden rows are left out, beginning with this one")
    assert "--hidden-rows" in str(told.hint)


def test_hidden_rows_are_taken_where_that_is_asked_for(tmp_path: Path) -> None:
    path = filtered(tmp_path / "filtered.xlsx")
    found = checked(path, hidden_rows=True)
    assert (found.rows, found.warnings) == (3, ())
    one, other = (
        open_campaign_file(path, Choices(now=0.0, message="x", hidden_rows=hidden)).digest
        for hidden in (False, True)
    )
    assert one != other


def test_a_list_whose_header_is_hidden_is_told_so(tmp_path: Path) -> None:
    rows = [row(1, *map(text, HEAD), attributes='hidden="1"')]
    (problem, *_) = checked(write_workbook(tmp_path / "h.xlsx", [Tab("S", rows)])).problems
    assert "--hidden-rows takes hidden rows, of which there are 1 so far" in str(problem.hint)


def test_a_hidden_column_is_read_and_told(tmp_path: Path) -> None:
    rows = table([(*HEAD, "device"), (*ADA, "")])
    columns = '<cols><col min="3" max="16384" hidden="1"/></cols>'
    path = write_workbook(tmp_path / "c.xlsx", [Tab("S", rows, before=columns)])
    (told,) = checked(path).warnings
    assert (told.column, "column C is hidden" in told.problem) == ("device", True)


@pytest.mark.parametrize("place", ["XFD1048576", "ALL200000", "C3"])
@pytest.mark.parametrize("what", [".", " "])
def test_a_far_cell_is_no_part_of_the_list(tmp_path: Path, place: str, what: str) -> None:
    last = row(int(place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), text(what, place))
    path = write_workbook(tmp_path / "far.xlsx", [Tab("S", [*table([HEAD, ADA]), last])])
    found = checked(path)
    assert (found.ok, found.rows) == (True, 1)
    told = [each.problem for each in found.warnings]
    assert told == ([] if what == " " else [f"cell {place} {BESIDE}"])


BESIDE = "holds something beside the list, and is left out"


def test_cells_beside_a_row_of_the_list_are_left_out(tmp_path: Path) -> None:
    path = sheets(tmp_path / "b.xlsx", ("S", "visible", [HEAD, (*ADA, "", "vip"), (*BO, "x")]))
    found = checked(path)
    assert (found.ok, found.rows) == (True, 2)
    assert [each.problem for each in found.warnings] == [f"cell D2 (and 1 more) {BESIDE}"]


def test_merged_cells_and_empty_rows_hold_nothing(tmp_path: Path) -> None:
    rows = [*table([HEAD]), row(2), row(5, text(ADA[0]), text(ADA[1]), "<c/>"), row(9, "<c/>")]
    merged = '<mergeCells><mergeCell ref="B5:C6"/></mergeCells>'
    path = write_workbook(tmp_path / "m.xlsx", [Tab("S", rows, after=merged)])
    found = checked(path)
    assert (found.ok, [each.row for each in found.preview]) == (True, [5])


def test_a_text_has_what_excel_shows(tmp_path: Path) -> None:
    codes = ["0.00", "00000", "0%", "[h]:mm", "dd/mm/yyyy", "#,##0.00\\ [$€-1]"]
    values = ("49.9", "1234", "0.25", "1.104166666666667", "46380", "1234.5")
    head = row(1, *map(text, ("phone", "price", "zip", "share", "time", "day", "sum")))
    cells = [number(value, i) for i, value in enumerate(values, 1)]
    path = write_workbook(
        tmp_path / "f.xlsx", [Tab("S", [head, row(2, text(ADA[0]), *cells)])], codes=codes
    )
    message = "{{ price }}|{{ zip }}|{{ share }}|{{ time }}|{{ day }}|{{ sum }}"
    assert [each.content.text for each in checked(path, message).preview] == [
        "49.90|01234|25%|26:30|24/12/2026|1,234.50 €"
    ]


def test_numbers_and_moments_that_are_read_keep_what_their_look_hides(tmp_path: Path) -> None:
    head = row(1, *map(text, ("phone", "expires", "send_after")))
    # As shown these are 1.20E+10, 01/12/2026 and 1/12, which nobody could read back.
    cells = [number("12025550100", 1), number("46357", 2), number("46357.75", 3)]
    path = write_workbook(
        tmp_path / "e.xlsx",
        [Tab("S", [head, row(2, *cells)])],
        codes=["0.00E+00", "dd/mm/yyyy", "d/m"],
    )
    layout = ListLayout(3, frozenset({0, 1, 2}))
    _, record = Workbook(path).records(layout)
    assert record.cells == ["12025550100", "2026-12-01", "2026-12-01 18:00:00"]
    assert checked(path, "Hi", region="US").ok


def test_sixteen_digits_arrive_whole_and_are_told(tmp_path: Path) -> None:
    rows = [row(1, text("phone"), text("card")), row(2, text(ADA[0]), number("1234567890123456"))]
    found = checked(write_workbook(tmp_path / "n.xlsx", [Tab("S", rows)]), "{{ card }}")
    assert [each.content.text for each in found.preview] == ["1234567890123456"]
    assert "cell B2 holds a number of more than 15 digits" in found.warnings[0].problem


def test_a_formula_that_was_never_reckoned_is_told(tmp_path: Path) -> None:
    rows = [*table([HEAD]), row(2, text(ADA[0]), "<c><f>UPPER(A1)</f></c>")]
    found = checked(write_workbook(tmp_path / "f.xlsx", [Tab("S", rows)]))
    assert not found.ok
    assert "cell B2 holds a formula without a result" in found.warnings[0].problem


def test_damage_behind_good_rows_stops_the_campaign(tmp_path: Path) -> None:
    rows = [*table([HEAD, ADA]), row(3, shared(7))]
    found = checked(write_workbook(tmp_path / "d.xlsx", [Tab("S", rows)]))
    assert not found.ok
    assert not found.skippable
    assert [each.problem for each in found.problems] == [
        "the workbook can't be read: a cell refers to a text that is not there"
    ]


def test_what_is_wrong_before_the_header_is_told(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "d.xlsx", [Tab("S", [row(1, shared(7))])])
    (problem,) = open_campaign_file(path, Choices(now=0.0)).rows()
    assert isinstance(problem, Problem)
    assert "refers to a text" in problem.problem


def test_what_was_left_out_is_counted_by_each_pass_anew(tmp_path: Path) -> None:
    file = open_campaign_file(filtered(tmp_path / "f.xlsx"), Choices(now=0.0, message="x"))
    for _ in range(2):
        assert len(list(file.rows())) == 2
        assert file.hidden_rows == 2
    assert [each.row for each in file.raw_records(listed=True)] == [1, 2]
    assert file.hidden_rows == 2


def test_raw_records_have_whatever_stands_in_the_sheet(tmp_path: Path) -> None:
    rows = [row(1, number("12025550100", 1)), row(2, text("x"), text("y"), number("46380", 2))]
    path = write_workbook(
        tmp_path / "raw.xlsx", [Tab("S", [*rows, row(3, shared(9))])], codes=["0.0E+00", "d/m"]
    )
    *raw, broken = open_campaign_file(path, Choices(now=0.0)).raw_records()
    cells = [each.cells for each in raw if isinstance(each, Record)]
    assert cells == [["12025550100"], ["x", "y", "2026-12-24"]]
    assert isinstance(broken, Broken)
    assert (broken.row, broken.cuts) == (3, True)
    assert "refers to a text" in broken.problem


def test_a_bad_row_is_written_without_what_stands_beside_the_list(tmp_path: Path) -> None:
    rows = [*table([HEAD, ("no number", "Ada", "beside")])]
    path = write_workbook(tmp_path / "r.xlsx", [Tab("S", rows)])
    check(path, Choices(now=0.0, message="Hi"), rejected=tmp_path / "bad.csv")
    _, line = (tmp_path / "bad.csv").read_text("utf-8-sig").splitlines()
    assert line.startswith("no number,Ada,phone: ")
