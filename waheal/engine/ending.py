"""Why a run ends, and the exit code that says so."""

from dataclasses import dataclass

from waheal.model import EXIT_PRECEDENCE, ExitCode, State
from waheal.records import Tally


@dataclass(slots=True)
class Ending:
    """What was seen of the run's end so far; several may hold."""

    interrupted: bool = False
    no_device: bool = False
    failure: ExitCode | None = None

    def exit_code(self, tally: Tally) -> ExitCode:
        """Tell the strongest of what holds."""
        left = tally[State.PENDING] + tally[State.SENDING] + tally[State.UNCERTAIN]
        holds = {
            ExitCode.INTERRUPTED: self.interrupted,
            ExitCode.NO_DEVICE: self.no_device and tally[State.PENDING] > 0,
            ExitCode.LEFT_OVER: left > 0,
            ExitCode.SOME_FAILED: tally[State.FAILED] > 0,
            ExitCode.OK: True,
        }
        codes = {code for code, held in holds.items() if held} | {self.failure}
        return next(code for code in EXIT_PRECEDENCE if code in codes)
