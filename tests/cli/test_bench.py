"""What this machine will do: real runs, told in words and in JSON, and nothing left behind."""

from pathlib import Path

import pytest

from tests.cli.support import Waheal
from waheal.model import ExitCode


@pytest.mark.real
def test_it_sends_twice_and_reckons_with_a_campaign(
    waheal_apart: Waheal, home: Path, tmp_path: Path
) -> None:
    places = {"TMPDIR": str(tmp_path)}
    order = ("bench", "--messages", 60, "--paired", 2, "--recipients", 1000, "--over", 10)
    done = waheal_apart(*order, "--daily", 10, "--json", env=places)
    assert done.code == ExitCode.OK, done.err
    assert tuple(done.document) == ("runs", "room", "forecast")
    runs, forecast = done.document["runs"], done.document["forecast"]
    assert isinstance(runs, list)
    assert [(run["messages"], run["rate"] > 0, run["host_memory"] > 0) for run in runs] == [
        (60, True, True)
    ] * 2
    assert forecast == {
        "recipients": 1000,
        "devices": 10,
        "seconds": 9 * 86_400,
        "paced": True,
    }
    assert list(tmp_path.glob("waheal-bench-*")) == []
    assert not home.exists()


def test_more_than_there_are_numbers_is_refused(waheal: Waheal) -> None:
    done = waheal("bench", "--messages", 10_001)
    assert (done.code, "10,000" in done.err) == (ExitCode.USAGE, True)
