import pytest

from waheal.identity import every_spelling, is_lid, number_today, same_person, spellings
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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("+22997123456", "+2290197123456"),
        ("+22921301234", "+2290121301234"),
        ("+22507123456", "+2250707123456"),
        ("+22544123456", "+2250544123456"),
        ("+22501123456", "+2250101123456"),
        ("+22522412345", "+2252722412345"),
        ("+22520012345", "+2252520012345"),
    ],
)
def test_a_number_of_an_old_plan_is_the_person_of_its_new_one(old: str, new: str) -> None:
    assert number_today(old) == new
    assert number_today(new) is None
    assert spellings(Phone(old)) == {new}
    assert spellings(Phone(new)) == {old}
    assert same_person(Phone(old)) == same_person(Phone(new))


def test_most_numbers_have_one_spelling() -> None:
    for phone in (
        "+12025550100",
        "+447700900123",
        "+551132345678",
        "+5511912345",
        "+2290297123456",  # no old number was given this front
        "+2250507123456",
    ):
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
