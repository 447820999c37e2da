"""How the library opens the session database: read from the source, as importing it loads Go."""

import ast
from pathlib import Path
from urllib.parse import parse_qs

import waheal

SOURCE = Path(waheal.__file__).parent / "host" / "whatsapp.py"


def test_what_the_library_commits_outlives_a_power_loss() -> None:
    """Its rows are evidence, so each commit waits for the disk."""
    for node in ast.parse(SOURCE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DATABASE_OPTIONS":
            options = parse_qs(str(ast.literal_eval(node.value)).removeprefix("?"))
            break
    assert options["_synchronous"] == ["FULL"]
    assert options["_journal_mode"] == ["WAL"]
    assert options["_foreign_keys"] == ["on"]
