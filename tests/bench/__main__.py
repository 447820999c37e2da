"""`python -m tests.bench [NAME …]`: runs benchmarks and prints their figures."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.catalogue import BENCHMARKS, purpose
from tests.bench.figures import Figure
from tests.bench.results import as_json, compared, machine


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all of them unless given")
    parser.add_argument("--list", action="store_true", help="tell what there is")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="of the sizes that the targets speak of"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument(
        "--compare", nargs=2, type=Path, metavar="FILE", help="compare two such files; run nothing"
    )
    read = parser.parse_args()
    if read.compare:
        say(*compared(*(file.read_text() for file in read.compare)))
        return 0
    if read.list:
        say(*(f"{name:<12} {purpose(each)}" for name, each in BENCHMARKS.items()))
        return 0
    unknown = [name for name in read.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark is called {unknown[0]!r}; --list tells them")
    before = machine()
    found = {name: run(name, read.scale) for name in read.names or BENCHMARKS}
    if read.json:
        read.json.write_text(as_json(before, found))
    return 0


def run(name: str, scale: float) -> list[Figure]:
    """Run one in a folder of its own, and say each figure as it comes."""
    began = time.monotonic()
    say(f"{name}: {purpose(BENCHMARKS[name])}")
    with tempfile.TemporaryDirectory(prefix="waheal-bench-") as folder:
        found: list[Figure] = []
        for figure in BENCHMARKS[name](Path(folder), scale):
            found.append(figure)
            say(f"    {figure}")
    took, load = time.monotonic() - began, os.getloadavg()[0]
    say(f"    ({took:.0f} s; load {load:.1f} on {os.cpu_count()} cores, by which wall times go)")
    return found


def say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
