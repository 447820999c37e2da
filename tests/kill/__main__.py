"""Seeded kill runs, `--restores` after them, `--disasters`, a `--crowd`, or `--links` cut."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.kill.crowd.play import crowd_run
from tests.kill.disasters.catalogue import ALL
from tests.kill.disasters.mounts import apart
from tests.kill.disasters.trial import Outcome, trial
from tests.kill.disasters.trial import summary as disasters_summary
from tests.kill.harness import Account, kill_run, summary
from tests.kill.links.play import BLOWS, links_run
from tests.kill.restores import restore_run
from tests.kit.rig import Server


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="the first one's")
    parser.add_argument("--restores", action="store_true", help="put backups back after each kill")
    parser.add_argument("--disasters", nargs="*", metavar="NAME", help="all, or these only")
    parser.add_argument(
        "--crowd", action="store_true", help="one campaign over many devices, under random faults"
    )
    parser.add_argument(
        "--links", action="store_true", help="one campaign, its links to PostgreSQL are cut"
    )
    parser.add_argument("--machines", type=int, default=2, help="with links")
    parser.add_argument("--devices", type=int, default=3_000, help="of the crowd")
    parser.add_argument("--messages", type=int, help="of the crowd, or over the links")
    read = parser.parse_args()
    if unknown := {*(read.disasters or ())} - ALL.keys():
        parser.error(f"no disaster is called {', '.join(unknown)}: {' '.join(ALL)}")
    if read.disasters is not None:
        apart()
        return disasters(read.disasters or [*ALL], read.seed)
    if read.crowd:
        return crowd(read.seed, read.devices, read.messages or 10_000)
    if read.links:
        return links(read.seed, read.messages or 1_000, read.machines)
    return kills(read.runs, read.seed, restores=read.restores)


def kills(runs: int, first: int, *, restores: bool) -> int:
    play = restore_run if restores else kill_run
    accounts: list[Account] = []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "server")
        try:
            for seed in range(first, first + runs):
                accounts.append(play(Path(folder) / str(seed), server, seed))
                say(*accounts[-1].lines())
        finally:
            server.stop()
    say("", *summary(accounts))
    return int(any(account.wrong for account in accounts))


def disasters(names: Sequence[str], seed: int) -> int:
    outcomes: list[Outcome] = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            outcomes.append(trial(ALL[name], Path(folder), seed))
        say(*outcomes[-1].lines())
    say("", *disasters_summary(outcomes))
    return int(any(outcome.wrong for outcome in outcomes))


def crowd(seed: int, devices: int, messages: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        account = crowd_run(Path(folder), seed, devices=devices, messages=messages)
    say(*account.lines())
    return int(bool(account.wrong))


def links(seed: int, messages: int, machines: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        account = links_run(Path(folder), seed, BLOWS, messages=messages, machines=machines)
    say(*account.lines())
    return int(bool(account.wrong))


def say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
