import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waheal.spreadsheet import harmless

SIGNS = "=+-@＝＋－＠"  # noqa: RUF001 - the attack
BLANKS = ' \u00a0\u3000\u200b\ufeff\x00\x1f"'


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\r\n", "\u3000", "\ufeff", '"', "'", ",", ";", ' "']
)
def test_a_sign_at_the_start_is_made_a_text_whatever_stands_before_it(
    sign: str, before: str
) -> None:
    assert harmless(f"{before}{sign}cmd|' /C calc'!A0").startswith("'")


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("part", [";", "\t", "\n", "\r", "|", "\u2028", '";"', "; ", ';\u3000"'])
def test_so_is_one_that_another_locale_finds_at_the_start_of_a_cell(sign: str, part: str) -> None:
    told = harmless(f"Hi Ann{part}{sign}1+1")
    split = re.split("[;\t\n\r|\u2028]", told)
    assert split[-1].startswith("'")
    assert told.replace("'", "") == f"Hi Ann{part}{sign}1+1".replace("'", "")


@pytest.mark.parametrize("text", ["\tx", "\rx", "\nx"])
def test_a_cell_that_starts_with_a_tab_or_a_line_end_is_a_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "Hi Ann", "1+1=2", "you@example.com", "Hi, -20 % today", "a; b", "2026-11-23",
             "+447700900123", "one\ntwo", "it's", "rock - roll", "-12"],
)  # fmt: skip
def test_what_is_no_formula_stays(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    "text", ["+1+1", "+12025550100\n", "+1 202 555 0100", "+١٢٣", "-1-2", "=12"]
)
def test_only_a_plain_number_may_start_with_its_sign(text: str) -> None:
    assert harmless(text).startswith("'")


@given(st.text(alphabet=f"{SIGNS}{BLANKS};,|\t\r\nab"))
def test_no_reader_finds_a_cell_that_starts_with_a_sign(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)
    written = io.StringIO()
    csv.writer(written).writerow(["2", harmless(text)])
    for separator in ",;\t|":
        for quoted in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            lines = io.StringIO(written.getvalue(), newline="")
            for cells in csv.reader(lines, delimiter=separator, quoting=quoted):
                if separator == "," and quoted == csv.QUOTE_NONE:
                    continue  # whoever splits by commas has the quotes, too
                assert not [each for each in cells if each.lstrip(BLANKS)[:1] in {*SIGNS}]
