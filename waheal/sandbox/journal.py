"""The sandbox's memory on disk: JSON lines, the latest of a key wins; knows no key's meaning."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from waheal.sandbox.json_fields import FieldError, Fields, Row, parse_row


class Journal:
    """An append-only file of records.

    A record is in the file once `flush` returned: a killed process loses nothing that was flushed,
    since the kernel already holds it. A last line that was cut short is left out.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: dict[str, Row | None] = {}
        self._encoder = json.JSONEncoder(separators=(",", ":"))
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = os.fstat(self._file).st_size

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
        encode = self._encoder.encode
        lines = [encode({"k": key, "v": value}) + "\n" for key, value in self._waiting.items()]
        data = "".join(lines).encode()
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
        draft = self._path.with_name(self._path.name + ".new")
        draft.unlink(missing_ok=True)
        fresh = Journal(draft)
        for key, value in items:
            fresh.put(key, value)
        fresh.flush()
        draft.replace(self._path)
        self._waiting.clear()  # the records hold it already
        os.close(self._file)
        self._file, self._size = fresh._file, fresh.size
