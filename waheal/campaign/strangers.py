"""Names files that are no list of cells as what they are, by their bytes; it opens none of them."""

import io
import re
from typing import NamedTuple

from waheal.campaign.signatures import recognise

HEAD = 1 << 16
"""Bytes of a file's beginning, and of its end, that are looked at."""


class Stranger(NamedTuple):
    """What a file is, and how a list is made of it."""

    problem: str
    hint: str


_CSV = "save it as CSV UTF-8 or .xlsx"
_EXPORT = "export the list as CSV"
_BINARY: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "a gzip archive", "unpack it first: gunzip"),
    (b"BZh", "a bzip2 archive", "unpack it first: bunzip2"),
    (b"\xfd7zXZ\x00", "an xz archive", "unpack it first: unxz"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "unpack it first: unzstd"),
    (b"\x04\x22\x4d\x18", "an LZ4 archive", "unpack it first: unlz4"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it first"),
    (b"%PDF-", "a PDF", f"{_EXPORT} from the program that made it"),
    (b"{\\rtf", "a document (RTF)", f"copy its table into a spreadsheet, and {_CSV}"),
    (b"\x89PNG\r\n", "a picture (PNG)", f"type the list into a spreadsheet, and {_CSV}"),
    (b"\xff\xd8\xff", "a picture (JPEG)", f"type the list into a spreadsheet, and {_CSV}"),
    (b"GIF8", "a picture (GIF)", f"type the list into a spreadsheet, and {_CSV}"),
    (b"SQLite format 3\x00", "an SQLite database", f"{_EXPORT}: sqlite3 -header -csv"),
    (b"\x00\x01\x00\x00Standard ", "an Access database", f"{_EXPORT} from Access"),
    (b"PAR1", "a Parquet file", _EXPORT),
    (b"ARROW1", "an Arrow file", _EXPORT),
    (b"Obj\x01", "an Avro file", _EXPORT),
    (b"\x80\x04\x95", "a Python pickle", _EXPORT),
    (b"bplist00", "a property list", _EXPORT),
    (b"\x7fELF", "a program", "name the list instead"),
    (b"MZ\x90\x00", "a program", "name the list instead"),
)
_TEXTS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"BEGIN:VCARD\b", re.IGNORECASE),
        "a vCard file of contacts",
        "export the contacts as CSV: Google Contacts does, and imports vCards",
    ),
    (re.compile(r"BEGIN:VCALENDAR\b", re.IGNORECASE), "a calendar", _EXPORT),
    (
        re.compile(r"<\?xml[^>]*>\s*(?:<\?mso-application[^>]*>\s*)?<(?:\w+:)?Workbook\b"),
        "a workbook in the XML of Excel 2003",
        f"open it in a spreadsheet, and {_CSV}",
    ),
    (
        re.compile(
            r"(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|meta|body|table|div|style|script)\b",
            re.IGNORECASE | re.DOTALL,
        ),
        "a web page (HTML), whatever its name says",
        f"open it in a spreadsheet, and {_CSV}",
    ),
    (re.compile(r"<\?xml\b|<[A-Za-z][\w:.-]*(?:\s[^<>]*)?>\s*<"), "an XML file", _EXPORT),
    (
        re.compile(r'\[\s*(?:[\[{]|\]\s*\Z)|\{\s*(?:"[^"\n]*"\s*:|\}\s*\Z)'),
        "a JSON file",
        f"{_EXPORT}, or turn it into one: jq -r '… | @csv'",
    ),
    (re.compile(r"ID;P"), "a SYLK file", f"open it in a spreadsheet, and {_CSV}"),
    (
        re.compile(
            r"(?:(?:--[^\n]*(?:\n|\Z)|/\*.*?\*/;?)\s*)*"
            r"(?:INSERT\s+INTO|CREATE\s+TABLE|DROP\s+TABLE|SET\s+NAMES|PRAGMA\s+foreign_keys)\b",
            re.IGNORECASE | re.DOTALL,
        ),
        "an SQL dump",
        f"{_EXPORT} from the database",
    ),
    (
        re.compile(r"MIME-Version:|(?:Return-Path|Received|From|Date): [^\n]*\n\S+: "),
        "a mail",
        _EXPORT,
    ),
    (re.compile(r"dn: [^\n]*\n\w+: "), "an LDIF file", _EXPORT),
    (re.compile(r"\[InternetShortcut\]"), "a link to a page", "download the list itself"),
    (
        re.compile(r"version https://git-lfs"),
        "a pointer of Git LFS",
        "fetch the file: git lfs pull",
    ),
)
_WRITINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"#!\s*/"), "a script"),
    (re.compile(r"(?:---\r?\n.*?\n---\r?\n\s*)?#{1,6} \S", re.DOTALL), "a text (Markdown)"),
    (re.compile(r"[^\n]+\n(?:={3,}|-{3,}|~{3,})\s*\n"), "a text (Markdown or the like)"),
)
_MEDIA = {"image": "a picture", "video": "a video", "audio": "a recording"}  # by its type
_MARKED = 64  # bytes in which a file of media has a NUL
_JUDGED, _FEW = 4096, 64
_ODD = 0.05  # of what is judged
_BLANK = 0x20
_OF_TEXTS = frozenset(b"\0\t\n\v\f\r\x1a\x1b")
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOOK = re.compile(rb"xl/|opendocument\.spreadsheet|\[Content_Types\]\.xml|_rels/")
_ANY_ZIP = ("a ZIP archive", "unpack it first, and name the list in it")
_IN_ZIP: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"word/"), "a Word document", f"copy its table into a spreadsheet, and {_CSV}"),
    (re.compile(rb"ppt/"), "a presentation", f"copy its table into a spreadsheet, and {_CSV}"),
    (re.compile(rb"Index/(?:Document|Tables)|Index\.zip"), "a Numbers document",
     f"{_EXPORT} from Numbers"),
    (re.compile(rb"opendocument\.(?:text|presentation|graphics)"), "an OpenDocument text",
     f"copy its table into a spreadsheet, and {_CSV}"),
)  # fmt: skip
_SEALED = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4.4
_LOCKED = Stranger(
    "the file is protected by a password", "open it, take the password off, and save it again"
)
_IN_OLE: tuple[tuple[bytes, str, str], ...] = (
    ("WordDocument".encode("utf-16-le"), "a Word document", f"copy its table, and {_CSV}"),
    ("PowerPoint Document".encode("utf-16-le"), "a presentation", f"copy its table, and {_CSV}"),
    ("__substg1.0_".encode("utf-16-le"), "an Outlook message", _EXPORT),
)
_OLE_HEADER = 512
_SCRAMBLED = 0x2F  # the record FILEPASS, [MS-XLS] 2.4.117


def stranger(head: bytes, tail: bytes) -> Stranger | None:
    """Tell what a file is by its first and last bytes; None where it may be a list."""
    found = next((each for each in _BINARY if head.startswith(each[0])), None)
    if found is not None:
        return _called(found[1], found[2])
    if head.startswith(_ZIP):
        return _in_zip(head, tail)
    if head.startswith(_OLE):
        return _in_ole(head, tail)
    if b"\0" in head[:_MARKED] and (media := recognise(io.BytesIO(head))) is not None:
        called = _MEDIA.get(media.mime.partition("/")[0], "a document")
        return _called(called, f"type the list into a spreadsheet, and {_CSV}")
    text = _text(head)
    read = next((each for each in _TEXTS if each[0].match(text)), None)
    return None if read is None else _called(read[1], read[2])


def writing(head: bytes) -> Stranger | None:
    """Tell what a file is that has no column of numbers: a list may begin like one, too."""
    if _is_data(head):
        return _called("data of a program", f"open it with that program, and {_EXPORT}")
    text = _text(head)
    read = next((what for mark, what in _WRITINGS if mark.match(text)), None)
    return None if read is None else _called(read, "name a CSV or .xlsx file")


def _is_data(head: bytes) -> bool:
    """Whether it is made of characters that no text has; UTF-16 has NULs, but no others."""
    begin = head[:_JUDGED]
    odd = sum(byte < _BLANK and byte not in _OF_TEXTS for byte in begin)
    return len(begin) >= _FEW and (odd > _ODD * len(begin) or not any(begin))


def directory_at(head: bytes) -> int | None:
    """Tell where an OLE file lists its streams, which may be anywhere ([MS-CFB] 2.2, 2.6)."""
    if not head.startswith(_OLE) or len(head) < _OLE_HEADER:
        return None
    size = 1 << min(head[30], 16)
    return (int.from_bytes(head[48:52], "little") + 1) * size


def _called(what: str, hint: str) -> Stranger:
    return Stranger(f"the file is {what}, not a list of recipients", hint)


def _in_zip(head: bytes, tail: bytes) -> Stranger | None:
    names = head + tail  # each entry's stand before it, and all of them at the end
    for mark, what, hint in _IN_ZIP:
        if mark.search(names):
            return _called(what, hint)
    return None if _BOOK.search(names) else _called(*_ANY_ZIP)


def _in_ole(head: bytes, tail: bytes) -> Stranger | None:
    content = head + tail
    if _SEALED in content or _scrambled(head):
        return _LOCKED
    found = next((each for each in _IN_OLE if each[0] in content), None)
    return None if found is None else _called(found[1], found[2])


def _scrambled(head: bytes) -> bool:
    """Whether an .xls begins with the record that says that the rest is scrambled."""
    begins = head.find(b"\x09\x08\x10\x00\x00\x06\x05\x00")  # BOF of a workbook, BIFF8
    after = begins + 20
    return begins >= 0 and head[after : after + 2] == bytes((_SCRAMBLED, 0))


def _text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace").lstrip()
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1").lstrip()
