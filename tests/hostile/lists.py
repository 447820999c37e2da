"""Lists that were cut, spoiled, mixed or made on purpose: whatever a campaign file may turn out."""

import codecs
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random

from tests.hostile.words import BYTES, LONG, SCREEN, odd_files, spoiled
from tests.hostile.world import Command, World
from tests.kit.damage import rich_workbooks, with_bytes_changed, with_xml_changed

_ROOT = Path(__file__).parents[2]
_ENCODINGS = [
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp1251", "koi8-r", "gb18030",
    "cp932", "mac-roman", "iso2022_jp", "utf-7", "cp037", "cp1256",
]  # fmt: skip
_ENCODINGS_NAMED = [*_ENCODINGS, "utf8", "rot13", "zlib", "nosuch", "", "idna", "unicode_escape"]
_PIECES = [
    b'"', b'""', b"'", b",", b";", b"\t", b"|", b"\r", b"\n", b"\0", b"\x1a", b"\\N", b'\\"',
    b"sep=;\n", b"sep=\n", b"\xef\xbb\xbf", b"\xff\xfe", b"{{", b"}}", b"{% for x in y %}",
    b"phone,message\n", b"phone;whatsapp;name\n", b",,,,,,", b"+49 171 1234567", b"=1+1",
    b"https://wa.me/15555550100?text=%00", b"1e308", b"2027-12-24 18.30", b"\xe2\x80\x8e",
    *BYTES, *(each.encode() for each in SCREEN),
]  # fmt: skip
_GREAT = [
    b'"', b"a", b"\n", b",", b"\0", b"a,", b'""', b"+12025550100\n", b"\xff", b"{{", b"\r\n,",
]  # fmt: skip
_HEADS = [
    b"%PDF-1.7\n", b"<html><table>", b"BEGIN:VCARD\r\n", b'[{"phone":', b"PK\x03\x04", b"GIF8",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08", b"OggS", b"{\\rtf1", b"7z\xbc\xaf",
]  # fmt: skip
_MESSAGES = ["Hi {{ name }}", "Hi", "{{ first_name|default('you') }}: {{ date }}", "{{ row }}", ""]
_NAMES = ["list.csv", "list.xlsx", "list.txt", "list", "list.CSV", "list.xls", "\u202elist.csv"]


@cache
def _samples() -> tuple[bytes, ...]:
    folders = [_ROOT / "campaigns", _ROOT / "tests" / "data" / "campaigns"]
    files = [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]
    return tuple(path.read_bytes() for path in files if path.suffix != ".md")


@cache
def _workbooks() -> tuple[bytes, ...]:
    return tuple(rich_workbooks())


def lists(random: Random, world: World) -> Iterator[Command]:
    """Lay out a list and ask for a check of it, or give it to whoever else reads lists."""
    odd_files(world)
    name = random.choice(_NAMES)
    (world.cwd / name).write_bytes(random.choice(_MAKERS)(random))
    terminal = random.random() < 0.5
    if random.random() < 0.2:
        yield Command(("suppress", "import", name, *_reading(random)), terminal=terminal)
        return
    words = ["check", name, *_reading(random)]
    if random.random() < 0.6:
        words += ["--message", random.choice(_MESSAGES), "--no-message-column"]
    if random.random() < 0.4:
        words += ["--region", random.choice(["US", "DE", "BR", "RU", "UK"])]
    if random.random() < 0.3:
        words.append("--json")
    yield Command(words, terminal=terminal)


def _reading(random: Random) -> list[str]:
    words = list[str]()
    if random.random() < 0.3:
        words += ["--encoding", random.choice(_ENCODINGS_NAMED)]
    if random.random() < 0.2:
        words += ["--phone-column", random.choice(["phone", "x", "", "Telefon"])]
    return words


def _spoiled(random: Random) -> bytes:
    return spoiled(random, random.choice(_samples()))


def _with_pieces(random: Random) -> bytes:
    data = random.choice(_samples())
    for _ in range(random.randint(1, 6)):
        at = random.randint(0, len(data))
        data = data[:at] + random.choice(_PIECES) + data[at:]
    return data


def _mixed(random: Random) -> bytes:
    """Put two lists into one file, each in an encoding of its own."""
    return b"".join(_written(random, random.choice(_samples())) for _ in range(2))


def _written(random: Random, data: bytes) -> bytes:
    text = data.decode(errors="replace")
    return codecs.encode(text, random.choice(_ENCODINGS), "replace")


def _turned(random: Random) -> bytes:
    """Shuffle lines, and the cells of one."""
    lines = random.choice(_samples()).splitlines(keepends=True) or [b""]
    random.shuffle(lines)
    at = random.randrange(len(lines))
    cells = lines[at].split(b",")
    random.shuffle(cells)
    lines[at] = b",".join(cells) * random.choice([1, 1, 300])
    return b"".join(lines)


def _great(random: Random) -> bytes:
    """So much of one thing, below a header that is well: a megabyte, or what is one cell eight."""
    piece = random.choice([*_GREAT, random.choice(LONG).encode()])
    data = piece * ((8 if piece == b"a" else 1) * (1 << 20) // len(piece))
    return b"phone,name\n" * random.choice([0, 1]) + b'"' * random.choice([0, 1]) + data


def _headed(random: Random) -> bytes:
    return random.choice(_HEADS) + random.choice(_samples())[: random.choice([0, 50, 5_000])]


def _packed(random: Random) -> bytes:
    data = random.choice([random.choice(_samples()), bytes(32 << 20)])
    if random.random() < 0.5:
        return gzip.compress(data, 9)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(random.choice(["list.csv", "../list.csv", "xl/workbook.xml"]), data)
    return packed.getvalue()


def _workbook(random: Random) -> bytes:
    change = random.choice([with_bytes_changed, with_xml_changed])
    return change(random, random.choice(_workbooks()))


def _noise(random: Random) -> bytes:
    return random.randbytes(random.choice([0, 1, 3, 100, 5_000, 100_000]))


_MAKERS: list[Callable[[Random], bytes]] = [
    _spoiled, _with_pieces, _mixed, _turned, _great, _headed, _packed, _workbook, _workbook, _noise,
]  # fmt: skip
