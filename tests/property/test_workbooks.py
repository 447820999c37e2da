"""Whatever is done to a workbook, a check of it ends, and says why."""

import io
import random
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from tests.kit.workbooks import Tab, number, row, shared, table, text, write_workbook
from waheal.campaign.checking import Checked, check
from waheal.campaign.choices import Choices
from waheal.workbook.number_formats import NumberFormat

SAMPLE = Path(__file__).parents[2] / "campaigns" / "workbook.xlsx"
MESSAGE = "Hi{% if price is defined %} {{ price }}, {{ day|default('-') }}{% endif %}"
NUMBERS = ("-1", "0", "1e308", "1e-308", "99999999999999999999", "NaN", "4294967296", "A", "")
CODES = ("[h]:mm", "dd/mm/yyyy", "0.00E+00", "# ?/?", "@", ";;;", '"', "[<", "[$-", "0" * 300, "\\")
PIECES = (
    *(b"<c/>", b"<row>", b"</row>", b"<v>", b"</v>", b"<f/>", b"<si>", b"&lt;", b"&#0;", b"&x;"),
    *(b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x?>", b"<!DOCTYPE x>", b'"', b"\0", b"\xff"),
    *(b' t="s"', b' t="d"', b' s="9"', b' r="XFD1048576"', b' hidden="1"', b"<a>" * 70),
    *(b"_x0000_", b"_xD800_", b"&#xD800;", b"1" * 400, b" " * 9_000),
)


def sources() -> list[bytes]:
    """Give workbooks that have something of everything."""
    with TemporaryDirectory() as folder:
        rows = [
            *table([("phone", "price", "day", "note")]),
            row(2, text("+12025550100"), number(49.9, 1), number(46380.5, 2), shared(1)),
            row(3, number(12025550101, 3), number(-5, 4), number(60, 2), shared(0)),
            row(4, text("+12025550102"), number(0.5, 5), attributes='hidden="1"'),
            row(7, '<c r="A7" t="b"><v>1</v></c>', '<c r="XFD7" t="e"><v>#N/A</v></c>'),
        ]
        rich = write_workbook(
            Path(folder, "rich.xlsx"),
            [
                Tab("Old", [], state="hidden"),
                Tab("List", rows, before='<cols><col min="1"/></cols>'),
            ],
            codes=["#,##0.00", "dd.mm.yyyy h:mm", "+0", "0;(0);-", "# ??/??"],
            strings=["<si><t>Zoë</t></si>", "<si><r><t>a</t></r><rPh><t>b</t></rPh></si>"],
        ).read_bytes()
    return [rich, SAMPLE.read_bytes()]


SOURCES = sources()


def judged(data: bytes) -> Checked:
    with TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.xlsx")
        path.write_bytes(data)
        return check(path, Choices(now=0.0, region="US", message=MESSAGE))


def with_bytes_changed(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    cut = chance.random() < 0.2
    return bytes(changed[: chance.randint(4, len(changed))] if cut else changed)


def with_xml_changed(chance: random.Random, data: bytes) -> bytes:
    """Change one part, and put it back whole: the archive then is as it should be."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    name = chance.choice([each for each in parts if each != "[Content_Types].xml"])
    for _ in range(chance.randint(1, 4)):
        parts[name] = chance.choice(CHANGES)(chance, parts[name])
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for each, content in parts.items():
            target.writestr(each, content)
    return changed.getvalue()


def _inserted(chance: random.Random, xml: bytes) -> bytes:
    place = chance.randint(0, len(xml))
    return xml[:place] + chance.choice(PIECES) + xml[place:]


def _number_changed(chance: random.Random, xml: bytes) -> bytes:
    return _one_replaced(chance, xml, rb"[0-9.]+", chance.choice(NUMBERS))


def _value_changed(chance: random.Random, xml: bytes) -> bytes:
    code = chance.choice((*CODES, *NUMBERS)).replace('"', "&quot;").replace("<", "&lt;")
    return _one_replaced(chance, xml, rb'(?<==")[^"]*', code)


def _one_replaced(chance: random.Random, xml: bytes, what: bytes, by: str) -> bytes:
    found = list(re.finditer(what, xml))
    if not found:
        return xml
    start, end = chance.choice(found).span()
    return xml[:start] + by.encode() + xml[end:]


def _moved(chance: random.Random, xml: bytes) -> bytes:
    """Take an element away, put it there twice, or put it elsewhere."""
    tags = re.findall(rb"<[^>]*>|[^<]+", xml)
    place = chance.randrange(len(tags))
    taken = [tags.pop(place)] * chance.choice((0, 1, 2, 500))
    elsewhere = chance.randint(0, len(tags))
    return b"".join([*tags[:elsewhere], *taken, *tags[elsewhere:]])


def _shuffled(chance: random.Random, xml: bytes) -> bytes:
    start, end = sorted(chance.randint(0, len(xml)) for _ in range(2))
    return xml[:start] + xml[end:] if chance.random() < 0.5 else xml + xml[start:end]


CHANGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _inserted,
    _number_changed,
    _value_changed,
    _moved,
    _shuffled,
)


@given(
    st.integers(0, 1 << 64),
    st.sampled_from(SOURCES),
    st.sampled_from([with_bytes_changed, with_xml_changed]),
)
def test_whatever_a_workbook_is_a_check_of_it_ends_and_says_why(
    seed: int, source: bytes, change: Callable[[random.Random, bytes], bytes]
) -> None:
    checked = judged(change(random.Random(seed), source))  # noqa: S311 - it is to come again
    assert checked.ok is not bool(checked.problems)


codes = st.text(st.sampled_from('0#?.,%/E+-@;[]<>=1hmsdyAMPG$"\\_* €'), max_size=255)
numbers = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**308), max_value=10**308
)


@given(codes, numbers, st.booleans())
@example("0" + "%" * 254, Decimal("1e308"), False)
@example("ss." + "0" * 252, Decimal("2958465.9"), False)
@example("0." + "0" * 253, Decimal("1e308"), False)
@example("?/?", Decimal("1e-300"), False)
@example("/0", Decimal(1), False)
@example("0/", Decimal(1), False)
def test_every_code_shows_every_number(code: str, value: Decimal, since_1904: bool) -> None:
    shown = NumberFormat(code, since_1904=since_1904)
    assert isinstance(shown.shown(value), str)
    assert isinstance(shown.text("Ada"), str)
    whole = value.to_integral_value()
    if abs(whole) < 10**15:
        assert shown.exact(whole)


def test_they_are_read_as_they_are() -> None:
    assert [judged(source).rows for source in SOURCES] == [3, 3]
