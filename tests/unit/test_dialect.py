from collections.abc import Sequence

import pytest

from waheal.campaign.dialect import detect


def has_phone(names: Sequence[str]) -> bool:
    return "phone" in names


@pytest.mark.parametrize(
    ("sample", "separator"),
    [
        ("phone,name\n", ","),
        ("phone;name\n", ";"),
        ("phone\tname\r\n", "\t"),
        ("phone\n+12025550100; +12025550101\n", ","),
        ('"phone";"name, first"\n', ";"),
        ('"name; first; last","phone"\n', ","),
        ('phone;"a\nb, c, d";x\n', ";"),
        ("phone;name, first, or last\n+12025550100;Ann\n", ";"),
        ("\n\nphone;name\n", ";"),
        ("name;city\nA;B\n", ";"),
        ("phone\uff0cname\n+12025550100\uff0cAnn\n", "\uff0c"),
        ("phone\uff1bname\n+12025550100\uff1bAnn\n", "\uff1b"),
        ("phone\u3001name\n+12025550100\u3001Ann\n", "\u3001"),
        ("phone:name\n+12025550100:Ann\n", ":"),
        ("phone^name\n+12025550100^Ann\n", "^"),
        ("phone~name\n+12025550100~Ann\n", "~"),
        ("phone\x1fname\n+12025550100\x1fAnn\n", "\x1f"),
        ("phone,at\n+12025550100,9:30:15\n", ","),
        ("phone,time: h\n+12025550100,9:30\n", ","),
        ("", ","),
        ('"', ","),
    ],
)
def test_tells_the_separator_by_evidence(sample: str, separator: str) -> None:
    assert detect(sample, has_phone).separator == separator


@pytest.mark.parametrize(
    ("line", "separator"),
    [
        ("sep=;\r\n", ";"),
        ("SEP=,\n", ","),
        ('"sep=|"\r', "|"),
        ("sep=\t\n", "\t"),
        ("sep=;;;\n", ";"),
    ],
)
def test_a_declared_separator_decides(line: str, separator: str) -> None:
    dialect = detect(line + "phone,name\n", has_phone)
    assert dialect.separator == separator
    assert dialect.declared == line


@pytest.mark.parametrize("line", ["sep=\n", "sep=a\n", 'sep="\n', "sep=;phone\n"])
def test_what_declares_no_separator_is_a_header(line: str) -> None:
    assert detect(line, has_phone).declared == ""


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_tells_the_line_end(end: str) -> None:
    assert detect(f"phone,name{end}+12025550100,A\n", has_phone).line_end == end
