"""The room's README has a row for each module, fault, operation, action and event that there is."""

import re
from pathlib import Path

from tests.kit.readme import table
from waheal.sandbox.control_words import Action
from waheal.sandbox.fault_orders import FaultKind

_ROOM = Path(__file__).resolve().parents[2] / "waheal" / "sandbox"
_README = (_ROOM / "README.md").read_text(encoding="utf-8")


def _section(title: str) -> str:
    text = _README.partition(f"\n## {title}\n")[2]
    assert text, title
    return text.partition("\n## ")[0]


def _first_cells(section: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_the_map_has_every_module() -> None:
    modules = {path.name for path in _ROOM.glob("*.py")} - {"__init__.py"}
    assert sorted(_first_cells(_section("The map"))) == sorted(modules)


def test_every_fault_has_its_row() -> None:
    assert sorted(_first_cells(_section("Fault orders"))) == sorted(FaultKind)


def test_a_fault_is_aimed_at_a_recipient_where_its_kind_names_one() -> None:
    aims = {row["order"]: row["aimed by"] for row in table(_ROOM / "README.md", "Fault orders")}
    assert {kind: "recipient" in aims[f"`{kind}`"] for kind in FaultKind} == {
        kind: kind.names_a_recipient for kind in FaultKind
    }


def test_every_operation_has_its_row() -> None:
    asked = re.findall(r'"op": "(\w+)"', (_ROOM / "control.py").read_text(encoding="utf-8"))
    assert sorted(_first_cells(_section("The control interface"))) == sorted({*asked})


def test_every_action_and_event_is_named() -> None:
    section = _section("The control interface")
    assert [action for action in Action if f"`{action}`" not in section] == []
    code = "".join(path.read_text(encoding="utf-8") for path in _ROOM.glob("*.py"))
    events = set(re.findall(r'happened\("([\w-]+)"', code))
    assert events
    assert [event for event in events if f"`{event}`" not in section] == []


def test_every_file_that_it_names_is_there() -> None:
    root = _ROOM.parents[1]
    named = re.findall(r"`((?:[\w-]+/)*\w+\.py)`", _README)
    assert named
    assert [path for path in named if not ((_ROOM / path).exists() or (root / path).exists())] == []
