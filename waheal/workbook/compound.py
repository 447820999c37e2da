"""Tells what a compound file is: Office's container before 2007, and that of encrypted workbooks.

Source: [MS-CFB]; the names of its streams stand in it as UTF-16.
"""

from typing import BinaryIO

from waheal.workbook.refusal import WorkbookError

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 1 << 20
_READ = 64
_NAMES = {
    "EncryptedPackage": (
        "the workbook is protected by a password",
        "open it, save it without a password, and give that",
    ),
    "WordDocument": ("the file is a Word document (.doc)", "save the list as .xlsx or CSV"),
}
_OLD = ("the file is a workbook of Excel 97 to 2003 (.xls)", "save it as .xlsx or CSV")


def refuse_compound(file: BinaryIO) -> None:
    """Do nothing where it is none.

    Raises: WorkbookError, OSError.
    """
    file.seek(0)
    if file.read(len(_MAGIC)) != _MAGIC:
        return
    before = b""
    for _ in range(_READ):
        chunk = file.read(_CHUNK)
        for name, told in _NAMES.items():
            if name.encode("utf-16-le") in before + chunk:
                raise WorkbookError(*told)
        before = chunk[-_READ:]
        if not chunk:
            break
    raise WorkbookError(*_OLD)
