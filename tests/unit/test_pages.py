"""The operators' pages name what there is, and come out whole in each of their three forms."""

import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from tests.kit.readme import code_words
from waheal.acts.pages import TOPICS, page, pages
from waheal.errors import UsageError
from waheal.model import ChatHold, ExitCode, Quarantine, State
from waheal.views.booklet import Command, as_html, as_manual

TEXTS = {each.topic: each.text for each in pages()}


def test_each_page_has_a_topic_and_a_title() -> None:
    found = {each.name for each in files("waheal.docs").iterdir() if each.name.endswith(".md")}
    assert {f"{topic}.md" for topic in TOPICS} == found
    assert all(each.title and each.text.startswith(f"# {each.title}\n") for each in pages())


def test_a_page_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no page about 'exit-code'") as caught:
        page("exit-code")
    assert caught.value.hint == "meant 'exit-codes'?"


def test_the_page_about_devices_has_every_reason_why_one_is_out() -> None:
    missing = [each for each in (*Quarantine, *ChatHold) if each.value not in TEXTS["devices"]]
    assert missing == []


def test_the_pages_about_states_and_codes_have_all_of_them() -> None:
    rows = re.findall(r"^\| ([\w ]+) \|", TEXTS["states"], re.MULTILINE)
    assert set(rows) - {"state"} == {each.value for each in State}
    codes = re.findall(r"^\| (\d+) \|", TEXTS["exit-codes"], re.MULTILINE)
    assert {int(code) for code in codes} == set(ExitCode)


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids, self.links, self.loaded = set[str](), set[str](), set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            told = value or ""
            if name == "id":
                self.ids.add(told)
            elif name == "href":
                self.links.add(told)
            elif name in {"src", "srcset", "data"}:
                self.loaded.add(tag)


def test_the_html_needs_nothing_else_and_its_links_stay_in_it() -> None:
    told = _Reader(as_html(TEXTS))
    assert told.loaded == set()
    assert told.links == {f"#{topic}" for topic in TOPICS} & told.links
    assert set(TOPICS) <= told.ids


def test_what_a_page_quotes_is_no_markup() -> None:
    told = as_html({"x": "# A\n\n`<b>` and <script>\n"})
    assert "<script>" not in told
    assert "&lt;b&gt;" in told


def test_the_manual_has_every_word_in_backticks() -> None:
    told = as_manual(
        TEXTS, "Does it.", [Command("waheal x", ".so it does", [], [("--a-b", "C\\d")])]
    )
    bare = re.sub(r"\\f[BIR]|\\&", "", told).replace("\\-", "-").replace("\\e", "\\")
    lacking = {
        word
        for text in TEXTS.values()
        for word in code_words(re.sub(r"```.*?```", "", text, flags=re.DOTALL))
        if " ".join(word.split()) not in " ".join(bare.split())
    }
    assert lacking == set()
    assert "\n\\&.so it does\n" in told
    assert "\n.TP\n\\fB\\-\\-a\\-b\\fR\nC\\ed\n" in told
