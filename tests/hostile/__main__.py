"""`python -m tests.hostile [--inputs N | --minutes M]`: hostile inputs, and what was wrong."""

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

from tests.hostile.harness import SORTS, play
from tests.hostile.port import play_port
from tests.hostile.runner import Runner


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000, help="of all sorts together")
    parser.add_argument("--minutes", type=float, help="for so long in place of so many inputs")
    parser.add_argument("--seed", type=int, default=0, help="the first one's")
    parser.add_argument("--sort", choices=[*SORTS, "port"], help="this sort only")
    parser.add_argument("--keep", type=Path, help="folder in which the wrong ones are left")
    read = parser.parse_args()
    sorts = [read.sort] if read.sort else [*SORTS, "port"]
    seeds = range(read.seed, read.seed + -(-read.inputs // len(sorts)))
    ends = None if read.minutes is None else time.monotonic() + 60 * read.minutes
    tried, wrong = Counter[str](), Counter[str]()
    codes = defaultdict[str, Counter[int]](Counter[int])
    with tempfile.TemporaryDirectory() as drafts, closing(Runner()) as runner:
        folder = read.keep or Path(drafts)
        for sort, seed in inputs([each for each in sorts if each != "port"], seeds, ends):
            account = play(folder, runner, sort, seed)
            tried[sort] += 1
            wrong[sort] += account.wrong
            codes[sort].update(each.ending["code"] for each in account.ended)
            say(*account.lines())
        if "port" in sorts:
            told = play_port(folder / "server", seeds)
            tried["port"], wrong["port"] = len(seeds), len(told)
            say(*told)
    for sort in sorts:
        ended = ", ".join(f"{number} x {code}" for code, number in sorted(codes[sort].items()))
        say(f"{sort}: {tried[sort]} inputs, {wrong[sort]} wrong; ended {ended or 'alive'}")
    return int(bool(wrong.total()))


def inputs(sorts: Sequence[str], seeds: range, ends: float | None) -> Iterator[tuple[str, int]]:
    """Give each sort of each seed; until it `ends` (monotonic seconds), of all there may be."""
    for seed in seeds if ends is None else count(seeds.start):
        for sort in sorts:
            if ends is not None and time.monotonic() > ends:
                return
            yield sort, seed


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
