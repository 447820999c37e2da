from collections.abc import Sequence

import pytest

from waheal.campaign.templates import TEXT_LIMIT, Fault, Templates, TooLong

VARIABLES = {"name": 0, "note": 1, "First name": 2, "größe": 3}
ROW = ["Ann", "", "Bob {{ 7*7 }}", " XL\r\n"]


def render(source: str, row: Sequence[str] = ROW) -> str:
    return Templates(VARIABLES, frozenset({"twice"})).read(source).render(row)


def fault(source: str, row: Sequence[str] = ROW) -> Fault:
    with pytest.raises(Fault) as caught:
        render(source, row)
    return caught.value


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hi", "Hi"),
        ("Hi {{ name }}!\n", "Hi Ann!\n"),
        ("a\r\nb {{ name }}\r\n", "a\r\nb Ann\r\n"),
        ("a\r\n{% if name %}b\r{% endif %}\n", "a\r\nb\r\n"),
        ("{{ größe }}", " XL\r\n"),
        ('{{ row["First name"] }}', "Bob {{ 7*7 }}"),
        ("{{ row.name }}", "Ann"),
        ("{{ note|default('friend') }}", "friend"),
        ("{{ note or 'friend' }}", "friend"),
        ("{% if note %}{{ note }}{% else %}none{% endif %}", "none"),
        ("{% if note|trim %}a{% else %}b{% endif %}", "b"),
        ("{% if note == '' %}empty{% endif %}", "empty"),
        ("{% if gone is defined %}a{% else %}b{% endif %}", "b"),
        ("{{ 'Dr. ' if note }}{{ name }}", "Ann"),
        ("{{ name|upper }} {{ name|length }} {{ name[0] }} {{ name[:2] }}", "ANN 3 A An"),
        ("{{ name ~ ' & ' ~ name }}", "Ann & Ann"),
        ("{{ '%.2f'|format('3.14159'|float) }} {{ 7*6 }}", "3.14 42"),
        ("{{ 'a b c'|truncate(4) }}", "a…"),
        ("{{ 'abc'|truncate(3) }}", "abc"),
        ("{{ name|replace('n', 'm') }}", "Amm"),
        ("{{ '2.71'|float|round(1) }} {{ '12'|int + 1 }} {{ (0-5)|abs }}", "2.7 13 5"),
        ("{% raw %}{{ name }}{% endraw %}", "{{ name }}"),
        ("<b>&amp; {{ name }} }} {", "<b>&amp; Ann }} {"),
    ],
)
def test_renders(source: str, text: str) -> None:
    assert render(source) == text


@pytest.mark.parametrize("source", ["{{ note }}", "{{ note|upper }}", "x{{ note ~ 'a' }}"])
def test_an_empty_cell_that_is_printed_is_named(source: str) -> None:
    assert fault(source).column == "note"


def test_a_variable_without_a_column_is_named() -> None:
    assert fault("{{ nmae }}").column == "nmae"
    assert fault("{{ Name|upper }}").column == "Name"
    assert fault("{{ row['gone'] }}").column == "gone"


def test_every_hole_is_named_at_once() -> None:
    for source in ("{{ note }}{{ gone }}{{ note }}", "{{ note|upper }}{{ gone|upper }}"):
        caught = fault(source)
        assert [caught.column, *(other.column for other in caught.others)] == ["note", "gone"]


def test_a_name_that_two_columns_have_can_not_be_used() -> None:
    assert "two columns" in fault("{{ twice }}").problem


@pytest.mark.parametrize(
    "source",
    [
        "{{ name.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ name['__class__'] }}",
        "{{ name|attr('__class__') }}",
        "{{ name.upper() }}",
        "{{ self.__init__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ '{0.__class__}'.format(name) }}",
        "{{ '%(a)s'|format(name) }}",
        "{% include '/etc/passwd' %}",
        "{% extends 'x' %}",
        "{% import 'os' as os %}",
        "{% from 'os' import path %}",
        "{% macro m() %}{% endmacro %}",
        "{% call m() %}{% endcall %}",
        "{% block b %}{% endblock %}",
        "{% set a = 1 %}",
        "{% filter upper %}{% endfilter %}",
        "{% for i in range(10**9) %}x{% endfor %}",
        "{% for c in name %}{{ c }}{% endfor %}",
        "{{ range(10**9)|list }}",
        "{{ 'a' * 10**9 }}",
        "{{ 'a' * 9 }}",
        "{{ 2 ** 9 }}",
        "{{ 999999999999999 * 999999999999999 * 9 }}",
        "{{ 5|round(0 - 1000000000) }}",
        "{{ '%999999999d'|format(1) }}",
        "{{ name|center(1000000000) }}",
        "{{ [name, name] }}",
        "{{ row }}",
        "{{ none }}",
        "{{ 1 / 0 }}",
        "{{ -name }}",
        "{{ name > 3 }}",
        "{{ 9" + "9" * 5000 + " }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ name " + "~ name" * 3000 + " }}",
        "{% if name %}" * 60 + "{% endif %}" * 60,
        "{{ name",
        "{% if name %}",
        "{{ First name }}",
        "{# open",
        "{% nonsense %}",
    ],
)
def test_refuses_what_has_no_place_in_a_message(source: str) -> None:
    assert fault(source).problem


def test_no_chain_of_filters_grows_without_bound() -> None:
    doubled = "|replace('a', 'aa')" * 30
    assert "grows" in fault("{{ 'a'" + doubled + " }}").problem
    joined = "{{ " + "name ~ " * 500 + "name }}"
    assert fault(joined, ["a" * 10_000, "", "", ""]).problem


def test_stops_rendering_what_is_longer_than_any_message() -> None:
    long = ["a" * TEXT_LIMIT, "", "", ""]
    assert render("{{ name }}", long) == long[0]
    for source in ("{{ name }}!", "{{ name|string }}!"):
        with pytest.raises(TooLong):
            render(source, long)


def test_a_template_is_read_once_and_forgotten_in_the_end() -> None:
    templates = Templates(VARIABLES)
    source = "{{ name|upper }}"
    first = templates.read(source)
    assert templates.read(source) is first
    for i in range(300):
        templates.read(f"{i} {source}")
    assert templates.read(source) is not first


def test_a_bad_template_is_told_off_every_time() -> None:
    templates = Templates(VARIABLES)
    for _ in range(2):
        with pytest.raises(Fault):
            templates.read("{{ name")
