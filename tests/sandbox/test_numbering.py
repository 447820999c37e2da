import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waheal.sandbox.numbering import fictional_numbers, is_number, lid_of, number_of

_FICTION = re.compile(r"1\d{3}55501\d\d|447700900\d{3}")


@given(st.integers(min_value=1, max_value=10**15 - 1))
def test_a_lid_leads_back_to_its_number(number: int) -> None:
    lid = lid_of(str(number))
    assert number_of(lid) == str(number)
    assert len(lid) == 16


@pytest.mark.parametrize("lid", ["", "12", "lid", "9" * 20])
def test_a_foreign_lid_is_refused(lid: str) -> None:
    with pytest.raises(ValueError, match=r"LID|literal"):
        number_of(lid)


def test_all_numbers_are_set_aside_for_fiction_and_differ() -> None:
    numbers = [*fictional_numbers()]
    assert len(set(numbers)) == len(numbers) > 9_000
    assert all(_FICTION.fullmatch(number) for number in numbers)


def test_no_number_is_one_that_whatsmeow_takes_for_a_bot() -> None:
    assert not any(number.startswith("1313555") for number in fictional_numbers())


def test_number_parsers_take_them_as_possible() -> None:
    for number in [*fictional_numbers()][::500]:
        assert phonenumbers.is_possible_number(phonenumbers.parse(f"+{number}"))


@pytest.mark.parametrize("text", ["+447700900123", "447700900123"])
def test_numbers_are_numbers(text: str) -> None:
    assert is_number(text)


@pytest.mark.parametrize("text", ["", "12", "07700900123", "+44 7700 900123", "٤٤٧٧٠٠٩٠٠١٢٣"])
def test_the_rest_is_not(text: str) -> None:
    assert not is_number(text)
