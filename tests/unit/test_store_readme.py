"""The store's README says what the code says: modules, parts, states, evidence, tables, indexes."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.ledgers import open_home
from tests.kit.readme import code_words, table
from waheal.errand_terms import errand_state
from waheal.model import TRANSITIONS, ErrandKind, ReceiptKind, State
from waheal.policy import doubt
from waheal.policy.doubt import ABSENT, NEVER, TABLE
from waheal.store import common_sql, schema
from waheal.store.database import Engine
from waheal.store.ledger import Ledger
from waheal.store.outcomes import _OPEN, _PROVES
from waheal.store.part import Part
from waheal.store.sqlite import SqliteConnection, SqliteEngine

ROOM = Path(__file__).resolve().parents[2] / "waheal" / "store"
README = ROOM / "README.md"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[SqliteConnection]:
    with closing(SqliteConnection(tmp_path / "waheal.db", readonly=False)) as opened:
        schema.migrate(opened)
        yield opened


def told(title: str, column: str) -> list[str]:
    """Give what stands in backticks in a column of the table under a heading."""
    return [word for row in table(README, title) for word in code_words(row[column])]


def test_the_map_has_every_module() -> None:
    modules = {path.name for path in ROOM.glob("*.py")} - {"__init__.py"}
    assert sorted(told("The map", "module")) == sorted(modules)


def test_the_parts_are_the_ledgers_own_each_in_its_file(tmp_path: Path) -> None:
    title = "The ledger and its parts"
    files = dict(zip(told(title, "part"), told(title, "file"), strict=True))
    with Ledger.open(open_home(tmp_path)) as ledger:
        assert files == {
            f"ledger.{name}": f"{type(part).__module__.rpartition('.')[2]}.py"
            for name, part in vars(ledger).items()
            if isinstance(part, Part)
        }


def test_the_table_of_states_is_the_codes() -> None:
    assert {
        State(*code_words(row["state"])): frozenset(map(State, code_words(row["it may become"])))
        for row in table(README, "The states of a delivery")
    } == TRANSITIONS


def test_the_words_of_errands_are_the_codes() -> None:
    told = {
        State(state): frozenset(code_words(row["errand"]))
        for row in table(README, "Errands")
        for state in code_words(row["delivery"])
    }
    assert told == {
        state: frozenset(errand_state(kind, state).value for kind in ErrandKind) for state in State
    }


def test_the_table_of_verdicts_that_the_page_points_to_is_the_policys() -> None:
    witness = {"none": (False,), "there": (True,), "any": (False, True)}
    lines = re.findall(
        r"^\| (\w+) +\| (none|there) +\| (.+?) +\|$", doubt.__doc__ or "", re.MULTILINE
    )
    verdicts = {
        (there, session == "there"): told
        for named, session, told in lines
        for there in witness[named]
    }
    needs = {
        ABSENT: "nothing left, under every condition",
        (NEVER,): "the id is known; it waits for a receipt",
    }
    assert verdicts == {there: needs[asked] for there, asked in TABLE.items()}


def test_the_conditions_are_the_policys_in_its_words() -> None:
    reasons = [row["`reason` tells"] for row in table(README, "Conditions")]
    assert sorted(reasons) == sorted(condition.reason for condition in ABSENT)


def test_receipts_move_what_the_ledger_lets_them_move() -> None:
    for row in table(README, "Receipts"):
        kind = ReceiptKind(*code_words(row["receipt"]))
        for state in (State.SENDING, State.UNCERTAIN, State.SENT, State.DELIVERED):
            (after,) = [row[column] for column in row if f"`{state}`" in column]
            moved = [_PROVES[kind]] if state in _OPEN[kind] else []
            assert code_words(after) == moved, (kind, state)
    assert told("Receipts", "receipt") == list(ReceiptKind)


def test_every_table_and_column_is_told(connection: SqliteConnection) -> None:
    for (name,) in connection.all("SELECT name FROM sqlite_master WHERE type = 'table'"):
        columns = {str(column[1]) for column in connection.all(f"PRAGMA table_info({name})")}
        rows = table(README, f"`{name}`")
        assert {word for row in rows for word in code_words(row["column"])} == columns, name


def test_every_index_has_its_question(connection: SqliteConnection) -> None:
    found = connection.all("SELECT name FROM sqlite_master WHERE type = 'index' AND sql NOT NULL")
    assert sorted(told("Which index serves which question", "index")) == sorted(
        name for (name,) in found
    )


def test_what_each_database_does_its_own_way_is_told() -> None:
    asked = {name for name in vars(Engine) if not name.startswith("_")}
    assert set(told("What each database does in its own way", "name")) == asked
    assert asked <= set(vars(SqliteEngine))


def test_the_common_spellings_are_told() -> None:
    own = {
        name
        for name, value in vars(common_sql).items()
        if getattr(value, "__module__", "") == common_sql.__name__
    }
    constants = {name for name in vars(common_sql) if name.isupper()}
    assert set(told("The SQL that all databases take", "name")) == {*own, *constants}
