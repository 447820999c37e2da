"""`python -m tests.bench [NAME …]`: runs benchmarks and prints their figures."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.catalogue import BENCHMARKS, purpose


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all of them unless given")
    parser.add_argument("--list", action="store_true", help="tell what there is")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="of the sizes that the targets speak of"
    )
    read = parser.parse_args()
    if read.list:
        say(*(f"{name:<12} {purpose(each)}" for name, each in BENCHMARKS.items()))
        return 0
    unknown = [name for name in read.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark is called {unknown[0]!r}; --list tells them")
    for name in read.names or BENCHMARKS:
        run(name, read.scale)
    return 0


def run(name: str, scale: float) -> None:
    """Run one in a folder of its own, and say each figure as it comes."""
    began = time.monotonic()
    say(f"{name}: {purpose(BENCHMARKS[name])}")
    with tempfile.TemporaryDirectory(prefix="waheal-bench-") as folder:
        for figure in BENCHMARKS[name](Path(folder), scale):
            say(f"    {figure}")
    say(f"    ({time.monotonic() - began:.0f} s)")


def say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
