"""The rules of the house, as its map has them: who may import whom, how long things may be."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.kit.readme import code_words, table

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "waheal"
HOUSE = PACKAGE / "README.md"
WORDS = {
    "model",
    "identity",
    "client_version",
    "correspondents",
    "errors",
    "records",
    "waits",
    "findings",
    "events",
    "ledger_url",
    "order_records",
    "chat_records",
    "loopback",
    "documents",
    "errand_terms",
}
LONGEST_FUNCTION, LONGEST_MODULE = 70, 500
MOST_METHODS = 12

# A verb has a module in each storey, and a part of the ledger keeps what verbs are about.
SAME_NAMES = {
    "bench.py": {"acts", "cli"},
    "check.py": {"acts", "cli"},
    "cluster.py": {"acts", "cli"},
    "devices.py": {"acts", "cli", "store"},
    "doctor.py": {"acts", "cli"},
    "replies.py": {"acts", "cli", "host", "store"},
    "orders.py": {"acts", "cluster"},
    "report.py": {"acts", "cli", "views"},
    "resolve.py": {"acts", "cli"},
    "sandbox.py": {"acts", "cli"},
    "send.py": {"acts", "cli"},
    "status.py": {"acts", "cli"},
    "stop.py": {"acts", "cli"},
    "suppress.py": {"acts", "cli"},
    "sync.py": {"acts", "cli"},
    "__init__.py": set(),
    "__main__.py": set(),
}

MODULES = sorted(PACKAGE.rglob("*.py"))
ALL = sorted([*MODULES, *(ROOT / "tests").rglob("*.py")])


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        yield from imports_of(node)


def imports_of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(module), level=0, names=names):
            yield from (f"{module}.{alias.name}" for alias in names)
        case ast.ImportFrom():
            yield "a relative import"
        case _:
            pass


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def allowed() -> dict[str, set[str]]:
    """Read the map: each room, and the rooms that it may import."""
    rules = {"__init__": {"library"}}
    for row in table(HOUSE, "Rooms"):
        named = code_words(row["may import"])
        rules[code_words(row["room"])[0]] = {
            *named,
            *(WORDS if "words" in row["may import"] else ()),
        }
    return rules


def public_methods(node: ast.ClassDef) -> Iterator[str]:
    """Tell what may be called from outside; a property is no method to its reader."""
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
            decorators = {ast.unparse(one).split(".")[-1] for one in each.decorator_list}
            if not decorators & {"property", "cached_property", "setter"}:
                yield each.name


def bases(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef):
            yield from (ast.unparse(base) for base in node.bases)


def test_the_map_has_every_room_and_no_other() -> None:
    rooms = {room(path) for path in MODULES}
    assert set(allowed()) == rooms


def test_a_room_imports_only_the_rooms_that_the_map_allows() -> None:
    rules = allowed()
    wrong = [
        f"{name(path)} imports {each}"
        for path in MODULES
        for each in imports(path)
        if each.startswith("waheal.") and each.split(".")[1] not in {room(path), *rules[room(path)]}
    ]
    assert wrong == []


def test_the_map_allows_nothing_that_nobody_uses() -> None:
    used = defaultdict[str, set[str]](set)
    for path in MODULES:
        used[room(path)] |= {each.split(".")[1] for each in imports(path) if "waheal." in each}
    idle = {
        room: rooms - used[room] - WORDS for room, rooms in allowed().items() if room not in WORDS
    }
    assert {room: rooms for room, rooms in idle.items() if rooms} == {}


def test_no_module_stands_twice_but_where_its_room_tells_the_difference() -> None:
    found = defaultdict[str, set[str]](set)
    for path in MODULES:
        found[path.name].add(room(path))
    twice = {each: rooms for each, rooms in found.items() if len(rooms) > 1}
    assert twice == {each: rooms or found[each] for each, rooms in SAME_NAMES.items()}


def test_no_class_stands_twice() -> None:
    found = defaultdict[str, list[str]](list)
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(name(path))
    assert {each: places for each, places in found.items() if len(places) > 1} == {}


def test_the_glossarys_words_are_in_the_code() -> None:
    code = {
        word
        for path in MODULES
        for word in re.findall(r"[A-Za-z_]\w*", path.read_text(encoding="utf-8"))
    }
    rows = table(HOUSE, "Glossary")
    assert len(rows) > 30
    assert [row["word"] for row in rows if not set(code_words(row["in the code"])) <= code] == []


def test_the_table_of_locks_has_every_lock() -> None:
    made = re.compile(r"\b(?:R?Lock|Condition|BoundedSemaphore|Semaphore)\((?!lambda|$)|=Lock\)")
    found = {
        str(path.relative_to(PACKAGE)): len(made.findall(path.read_text(encoding="utf-8")))
        for path in MODULES
        if "threading" in {each.partition(".")[0] for each in imports(path)}
        and room(path) != "sandbox"  # it has a page of its own
    }
    told = {code_words(row["file"])[0]: int(row["locks"]) for row in table(HOUSE, "Locks")}
    assert {path: locks for path, locks in found.items() if locks} == told


def test_only_the_host_and_a_stub_touch_the_library() -> None:
    wrong = [
        f"{name(path)} imports {each}"
        for path in MODULES
        for each in imports(path)
        if each.split(".")[0] == "neonize"
        and name(path) != "waheal/host/whatsapp.py"
        and not (room(path) == "sandbox" and ".proto" in each)
    ]
    assert wrong == []


def test_a_library_stays_in_its_room() -> None:
    # The host's look-up is a process of its own that reads, and never loads the library.
    apart = {"waheal/host/lookup.py"}
    rooms = {
        "dbos": {"cluster"},
        "psycopg": {"store"},
        "rich": {"views", "cli"},
        "sqlalchemy": {"cluster"},
        "sqlite3": {"store"},
        "sqlite_utils": {"store"},
        "typer": {"cli"},
    }
    wrong = [
        f"{name(path)} imports {each}"
        for path in MODULES
        for each in imports(path)
        if name(path) not in apart and room(path) not in rooms.get(each.split(".")[0], {room(path)})
    ]
    assert wrong == []


def test_only_who_opens_a_ledger_by_url_loads_what_an_extra_brings() -> None:
    """And not before: the import stands in a function (tests/cli/test_alone.py lays traps)."""
    parts = ("", "_holds", "_link", "_schema", "_setup", "_way")
    ours = {f"waheal.store.postgres{part}" for part in parts}
    users = {
        name(path)
        for path in MODULES
        for node in tree_of(path).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for each in imports_of(node)
        if each.split(".")[0] == "psycopg" or each in ours or each.rpartition(".")[0] in ours
    }
    assert users == {f"{each.replace('.', '/')}.py" for each in ours}


def test_functions_are_short() -> None:
    wrong = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in ALL
        for node in functions(path)
        # From the first statement on: a command's options are its signature.
        if (node.end_lineno or 0) - node.body[0].lineno + 1 > LONGEST_FUNCTION
    ]
    assert wrong == []


def test_modules_are_short() -> None:
    lengths = {name(path): path.read_text(encoding="utf-8").count("\n") for path in ALL}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_a_class_has_few_public_methods() -> None:
    wide = {
        node.name: len(methods)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
        and len(methods := list(public_methods(node))) > MOST_METHODS
    }
    assert wide == {}


def test_only_what_hands_out_its_parts_takes_the_whole_ledger() -> None:
    # The others say in engine/ports.py what they need: another ledger may have it as well.
    doors = {"waheal/engine/run.py", "waheal/engine/collect.py"}
    parts = {
        f"waheal.store.{path.stem}"
        for path in (PACKAGE / "store").glob("*.py")
        if any(base == "Part" for base in bases(path)) or path.stem in {"ledger", "part"}
    }
    wrong = [
        f"{name(path)} imports {each}"
        for path in MODULES
        for each in imports(path)
        if room(path) == "engine" and name(path) not in doors and each.rpartition(".")[0] in parts
    ]
    assert len(parts) > 10
    assert wrong == []


def test_a_module_says_its_job() -> None:
    assert [name(path) for path in MODULES if not ast.get_docstring(tree_of(path))] == []


def test_nobody_takes_whatever_comes() -> None:
    wrong = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in functions(path)
        if node.args.kwarg is not None
    ]
    assert wrong + [name(path) for path in MODULES if "typing.Any" in set(imports(path))] == []
