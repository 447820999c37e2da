"""The sandbox's memory on disk: JSON lines, the latest of a key wins; knows no key's meaning."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from waheal.sandbox.json_fields import FieldError, Fields, Row, parse_row
from waheal.writing import whole_bytes


class Journal:
    """An append-only file of records.

    A record is in the file once `flush` returned: a killed process loses nothing that was flushed,
    since the kernel already holds it. A last line that was cut short is left out.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: dict[str, Row | None] = {}
        self._encoder = json.JSONEncoder(separators=(",", ":"))
        self._file, self._size = _appending(path)

    def close(self) -> None:
        """Write what waits and let go of the file."""
        self.flush()
        os.close(self._file)

    def put(self, key: str, value: Row | None) -> None:
        """Remember value under key from the next flush on; None forgets the key."""
        self._waiting[key] = value

    def flush(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        data = b"".join(self._line(key, value) for key, value in self._waiting.items())
        self._waiting.clear()
        self._size += len(data)
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self._size

    def load(self) -> dict[str, Row]:
        """Tell what is remembered, oldest key first.

        Raises:
            FieldError: a line other than the last can't be read.
        """
        records: dict[str, Row] = {}
        lines = self._path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, start=1):
            if not line:
                continue
            try:
                fields = Fields(parse_row(line))
                key, value = fields.text("k"), fields.row.get("v")
            except FieldError as error:
                if number == len(lines):
                    break
                raise FieldError(f"{self._path}, line {number}: {error}") from error
            if value is None:
                records.pop(key, None)
            else:
                records[key] = fields.inner("v").row
        return records

    def compact(self, records: Mapping[str, Row] | Iterable[tuple[str, Row]]) -> None:
        """Replace the file by these records at once."""
        items = records.items() if isinstance(records, Mapping) else records
        with whole_bytes(self._path) as file:
            for key, value in items:
                file.write(self._line(key, value))
        self._waiting.clear()  # the records hold it already
        os.close(self._file)
        self._file, self._size = _appending(self._path)

    def _line(self, key: str, value: Row | None) -> bytes:
        return f"{self._encoder.encode({'k': key, 'v': value})}\n".encode()


def _appending(path: Path) -> tuple[int, int]:
    """Open the file, and tell its size."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    return descriptor, os.fstat(descriptor).st_size
