"""How a statement of the ledger's is spelt for PostgreSQL and psycopg; knows no table.

Pure, and once for each statement: the parts have a few dozen.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import cast

from waheal.store.database import Parameters, Value

# An item of a list, a text in quotes, a hint of SQLite's or of PostgreSQL's, a value's mark, and
# what psycopg would take for one.
_WORD = re.compile(
    r"json_extract\((?P<json>[\w.]+), '\$\[(?P<item>\d+)\]'\)|(?P<text>'[^']*')"
    r"|(?P<hint>INDEXED BY \w+)|/\* (?P<lock>locked|free) (?:(?P<table>\w+)\.(?P<key>\w+) )?\*/"
    r"|(?P<mark>\?)|(?<!:):(?P<name>\w+)|%"
)

# Rows that refer to one may come meanwhile.
_LOCKS = {"locked": "FOR NO KEY UPDATE OF d", "free": "FOR NO KEY UPDATE OF d SKIP LOCKED"}

# The first that any value of a column is; a truth stands as a number.
_TYPES: tuple[tuple[type[float | str | bytes], str], ...] = (
    (float, "double precision"),
    (int, "bigint"),
    (str, "text"),
    (bytes, "bytea"),
)


@cache
def spelt(sql: str) -> str:
    """Spell a statement with psycopg's marks, and without hints."""

    def psycopgs(found: re.Match[str]) -> str:
        if found["name"]:
            return f"%({found['name']})s"
        return "%s" if found["mark"] else _harmless(found)

    return _WORD.sub(psycopgs, sql)


def among(
    sql: str, given: Sequence[Sequence[Value]], values: Sequence[Value]
) -> tuple[str, list[Sequence[Value] | Value]]:
    """Spell a query whose `{given}` are these rows; they come in as arrays, before its values."""
    columns = [_typed(column) for column in zip(*given, strict=True)]
    kinds = tuple(kind or "text" for kind, _ in columns)
    return _from_arrays(sql, kinds), [*(column for _, column in columns), *values]


@cache
def _from_arrays(sql: str, kinds: tuple[str, ...]) -> str:
    arrays = ", ".join(f"?::{kind}[]" for kind in kinds)
    return spelt(sql.replace("{given}", f"SELECT * FROM unnest({arrays})"))  # noqa: S608 - marks


def as_one(sql: str, rows: Sequence[Parameters]) -> tuple[str, dict[str, list[Value]]]:
    """Spell a statement that is to be run for each of these rows as one, with its columns.

    They come in as arrays and are a table `given`, whose columns begin with an underscore, as none
    of the ledger's does.
    """
    columns = {name: _typed(column) for name, column in _columns(rows).items()}
    kinds = tuple((name, kind) for name, (kind, _) in columns.items())
    return _together(sql, kinds), {name: column for name, (kind, column) in columns.items() if kind}


def _columns(rows: Sequence[Parameters]) -> dict[str, list[Value]]:
    first = rows[0]
    if isinstance(first, Mapping):
        named = cast("Sequence[Mapping[str, Value]]", rows)
        return {f"_{name}": [row[name] for row in named] for name in first}
    return {f"_{place}": list(column) for place, column in enumerate(zip(*rows, strict=True), 1)}


def _typed(column: Sequence[Value]) -> tuple[str | None, list[Value]]:
    """Name a column's type; None where all of it is null. Its numbers are made of one type."""
    for kind, name in _TYPES:
        if any(isinstance(value, kind) for value in column):
            return name, [_as(kind, value) for value in column]
    return None, list(column)


def _as(kind: type, value: Value) -> Value:
    if isinstance(value, int):
        return float(value) if kind is float else int(value)
    return str(value) if isinstance(value, str) else value


@cache
def _together(sql: str, kinds: tuple[tuple[str, str | None], ...]) -> str:
    known = {name: kind for name, kind in kinds if kind is not None}
    used: list[str] = []

    def given(found: re.Match[str]) -> str:
        if not (found["name"] or found["mark"]):
            return _harmless(found)
        used.append(f"_{found['name'] or len(used) + 1}")
        return f"given.{used[-1]}" if used[-1] in known else "NULL"

    body = _WORD.sub(given, sql)
    names = [name for name in known if name in used]
    arrays = ", ".join(f"%({name})s::{known[name]}[]" for name in names)
    return _beside(body, f"unnest({arrays}) AS given ({', '.join(names)})")


def _beside(body: str, given: str) -> str:
    """Let a statement's rows meet those that are given."""
    if found := re.search(r"\bVALUES \((.*?)\)(?=\s*(?:ON CONFLICT|$))", body, re.DOTALL):
        chosen = f"SELECT {found[1]} FROM {given} WHERE true"  # noqa: S608 - no value stands in it
        return body[: found.start()] + chosen + body[found.end() :]
    where = _outermost(body, "WHERE")
    verb = body.split(maxsplit=1)[0]
    if verb == "DELETE":
        word = "USING"
    elif _outermost(body[:where], "FROM") < where:
        word = "CROSS JOIN"
    else:
        word = "FROM"
    return f"{body[:where]}{word} {given} {body[where:]}"


def _outermost(sql: str, word: str) -> int:
    """Find where a word stands outside of all brackets; behind the end where it doesn't."""
    depth = 0
    for found in re.finditer(rf"[()]|'[^']*'|\b{word}\b", sql):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if found[0] == word and depth == 0:
            return found.start()
    return len(sql)


def _harmless(found: re.Match[str]) -> str:
    """Give what is no mark, so that psycopg takes no part of it for one."""
    if found["json"]:
        return f"({found['json']}::json #>> '{{{found['item']}}}')"
    if found["table"]:
        table, key = found["table"], found["key"]
        of = f"SELECT 1 FROM {table} d WHERE d.{key} = {table}.{key}"  # noqa: S608 - names
        return f"AND EXISTS ({of} {_LOCKS['free']})"
    if found["lock"]:
        return _LOCKS[found["lock"]]
    return "" if found["hint"] else found[0].replace("%", "%%")
