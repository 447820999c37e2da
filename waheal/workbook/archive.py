"""The parts of a zip file, each a stream with an end; it does not know what they say.

A zip file of some kilobytes may unfold to gigabytes, and its directory may name what is not there.
So the directory is read up to a size, and a part as far as its packed size makes it likely.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from waheal.workbook.refusal import WorkbookError, damaged, too_much

_DIRECTORY = 1 << 20
_CHUNK = 1 << 16
_FREE = 1 << 22
# Sheets that spreadsheets write unfold to ten to thirty times their packed size.
_RATIO = 100
_ENCRYPTED = 0x1
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Archive:
    """A zip file, opened; its parts are found in any case, as those of a workbook are."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the directory. Raises: WorkbookError, OSError."""
        with _reading():
            self._zip = zipfile.ZipFile(_Sips(file))
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for part in self._zip.infolist():
            name = _key(part.filename)
            if name in self._parts:
                raise damaged(f"it has two parts called {part.filename[:100]!r}")
            self._parts[name] = part

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._parts

    def packed(self, name: str) -> int:
        """Bytes that a part takes in the file; 0 where it is missing."""
        part = self._parts.get(_key(name))
        return 0 if part is None else part.compress_size

    def stream(self, name: str) -> Iterator[bytes]:
        """Give a part's bytes, piece by piece.

        Raises: WorkbookError, OSError.
        """
        part = self._part(name)
        left = _FREE + _RATIO * part.compress_size
        with _reading(), self._zip.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise too_much(f"{part.filename[:100]!r} unfolds to far more than it should")
                yield chunk

    def _part(self, name: str) -> zipfile.ZipInfo:
        part = self._parts.get(_key(name))
        if part is None:
            raise damaged(f"{name[:100]!r} is missing in it")
        if part.flag_bits & _ENCRYPTED:
            raise WorkbookError("the workbook is encrypted", "save it without a password")
        if part.compress_type not in _PACKINGS:  # others may ask for any amount of memory
            raise damaged("it is packed in a way that workbooks are not")
        return part


class _Sips(io.BufferedIOBase):
    """A file of which nobody takes more than a directory's size at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = _DIRECTORY
        if size > _DIRECTORY:
            raise too_much("its list of parts is too long")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


@contextmanager
def _reading() -> Iterator[None]:
    """Word what zipfile raises for files that are none, or no longer."""
    try:
        yield
    except zipfile.BadZipFile as error:
        raise damaged("it is cut short or damaged") from error
    except (zlib.error, struct.error, EOFError, ValueError, RuntimeError, OverflowError) as error:
        raise damaged("it is damaged") from error


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()  # some name them as Windows does
