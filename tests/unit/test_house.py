"""The rules of the house: who may import whom, how long a function and a module may be."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "waheal"
WORDS = {"model", "errors", "records", "findings", "events", "documents"}
ALLOWED: dict[str, set[str]] = {
    "model": set(),
    "errors": {"model"},
    "records": {"model"},
    "findings": {"model"},
    "events": {"model", "records", "findings"},
    "documents": {"model", "records", "findings", "events"},
    "wire": {"model"},
    "campaign": {*WORDS},
    "policy": {*WORDS},
    "store": {*WORDS},
    "host": {*WORDS, "wire"},
    "engine": {*WORDS, "wire", "policy", "store"},
    "views": {*WORDS},
    "doctor": {*WORDS, "store"},
    "sandbox": set(),
    "acts": {*WORDS, "wire", "campaign", "policy", "store", "engine", "doctor", "sandbox"},
    "cli": {*WORDS, "acts", "views"},
    "library": {*WORDS, "acts"},
    "__init__": {"library"},
}  # fmt: skip
LONGEST_FUNCTION, LONGEST_MODULE = 70, 500

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


def test_a_room_imports_only_the_rooms_it_may() -> None:
    wrong = [
        f"{name(path)} imports {each}"
        for path in MODULES
        for each in imports(path)
        if each.startswith("waheal.")
        and each.split(".")[1] not in {room(path), *ALLOWED.get(room(path), set())}
    ]
    assert wrong == []


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
        "rich": {"views", "cli"},
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


def test_functions_are_short() -> None:
    wrong = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in ALL
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert wrong == []


def test_modules_are_short() -> None:
    lengths = {name(path): path.read_text(encoding="utf-8").count("\n") for path in ALL}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}


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
