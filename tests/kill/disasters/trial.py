"""Plays a disaster, lets the campaign go on to its end, and judges all of it by the phones."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.kill.disasters.disaster import Disaster
from tests.kill.disasters.ending import (
    alone,
    commands,
    everybody_once,
    resolve,
    shown,
    states,
    to_the_end,
)
from tests.kill.disasters.ordeal import DEVICES, RECIPIENTS, NotHereError, Ordeal
from tests.kill.scene import scene
from waheal.model import State

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
        outcome.messages = sum(shown(ordeal).values())
    outcome.seconds = time.monotonic() - began
    return outcome


def _judge(ordeal: Ordeal, disaster: Disaster, outcome: Outcome) -> None:
    """Go on to the end, settle what is in doubt as the recipients say, and compare."""
    steps: tuple[Callable[[], Iterable[str]], ...] = (
        lambda: to_the_end(ordeal),
        lambda: _doubt(ordeal, disaster, outcome),
        lambda: resolve(ordeal),
        lambda: everybody_once(ordeal),
        lambda: alone(ordeal),
        lambda: _doctor(ordeal),
        lambda: commands(ordeal, fault=disaster.fault),
    )
    for step in steps:
        outcome.wrong += step()


def _doubt(ordeal: Ordeal, disaster: Disaster, outcome: Outcome) -> Iterable[str]:
    for phone, (state, reason) in states(ordeal).items():
        if state is not State.UNCERTAIN:
            continue
        outcome.doubts[reason] += 1
        if not any(reason.endswith(each) for each in disaster.doubt):
            yield f"{phone} is in doubt, and no table says so: {reason}"


def _doctor(ordeal: Ordeal) -> Iterable[str]:
    doctor = ordeal.attached("doctor")
    doctor.wait()
    checks = doctor.document()["checks"]
    assert isinstance(checks, list)
    for check in checks:
        if check["status"] != "ok" and check["id"] not in _MACHINES | ordeal.excused_checks:
            yield f"doctor: {check['id']} is {check['status']}: {check['detail']}"


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
