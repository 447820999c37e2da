"""The order of the fault tests: the 75 s of silence begin first, the others run beside them."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name != "test_silence.py")
