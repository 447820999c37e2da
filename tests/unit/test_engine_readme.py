"""The engine's README has a row for each module, and names no method that is not there."""

import ast
import re
from pathlib import Path

from tests.kit.readme import code_words, table

ROOM = Path(__file__).resolve().parents[2] / "waheal" / "engine"
README = ROOM / "README.md"


def test_the_map_has_every_module() -> None:
    modules = {path.name for path in ROOM.glob("*.py")} - {"__init__.py"}
    told = [word for row in table(README, "The map") for word in code_words(row["module"])]
    assert sorted(told) == sorted(modules)


def test_every_method_and_function_that_it_names_is_there() -> None:
    methods, functions = set[str](), set[str]()
    for path in ROOM.parent.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                methods |= {
                    f"{node.name}.{each.name}"
                    for each in node.body
                    if isinstance(each, ast.FunctionDef)
                }
            elif isinstance(node, ast.FunctionDef):
                functions.add(node.name)
    words = set(code_words(README.read_text(encoding="utf-8")))
    named = {word for word in words if re.fullmatch(r"[A-Z]\w+\.\w+", word)}
    assert len(named) > 10
    assert named <= methods
    assert {"verdict", "settle_the_past"} <= words & functions
