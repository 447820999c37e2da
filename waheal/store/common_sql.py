"""SQL that SQLite and PostgreSQL both take, where their own spellings differ; knows no table.

Beside these: `ON CONFLICT` and never `INSERT OR`; in its `DO UPDATE` the table's columns with the
table's name; flags compared with 1, never taken for a truth; `CASE` for a truth that is stored;
`CROSS JOIN` and `WHERE` where the order of the loops matters; a subquery in `FROM` has a name.
"""

from collections.abc import Sequence

BY_RECIPIENT = "INDEXED BY deliveries_recipient"
"""Looks deliveries up by number, whatever the planner thinks.

A hint of SQLite's; the connection to another database leaves such out.
"""

LOCKED = "/* locked */"
"""Keeps the rows of `d` as they are until the transaction is over; waits for who does likewise.

A hint of PostgreSQL's, for turns beside each other; SQLite, where one writes, takes it for a
comment.
"""

FREE = "/* free */"
"""The same, leaving out the rows that another turn keeps."""


def free(table: str, key: str = "id") -> str:
    """Say of a row that is to be updated that no other turn keeps it: nobody is waited for.

    It stands behind a condition, and is a comment to SQLite, too.
    """
    return f"/* free {table}.{key} */"


def marks(values: Sequence[object]) -> str:
    """Return as many question marks as there are values, for `IN`; of none, what holds nothing."""
    return ", ".join("?" * len(values)) or "NULL"


def same(one: str, other: str) -> str:
    """Say that two are equal, or both null; no index is used for it."""
    return f"({one} = {other} OR ({one} IS NULL AND {other} IS NULL))"


def differ(one: str, other: str) -> str:
    """Say that two are not the same; null where both are."""
    return f"({one} <> {other} OR ({one} IS NULL) <> ({other} IS NULL))"


def greater(one: str, other: str) -> str:
    """Give the greater of two that are not null."""
    return f"CASE WHEN {one} > {other} THEN {one} ELSE {other} END"


def item(column: str, place: int) -> str:
    """Give an item of a list in JSON, from 0; null where there is none, or it is no list.

    As SQLite spells it; the connection to another database spells it its own way.
    """
    return f"json_extract({column}, '$[{place}]')"
