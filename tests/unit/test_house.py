"""The rules of the house: who may import whom, how long a function and a module may be."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "waheal"
WORDS = {"model", "errors", "records", "events"}
ALLOWED: dict[str, set[str]] = {
    "model": set(),
    "errors": {"model"},
    "records": {"model"},
    "events": {"model", "records"},
    "wire": {"model"},
    "campaign": {*WORDS},
    "policy": {*WORDS},
    "store": {*WORDS},
    "host": {*WORDS, "wire"},
    "engine": {*WORDS, "wire", "policy", "store"},
    "views": {*WORDS},
    "doctor": {*WORDS, "store"},
    "sandbox": set(),
    "cli": {
        *WORDS, "wire", "campaign", "policy", "store", "engine", "views", "doctor", "sandbox",
    },
}  # fmt: skip
LONGEST_FUNCTION, LONGEST_MODULE = 70, 500
MOST_METHODS = 12
WIDE = {
    "Control": "one method a request that the sandbox's control port knows",
    "_Decoder": "one method a form of a value in the binary XML",
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


def test_a_class_has_few_public_methods() -> None:
    wide = {
        node.name: len(methods)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
        and len(methods := list(public_methods(node))) > MOST_METHODS
    }
    assert set(wide) == set(WIDE), f"{wide}: each needs its reason in WIDE, and no other"


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
