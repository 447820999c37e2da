"""`python -m tests.kill --runs 200`: seeded kill runs on demand, with their figures."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.kill.harness import Account, kill_run, summary
from tests.kit.rig import Server


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="the first one's")
    read = parser.parse_args()
    accounts: list[Account] = []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "server")
        try:
            for seed in range(read.seed, read.seed + read.runs):
                accounts.append(kill_run(Path(folder) / str(seed), server, seed))
                say(*accounts[-1].lines())
        finally:
            server.stop()
    say("", *summary(accounts))
    return int(any(account.wrong for account in accounts))


def say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
