"""`python -m tests.kill --runs 200 [--restores]`: seeded kill runs, with their figures."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.kill.harness import Account, kill_run, summary
from tests.kill.restores import restore_run
from tests.kit.rig import Server


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="the first one's")
    parser.add_argument("--restores", action="store_true", help="put backups back after each kill")
    read = parser.parse_args()
    play = restore_run if read.restores else kill_run
    accounts: list[Account] = []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "server")
        try:
            for seed in range(read.seed, read.seed + read.runs):
                accounts.append(play(Path(folder) / str(seed), server, seed))
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
