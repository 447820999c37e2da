"""Workbooks that have something of everything, and what may be done to one."""

import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.kit.workbooks import Tab, number, row, shared, table, text, write_workbook

_SAMPLE = Path(__file__).parents[2] / "campaigns" / "workbook.xlsx"
_NUMBERS = ("-1", "0", "1e308", "1e-308", "99999999999999999999", "NaN", "4294967296", "A", "")
_CODES = (
    "[h]:mm",
    "dd/mm/yyyy",
    "0.00E+00",
    "# ?/?",
    "@",
    ";;;",
    '"',
    "[<",
    "[$-",
    "0" * 300,
    "\\",
)
_PIECES = (
    *(b"<c/>", b"<row>", b"</row>", b"<v>", b"</v>", b"<f/>", b"<si>", b"&lt;", b"&#0;", b"&x;"),
    *(b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x?>", b"<!DOCTYPE x>", b'"', b"\0", b"\xff"),
    *(b' t="s"', b' t="d"', b' s="9"', b' r="XFD1048576"', b' hidden="1"', b"<a>" * 70),
    *(b"_x0000_", b"_xD800_", b"&#xD800;", b"1" * 400, b" " * 9_000),
)


def rich_workbooks() -> list[bytes]:
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
    return [rich, _SAMPLE.read_bytes()]


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
        parts[name] = chance.choice(_CHANGES)(chance, parts[name])
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for each, content in parts.items():
            target.writestr(each, content)
    return changed.getvalue()


def _inserted(chance: random.Random, xml: bytes) -> bytes:
    place = chance.randint(0, len(xml))
    return xml[:place] + chance.choice(_PIECES) + xml[place:]


def _number_changed(chance: random.Random, xml: bytes) -> bytes:
    return _one_replaced(chance, xml, rb"[0-9.]+", chance.choice(_NUMBERS))


def _value_changed(chance: random.Random, xml: bytes) -> bytes:
    code = chance.choice((*_CODES, *_NUMBERS)).replace('"', "&quot;").replace("<", "&lt;")
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


_CHANGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _inserted,
    _number_changed,
    _value_changed,
    _moved,
    _shuffled,
)
