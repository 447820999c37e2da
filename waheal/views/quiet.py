"""Says nothing of a run but what its operator must know; knows no progress."""

from waheal.events import DeviceQuarantined, Event, RunFinished
from waheal.model import ExitCode
from waheal.views import words
from waheal.views.board import Board
from waheal.views.summary import summary
from waheal.views.talk import Talk
from waheal.views.view import Clock, Closing


class QuietView(Closing):
    """Devices that wait for the operator, and an end other than 0, on stderr."""

    def __init__(self, talk: Talk, *, clock: Clock) -> None:
        self._talk = talk
        self._clock = clock
        self._board = Board()

    def show(self, event: Event) -> None:
        """Take one event; mostly say nothing."""
        now = self._clock()
        self._board.take(event, now)
        match event:
            case DeviceQuarantined(device, reason, None):
                way = words.way_out(device, reason)
                self._talk.say(f"waheal: {device} is not used ({reason.value}): {way}\n")
            case RunFinished(exit_code=code) if code not in (ExitCode.OK, ExitCode.INTERRUPTED):
                self._talk.say("".join(f"{line}\n" for line in summary(self._board, event, now)))
            case _:
                pass

    def close(self) -> None:
        """Do nothing: every line has been said."""
