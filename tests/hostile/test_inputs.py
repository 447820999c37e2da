from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.hostile.harness import SORTS, play
from tests.hostile.port import play_port
from tests.hostile.runner import Runner

SEEDS = range(15)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with closing(Runner()) as made:
        yield made


@pytest.mark.parametrize("sort", SORTS)
def test_no_input_is_a_fault_or_does_harm(runner: Runner, tmp_path: Path, sort: str) -> None:
    accounts = [play(tmp_path, runner, sort, seed) for seed in SEEDS]
    told = [line for account in accounts for line in account.lines()]
    assert not told, "\n".join(told)


def test_nothing_that_is_sent_to_a_sandbox_ends_it(tmp_path: Path) -> None:
    told = play_port(tmp_path / "server", SEEDS)
    assert not told, "\n".join(told)
