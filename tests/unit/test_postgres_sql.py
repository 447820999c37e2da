import pytest

from waheal.store.postgres_sql import as_one, spelt


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT a FROM t WHERE b = ? AND c = ?", "SELECT a FROM t WHERE b = %s AND c = %s"),
        ("SELECT :a, :a_b + 1", "SELECT %(a)s, %(a_b)s + 1"),
        ("SELECT 'who: me?' || :a", "SELECT 'who: me?' || %(a)s"),
        ("SELECT a LIKE '_\"poll\"%' OR a % 2 = 1", "SELECT a LIKE '_\"poll\"%%' OR a %% 2 = 1"),
        ("SELECT a::text, '::b' FROM t", "SELECT a::text, '::b' FROM t"),
        (
            "SELECT COALESCE(json_extract(d.a, '$[1]'), '')",
            "SELECT COALESCE((d.a::json #>> '{1}'), '')",
        ),
        ("SELECT a FROM t d INDEXED BY t_a WHERE a = ?", "SELECT a FROM t d  WHERE a = %s"),
    ],
)
def test_a_statement_is_spelt_with_psycopgs_marks_and_without_hints(sql: str, told: str) -> None:
    assert spelt(sql) == told


def test_an_update_meets_its_rows() -> None:
    sql, columns = as_one("UPDATE t SET a = ? WHERE id = ?", [("x", 1), (None, True)])
    assert sql == (
        "UPDATE t SET a = given._1 FROM unnest(%(_1)s::text[], %(_2)s::bigint[])"
        " AS given (_1, _2) WHERE id = given._2"
    )
    assert columns == {"_1": ["x", None], "_2": [1, 1]}
    assert [type(each) for each in columns["_2"]] == [int, int]


def test_what_is_inserted_is_chosen_from_the_rows() -> None:
    sql, columns = as_one(
        "INSERT INTO t (a, b) VALUES (:a, COALESCE(:b, 0)) ON CONFLICT (a) DO UPDATE SET b = 1",
        [{"a": b"1", "b": 1.5, "not_used": 1}, {"a": b"2", "b": 2, "not_used": 1}],
    )
    assert sql == (
        "INSERT INTO t (a, b) SELECT given._a, COALESCE(given._b, 0)"
        " FROM unnest(%(_a)s::bytea[], %(_b)s::double precision[]) AS given (_a, _b)"
        " WHERE true ON CONFLICT (a) DO UPDATE SET b = 1"
    )
    assert columns["_b"] == [1.5, 2.0]


def test_a_select_that_has_conditions_or_tables_of_its_own_meets_them_outside() -> None:
    bare = "INSERT INTO t SELECT :a WHERE NOT EXISTS (SELECT 1 FROM u WHERE b = :a)"
    assert as_one(bare, [{"a": 1}])[0] == (
        "INSERT INTO t SELECT given._a FROM unnest(%(_a)s::bigint[]) AS given (_a)"
        " WHERE NOT EXISTS (SELECT 1 FROM u WHERE b = given._a)"
    )
    joined = "INSERT INTO t SELECT id FROM u WHERE b = :a ON CONFLICT DO NOTHING"
    assert as_one(joined, [{"a": 1}])[0] == (
        "INSERT INTO t SELECT id FROM u CROSS JOIN unnest(%(_a)s::bigint[]) AS given (_a)"
        " WHERE b = given._a ON CONFLICT DO NOTHING"
    )


def test_a_delete_uses_its_rows() -> None:
    assert as_one("DELETE FROM t WHERE id = ?", [(1,), (2,)])[0] == (
        "DELETE FROM t USING unnest(%(_1)s::bigint[]) AS given (_1) WHERE id = given._1"
    )


def test_a_column_that_is_null_throughout_stands_in_the_statement() -> None:
    sql, columns = as_one("UPDATE t SET a = ?, b = ? WHERE id = ?", [(None, "x", 1)])
    assert "SET a = NULL, b = given._2" in sql
    assert set(columns) == {"_2", "_3"}
