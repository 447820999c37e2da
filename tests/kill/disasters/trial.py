"""Plays a disaster, lets the campaign go on to its end, and judges all of it by the phones."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.kill.disasters.disaster import Disaster
from tests.kill.disasters.ordeal import DEVICES, RECIPIENTS, NotHereError, Ordeal
from tests.kill.scene import Command, Line, scene
from waheal.model import ExitCode, Phone, State

_SENDS = 6  # at most, until nobody is pending
_LISTEN = 2.0  # seconds of sync, for receipts that wait for their device
_END = 60.0  # seconds for the last process to end
_GOT_IT = frozenset({State.SENT, State.DELIVERED, State.READ})
_MACHINES = frozenset(
    {"ffmpeg", "client"}
)  # what this machine may lack, and how old the library is


@dataclass
class Outcome:
    """What one disaster came to."""

    name: str
    seed: int
    codes: list[int] = field(default_factory=list)  # of all commands, in order
    doubts: Counter[str] = field(default_factory=Counter)  # left at the end, by their reasons
    wrong: list[str] = field(default_factory=list)
    messages: int = 0
    seconds: float = 0.0
    not_here: str = ""

    def lines(self) -> Iterable[str]:
        told = self.not_here or ("WRONG" if self.wrong else "held")
        codes = " ".join(map(str, self.codes))
        doubt = self.doubts.total()
        yield f"{self.name:32} {told}: {self.messages} received, {doubt} in doubt, exits {codes}"
        for reason, count in sorted(self.doubts.items()):
            yield f"    {count:3} {reason}"
        for wrong in self.wrong:
            yield f"    WRONG: {wrong}"


def trial(disaster: Disaster, root: Path, seed: int) -> Outcome:
    """Play one disaster on a server and a home of its own."""
    began = time.monotonic()
    outcome = Outcome(disaster.name, seed)
    random = Random(f"{disaster.name} {seed}")  # noqa: S311 - to be repeated, no secret
    with scene(root, devices=DEVICES, recipients=RECIPIENTS) as made:
        ordeal = Ordeal(made, random)
        try:
            disaster.befall(ordeal)
            made.control.faults.clear()
            _judge(ordeal, disaster, outcome)
        except NotHereError as error:
            outcome.not_here = str(error)
        except Exception as error:  # noqa: BLE001 - it is told, and the others are still tried
            outcome.wrong.append(f"{type(error).__name__}: {error}")
        finally:
            for undo in reversed(ordeal.undo):
                undo()
        outcome.codes = [each.process.returncode for each in ordeal.commands]
        outcome.messages = sum(_shown(ordeal).values())
    outcome.seconds = time.monotonic() - began
    return outcome


def _judge(ordeal: Ordeal, disaster: Disaster, outcome: Outcome) -> None:
    """Go on to the end, settle what is in doubt as the recipients say, and compare."""
    steps: tuple[Callable[[], Iterable[str]], ...] = (
        lambda: _to_the_end(ordeal),
        lambda: _doubt(ordeal, disaster, outcome),
        lambda: _resolve(ordeal),
        lambda: _everybody_once(ordeal),
        lambda: _alone(ordeal),
        lambda: _doctor(ordeal),
        lambda: _commands(ordeal, disaster),
    )
    for step in steps:
        outcome.wrong += step()


def _to_the_end(ordeal: Ordeal) -> Iterable[str]:
    for _ in range(_SENDS):
        last = _finished(ordeal)
        if last.get("pending") == 0:
            break
    else:
        yield f"it does not come to its end: {last}"
    if last.get("uncertain"):
        sync = ordeal.attached("sync", "--for", f"{_LISTEN}s")
        ordeal.ends(sync, ExitCode.OK, ExitCode.LEFT_OVER)


def _finished(ordeal: Ordeal) -> Line:
    run = ordeal.send("--max-wait", "5s")
    last = run.finish()
    assert last.get("event") == "run_finished", f"exit {run.process.returncode}: {run.told}"
    left = bool(last.get("pending")) or bool(last.get("uncertain"))
    ordeal.ends(run, ExitCode.LEFT_OVER if left else ExitCode.OK)
    return last


def _states(ordeal: Ordeal) -> dict[Phone, tuple[State, str]]:
    """What an export says of everybody."""
    export = ordeal.command("export", ordeal.scene.campaign.stem, "--format", "json", json=False)
    ordeal.ends(export, ExitCode.OK)
    rows: list[dict[str, str]] = json.loads("".join(export.output))
    return {Phone(row["phone"]): (State(row["state"]), str(row["reason"])) for row in rows}


def _shown(ordeal: Ordeal) -> dict[Phone, int]:
    """How often each phone was shown a message; the server is this ordeal's own."""
    shown = Counter[Phone]()
    for message in ordeal.control.phones.received():
        shown[Phone(message.phone)] += message.delivered
    return shown


def _doubt(ordeal: Ordeal, disaster: Disaster, outcome: Outcome) -> Iterable[str]:
    for phone, (state, reason) in _states(ordeal).items():
        if state is not State.UNCERTAIN:
            continue
        outcome.doubts[reason] += 1
        if not any(reason.endswith(each) for each in disaster.doubt):
            yield f"{phone} is in doubt, and no table says so: {reason}"


def _resolve(ordeal: Ordeal) -> Iterable[str]:
    """Settle each doubt by what its recipient tells, and send once more to who has nothing.

    The fewer one by one, then all that are left.
    """
    shown, resolve = _shown(ordeal), ("resolve", ordeal.scene.campaign.stem)
    doubtful = [phone for phone, (state, _) in _states(ordeal).items() if state is State.UNCERTAIN]
    if not doubtful:
        return
    told = {"--accept": [each for each in doubtful if shown.get(each)]}
    told["--resend"] = [each for each in doubtful if each not in told["--accept"]]
    few, many = sorted(told, key=lambda how: len(told[how]))
    for phone in told[few]:
        ordeal.ends(ordeal.command(*resolve, few, "--phone", phone), ExitCode.LEFT_OVER)
    ordeal.ends(ordeal.command(*resolve, many), ExitCode.OK)
    last = _finished(ordeal)
    if last.get("uncertain") or last.get("pending"):
        yield f"resolved, and not settled: {last}"


def _everybody_once(ordeal: Ordeal) -> Iterable[str]:
    shown, states = _shown(ordeal), _states(ordeal)
    for phone in ordeal.scene.recipients:
        state, reason = states.get(phone, (None, ""))
        had = shown.get(phone, 0)
        if had > 1:
            yield f"{phone} was shown {had} messages"
        elif phone in ordeal.excused:
            if (state in _GOT_IT) != bool(had):
                yield f"{phone}: {state}, and was shown {had}"
        elif state not in _GOT_IT or not had:
            yield f"{phone} is missing: {state} ({reason}), and was shown {had}"


def _alone(ordeal: Ordeal) -> Iterable[str]:
    try:
        ordeal.scene.wait_alone(_END)
    except AssertionError as error:
        yield str(error)


def _doctor(ordeal: Ordeal) -> Iterable[str]:
    doctor = ordeal.attached("doctor")
    doctor.wait()
    checks = doctor.document()["checks"]
    assert isinstance(checks, list)
    for check in checks:
        if check["status"] != "ok" and check["id"] not in _MACHINES | ordeal.excused_checks:
            yield f"doctor: {check['id']} is {check['status']}: {check['detail']}"


def _commands(ordeal: Ordeal, disaster: Disaster) -> Iterable[str]:
    for command in ordeal.commands:
        if command.process.returncode == ExitCode.OWN_FAULT and not disaster.fault:
            yield f"{_words(command)}: exit 70: {command.told}"
        if "Traceback" in command.told:
            yield f"{_words(command)}: {command.told}"
    for report in (*ordeal.scene.home.root.rglob("crash-*"),):
        yield f"a crash report: {report.read_text()}"


def _words(command: Command) -> str:
    args = command.process.args
    return " ".join(map(str, args[3:])) if isinstance(args, list) else str(args)


def summary(outcomes: list[Outcome]) -> list[str]:
    """Add several up."""
    played = [each for each in outcomes if not each.not_here]
    wrong = [each.name for each in played if each.wrong]
    doubts: Counter[str] = sum((each.doubts for each in played), Counter())
    return [
        f"{len(played)} disasters, {sum(each.messages for each in played)} messages received",
        f"in doubt at the end, and settled by resolve: {doubts.total()}",
        *(f"    {count:4} {reason}" for reason, count in sorted(doubts.items())),
        *(f"not here: {each.name}: {each.not_here}" for each in outcomes if each.not_here),
        f"wrong: {len(wrong)} {' '.join(wrong)}",
    ]
