"""Whatever is done to a workbook, a check of it ends, and says why."""

import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from tests.kit.damage import rich_workbooks, with_bytes_changed, with_xml_changed
from waheal.campaign.checking import Checked, check
from waheal.campaign.choices import Choices
from waheal.workbook.number_formats import NumberFormat

MESSAGE = "Hi{% if price is defined %} {{ price }}, {{ day|default('-') }}{% endif %}"
SOURCES = rich_workbooks()


def judged(data: bytes) -> Checked:
    with TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.xlsx")
        path.write_bytes(data)
        return check(path, Choices(now=0.0, region="US", message=MESSAGE))


@given(
    st.integers(0, 1 << 64),
    st.sampled_from(SOURCES),
    st.sampled_from([with_bytes_changed, with_xml_changed]),
)
def test_whatever_a_workbook_is_a_check_of_it_ends_and_says_why(
    seed: int, source: bytes, change: Callable[[random.Random, bytes], bytes]
) -> None:
    checked = judged(change(random.Random(seed), source))  # noqa: S311 - it is to come again
    assert checked.ok is not bool(checked.problems)


codes = st.text(st.sampled_from('0#?.,%/E+-@;[]<>=1hmsdyAMPG$"\\_* €'), max_size=255)
numbers = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**308), max_value=10**308
)


@given(codes, numbers, st.booleans())
@example("0" + "%" * 254, Decimal("1e308"), False)
@example("ss." + "0" * 252, Decimal("2958465.9"), False)
@example("0." + "0" * 253, Decimal("1e308"), False)
@example("?/?", Decimal("1e-300"), False)
@example("/0", Decimal(1), False)
@example("0/", Decimal(1), False)
def test_every_code_shows_every_number(code: str, value: Decimal, since_1904: bool) -> None:
    shown = NumberFormat(code, since_1904=since_1904)
    assert isinstance(shown.shown(value), str)
    assert isinstance(shown.text("Ada"), str)
    whole = value.to_integral_value()
    if abs(whole) < 10**15:
        assert shown.exact(whole)


def test_they_are_read_as_they_are() -> None:
    assert [judged(source).rows for source in SOURCES] == [3, 3]
