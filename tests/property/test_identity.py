"""Whatever the number: its spellings are one person's, and nobody else's."""

from hypothesis import given
from hypothesis import strategies as st

from waheal.identity import every_spelling, same_person, spellings
from waheal.model import Phone

DIGITS = st.text("0123456789", min_size=5, max_size=15)


@given(
    st.sampled_from(["+52", "+521", "+54", "+549", "+55", "+559", "+225", "+229", "+1", "+44"]),
    DIGITS,
)
def test_spellings_of_one_person_name_each_other(prefix: str, digits: str) -> None:
    phone = Phone(prefix + digits)
    for other in spellings(phone):
        assert phone in spellings(other)
        assert same_person(phone) == same_person(other)
        assert set(every_spelling(phone)) == set(every_spelling(other))
