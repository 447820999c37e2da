import pytest

from waheal.campaign.phones import NumberReader, Unreadable, is_region
from waheal.model import Phone


@pytest.mark.parametrize(
    "cell",
    [
        "+12025550100",
        "+1 202-555-0100",
        "+1 (202) 555.0100",
        "(+1) 202 555 0100",
        "'+12025550100",
        "\u2018+12025550100",
        "+1\u00a0202\u00a0555\u00a00100",
        "\u200e+12025550100\u200e",
        "\ufeff+12025550100",
        "\u202a+1\u2011202\u2011555\u20110100\u202c",
        "\uff0b\uff11\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff10\uff10",
        "0012025550100",
        "00 1 202 555 0100",
        "+12025550100.0",
        "+1.2025550100E+10",
        '="+12025550100"',
        "=+12025550100",
        '"+12025550100"',
        "tel:+1-202-555-0100",
        "whatsapp:+12025550100",
        "https://wa.me/12025550100",
        "wa.me/12025550100",
        "  +12025550100\t",
    ],
)
def test_reads_an_international_number_however_it_is_written(cell: str) -> None:
    assert NumberReader().read(cell) == (Phone("+12025550100"), True)


LOCAL = ["(202) 555-0102", "2025550102.0", "12025550102", "1 202 555 0102", "1-202-555-0102"]
SCIENTIFIC = ["2.025550102E+9", "2,025550102E+9", "2.025550102e9"]
ARABIC = "\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0660\u0662"


@pytest.mark.parametrize("cell", [*LOCAL, *SCIENTIFIC, ARABIC])
def test_reads_a_local_number_only_with_its_region(cell: str) -> None:
    assert NumberReader("us").read(cell) == (Phone("+12025550102"), True)
    refused = NumberReader().read(cell)
    assert isinstance(refused, Unreadable)
    assert "country code" in refused.problem


def test_drops_a_trunk_zero_in_brackets() -> None:
    assert NumberReader().read("+44 (0)7700 900123") == (Phone("+447700900123"), False)


def test_tells_possible_from_valid() -> None:
    assert NumberReader().read("+447700900123") == (Phone("+447700900123"), False)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("", "no number"),
        (" \u00a0", "no number"),
        ("call me", "not a phone number"),
        ("1-800-FLOWERS", "not a phone number"),
        ("12", "too short"),
        ("5550100", "area code"),
        ("+999123456789", "no country"),
        ("+120255501001234", "too long"),
        ("2025550112 2025550113", "too long"),
        ("6.28123E+11", "rounded"),
        ("6,28123E+11", "rounded"),
        ("6E+11", "rounded"),
        ("2.0255501E+9", "rounded"),
        ("+12025550112; +12025550113", "two numbers"),
        ("+12025550112, +12025550113", "two numbers"),
        ("+12025550112/+12025550113", "two numbers"),
        ("+12025550112\n+12025550113", "two numbers"),
        ("+12025550112 +12025550113", "two numbers"),
        ("2025550112 or 2025550113", "two numbers"),
        ("202-555-0100 x5", "extension"),
        ("+1202555010\u00b2", "not a phone number"),
        ("+" + "1" * 500, "not a phone number"),
        ("{{ 7*7 }}", "not a phone number"),
    ],
)
def test_says_why_a_cell_holds_no_number(cell: str, problem: str) -> None:
    refused = NumberReader("US").read(cell)
    assert isinstance(refused, Unreadable)
    assert problem in refused.problem
    assert refused.hint


def test_reads_mexicos_old_spelling_as_the_new_one() -> None:
    assert NumberReader().read("+52 1 55 1234 5678") == (Phone("+525512345678"), True)


def test_knows_regions() -> None:
    assert is_region("us")
    assert not is_region("XX")
