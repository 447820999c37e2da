"""Whatever a campaign, its templates and its options hold: words, in bounded time and memory."""

import contextlib
import os
import time
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.examples import tries
from waheal.acts.check import CheckOrder, check
from waheal.acts.orders import Reading
from waheal.acts.wishes import Pacing
from waheal.acts.workspace import open_home
from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.choices import Choices
from waheal.campaign.faults import Fault
from waheal.campaign.filters import FILTERS
from waheal.campaign.reading import unfit
from waheal.campaign.templates import TEXT_LIMIT, Templates
from waheal.errors import WahealError
from waheal.findings import Problem
from waheal.model import ExitCode, Planned

NOW = 1_800_000_000.0
VARIABLES = {"name": 0, "long": 1, "empty": 2, "wide": 3}
CELLS = ["Ann", "é" * (1 << 20), "", "😀a" * 20_000]
SECONDS, BYTES = 10.0, 100 << 20

NAMES = ["name", "long", "empty", "wide", "gone", "row", "self", "none", "true", "loop", "range"]
FIGURES = ["7", "0", "10**9", "1e308", "-1", "0xffff", "'a' * 9"]
PARTS = ["[name, long]", "()", "row['long']", "row.wide"]
LITERALS = [r"'\ud800'", r"'\x1b'", "''", "'a'", "' '", "'%s'", "'%99.99f'", "'%(a)s'"]
atoms = st.sampled_from([*NAMES, *FIGURES, *PARTS, *LITERALS])


def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = [" + ", " - ", " * ", " ~ ", " % ", " // ", " ** ", " in ", " == ", " < ", " and "]
    return st.one_of(
        st.tuples(inner, st.sampled_from([*FILTERS, "attr", "center", "join", "list"])).map(
            lambda pair: f"{pair[0]}|{pair[1]}"
        ),
        st.tuples(inner, st.sampled_from(list(FILTERS)), st.lists(inner, max_size=3)).map(
            lambda made: f"{made[0]}|{made[1]}({', '.join(made[2])})"
        ),
        st.tuples(inner, st.sampled_from(signs), inner).map(lambda made: f"({''.join(made)})"),
        st.tuples(inner, inner, inner).map(lambda m: f"({m[0]} if {m[1]} else {m[2]})"),
        st.tuples(inner, st.sampled_from(["[::-1]", "[0]", "[:9]", ".x", "()"])).map("".join),
        st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]"),
    )


expressions = st.recursive(atoms, deeper, max_leaves=12)
bodies = st.lists(
    st.one_of(
        expressions.map(lambda made: f"{{{{ {made} }}}}"),
        expressions.map(lambda made: f"{{% if {made} %}}a{{% else %}}b{{% endif %}}"),
        st.sampled_from(
            ["{% for a in long %}{{ a }}{% endfor %}", "{% macro m() %}{% endmacro %}"]
        ),
        st.sampled_from(["\r\n", "{# c #}", "{%", "}}", "{{", " "]),
    ),
    min_size=1,
    max_size=4,
).map("".join)
templates = st.tuples(bodies, st.sampled_from([1, 1, 3, 60, 4_000])).map(lambda t: t[0] * t[1])


def rendered(source: str) -> str:
    try:
        text = Templates(VARIABLES).read(source).render(CELLS)
    except Fault as fault:
        return f"{fault.problem} {fault.hint}"
    assert len(text) <= TEXT_LIMIT
    return text


def bounded(source: str) -> None:
    started = time.process_time()
    assert "object at" not in rendered(source)
    assert time.process_time() - started < SECONDS
    tracemalloc.start()
    try:
        rendered(source)
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()


@settings(max_examples=tries(150))
@given(templates)
def test_a_template_ends_soon_and_prints_nothing_of_pythons(source: str) -> None:
    bounded(source)


@pytest.mark.soak
@settings(max_examples=20_000)
@given(templates)
def test_many_templates_end_soon(source: str) -> None:
    bounded(source)


headers = st.sampled_from(
    [
        b"phone,message\n",
        b"phone;name;media;caption\r\n",
        b"phone,name,device,expires\n",
        b"\xff\xfe",
    ]
)
CUTS = [b",", b";", b"\n", b"\r\n", b'"', b"\0", b"\x1b", b"\xe9", b"\xed\xa0\x80"]
WORDS = [b"+12025550100", b"1", b"Ann", "\u202e".encode(), b"{{ name }}", b"{{ row }}", b"x" * 9000]
FILES = [b"pipe", b"/dev/zero", b".hidden", b"link", b"../x", b"home/home.key", b"caf\xe9"]
pieces = st.sampled_from([*CUTS, *WORDS, *FILES, rb'{{ ""\ud800""|trim }}'])
tables = st.lists(pieces, max_size=40).map(b"".join) | st.binary(max_size=200)
texts = st.none() | st.one_of(
    st.text(max_size=20),
    st.sampled_from(["{{ name }}", r'{{ "\ud800" }}', "\udcff", "a\0b", "", "~nobody", "x" * 5000]),
    bodies,
)


def paths(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def judged(head: bytes, body: bytes, options: tuple[str | None, ...]) -> None:
    with TemporaryDirectory() as folder, contextlib.chdir(folder):
        path = Path("c.csv")
        path.write_bytes(head + body)
        os.mkfifo("pipe")
        Path("link").symlink_to("/dev/zero")
        message, name, region, column, footer, odd, media = options
        choices = Choices(now=NOW, message=message, opt_out_footer=footer, region=region)
        rows = list(open_campaign_file(path, choices).rows())
        refused = any(isinstance(each, Problem) and not each.skippable for each in rows)
        for found in () if refused else rows:  # of a file that is refused nothing is sent
            if isinstance(found, Planned):
                found.content.text.encode()
                assert unfit(found.content.text) is None
        reading = Reading(region, column, message, paths(odd), paths(media), None, False, footer)
        order = CheckOrder(path, name, reading, Pacing(expires=odd), rejected=paths(name))
        try:
            report = check(open_home("home"), order)
        except WahealError as error:
            code = error.exit_code
        else:
            code = ExitCode.OK if report.ok else ExitCode.USAGE
            assert report.ok is not bool(report.problem_count)
        assert code in {ExitCode.OK, ExitCode.USAGE}


many = st.tuples(texts, texts, texts, texts, texts, texts, texts)


@settings(max_examples=tries(150))
@given(headers, tables, many)
def test_no_campaign_and_no_options_are_a_fault(
    head: bytes, body: bytes, options: tuple[str | None, ...]
) -> None:
    judged(head, body, options)


@pytest.mark.soak
@settings(max_examples=20_000)
@given(headers, tables, many)
def test_many_campaigns_are_no_fault(
    head: bytes, body: bytes, options: tuple[str | None, ...]
) -> None:
    judged(head, body, options)
