import sqlite3
from contextlib import closing

import pytest

from waheal.store.common_sql import differ, greater, marks, same

VALUES = (None, 1, 2)


def truth(sql: str, one: object, other: object) -> object:
    """Answer as SQLite does; the values come out of a table, as columns do."""
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.execute("CREATE TABLE t (one, other)")
        conn.execute("INSERT INTO t VALUES (?, ?)", (one, other))
        return conn.execute(f"SELECT {sql} FROM t").fetchone()[0]  # noqa: S608 - under test


@pytest.mark.parametrize("one", VALUES)
@pytest.mark.parametrize("other", VALUES)
def test_null_is_the_same_as_null_and_as_nothing_else(one: int | None, other: int | None) -> None:
    assert bool(truth(same("one", "other"), one, other)) is (one == other)
    assert bool(truth(differ("one", "other"), one, other)) is (one != other)


def test_the_greater_of_two_is_whichever_it_is() -> None:
    assert [truth(greater("one", "other"), *pair) for pair in ((1, 2), (2, 1), (2, 2))] == [2, 2, 2]


def test_nothing_is_among_none() -> None:
    assert marks(("a", "b")) == "?, ?"
    assert not truth(f"one IN ({marks(())})", 1, 2)
