"""The order of the fault tests: the 75 s of silence begin first, all others run beside them."""

from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_RANKS = {"test_silence.py": 0, "test_message_faults.py": 2}  # between them, those that share none


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    return _RANKS.get(item.path.name, 1) if item.path.parent == _HERE else len(_RANKS) + 1
