"""Kills coordinators and hosts at seeded moments, and compares the ledger with the phones.

A moment is a number of settled messages after a command began, and a spread of some milliseconds
upon it, so that a kill falls anywhere between claim and ack. What became of each attempt is told
by its witness: the phones keep the one that came with each message.
"""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random

from tests.kill.scene import Command, Line, Scene, set_up
from tests.kit.rig import PATIENCE, Server
from waheal.model import ExitCode, MessageKind, Phone, State

RECIPIENTS = 150
DEVICES = 6
_SPREAD = 0.06  # seconds: a few messages' time
_LISTEN = 2.0  # seconds of sync, for receipts that wait for their device
DOUBTED = "killed"  # a word that both reasons have: of a killed host's and a killed run's


class Target(StrEnum):
    COORDINATOR = "coordinator"
    HOST = "host"
    BOTH = "both"


@dataclass(frozen=True)
class Kill:
    """One kill: what, after how many settled, and how many were in flight."""

    target: Target
    after: int
    in_flight: int
    orphans_ended: float  # seconds until nothing of the run lived; 0 where it went on


@dataclass(frozen=True)
class Doubt:
    """An attempt that a kill put in doubt, and what became of it."""

    phone: Phone
    ended: State  # what evidence made of it at once
    known_id: bool
    reason: str
    now: State  # of its recipient, when the campaign had been run to its end
    last: bool  # no further attempt followed
    reached: bool  # its witness is on the phone

    @property
    def kind(self) -> str:
        if self.ended is not State.UNCERTAIN:
            return f"evidence: nothing left -> {self.ended}"
        if self.known_id and self.now is not State.UNCERTAIN:
            return "evidence: id known, then a receipt"
        if self.known_id and not self.reached:
            return "left: killed between the session's commit and the stanza"
        if self.known_id:  # the library acknowledges a receipt before it hands it over
            return "left: it reached the phone, and the receipt died with the process"
        where = "had reached the phone" if self.reached else "had not left"
        return f"left ({where}): {self.reason.partition('; ')[2]}"


@dataclass
class Account:
    """What one seeded run did and found."""

    seed: int
    kills: list[Kill] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    commands: int = 0
    seconds: float = 0.0
    note: str = ""  # what else befell it

    @property
    def kinds(self) -> Counter[str]:
        return Counter(doubt.kind for doubt in self.doubts)

    def lines(self) -> Iterable[str]:
        kills = ", ".join(
            f"{kill.target} after {kill.after} ({kill.in_flight} in flight)" for kill in self.kills
        )
        yield f"seed {self.seed}: {kills}; {dict(self.states)}; {self.seconds:.1f} s"
        if self.note:
            yield f"    {self.note}"
        for kind, count in sorted(self.kinds.items()):
            yield f"    {count:3} {kind}"
        for wrong in self.wrong:
            yield f"    WRONG: {wrong}"


def kill_run(
    root: Path, server: Server, seed: int, kind: MessageKind = MessageKind.TEXT
) -> Account:
    """Run a campaign through several kills to its end, and judge it by what the phones have."""
    began = time.monotonic()
    scene = set_up(root, server, devices=DEVICES, recipients=RECIPIENTS, kind=kind)
    random = Random(seed)  # noqa: S311 - to be repeated, no secret
    account = Account(seed)
    command: Command | None = None
    hosts = random.choice((1, 1, 2))
    for _ in range(random.randint(2, 4)):
        if command is None:
            command = scene.send("--hosts", str(hosts))
            account.commands += 1
        if not _strike(scene, command, random, account):
            command = None
            break
        if account.kills[-1].target is not Target.HOST:
            command = None
    if command is not None:
        command.finish()
    to_the_end(scene, account)
    judge(scene, account)
    scene.wait_alone(PATIENCE)
    account.seconds = time.monotonic() - began
    return account


def _strike(scene: Scene, command: Command, random: Random, account: Account) -> bool:
    """Kill something of this run at a moment; False when the run was over before."""
    target = random.choice(list(Target))
    seen = len(command.named("settled"))
    after = seen + random.randint(0, RECIPIENTS // 3)
    spread = random.random() * _SPREAD
    if not command.wait_count("settled", after) or not command.wait_count("run_started", 1):
        command.wait()
        return False
    time.sleep(spread)
    if target is Target.HOST:
        return _strike_hosts(scene, command, after, account)
    hosts = scene.hosts() if target is Target.BOTH else []
    command.kill()
    for host in hosts:
        host.kill()
    ended = scene.wait_alone(PATIENCE)
    command.wait()
    account.kills.append(Kill(target, after, scene.tally()[State.SENDING], ended))
    return True


def _strike_hosts(scene: Scene, command: Command, after: int, account: Account) -> bool:
    """Kill every host; the coordinator goes on and tells how many were in doubt."""
    hosts = scene.hosts()
    before = len(command.named("host_restarted"))
    for host in hosts:
        host.kill()
    if not hosts or not command.wait_count("host_restarted", before + len(hosts)):
        command.wait()
        return False
    told = command.named("host_restarted")[before:]
    in_flight = sum(_number(line, "in_doubt") for line in told)
    account.kills.append(Kill(Target.HOST, after, in_flight, 0.0))
    return True


def _number(line: Line, name: str) -> int:
    value = line[name]
    assert isinstance(value, int), line
    return value


def to_the_end(scene: Scene, account: Account) -> None:
    """Run it until nothing is pending, and collect the receipts that waited."""
    for _ in range(5):
        last = scene.send().finish()
        account.commands += 1
        if last.get("pending") == 0:
            break
    else:
        account.wrong.append(f"it does not come to its end: {last}")
    if _number(last, "uncertain"):
        sync = scene.sync(_LISTEN)
        assert sync.wait() in (ExitCode.OK, ExitCode.LEFT_OVER), sync.told
        account.commands += 1


def judge(scene: Scene, account: Account) -> None:
    """Compare the ledger with the phones."""
    with scene.ledger() as ledger:
        campaign = ledger.campaigns.find(scene.campaign.stem)
        assert campaign is not None
        states = {row.phone: row.state for row in ledger.recipients.rows(campaign.id)}
    # A message whose ack was cut off may still be on its way into the phone's list.
    shown = scene.received()
    account.states = Counter(state.value for state in states.values())
    account.doubts = _doubts(scene, states)
    for phone in scene.recipients:
        if word := disagreement(states.get(phone), shown.get(phone, 0)):
            account.wrong.append(f"{phone}: {word}")
    for doubt in account.doubts:
        if doubt.reached and doubt.ended is State.PENDING:
            account.wrong.append(f"{doubt.phone}: taken for unsent, and had reached the phone")


def disagreement(state: State | None, shown: int) -> str | None:
    """How a state and the number of times that a phone was shown the text contradict each other."""
    if shown > 1:
        return f"was shown its message {shown} times"
    match state:
        case State.SENT | State.DELIVERED | State.READ:
            return None if shown == 1 else f"{state}, but the phone has nothing"
        case State.UNCERTAIN:
            return None
        case State.FAILED | State.EXPIRED | State.SUPPRESSED:
            return None if shown == 0 else f"{state}, but the phone has it"
        case _:
            return f"is missing: {state}"


def _doubts(scene: Scene, states: dict[Phone, State]) -> list[Doubt]:
    """Read every attempt that a kill put in doubt, beside what the phones keep."""
    secrets = {message.message_secret for message in scene.control.phones.received()}
    asked = """
    SELECT d.phone, a.outcome, a.message_id IS NOT NULL, a.reason, a.attempt = d.attempt, a.witness
      FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
     WHERE a.reason LIKE ? ORDER BY a.id
    """
    uri = f"{scene.home.ledger_path.as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as ledger:
        rows = ledger.execute(asked, (f"%{DOUBTED}%",)).fetchall()
    return [
        Doubt(
            Phone(phone),
            State(outcome),
            bool(known),
            reason,
            states[Phone(phone)],
            bool(last),
            witness.hex() in secrets,
        )
        for phone, outcome, known, reason, last, witness in rows
    ]


def summary(accounts: list[Account]) -> list[str]:
    """Add several runs up."""
    kills = Counter(kill.target.value for account in accounts for kill in account.kills)
    flying = [kill.in_flight for account in accounts for kill in account.kills]
    ended = [kill.orphans_ended for account in accounts for kill in account.kills]
    kinds: Counter[str] = sum((account.kinds for account in accounts), Counter())
    states: Counter[str] = sum((account.states for account in accounts), Counter())
    doubts = sum(kinds.values())
    settled = sum(count for kind, count in kinds.items() if kind.startswith("evidence"))
    between = sum(count for kind, count in kinds.items() if "between" in kind)
    commands = sum(account.commands for account in accounts)
    return [
        f"{len(accounts)} runs, {commands} commands",
        f"{sum(flying)} messages in flight at {len(flying)} kills: {dict(kills)}",
        f"the last process of a killed run ended within {max(ended, default=0.0):.2f} s",
        f"in doubt: {doubts}",
        f"  settled by evidence: {settled}",
        f"  killed between the session's commit and the stanza: {between}",
        f"  left for other reasons: {doubts - settled - between}",
        *(f"    {count:4} {kind}" for kind, count in sorted(kinds.items())),
        f"in the end: {dict(states)}",
        f"wrong: {sum(len(account.wrong) for account in accounts)}",
    ]
