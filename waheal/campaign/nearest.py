"""Finds the column that was meant by a name that none has; it knows no row."""

import difflib
import unicodedata
from collections.abc import Collection, Iterable

_ALIKE = 0.6  # of 1.0
_LISTED = 20
_SHOWN = 40  # characters of a name


def nearest(name: str, columns: Collection[str]) -> str | None:
    """Give the column whose name is most like this one; None where none is."""
    keys = {_key(column): column for column in columns}
    if _key(name) in keys:
        return keys[_key(name)]
    found = difflib.get_close_matches(_key(name), keys, n=1, cutoff=_ALIKE)
    return keys[found[0]] if found else None


def written(column: str, filters: str = "") -> str:
    """Give what a text prints a column by."""
    if column.isidentifier() and column.isascii():
        return f"{{{{ {column}{filters} }}}}"
    return f'{{{{ row["{column}"]{filters} }}}}'


def listed(columns: Iterable[str]) -> str:
    """List columns, as many as can be read at a glance."""
    first, *rest = [column[:_SHOWN] for column in columns] or ["none"]
    more = f" and {len(rest) + 1 - _LISTED} more" if len(rest) >= _LISTED else ""
    return ", ".join([first, *rest][:_LISTED]) + more


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in plain if char.isalnum())
