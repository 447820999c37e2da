"""Which whole messages opt out or in, in the languages of recipients."""

import time
from itertools import zip_longest

import pytest

from waheal.policy.optout import OptIntent, Words
from waheal.vocabulary.european import EUROPEAN
from waheal.vocabulary.further import FURTHER
from waheal.vocabulary.opting import START_WORDS, STOP_WORDS
from waheal.vocabulary.phrasing import Phrases
from waheal.vocabulary.western import WESTERN

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
    [
        "STOPALL", "STOP SMS", "unreg", "remove me from your list", "please remove my number",
        "Stoppp", "STOOOP!!", "stop/unsubscribe", "Please stop texting me, thanks",
        "can you please take my number off your list?", "I don't want any more messages. Stop.",
        "pls remove my no from ur list", "Stop, I am not interested", "quiero darme de baja",
        "por favor eliminen mi número de su lista", "não quero mais receber mensagens",
        "arrêtez de m'envoyer des messages", "Bitte löschen Sie meine Nummer", "תסירו אותי",
        "Bitte nehmen Sie mich aus dem Verteiler", "להסרה", "נא להסיר אותי מרשימת התפוצה",
        "cancellate il mio numero", "verwijder mij uit de lijst", "ta bort mig från listan",
        "proszę usunąć mój numer z bazy", "kérem töröljenek a listáról", "nepište mi prosím",
        "Удалите мой номер из базы", "прекратите рассылку", "lütfen mesaj göndermeyin",
        "احذفوا رقمي من القائمة", "لا ترسلوا لي رسائل", "मुझे मैसेज मत भेजो",
        "mujhe message mat bhejo", "请不要再给我发短信了",
        "もう送らないでください", "문자 보내지 마세요",
        "S T O P", "s.t.o.p", "quero sair", "請不要再傳訊息", "üyelikten cik lütfen",
        "ขอยกเลิกการรับข่าวสารค่ะ", "jangan kirim pesan lagi", "đừng gửi tin nhắn nữa",
    ],
)  # fmt: skip
def test_a_sentence_that_says_nothing_else_stops(text: str) -> None:
    assert intent(text) is OptIntent.STOP


@pytest.mark.parametrize(
    "text",
    [
        "Don't stop!", "Don\u2019t stop", "cancel my order", "No", "do not remove me",
        "don't stop sending me these", "I don't want to unsubscribe", "I don't want it",
        "I do not want to be removed", "Can you stop the delivery?", "remove one item",
        "please remove the pizza from my order", "never stop", "no quiero darme de baja",
        "quiero cancelar mi pedido", "je ne veux pas me désabonner", "bitte nicht abmelden",
        "ich möchte nicht abgemeldet werden", "не удаляйте меня", "я не хочу отписаться",
        "אל תסירו אותי", "取消订单", "不要停止", "不想退订", "bitte nicht aufhören",
        "jangan berhenti",
        "stop mat karo", "停止しないで", "중지하지 마세요", "add me to your list",
        "I want more messages",
    ],
)  # fmt: skip
def test_a_sentence_about_something_else_does_not(text: str) -> None:
    assert intent(text) is None


@pytest.mark.parametrize("phrases", {**WESTERN, **EUROPEAN, **FURTHER}.values())
def test_every_phrase_asks_with_whatever_stands_beside_it(phrases: Phrases) -> None:
    for before, phrase, after in zip_longest(phrases.before, phrases.asks, phrases.after):
        said = f"{before or ''} {phrase or phrases.asks[0]} {after or ''}"
        assert intent(said) is OptIntent.STOP, said


def test_reads_the_longest_message_in_no_time() -> None:
    text = " ".join(["stop me all"] * 10)
    begun = time.process_time()
    assert intent(text) is OptIntent.STOP
    assert time.process_time() - begun < 10, "what grows with each word takes for ever"


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
