"""Findings of one kind come together, with the first of them and how many rows have it."""

import io

from rich.console import Console

from waheal.campaign.grouping import MOST, Grouping
from waheal.findings import Alike, Caution, Problem
from waheal.views.tables import alike_table


def grouped(*found: Problem | Caution) -> tuple[Alike, ...]:
    groups = Grouping()
    for each in found:
        groups.note(each)
    return groups.told()


def drawn(*found: Problem | Caution, masked: bool = False) -> str:
    out = io.StringIO()
    Console(file=out, width=200).print(alike_table(grouped(*found), masked=masked))
    return out.getvalue()


def code(row: int, cell: str = "1234501") -> Problem:
    return Problem(row, "phone", "the number has no country code", "write it with +", cell=cell)


def test_one_kind_is_told_once_with_the_first_row_and_its_cell() -> None:
    told = drawn(*(code(row, f"12345{row:02}") for row in range(3, 15)))
    assert "12 rows: the number has no country code, such as '1234503' (row 3)" in told
    assert told.count("no country code") == 1


def test_one_row_is_told_as_itself() -> None:
    assert "row 3: the number has no country code: '1234501'" in drawn(code(3))


def test_what_differs_by_its_row_only_is_of_one_kind() -> None:
    same = [Problem(row, "phone", f"the same number as in row {row - 4}") for row in range(9, 12)]
    unknown = [Problem(row, "device", f"there is no device {row!r}") for row in (20, 21)]
    told = drawn(*same, *unknown, Problem(30, "device", "it is empty"))
    assert "3 rows, such as row 9: the same number as in row 5" in told
    assert "2 rows, such as row 20: there is no device 20" in told
    assert "row 30: it is empty" in told


def test_columns_and_kinds_stand_apart_the_file_first_and_warnings_last() -> None:
    found = grouped(
        Caution(2, "phone", "not known as valid"),
        code(3),
        Problem(4, "zone", "it is no time zone"),
        code(5),
        Problem(None, None, "there is no text to send", skippable=False),
    )
    assert [(each.first.column, each.rows) for each in found] == [
        (None, 1), ("phone", 2), ("zone", 1), ("phone", 1),
    ]  # fmt: skip
    assert isinstance(found[-1].first, Caution)


def test_rows_are_counted_once_each() -> None:
    groups = Grouping()
    for each in (code(3), Problem(3, "zone", "no zone"), code(4), Caution(5, None, "odd")):
        groups.note(each)
    assert groups.rows == 2


def test_a_cell_that_is_told_already_is_not_told_twice() -> None:
    told = drawn(Problem(4, "zone", "'Mars' is no time zone", cell="Mars"))
    assert told.count("Mars") == 1


def test_numbers_are_masked_where_it_may_be_a_log() -> None:
    told = drawn(code(3, "+12025550123"), masked=True)
    assert "2025550123" not in told
    assert "…23" in told


def test_what_stands_in_a_cell_can_not_move_the_cursor() -> None:
    assert "\x1b" not in drawn(code(3, "\x1b[2J"))


def test_kinds_without_end_are_bounded() -> None:
    groups = Grouping()
    for row in range(MOST + 50):
        groups.note(Problem(row + 2, f"column {row}", "it is empty"))
    assert len(groups.told()) == MOST
    assert groups.rows == MOST + 50
