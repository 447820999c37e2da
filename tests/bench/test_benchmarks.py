import sys
from pathlib import Path

import pytest

from tests.bench.catalogue import BENCHMARKS

_SCALE = 0.05  # that they work; `python -m tests.bench` is for the figures


@pytest.mark.bench  # not `real` as well: `-m real` would ask for these too
@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_benchmark_tells_figures(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = list(BENCHMARKS[name](tmp_path, _SCALE))
    with capsys.disabled():
        sys.stdout.write("".join(f"\n{name}: {figure}" for figure in figures) + "\n")
    assert figures
