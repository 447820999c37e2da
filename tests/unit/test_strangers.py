import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest

from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.choices import Choices
from waheal.campaign.strangers import stranger
from waheal.findings import Problem
from waheal.model import Planned

LIST = b"phone,name\n+12025550100,Ada\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, LIST)
    return out.getvalue()


FILES = [
    (gzip.compress(LIST), "gzip"),
    (bz2.compress(LIST), "bzip2"),
    (lzma.compress(LIST), "xz"),
    (archive("list.csv"), "ZIP"),
    (archive("[Content_Types].xml", "word/document.xml"), "Word"),
    (archive("Index/Document.iwa"), "Numbers"),
    (b"BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:+12025550100\r\nEND:VCARD\r\n", "vCard"),
    (b'[\n  {"phone": "+12025550100"}\n]\n', "JSON"),
    (b'{"contacts": [{"phone": "+12025550100"}]}', "JSON"),
    (b"%PDF-1.7\n", "PDF"),
    (b"\xef\xbb\xbf  <html><table><tr><td>phone</td></tr></table></html>", "HTML"),
    ("<table><tr><td>phone".encode("utf-16"), "HTML"),
    (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook>', "Excel 2003"),
    (b'<?xml version="1.0"?><contacts/>', "XML"),
    (b"{\\rtf1\\ansi phone}", "RTF"),
    (b"-- MySQL dump 10.13\n\n/*!40101 SET x */;\nDROP TABLE IF EXISTS `a`;\n", "SQL"),
    (b"INSERT INTO contacts VALUES (1,'+12025550100');\n", "SQL"),
    (b"SQLite format 3\0" + bytes(100), "SQLite"),
    (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    (OLE + b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(12) + b"\x2f\x00\x36\x00", "password"),
    (OLE + "WordDocument".encode("utf-16-le"), "Word"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"RIFF\x10\0\0\0WEBPVP8 ", "picture"),
    (b"OggS\0\2" + bytes(40), "recording"),
    (b"\0\0\0\x18ftypmp42" + bytes(40), "video"),
    (b"# waheal\n\nSend campaigns to +12025550100.\n", "Markdown"),
    (b"---\ntitle: x\n---\n\n## Notes\n", "Markdown"),
    (b"waheal\n======\n\nSend campaigns.\n", "Markdown"),
    (b"#!/bin/sh\necho +12025550100\n", "script"),
    (bytes(200), "data of a program"),
    (bytes(range(1, 33)) * 40, "data of a program"),
]

LISTS = [
    b"# exported 2026-11-27\nphone,name\n+12025550100,Ada\n",
    b"phone\n-----\n+12025550100\n",
    b"BMI,phone\n1,+12025550100\n",
    "phone,name\n+12025550100,Ada\n".encode("utf-16-le"),
]


@pytest.mark.parametrize("data", LISTS)
def test_a_list_that_begins_like_something_else_is_a_list(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(data)
    rows = list(open_campaign_file(path, Choices(now=0.0, message="Hi")).rows())
    assert any(isinstance(each, Planned) for each in rows), rows


@pytest.mark.parametrize(("data", "what"), FILES, ids=[what for _, what in FILES])
def test_what_is_no_list_is_named_as_what_it_is(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "list.xls"
    path.write_bytes(data)
    (problem,) = open_campaign_file(path, Choices(now=0.0, message="Hi")).rows()
    assert isinstance(problem, Problem)
    assert (problem.row, problem.skippable) == (None, False)
    assert what in problem.problem
    assert problem.hint


LISTS = [LIST, b"", b"[Name],phone\n", b"<name>,phone\n", b"phone", b"{name};phone\n", b"From,to\n"]


@pytest.mark.parametrize("data", [*LISTS, archive("xl/workbook.xml"), OLE + b"Workbook"])
def test_what_may_be_a_list_is_none_of_them(data: bytes) -> None:
    assert stranger(data, data) is None
