import pytest

from waheal.identity import every_spelling, is_lid, same_person, spellings
from waheal.model import Phone


def test_knows_the_second_spellings_of_brazil_mexico_and_argentina() -> None:
    pairs = [
        ("+5511961234567", "+551161234567"),
        ("+5215512345678", "+525512345678"),
        ("+5491123456789", "+541123456789"),
    ]
    for one, other in pairs:
        assert spellings(Phone(one)) == {other}
        assert spellings(Phone(other)) == {one}
        assert same_person(Phone(one)) == same_person(Phone(other))


def test_most_numbers_have_one_spelling() -> None:
    for phone in ("+12025550100", "+447700900123", "+551132345678", "+5511912345"):
        assert spellings(Phone(phone)) == frozenset()
        assert same_person(Phone(phone)) == phone


def test_every_spelling_begins_with_the_one_that_was_given() -> None:
    assert every_spelling(Phone("+551161234567")) == ("+551161234567", "+5511961234567")
    assert every_spelling(Phone("+12025550100")) == ("+12025550100",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("77@lid", True),
        ("77:3@lid", False),
        ("@lid", False),
        ("77@lid ", False),
        ("12025550100@s.whatsapp.net", False),
        ("+12025550100", False),
    ],
)
def test_a_lid_is_digits_and_its_server(text: str, told: bool) -> None:
    assert is_lid(text) == told
