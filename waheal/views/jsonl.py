"""Prints a run as JSON, one object a line; knows nothing of how people read."""

import json
from typing import TextIO

from waheal.documents import event_fields, moment
from waheal.events import Event
from waheal.views.talk import Talk
from waheal.views.view import Clock, Closing


class JsonlView(Closing):
    """The documented events on stdout and nothing else, flushed line by line.

    When nobody reads any more the run goes on, and stderr says so once.
    """

    def __init__(self, stream: TextIO, *, clock: Clock, stderr: TextIO) -> None:
        self._out = Talk(stream)
        self._err = Talk(stderr)
        self._clock = clock

    def show(self, event: Event) -> None:
        """Print a documented event; any other prints nothing."""
        told = event_fields(event)
        if told is None or self._out.lost:
            return
        name, fields = told
        line = {"event": name, "at": moment(self._clock()), **fields}
        # ASCII only: it is the same JSON in every locale's encoding.
        if not self._out.say(json.dumps(line, separators=(",", ":")) + "\n"):
            self._err.say(
                f"waheal: nothing more can be written to stdout ({self._out.lost}); "
                "the run goes on\nhint: `waheal status` tells where it stands\n"
            )

    def close(self) -> None:
        """Do nothing: every line has been flushed."""
