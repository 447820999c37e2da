"""`python -m tests.soak --minutes 10`: a soak with faults at random, and its figures."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.soak.long import soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    read = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done = soak(Path(folder), read.minutes * 60, read.seed)
    sys.stdout.write("\n".join(done.lines()) + "\n")
    return int(bool(done.doubled or done.missing))


if __name__ == "__main__":
    sys.exit(main())
