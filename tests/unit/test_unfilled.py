import pytest
from hypothesis import given
from hypothesis import strategies as st

from waheal.campaign.unfilled import MARKS, unfilled

COLUMNS = ("name", "First Name", "amount")
FORMS = [
    "{name}",
    "{ First Name }",
    "${name}",
    "#{name}",
    "{!name}",
    "{1}",
    "{{1}}",
    "{{ 'name' }}",
]
SIGNS = ["%name%", "%%name%%", "%(name)s", "%s", "<<name>>", "((name))", "*|FNAME|*", "[[name]]"]
NAMES = ["[Name]", "[First Name]", "[nombre]", "<Name>", "«name»", "__name__", "|name|", "##name##"]
MARKUP = ["[b]", "[/url]", "[here](https://example.org)", "**bold**"]
MORE = ["{name}}", "%1$s", "$amount", "@name", ":name", "【姓名】", "~name~", "^First Name^"]
STILL_MORE = ["%%First Name%%", "{name, fallback=there}"]
LITERALS = [r"\n", r"\r\n", r"\t", r"\u00e9", "%0A", "<br>", "<b>", "</p>", "&nbsp;", "&eacute;"]


@pytest.mark.parametrize("form", [*FORMS, *SIGNS, *NAMES, *MORE, *STILL_MORE, *LITERALS, *MARKUP])
def test_what_would_arrive_as_it_stands_is_found(form: str) -> None:
    (found, *_) = unfilled(f"Hi {form}, how are you?", COLUMNS)
    assert found.shown in form
    assert found.shown in found.problem
    assert found.hint


FINE = [
    "Hi {{ name }}",
    "{{ row['First Name'] }}",
    "{% if name %}a{% else %}b{% endif %}",
    "50% off",
]
PLAIN = [
    "[Important] news",
    "*bold* _it_ ~no~",
    "https://example.org/a?b=1&c=2#top",
    "8:30, 2 < 3",
    "2 ** 3",
]
RAW = [
    "{% raw %}{name}{% endraw %}",
    "A & B",
    "10 $ or 5 €",
    "a|b",
    "(see below)",
    "me@example.org",
]


@pytest.mark.parametrize("text", [*FINE, *PLAIN, *RAW, "« Bonjour »", "C: and D", "100%", "2 ** 3"])
def test_a_plain_text_and_a_template_are_no_placeholders(text: str) -> None:
    assert unfilled(text, COLUMNS) == []


@pytest.mark.parametrize(
    ("form", "hint"),
    [
        ("{name}", "{{ name }}"),
        ("%Amout%", "{{ amount }}"),
        ("[FirstName]", 'row["First Name"]'),
        ("<<vorname>>", "{{ name }}"),
        (r"\n", "--template"),
    ],
)
def test_the_hint_tells_how_it_is_written(form: str, hint: str) -> None:
    (found,) = unfilled(f"Hi {form}", COLUMNS)
    assert hint in found.hint


def test_a_comment_that_was_to_be_a_placeholder_is_told() -> None:
    (found,) = unfilled("Hi {#name#}", COLUMNS)
    assert "nothing" in found.problem


def test_what_is_rendered_not_at_all_may_hold_no_variable_either() -> None:
    (found,) = unfilled("Ticket of {{ name }}", COLUMNS, template=False)
    assert found.shown == "{{ name }}"


def test_what_was_told_is_not_told_again() -> None:
    assert unfilled("{name} {name}", COLUMNS, told={"{name}"}) == []
    assert len(unfilled("{name} {name}", COLUMNS)) == 1


@given(st.text(alphabet="{}[]<>\u00ab\u00bb\u2039\u203a\u3010\u3011|\\%$#&@:()_*~^;nametxu0A/ !"))
def test_what_has_no_mark_says_nothing_literally(text: str) -> None:
    assert MARKS.search(text) or not unfilled(text, ["name"])
