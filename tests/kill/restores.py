"""Kills a run, puts back what a backup would, and compares the ledger with the phones.

A backup is taken while the run lives, or before it: the databases by SQLite's own online backup,
the journal as a file. What is put back, and from which moment, is drawn from the seed.
"""

import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.kill.harness import DEVICES, RECIPIENTS, Account, Kill, Target, judge, to_the_end
from tests.kill.scene import Scene, set_up
from tests.kit.rig import PATIENCE, Server
from waheal.model import State
from waheal.store.home import Home

LEDGER, SESSIONS, JOURNAL, LOGS = "waheal.db", "sessions.db", "claims.journal", "logs"

RESTORED: tuple[tuple[str, ...], ...] = (
    (LEDGER,),
    (SESSIONS,),
    (LEDGER, SESSIONS),
    (LEDGER, JOURNAL),
    (JOURNAL,),
)
"""What is put back together. Of the whole home nothing would tell."""

LOST: tuple[tuple[str, ...], ...] = ((), (LOGS,), (JOURNAL,))


@dataclass(frozen=True)
class Backup:
    """A copy of a home's files, and how many of its recipients were settled then."""

    folder: Path
    settled: int

    @classmethod
    def take(cls, home: Home, folder: Path, settled: int) -> "Backup":
        folder.mkdir()
        for name in (LEDGER, SESSIONS):
            with (
                closing(sqlite3.connect(f"file:{home.root / name}?mode=ro", uri=True)) as here,
                closing(sqlite3.connect(folder / name)) as there,
            ):
                here.backup(there)
        if (home.root / JOURNAL).exists():
            shutil.copy2(home.root / JOURNAL, folder)
        return cls(folder, settled)

    def restore(self, home: Home, names: tuple[str, ...]) -> None:
        lose(home, names)
        for name in names:
            if (self.folder / name).exists():
                shutil.copy2(self.folder / name, home.root)
                (home.root / name).chmod(0o600)


def lose(home: Home, names: tuple[str, ...]) -> None:
    for name in names:
        if name == LOGS:
            shutil.rmtree(home.logs)
        else:
            for path in home.root.glob(f"{name}*"):
                path.unlink()


def restore_run(root: Path, server: Server, seed: int) -> Account:
    """Kill a run, restore something, run it to the end, and judge it by what the phones have."""
    began = time.monotonic()
    scene = set_up(root, server, devices=DEVICES, recipients=RECIPIENTS)
    random = Random(seed)  # noqa: S311 - to be repeated, no secret
    account = Account(seed)
    backups = [Backup.take(scene.home, root / "before", 0)]
    backup = _kill(scene, random, account, backups)
    names, lost = random.choice(RESTORED), random.choice(LOST)
    if LEDGER in names:
        lost = ()
    may_doubt = account.kills[-1].in_flight
    if LEDGER in names:
        may_doubt += account.kills[-1].after - backup.settled
    backup.restore(scene.home, names)
    lose(scene.home, lost)
    account.note = f"{', '.join(names)} from its {backup.folder.name}; lost: {', '.join(lost)}"
    to_the_end(scene, account)
    judge(scene, account)
    if account.states[State.UNCERTAIN] > may_doubt:
        account.wrong.append(f"more than {may_doubt} in doubt: {dict(account.states)}")
    scene.wait_alone(PATIENCE)
    account.seconds = time.monotonic() - began
    return account


def _kill(scene: Scene, random: Random, account: Account, backups: list[Backup]) -> Backup:
    """Kill a run, some time after a backup was taken of it; returns one that is to be restored."""
    command = scene.send("--hosts", str(random.choice((1, 2))))
    account.commands += 1
    assert command.wait_count("run_started", 1)
    assert command.wait_count("settled", random.randint(0, RECIPIENTS // 4))
    settled = len(command.named("settled"))
    backups.append(Backup.take(scene.home, scene.campaign.parent / "midst", settled))
    after = settled + random.randint(0, RECIPIENTS // 4)
    assert command.wait_count("settled", min(after, RECIPIENTS))
    hosts = scene.hosts() if random.random() < 0.5 else []
    command.kill()
    for host in hosts:
        host.kill()
    ended = scene.wait_alone(PATIENCE)
    command.wait()
    tally = scene.tally()
    after = tally.total - tally[State.PENDING] - tally[State.SENDING]
    target = Target.BOTH if hosts else Target.COORDINATOR
    account.kills.append(Kill(target, after, tally[State.SENDING], ended))
    return random.choice(backups)
