"""The short way of reading a number agrees with phonenumbers, whatever the number."""

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.kit.examples import tries
from waheal.campaign.phone_cells import Unreadable
from waheal.campaign.phones import Number, NumberReader, _parse

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
KINDS = [kind for kind in range(11) if kind != phonenumbers.PhoneNumberType.UNKNOWN]
DIGITS = st.text("0123456789", min_size=5, max_size=15)


def long_way(number: str, region: str | None) -> Number | Unreadable:
    return _parse(number, region)


@pytest.mark.parametrize("region", REGIONS)
def test_every_regions_example_numbers_are_read_as_phonenumbers_reads_them(region: str) -> None:
    reader = NumberReader(region)
    for kind in KINDS:
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        national = phonenumbers.national_significant_number(number)
        for text in (e164, e164[:-1], e164 + "0", e164[:-1] + "0"):
            assert reader.read(text) == reader.read(text) == long_way(text, None)
        for text in (national, national[1:], e164[1:], "0" + national, "1" + national):
            if not text.startswith("00"):
                assert reader.read(text) == long_way(text, region)


@settings(max_examples=tries(500))
@given(st.sampled_from(REGIONS), DIGITS)
@example("US", "2025550100")
@example("CA", "12025550100")
@example("AR", "91123456789")
@example("MX", "15512345678")
@example("BR", "11961234567")
@example("IT", "0612345678")
def test_any_digits_are_read_as_phonenumbers_reads_them(region: str, digits: str) -> None:
    code = str(phonenumbers.country_code_for_region(region))
    reader = NumberReader(region)
    for text in ("+" + digits, "+" + code + digits):
        if len(text) <= 16 and not text.startswith("+00"):
            # A number that begins like one before is read by its plan at once.
            assert reader.read(text) == reader.read(text) == long_way(text, None)
    if not digits.startswith("00"):
        assert reader.read(digits) == long_way(digits, region)


@settings(max_examples=tries(500))
@given(st.text(max_size=40), st.sampled_from([None, "US", "GB"]))
def test_no_cell_can_break_the_reader(cell: str, region: str | None) -> None:
    match NumberReader(region).read(cell):
        case Number(phone=phone):
            assert phone.startswith("+")
            assert phone[1:].isascii()
            assert phone[1:].isdigit()
        case Unreadable(problem=problem, hint=hint):
            assert problem
            assert hint
