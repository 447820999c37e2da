"""Everything fails at random; nobody is written to twice, and nobody is lost."""

import sys
from pathlib import Path

import pytest

from tests.soak.long import soak

pytestmark = [pytest.mark.real, pytest.mark.soak]


def test_ten_minutes_of_faults(tmp_path: Path) -> None:
    done = soak(tmp_path, 600.0, seed=1)
    sys.stdout.write("\n".join(done.lines()) + "\n")
    assert not done.doubled
    assert not done.missing
