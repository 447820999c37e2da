"""One machine needs nothing of what a cluster does: no command loads its libraries."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.support import ROOT, Waheal

OF_A_CLUSTER = ("psycopg", "dbos", "sqlalchemy")


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, str]:
    """Lay traps: whatever loads one of these libraries ends at once, and says so."""
    traps = tmp_path / "traps"
    traps.mkdir()
    for name in OF_A_CLUSTER:
        (traps / f"{name}.py").write_text(f"raise SystemExit('{name} was loaded')\n")
    return {"PYTHONPATH": os.pathsep.join([str(traps), str(ROOT)])}


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("check", "news.csv"),
        ("doctor",),
        ("devices", "list"),
        ("status",),
        ("suppress", "add", "+12025550199"),
        ("suppress", "list"),
        ("replies",),
        ("sync",),
    ],
)
def test_no_command_loads_a_clusters_libraries(
    waheal_apart: Waheal, news: Path, alone: dict[str, str], words: Sequence[str]
) -> None:
    assert news.exists()
    plain = waheal_apart(*words)
    trapped = waheal_apart(*words, env=alone)
    assert (trapped.code, "was loaded" in trapped.err) == (plain.code, False)


@pytest.mark.real
def test_nor_does_a_send_nor_what_tells_of_it(
    waheal_apart: Waheal, news: Path, alone: dict[str, str]
) -> None:
    sent = waheal_apart("send", news, "--sandbox", "--sandbox-devices", 1, env=alone)
    assert (sent.code, "was loaded" in sent.err) == (0, False), sent.err
    for words in (("status",), ("report", "news"), ("export", "news"), ("resolve", "news")):
        told = waheal_apart(*words, "--sandbox", env=alone)
        assert "was loaded" not in told.err


def test_a_trap_catches_whoever_steps_into_it(
    waheal_apart: Waheal, alone: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "traps" / "typer.py").write_text("import psycopg\n")
    assert "psycopg was loaded" in waheal_apart("status", env=alone).err
