from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.hostile.harness import SORTS, play
from tests.hostile.port import play_port
from tests.hostile.runner import Runner
from tests.hostile.world import Command, World

SEEDS = range(10)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with closing(Runner()) as made:
        yield made


@pytest.mark.parametrize("sort", SORTS)
def test_no_input_is_a_fault_or_does_harm(runner: Runner, tmp_path: Path, sort: str) -> None:
    accounts = [play(tmp_path, runner, sort, seed) for seed in SEEDS]
    told = [line for account in accounts for line in account.lines()]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("piece", [*' \n-{(1"', "/*"])
def test_no_cell_is_so_long_that_it_takes_for_ever(
    runner: Runner, tmp_path: Path, piece: str
) -> None:
    """A pattern that goes back over what it has read would take more processor than there is."""
    world = World(tmp_path / "world")
    for number, before in enumerate(("phone,consent,send_after\n", "name,x\n1,", "")):
        name = f"{number}.csv"
        (world.cwd / name).write_text(before + piece * (1 << 17))
        for words in (("check", name, "--message", "Hi"), ("suppress", "import", name)):
            ended = runner.run(world, Command(words, terminal=False))
            assert not ended.wrongs, (words, ended.wrongs)


def test_nothing_that_is_sent_to_a_sandbox_ends_it(tmp_path: Path) -> None:
    told = play_port(tmp_path / "server", SEEDS)
    assert not told, "\n".join(told)
