"""What a disaster befalls: a home in mid-send, and all that was said to it and about it.

A disaster is a function of an ordeal. It begins a send, strikes while that is under way, sees it
end as the README says, and puts right what an operator would have to. What must hold whatever
happened is judged by `trial.py`.
"""

import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from tests.kill.scene import Command, Process, Scene
from waheal.model import ExitCode, Phone, State
from waheal.sandbox.control import Control, FaultKind, FaultOrder

DEVICES = 3
RECIPIENTS = 24
_EARLIEST, _LATEST = 3, 8  # settled messages before something happens

SLOW = FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=0.75)
"""Makes a send last: so many seconds a message and device, delivered at once."""


class NotHereError(Exception):
    """This machine can't bring the disaster about; the text says why."""


@dataclass
class Ordeal:
    """One scene on its way through one disaster."""

    scene: Scene
    random: Random
    commands: list[Command] = field(default_factory=list)
    words: tuple[str, ...] = ()  # that each send has
    patience: float = 180.0  # seconds for a command to end
    excused: set[Phone] = field(default_factory=set)  # whoever need not be sent to
    excused_checks: set[str] = field(default_factory=set)  # of doctor, that may warn at the end
    undo: list[Callable[[], object]] = field(default_factory=list)

    @property
    def control(self) -> Control:
        return self.scene.control

    def afterwards(self, undo: Callable[[], object]) -> None:
        """Do this when all is over, the last one first."""
        self.undo.append(undo)

    def send(self, *words: str) -> Command:
        """Begin a send that takes a while."""
        return self.keep(self.scene.send(*self.words, *words))

    def midst(self, *words: str) -> Command:
        """Begin a send, and wait until it is well under way."""
        self.control.faults.order(SLOW)
        run = self.send(*words)
        assert run.wait_count("settled", self.random.randint(_EARLIEST, _LATEST)), run.told
        return run

    def command(self, *words: str, json: bool = True) -> Command:
        return self.keep(self.scene.command(*words, json=json))

    def attached(self, *words: str) -> Command:
        """Begin a command that connects, to this scene's server."""
        return self.command(*words, "--trust", str(self.scene.server.trust_file))

    def keep(self, command: Command) -> Command:
        self.commands.append(command)
        return command

    def ends(self, command: Command, *codes: ExitCode, hint: bool = False) -> Command:
        """See it end with one of these codes, and with a hint where one is due."""
        code = command.wait(self.patience)
        assert code in codes, f"exit {code}, not {[int(each) for each in codes]}: {command.told}"
        assert not hint or "hint:" in command.told, f"no hint: {command.told}"
        return command

    def goes_on(self, command: Command, more: int = 2) -> None:
        """See it settle more messages than it had."""
        had = len(command.named("settled"))
        assert command.wait_count("settled", had + more), command.told

    def processes(self, module: str) -> list[Process]:
        return [each for each in self.scene.processes() if module in each.command]

    def coordinator(self) -> Process:
        (found,) = (each for each in self.scene.processes() if each.is_coordinator)
        return found

    def strike(self, processes: Iterable[Process], number: signal.Signals) -> None:
        for each in processes:
            each.kill(number)

    def done(self) -> int:
        """How many are over, by the ledger itself."""
        tally = self.scene.tally()
        return tally.total - tally[State.PENDING] - tally[State.SENDING]
