"""Hostile inputs by their seeds: laid out, called, judged."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.hostile.databases import databases
from tests.hostile.lists import lists
from tests.hostile.places import names, outputs, paths
from tests.hostile.runner import Ended, Runner
from tests.hostile.settings import settings
from tests.hostile.surroundings import surroundings
from tests.hostile.trusts import answers, trusts
from tests.hostile.world import Command, World

SORTS: dict[str, Callable[[Random, World], Iterator[Command]]] = {
    "settings": settings,
    "trusts": trusts,
    "answers": answers,
    "databases": databases,
    "paths": paths,
    "outputs": outputs,
    "names": names,
    "surroundings": surroundings,
    "lists": lists,
}
"""What an input is about, and what makes one of a seed."""


@dataclass(frozen=True, slots=True)
class Account:
    """What one input came to."""

    sort: str
    seed: int
    ended: tuple[Ended, ...]

    @property
    def wrong(self) -> bool:
        return any(each.wrongs for each in self.ended)

    def lines(self) -> list[str]:
        """Tell what was wrong, and how to see it again."""
        told = list[str]()
        for each in self.ended:
            if each.wrongs:
                told += [
                    f"{self.sort} {self.seed}: {ascii(each.command)[:700]}",
                    *(f"  {wrong[:300]}" for wrong in each.wrongs),
                    *(f"    {line[:300]}" for line in _last(each)),
                ]
        return told


def _last(ended: Ended) -> list[str]:
    return [ascii(line) for line in ended.ending["err"].splitlines()[-4:]]


def play(folder: Path, runner: Runner, sort: str, seed: int) -> Account:
    """Make the input of a seed in the folder, run its commands, and take it away if all is well."""
    world = World(folder / f"{sort}-{seed}")
    made = SORTS[sort](Random(f"{sort}:{seed}"), world)  # noqa: S311 - to be repeated
    account = Account(sort, seed, tuple(runner.run(world, command) for command in made))
    if not account.wrong:
        shutil.rmtree(world.root)
    return account
