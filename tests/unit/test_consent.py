"""What a consent cell says, in the languages and forms of lists."""

import pytest

from waheal.campaign.consent import read_consent
from waheal.vocabulary.agreeing import NO_WORDS, YES_WORDS
from waheal.vocabulary.opting import STOP_WORDS


@pytest.mark.parametrize("language", YES_WORDS)
def test_a_yes_in_any_language_agrees(language: str) -> None:
    for word in YES_WORDS[language]:
        assert read_consent(word) is True, word
        assert read_consent(f" {word.upper()} ") is True, word


@pytest.mark.parametrize("language", NO_WORDS)
def test_a_no_in_any_language_does_not(language: str) -> None:
    for word in NO_WORDS[language]:
        assert read_consent(word) is False, word
        assert read_consent(f" {word.title()}") is False, word


@pytest.mark.parametrize("language", STOP_WORDS)
def test_what_stops_as_a_reply_does_not_agree(language: str) -> None:
    words = set(STOP_WORDS[language]) - {word for yes in YES_WORDS.values() for word in yes}
    assert [word for word in words if read_consent(word) is not False] == []


@pytest.mark.parametrize(
    "cell",
    [
        "2024-05-01", "2024-05-01T10:00:00Z", "2024-05-01 10:00:00 UTC", "1.5.2024", "01/12/2024",
        "1.12.24", "12/1/2024 3:45 PM", "20240501", "2024年5月1日", "5 mai 2024", "12. März 2024",
        "May 5, 2024", "5 de mayo de 2024", "Sat, 04 May 2024 10:00:00 +0000", "29.02.2024",
        "Yes, 2024-05-01", "opted in 2024-05-01 12:30", "yes (1.5.2024)", "ja, seit 01.05.2024",
    ],
)  # fmt: skip
def test_a_date_of_consent_agrees(cell: str) -> None:
    assert read_consent(cell) is True


@pytest.mark.parametrize("cell", ["No (2024-05-01)", "opted out on 2024-05-01", "nein, 1.5.2024"])
def test_a_word_beside_a_date_counts(cell: str) -> None:
    assert read_consent(cell) is False


@pytest.mark.parametrize(
    "cell",
    [
        "maybe", "n/a", "-", "?", "pending", "0000-00-00", "1970-01-01", "31/31/2024", "30.02.2024",
        "42", "-1", "2024", "☒", "unknown", "null", "yes and no", "yes but not now", "not sure",
        "2024-05-01 maybe", "ask again", "bounced", "10", "00",
    ],
)  # fmt: skip
def test_anything_else_says_neither(cell: str) -> None:
    assert read_consent(cell) is None


@pytest.mark.parametrize(
    ("cell", "said"), [("1", True), ("0", False), ("1.0", True), ("0.0", False)]
)
def test_numbers_as_tables_have_them(cell: str, said: bool) -> None:
    assert read_consent(cell) is said


@pytest.mark.parametrize("cell", ["x", "X", " x ", "obtained"])
def test_a_mark_in_the_column_agrees(cell: str) -> None:
    assert read_consent(cell) is True
