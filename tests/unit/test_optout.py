"""Which whole messages opt out or in, in the languages of recipients."""

import pytest

from waheal.policy.optout import START_WORDS, STOP_WORDS, OptIntent, Words

WORDS = Words()


def intent(text: str) -> OptIntent | None:
    found = WORDS.classify(text)
    return found.intent if found else None


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "stop", " Stop. ", "S.T.O.P.", "«Stop!»", "STOP 🛑", "stop\n", "\u200estop\u200f",
        "\uff33\uff34\uff2f\uff30", "stop stop STOP", "opt-out", "Opt out", "optout",
        "un-subscribe", "stop!!!", "Don't contact me", "Don\u2019t contact me",
        "*STOP*", "STOP\u00a0ALL",
    ],
)  # fmt: skip
def test_the_word_stops_however_it_is_written(text: str) -> None:
    assert intent(text) is OptIntent.STOP


@pytest.mark.parametrize(
    "text",
    [
        "stop please", "Please stop", "please, STOP!", "Stop, thank you.", "ok stop thanks",
        "Hi! Please unsubscribe me, thanks", "por favor, baja", "bitte abmelden", "Arrêtez svp",
        "arrêtez, s'il vous plaît", "Стоп, пожалуйста", "cancella grazie",
    ],
)  # fmt: skip
def test_a_please_or_a_thank_you_does_not_hide_the_word(text: str) -> None:
    assert intent(text) is OptIntent.STOP


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "...", "please", "thanks", "yes", "no", "Can I stop by tomorrow?",
        "stop by at 5", "the bus stop", "don't stop", "Please don't stop", "non-stop",
        "When does it end?", "I want to cancel my order", "start or stop?", "stopped", "nonstop",
        "Der Stopp an der Ecke", "para", "weekend", "stop " * 200, "unstoppable", "the end",
    ],
)  # fmt: skip
def test_a_sentence_that_merely_holds_the_word_is_no_opt_out(text: str) -> None:
    assert intent(text) is None


@pytest.mark.parametrize(
    "text",
    ["START", "unstop", "Start please", "opt-in", "ALTA", "réabonner", "старт", "开始", "शुरू करें"],
)
def test_start_takes_it_back(text: str) -> None:
    assert intent(text) is OptIntent.START


@pytest.mark.parametrize(
    ("typed", "word"),
    [("desabonner", "désabonner"), ("İPTAL", "iptal"), ("CIKIS", "çıkış"), ("ΣΤΟΠ", "στοπ")],  # noqa: RUF001 - other scripts
)
def test_accents_and_case_of_other_scripts_do_not_matter(typed: str, word: str) -> None:
    found = WORDS.classify(typed)
    assert found is not None
    assert found.word == word


def test_tells_which_word_it_was() -> None:
    found = WORDS.classify("Please, UNSUBSCRIBE!")
    assert found is not None
    assert (found.intent, found.word) == (OptIntent.STOP, "unsubscribe")


@pytest.mark.parametrize("language", STOP_WORDS)
def test_every_stop_word_of_every_language_stops(language: str) -> None:
    assert all(intent(word) is OptIntent.STOP for word in STOP_WORDS[language])
    assert all(intent(word.upper()) is OptIntent.STOP for word in STOP_WORDS[language])


@pytest.mark.parametrize("language", START_WORDS)
def test_every_start_word_of_every_language_starts(language: str) -> None:
    assert all(intent(word) is OptIntent.START for word in START_WORDS[language])


def test_operators_extend_the_lists_and_stop_wins() -> None:
    words = Words(extra_stop=["Nie wieder", "start"], extra_start=["Wieder da"])
    stop, both, start = (words.classify(text) for text in ("nie wieder!", "START", "wieder da"))
    assert stop is not None
    assert (stop.intent, stop.word) == (OptIntent.STOP, "Nie wieder")
    assert both is not None
    assert both.intent is OptIntent.STOP
    assert start is not None
    assert start.intent is OptIntent.START
    assert WORDS.classify("nie wieder") is None


def test_an_operators_word_without_a_letter_matches_nothing() -> None:
    assert Words(extra_stop=["", "!"]).classify("?") is None


def test_knows_at_least_twelve_languages() -> None:
    assert len(STOP_WORDS) >= 12
