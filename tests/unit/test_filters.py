import tracemalloc

import pytest
from jinja2.exceptions import SecurityError

from waheal.campaign.filters import (
    FILTERS,
    LONGEST,
    Empty,
    EmptyPrintedError,
    bounded,
    combine,
    join,
)


def test_an_empty_cell_may_be_tested_but_not_printed() -> None:
    empty = Empty("note")
    assert not empty
    assert empty == ""
    assert empty == Empty("other")
    assert empty != "x"
    assert len({empty, Empty("note")}) == 1
    with pytest.raises(EmptyPrintedError, match="note"):
        str(empty)


def test_filters_on_an_empty_cell_leave_it_empty() -> None:
    for name in ("upper", "trim", "first", "title"):
        assert isinstance(FILTERS[name](Empty("note")), Empty)
    assert isinstance(FILTERS["truncate"](Empty("note"), 3), Empty)
    assert isinstance(FILTERS["replace"](Empty("note"), "a", "b"), Empty)


def test_numbers_are_read_and_bounded() -> None:
    known = FILTERS
    assert known["int"]("42.9") == 42
    assert known["int"]("many", 7) == 7
    assert known["float"]("1e300") == 0.0
    assert known["float"]("nan") == 0.0


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "//", "%"])
def test_calculates_with_numbers_of_a_sensible_size(sign: str) -> None:
    assert combine(sign, 7, 2) == {"+": 9, "-": 5, "*": 14, "/": 3.5, "//": 3, "%": 1}[sign]
    with pytest.raises(SecurityError):
        combine(sign, 10**16, 2)
    with pytest.raises(SecurityError):
        combine(sign, "7", 2)


def test_joins_within_bounds() -> None:
    assert combine("+", "a", "b") == "ab"
    assert join(["a", 1]) == "a1"
    with pytest.raises(SecurityError):
        bounded("a" * (LONGEST + 1))
    with pytest.raises(SecurityError):
        join(["a" * LONGEST, "b"])


@pytest.mark.parametrize("old", ["a", ""])
def test_nothing_is_replaced_that_would_grow_past_the_bound(old: str) -> None:
    text, new = "a" * 1_000, "b" * 50_000
    tracemalloc.start()
    try:
        with pytest.raises(SecurityError, match="grows"):
            FILTERS["replace"](text, old, new)
        assert tracemalloc.get_traced_memory()[1] < LONGEST  # it is refused before it is made
    finally:
        tracemalloc.stop()


def test_a_printed_empty_cell_is_named_by_an_operator_too() -> None:
    with pytest.raises(EmptyPrintedError, match="note"):
        combine("+", Empty("note"), "x")
