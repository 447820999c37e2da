import pytest

from waheal.campaign.phone_cells import Unreadable
from waheal.campaign.phones import Number, NumberReader, is_region
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
        "12025550100@c.us",
        "12025550100@s.whatsapp.net",
        "12025550100:17@s.whatsapp.net",
        "https://wa.me/12025550100?text=Hi%20there",
        "https://wa.me/%2B12025550100/?text=Hi",
        "https://api.whatsapp.com/send?phone=12025550100&text=Hi",
        "https://api.whatsapp.com/send/?text=Hi&phone=%2B1+202+555+0100&app_absent=0",
        "https://web.whatsapp.com/send?phone=12025550100",
        "whatsapp://send?phone=+12025550100&text=Hi",
        "++12025550100",
        "+ 1 202 555 0100",
        "+0012025550100",
        "+12025550100;",
        "+12025550100, ",
        "12025550100+",
        "Tel: +12025550100",
        "Tel.: +1 202 555 0100",
        "mobile +12025550100",
        "M: +1-202-555-0100",
        "WhatsApp +12025550100",
        "+1 202 555 0100 (mobile)",
        "+12025550100 Handy",
        "\u7535\u8bdd\uff1a+12025550100",
        "\u0442\u0435\u043b. +12025550100",
        "\U0001f4de +12025550100",
        "p:+12025550100",
        "+12,025,550,100",
        "\u201c+12025550100\u201d",
        "`+12025550100`",
        "+1_202_555_0100",
        "[+1] 202-555-0100",
        "<+12025550100>",
        "{+12025550100}",
        "+(1) 202 555 0100",
        "+1 202 555 0100 (Viber/WhatsApp)",
        "+1 202 555 0100 h",
        "+1 202 555 0100 (\u5fae\u4fe1\u540c\u53f7)",
    ],
)
def test_reads_an_international_number_however_it_is_written(cell: str) -> None:
    assert NumberReader().read(cell) == Number(Phone("+12025550100"), True)


LOCAL = ["(202) 555-0102", "2025550102.0", "12025550102", "1 202 555 0102", "1-202-555-0102"]
SCIENTIFIC = ["2.025550102E+9", "2,025550102E+9", "2.025550102e9"]
ARABIC = "\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0660\u0662"


@pytest.mark.parametrize("cell", [*LOCAL, *SCIENTIFIC, ARABIC])
def test_reads_a_local_number_only_with_its_region(cell: str) -> None:
    assert NumberReader("us").read(cell) == Number(Phone("+12025550102"), True)
    refused = NumberReader().read(cell)
    assert isinstance(refused, Unreadable)
    assert "country code" in refused.problem


def test_drops_a_trunk_zero_in_brackets() -> None:
    assert NumberReader().read("+44 (0)7700 900123") == Number(Phone("+447700900123"), False)


@pytest.mark.parametrize(
    "cell",
    ["+49(0)171/3920005", "+49 (0)171 / 3920005", "0049 (0) 171-3920005", "+49 171/392 00 05",
     "0171/3920005", "Mobil: 0171 / 3920005", "+49[0]1713920005"],
)  # fmt: skip
def test_a_slash_behind_an_area_code_makes_no_second_number(cell: str) -> None:
    assert NumberReader("DE").read(cell) == Number(Phone("+491713920005"), True)


@pytest.mark.parametrize(
    ("cell", "now"),
    [
        ("+22997123456", "+2290197123456"),
        ("+225 07 12 34 56", "+2250707123456"),
        ("+225 44 12 34 56", "+2250544123456"),
        ("+225 01 12 34 56", "+2250101123456"),
    ],
)
def test_a_number_of_an_old_plan_is_read_as_what_it_is_now_and_told(cell: str, now: str) -> None:
    number = NumberReader().read(cell)
    assert isinstance(number, Number)
    assert (number.phone, number.valid) == (now, True)
    assert now in str(number.note)


def test_an_old_number_of_the_region_is_read_too() -> None:
    number = NumberReader("BJ").read("97 12 34 56")
    assert isinstance(number, Number)
    assert number.phone == "+2290197123456"


def test_international_digits_have_their_country_codes() -> None:
    reader = NumberReader(international=True)
    assert reader.read("12025550100") == Number(Phone("+12025550100"), True)
    assert reader.read("49 171 3920005") == Number(Phone("+491713920005"), True)
    assert reader.read("00491713920005") == Number(Phone("+491713920005"), True)
    refused = reader.read("0171 3920005")
    assert isinstance(refused, Unreadable)
    assert "--international" in refused.problem


@pytest.mark.parametrize("cell", ["5215512345678", "+5215512345678", "5215512345678@c.us"])
def test_reads_whatsapps_own_mexican_form(cell: str) -> None:
    assert NumberReader("MX").read(cell) == Number(Phone("+525512345678"), True)


@pytest.mark.parametrize("cell", ["044 55 1234 5678", "045 55 1234 5678", "55 1234 5678"])
def test_reads_what_was_dialled_in_mexico(cell: str) -> None:
    assert NumberReader("MX").read(cell) == Number(Phone("+525512345678"), True)


def test_tells_possible_from_valid() -> None:
    assert NumberReader().read("+447700900123") == Number(Phone("+447700900123"), False)


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
        ("+" + "1" * 300, "too long"),
        ("+" + "1" * 500, "not a phone number"),
        ("+12025550112 / +12025550113", "two numbers"),
        ("202-555-0112/202-555-0113", "two numbers"),
        ("0301234567/0301234568", "two numbers"),
        ("Tel: 2025550112, mobile: 2025550113", "two numbers"),
        ("12345678@lid", "LID"),
        ("1203630@g.us", "group"),
        ("https://wa.me/message/ABCDEF", "not a phone number"),
        ("ada@example.org", "not a phone number"),
        ("{{ 7*7 }}", "not a phone number"),
    ],
)
def test_says_why_a_cell_holds_no_number(cell: str, problem: str) -> None:
    refused = NumberReader("US").read(cell)
    assert isinstance(refused, Unreadable)
    assert problem in refused.problem
    assert refused.hint


def test_reads_mexicos_old_spelling_as_the_new_one() -> None:
    assert NumberReader().read("+52 1 55 1234 5678") == Number(Phone("+525512345678"), True)


def test_knows_regions() -> None:
    assert is_region("us")
    assert not is_region("XX")
