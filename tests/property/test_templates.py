"""The short way of rendering agrees with Jinja, and nothing a template says does harm."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.examples import tries
from waheal.campaign.environment import Environment
from waheal.campaign.faults import Fault
from waheal.campaign.templates import TEXT_LIMIT, Templates, _Full, _Lacks

VARIABLES = {"name": 0, "city": 1, "é": 2, "empty": 3}
CELLS = ["Ann", "{{ 7*7 }}\r\n", " ", ""]

PRINTED = ["{{ name }}", "{{city}}", "{{ é }}", "{{  empty  }}", "{{ gone }}", "{{ name|upper }}"]
AROUND = ["}}", "{", "%}", "\r\n", "\n", "\r", " a ", "{# c #}", "é", "'", '"']
BRANCHES = ["{% if empty %}", "{% else %}", "{% endif %}", "{%- if name -%}", "{{- city -}}"]
MARKS = ["{{", "}}", "{%", "%}", "(", ")", "[", "]", "*", "**", "~", "|", ".", " ", ","]
VALUES = ["'a'", "9", "10**9", "name", "row", "['name']", "range", "__class__"]
WORDS = ["replace('a','aaaa')", "upper", "round", "format", "truncate", "if ", "for x in "]
ENDS = ["set a=", "endif", "endfor"]

pieces = st.sampled_from([*PRINTED, *AROUND, *BRANCHES])
noise = st.lists(st.sampled_from([*MARKS, *VALUES, *WORDS, *ENDS]), max_size=25).map("".join)


def outcome(source: str, *, fully: bool) -> str | list[str | None]:
    try:
        if fully:
            text = _Full(Environment(), source, VARIABLES, _Lacks((*VARIABLES,), frozenset(), ()))
            return text.render(CELLS)
        return Templates(VARIABLES).read(source).render(CELLS)
    except Fault as fault:
        return [fault.column, *(other.column for other in fault.others)]


@given(st.lists(pieces, max_size=8).map("".join))
def test_simple_templates_give_what_jinja_gives(source: str) -> None:
    assert outcome(source, fully=False) == outcome(source, fully=True)


@settings(max_examples=tries(500))
@given(noise)
def test_a_template_gives_a_bounded_text_or_a_fault(source: str) -> None:
    result = outcome(source, fully=False)
    assert isinstance(result, list) or len(result) <= TEXT_LIMIT
