"""JSON objects read with their types checked; knows nothing of what they mean."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None
Row = Mapping[str, Json]

_SURROGATE = re.compile("[\ud800-\udfff]")


class FieldError(Exception):
    """An object lacks a field, or holds another type than it should."""


def parse_row(data: bytes | str) -> Row:
    """One JSON object.

    Raises:
        FieldError: data is none.
    """
    try:
        value: Json = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FieldError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise FieldError("not a JSON object")
    return value


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object's fields by type; each reader takes what stands in for a missing field."""

    row: Row

    def text(self, name: str, missing: str | None = None) -> str:
        """Read a text."""
        value = self.row.get(name, missing)
        if not isinstance(value, str):
            raise FieldError(f"{name} is no text: {value!r}")
        if _SURROGATE.search(value):  # an escape of JSON's that no stanza and no file can hold
            raise FieldError(f"{name} holds a lone surrogate")
        return value

    def maybe_text(self, name: str) -> str | None:
        """Read a text or null."""
        return None if self.row.get(name) is None else self.text(name)

    def integer(self, name: str, missing: int | None = None) -> int:
        """Read a whole number."""
        value = self.row.get(name, missing)
        if not isinstance(value, int) or isinstance(value, bool):
            raise FieldError(f"{name} is no whole number: {value!r}")
        return value

    def maybe_integer(self, name: str, missing: int | None = None) -> int | None:
        """Read a whole number or null."""
        return None if self.row.get(name, missing) is None else self.integer(name, missing)

    def real(self, name: str, missing: float | None = None) -> float:
        """Read a number."""
        value = self.row.get(name, missing)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise FieldError(f"{name} is no number: {value!r}")
        try:
            real = float(value)
        except OverflowError:
            real = math.inf
        if not math.isfinite(real):  # no clock, no timer and no JSON knows one
            raise FieldError(f"{name} is no number: it has no end")
        return real

    def flag(self, name: str, *, missing: bool | None = None) -> bool:
        """Read true or false."""
        value = self.row.get(name, missing)
        if not isinstance(value, bool):
            raise FieldError(f"{name} is neither true nor false: {value!r}")
        return value

    def raw(self, name: str) -> bytes:
        """Bytes, written as hex digits."""
        try:
            return bytes.fromhex(self.text(name))
        except ValueError as error:
            raise FieldError(f"{name} is not in hex digits") from error

    def rows(self, name: str) -> tuple["Fields", ...]:
        """Read a list of objects."""
        value = self.row.get(name, ())
        if not isinstance(value, list | tuple):
            raise FieldError(f"{name} is no list")
        return tuple(Fields(_row(name, item)) for item in value)

    def inner(self, name: str) -> "Fields":
        """Read an object."""
        return Fields(_row(name, self.row.get(name)))


def _row(name: str, value: Json) -> Row:
    if not isinstance(value, Mapping):
        raise FieldError(f"{name} holds something else than an object")
    return value
