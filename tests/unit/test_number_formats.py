from decimal import Decimal

import pytest

from waheal.workbook.number_formats import BUILT_IN, NumberFormat

CHRISTMAS = "46380.37847222222"  # 2026-12-24 09:05, a Thursday


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("0.00", "49.9", "49.90"),
        ("0.00", "1.005", "1.01"),
        ("0", "-0.5", "-1"),
        ("0%", "0.25", "25%"),
        ('0" %"', "25", "25 %"),
        ("0.0%", "0.1234", "12.3%"),
        ("00000", "1234", "01234"),
        ("+0", "12025550100", "+12025550100"),
        (r"\+0", "12025550100", "+12025550100"),
        ('"+"#', "12025550100", "+12025550100"),
        ("(000) 000-0000", "2025550100", "(202) 555-0100"),
        ("[<=9999999]###-####;(###) ###-####", "5550100", "555-0100"),
        ("[<=9999999]###-####;(###) ###-####", "2025550100", "(202) 555-0100"),
        ("#,##0.00", "1234567.5", "1,234,567.50"),
        ("#,##0", "999", "999"),
        ("#,##0 [$€-407]", "1234.4", "1,234 €"),
        ('_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)', "1234.5", "$1,234.50"),
        ('_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)', "-5", "$(5.00)"),
        ("#,##0;[Red]-#,##0", "-1234", "-1,234"),
        ('0;-0;"none"', "0", "none"),
        ("0.0,,", "12345678", "12.3"),
        ("0,K", "12345", "12K"),
        (".0,", "1500", "1.5"),
        ("#.##", "0.5", ".5"),
        ("0.0#", "0.5", "0.5"),
        ("# ?/?", "1.5", "1 1/2"),
        ("# ?/?", "0.5", "1/2"),
        ("# ?/?", "2", "2"),
        ("?/8", "0.25", "2/8"),
        ("# ??/??", "0.333333333333333", "1/3"),
        ('# ?/? "cups"', "2.25", "2 1/4 cups"),
        ('"about "?/?', "0.75", "about 3/4"),
        ("|??.??|", "1.1", "| 1.1 |"),
        ("?,???????", "1234567", "1,234,567"),
        ('[<10]#" Wow"', "9", "9 Wow"),
        ('[<10]#" Wow"', "11", "11"),
        ('[< -10]#" Low";0', "-11", "-11 Low"),
        (";;;", "5", ""),
        ("[>100]0.0;[<=100]0", "7.6", "8"),
        ("[Blue]0", "7", "7"),
        ('General" kg"', "1.5", "1.5 kg"),
        ("@", "7.5", "7.5"),
        ("0" * 300, "7", "7"),
    ],
)
def test_numbers_are_shown_as_excel_shows_them(code: str, value: str, text: str) -> None:
    assert NumberFormat(code).shown(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("-7", "-7"),
        ("1.5", "1.5"),
        ("0.1", "0.1"),
        ("0.333333333333333", "0.333333333"),
        ("3.14159265358979", "3.141592654"),
        ("123456.789123", "123456.7891"),
        ("0.00000000001", "0.00000000001"),
        ("447701123456", "447701123456"),
        ("1.234567890123456E15", "1234567890123456"),
        ("1e20", "100000000000000000000"),
    ],
)
def test_without_a_format_a_whole_number_keeps_its_digits(value: str, text: str) -> None:
    assert NumberFormat("General").shown(Decimal(value)) == text
    assert NumberFormat("0.00E+00").shown(Decimal(value)) == text


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("dd.mm.yyyy", CHRISTMAS, "24.12.2026"),
        ("d/m/yy", CHRISTMAS, "24/12/26"),
        ("dddd, d mmmm yyyy", CHRISTMAS, "Thursday, 24 December 2026"),
        ("ddd d-mmm", CHRISTMAS, "Thu 24-Dec"),
        ("mmmmm", CHRISTMAS, "D"),
        ("yyyy-mm-dd hh:mm:ss", CHRISTMAS, "2026-12-24 09:05:00"),
        ("h:mm AM/PM", CHRISTMAS, "9:05 AM"),
        ("h:mm am/pm", CHRISTMAS, "9:05 AM"),
        ("h:mm a/p", "0.75", "6:00 p"),
        ('s:m" @ hour "[hh]', "3.14159", "53:23 @ hour 75"),
        ("h AM/PM", "0", "12 AM"),
        ("[$-409]mmm d", CHRISTMAS, "Dec 24"),
        ("[h]:mm", "1.104166666666667", "26:30"),
        ("[hh]:mm:ss", "0.04", "00:57:36"),
        ("[mm]:ss", "0.5", "720:00"),
        ("[s]", "0.01", "864"),
        ("mm:ss.0", "0.0007", "01:00.5"),
        ("hh:mm", "0.9999884259", "23:59"),
        ("h:mm", "0.6041666666666666", "14:30"),
        ("yyyy-mm-dd", "1", "1900-01-01"),
        ("yyyy-mm-dd", "59", "1900-02-28"),
        ("yyyy-mm-dd", "60", "1900-02-29"),
        ("yyyy-mm-dd", "61", "1900-03-01"),
        ("yyyy-mm-dd", "2958465", "9999-12-31"),
        ("yyyy-mm-dd", "2958466", "2958466"),
        ("yyyy-mm-dd", "-1", "-1"),
    ],
)
def test_days_and_times_are_shown_as_excel_shows_them(code: str, value: str, text: str) -> None:
    assert NumberFormat(code).shown(Decimal(value)) == text


@pytest.mark.parametrize(
    "code", [BUILT_IN[14], "[$-F800]dddd, mmmm dd, yyyy", "[$-407]d. mmmm yyyy", "ge.m.d"]
)
def test_what_only_the_system_knows_is_written_in_the_one_order(code: str) -> None:
    assert NumberFormat(code).shown(Decimal(46380)) == "2026-12-24"


def test_a_workbook_of_a_mac_counts_from_1904() -> None:
    assert NumberFormat("[h]:mm", since_1904=True).shown(Decimal("-1.5")) == "-36:00"
    assert NumberFormat("d.m.yyyy", since_1904=True).shown(Decimal(44918)) == "24.12.2026"


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("dd/mm/yyyy", CHRISTMAS, "2026-12-24 09:05:00"),
        ("d/m", "46380", "2026-12-24"),
        ("h:mm", "0.5", "12:00:00"),
        ("#,##0", "12025550100", "12025550100"),
        ("0.00E+00", "12025550100", "12025550100"),
        ("0,", "12025550100", "12025550100"),
        ("+0", "12025550100", "+12025550100"),
        ("00000000000", "2025550100", "02025550100"),
        ("(000) 000-0000", "2025550100", "(202) 555-0100"),
        ("0", "1.5", "1.5"),
    ],
)
def test_a_column_that_is_read_loses_nothing_for_its_look(code: str, value: str, text: str) -> None:
    assert NumberFormat(code).exact(Decimal(value)) == text


@pytest.mark.parametrize(
    ("code", "shown"),
    [("@", "Ada"), ('"hidden"', "hidden"), ('"Dear "@', "Dear Ada"), ("0.00", "Ada"), (";;;", "")],
)
def test_a_format_may_add_to_a_text(code: str, shown: str) -> None:
    assert NumberFormat(code).text("Ada") == shown


@pytest.mark.parametrize(
    ("code", "around"),
    [
        ("General", ("", "")),
        ("@", ("", "")),
        ("0", ("", "")),
        ("+0;-0", ("+", "")),
        ('"Nr. "# "k"', ("Nr. ", " k")),
        ("#,##0", None),
        ("0.0", None),
        ("0%", None),
        ('0"000"', None),
        ("[>5]0", None),
        ("d", None),
        (";;;", None),
    ],
)
def test_what_only_stands_around_the_digits_is_told(
    code: str, around: tuple[str, str] | None
) -> None:
    known = NumberFormat(code)
    assert known.around == around
    if around is not None:
        assert known.shown(Decimal(7)) == known.exact(Decimal(7)) == "7".join(around).strip()


@pytest.mark.parametrize("number", sorted(BUILT_IN))
def test_every_built_in_format_shows_something(number: int) -> None:
    assert NumberFormat(BUILT_IN[number]).shown(Decimal("46380.5"))
