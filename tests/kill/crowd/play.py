"""Sends a crowd's campaign through a plan of faults to its end, and has it judged."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from tests.faults.scenes import aimed
from tests.kill.crowd.judgement import Attempt, Cause, Evidence, causes, judge, shown
from tests.kill.crowd.plan import Plan, draw
from tests.kill.crowd.striking import Striker, striking
from tests.kill.disasters.ending import alone, commands, everybody_once, resolve, to_the_end
from tests.kill.disasters.ordeal import Ordeal
from tests.kill.scene import Scene, scene
from waheal.engine.reconciliation import ROWS_LOST
from waheal.model import ExitCode, Phone, State
from waheal.sandbox.control import FaultKind, FaultOrder

_ACK = 0.2  # seconds that each takes, so that many are under way at any moment
_WAIT = "60s"  # for what is to be tried again
_LISTEN = 3.0  # seconds of sync, for receipts that wait for their device
_SENDS = 6  # at most, beside those that are killed
_PATIENCE = (300.0, 0.2)  # seconds for a command, and so many more a message


@dataclass
class Account:
    """What one crowd did and found."""

    seed: int
    devices: int
    messages: int
    met: int = 0
    logins: int = 0
    blows: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)  # that could not strike
    codes: list[int] = field(default_factory=list)  # of all commands, in order
    states: Counter[str] = field(default_factory=Counter)  # before the operator's word
    causes: Counter[str] = field(default_factory=Counter)  # of all doubts
    settled: int = 0  # of these, by a receipt or other evidence
    arrived: int = 0  # of those that the ledger leaves in doubt
    table: tuple[int, int] = (0, 0)  # who met what the table has in doubt, and who were in doubt
    shown: int = 0  # in the end, on all phones
    wrong: list[str] = field(default_factory=list)
    evidence: Evidence | None = None
    seconds: float = 0.0

    def lines(self) -> Iterable[str]:
        """Tell it."""
        yield (
            f"seed {self.seed}: {self.messages:,} messages over {self.devices:,} devices,"
            f" {self.seconds:.0f} s, {len(self.codes)} commands: {_codes(self.codes)}"
        )
        yield f"    {self.met} met a fault of the table, {self.logins} devices one at their login"
        yield f"    struck: {_counted(self.blows)}"
        if self.failed:
            yield f"    not struck: {_counted(self.failed)}"
        yield f"    the ledger: {_counted(self.states)}"
        yield f"    in doubt at some time: {_counted(self.causes)}"
        yield f"    of these settled by evidence: {self.settled}"
        yield f"    of {self.table[0]} whom the table has in doubt {self.table[1]} were"
        left = self.states[State.UNCERTAIN]
        yield f"    left to the operator: {left} in doubt, {self.arrived} of them had arrived"
        yield f"    in the end {self.shown:,} messages on {self.messages:,} phones"
        yield from (f"    WRONG: {wrong}" for wrong in self.wrong)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.most_common()) or "nothing"


def _codes(codes: Iterable[int]) -> str:
    return ", ".join(f"{count} x {code}" for code, count in sorted(Counter(codes).items()))


def crowd_run(root: Path, seed: int, *, devices: int, messages: int) -> Account:
    """Play a crowd on a server and a home of its own, and judge it."""
    began = time.monotonic()
    account = Account(seed, devices, messages)
    with scene(root, devices=devices, recipients=messages) as made:
        plan = draw(seed, devices=devices, messages=messages)
        ordeal = Ordeal(made, Random(seed))  # noqa: S311 - to be repeated, no secret
        ordeal.patience = _PATIENCE[0] + _PATIENCE[1] * messages
        account.met, account.logins = _order(made, plan)
        with striking(made, plan.strikes) as striker:
            account.wrong += _through(ordeal, striker)
        account.blows = Counter(each.strike.blow.value for each in striker.struck)
        account.failed = striker.failed
        account.evidence = _judge(ordeal, plan, striker, account)
        account.wrong += _settled(ordeal, account.evidence)
        account.shown = sum(shown(_gather(made, plan, striker)).values())
        account.codes = [each.process.returncode for each in ordeal.commands]
    account.seconds = time.monotonic() - began
    return account


def _order(made: Scene, plan: Plan) -> tuple[int, int]:
    """Order what is not tied to a moment."""
    orders = made.control.faults.order
    orders(FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=_ACK))
    for place, case in plan.met.items():
        for fault in case.faults:
            orders(aimed(fault, "", made.recipients[place]))
    with made.ledger() as ledger:
        jids = [device.jid or "" for device in ledger.devices.all(time.time())]
    for place, fault in plan.logins.items():
        orders(replace(fault, device=jids[place]))
    return len(plan.met), len(plan.logins)


def _through(ordeal: Ordeal, striker: Striker) -> Iterator[str]:
    """Send through all that strikes, going on after each kill, until a run ends with nobody left.

    Raises: whatever the striking thread met.
    """
    ends = 0
    while ends < _SENDS:
        command = ordeal.send("--max-wait", _WAIT)
        by_itself = striker.finish(command, ordeal.patience)
        if striker.error is not None:
            raise striker.error
        if not by_itself:
            continue
        ends += 1
        last = command.lines[-1] if command.lines else {}
        if last.get("event") != "run_finished":
            yield f"exit {command.process.returncode}, and no last line: {command.told}"
        elif last.get("pending") == 0:
            break
    else:
        yield f"it does not come to its end: {last}"
    yield from (f"never came to strike: {each.blow}" for each in striker.left)


def _judge(ordeal: Ordeal, plan: Plan, striker: Striker, account: Account) -> Evidence:
    """Compare ledger and phones before the operator has said a word."""
    sync = ordeal.attached("sync", "--for", f"{_LISTEN}s")
    ordeal.ends(sync, ExitCode.OK, ExitCode.LEFT_OVER)
    seen = _gather(ordeal.scene, plan, striker)
    account.wrong += judge(seen)
    account.states = Counter(row.state.value for row in seen.rows)
    doubts = list(causes(seen))
    account.causes = Counter(cause.value if cause else "nothing" for _, cause in doubts)
    account.settled = sum(attempt.settled for attempt, _ in doubts)
    had = shown(seen)
    left = [row.phone for row in seen.rows if row.state is State.UNCERTAIN]
    account.arrived = sum(bool(had[phone]) for phone in left)
    wanted = {phone for phone, case in seen.met.items() if case.state is State.UNCERTAIN}
    found = {attempt.phone for attempt, cause in doubts if cause is Cause.TABLE}
    account.table = len(wanted), len(wanted & found)
    if len(wanted) >= len(Cause) and not wanted & found:
        account.wrong.append("no fault that the table has in doubt was met: they do not strike")
    return seen


def _gather(made: Scene, plan: Plan, striker: Striker) -> Evidence:
    with made.ledger() as ledger:
        campaign = ledger.campaigns.find(made.campaign.stem)
        assert campaign is not None
        rows = list(ledger.recipients.rows(campaign.id))
    logs = made.home.logs.glob("host-*.log")
    return Evidence(
        {phone: made.text(phone) for phone in made.recipients},
        rows,
        list(_attempts(made)),
        made.control.phones.received(),
        {made.recipients[place]: case for place, case in plan.met.items()},
        tuple(striker.struck),
        {device.jid for device in made.control.devices.linked()},
        {log.name for log in logs if ROWS_LOST.search(log.read_bytes())},
    )


def _attempts(made: Scene) -> Iterator[Attempt]:
    asked = """
    SELECT d.phone, a.attempt, a.jid, a.claimed, a.ended, a.outcome, a.reason,
           a.settled IS NOT NULL, a.witness, a.host_log
      FROM attempts a JOIN deliveries d ON d.id = a.delivery_id ORDER BY a.id
    """
    uri = f"{made.home.ledger_path.as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as ledger:
        for row in ledger.execute(asked):
            phone, number, jid, claimed, ended, outcome, reason, settled, witness, log = row
            yield Attempt(
                Phone(phone), number, jid, claimed, ended, State(outcome) if outcome else None,
                reason or "", bool(settled), witness.hex(), log,
            )  # fmt: skip


def _settled(ordeal: Ordeal, seen: Evidence) -> Iterator[str]:
    """Let the faults end, and the operator settle what is left: then everybody has it once."""
    ordeal.control.faults.release_receipts()
    ordeal.control.faults.clear()
    had, name = shown(seen), ordeal.scene.campaign.stem
    words: list[tuple[str, ...]] = [
        ("--accept" if had[row.phone] else "--resend", "--unreadable", "--phone", row.phone)
        for row in seen.rows
        if row.unreadable
    ]
    if any(row.state is State.FAILED for row in seen.rows):
        words.append(("--resend", "--failed"))
    for each in words:
        ordeal.ends(ordeal.command("resolve", name, *each), ExitCode.OK, ExitCode.LEFT_OVER)
    yield from resolve(ordeal)
    yield from to_the_end(ordeal)
    yield from everybody_once(ordeal)
    yield from alone(ordeal)
    yield from commands(ordeal)
