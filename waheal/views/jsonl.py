"""Prints a run as JSON, one object a line; knows nothing of how people read."""

import json
from typing import TextIO

from waheal.documents import moment, run_fields
from waheal.events import Event, RunFinished, RunStarted
from waheal.model import ErrandKind
from waheal.views import words
from waheal.views.talk import Talk
from waheal.views.view import Clock, Closing

HINT = "hint: `waheal status` tells where it stands\n"


class JsonlView(Closing):
    """The documented events on stdout and nothing else, line by line.

    A reader that stalls or goes away stops nothing: the run goes on, and stderr says what it
    missed. The last event is left for it in any case.
    """

    def __init__(self, stream: TextIO, *, clock: Clock, talk: Talk) -> None:
        self._out = Talk(stream)
        self._talk = talk
        self._clock = clock
        self._missed = 0  # events of the piece that is being left out
        self._gone = False  # nobody reads any more, and that has been told
        self._closed = False
        self._errand: ErrandKind | None = None

    def show(self, event: Event) -> None:
        """Print a documented event; any other prints nothing."""
        if isinstance(event, RunStarted):
            self._errand = event.errand
        told = run_fields(event, self._errand)
        if told is None or self._gone:
            return
        name, fields = told
        line = {"event": name, "at": moment(self._clock()), **fields}
        # ASCII only: it is the same JSON in every locale's encoding.
        text = json.dumps(line, separators=(",", ":")) + "\n"
        if self._out.say(text, always=isinstance(event, RunFinished)):
            self._tell_missed()
        else:
            self._missed += 1
            self._tell_gone()

    def close(self) -> None:
        """Wait while somebody reads, and tell what nobody has read."""
        if self._closed:
            return
        self._closed = True
        whole = self._out.close()
        self._tell_missed()
        self._tell_gone()
        if not whole and not self._gone:
            self._talk.say(f"waheal: nobody reads stdout; its last events are left out\n{HINT}")

    def _tell_missed(self) -> None:
        """Once it is read again, tell what was left out meanwhile."""
        if self._missed and not self._out.lost:
            many = words.count(self._missed, "event")
            self._talk.say(f"waheal: nobody read stdout for a while; {many} left out\n{HINT}")
            self._missed = 0

    def _tell_gone(self) -> None:
        if self._out.lost and not self._gone:
            self._gone = True
            self._talk.say(
                f"waheal: nothing more can be written to stdout ({self._out.lost}); "
                f"the run goes on\n{HINT}"
            )
