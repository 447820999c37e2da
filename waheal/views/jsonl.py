"""Prints a run as the contract's JSON, one object a line; knows nothing of how people read."""

import json
from datetime import UTC, datetime
from typing import TextIO

from waheal.events import (
    DeviceHealed,
    DeviceQuarantined,
    Event,
    HostRestarted,
    Paused,
    Receipt,
    Resumed,
    RunFinished,
    RunStarted,
    Settled,
)
from waheal.model import State
from waheal.views.talk import Talk
from waheal.views.view import Clock, Closing

Value = str | int | float | None


def moment(at: float) -> str:
    """Write Unix seconds as ISO 8601 in UTC, to the millisecond, ending with Z."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


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
        words = fields(event)
        if words is None or self._out.lost:
            return
        name, values = words
        line = {"event": name, "at": moment(self._clock()), **values}
        # ASCII only: it is the same JSON in every locale's encoding.
        if not self._out.say(json.dumps(line, separators=(",", ":")) + "\n"):
            self._err.say(
                f"waheal: nothing more can be written to stdout ({self._out.lost}); "
                "the run goes on\nhint: `waheal status` tells where it stands\n"
            )

    def close(self) -> None:
        """Do nothing: every line has been flushed."""


def fields(  # noqa: PLR0911 - a case an event
    event: Event,
) -> tuple[str, dict[str, Value]] | None:
    """Name the event and its fields as the contract does; None for the display's own."""
    match event:
        case RunStarted(campaign, total, pending, devices):
            return "run_started", {
                "campaign": campaign,
                "total": total,
                "pending": pending,
                "devices": devices,
            }
        case Settled():
            return "settled", _settled(event)
        case Receipt(phone, message_id, state):
            return "receipt", {"phone": phone, "message_id": message_id, "state": state.value}
        case DeviceHealed(device, seconds, cause):
            return "device_healed", {
                "device": device,
                "seconds": round(seconds, 3),
                "cause": cause,
            }
        case DeviceQuarantined(device, reason, until):
            return "device_quarantined", {
                "device": device,
                "reason": reason.value,
                "until": None if until is None else moment(until),
            }
        case HostRestarted(host, cause, in_doubt):
            return "host_restarted", {"host": host, "cause": cause, "in_doubt": in_doubt}
        case Paused(reason):
            return "paused", {"reason": reason}
        case Resumed(reason):
            return "resumed", {"reason": reason}
        case RunFinished():
            return "run_finished", _finished(event)
        case _:
            return None


def _settled(event: Settled) -> dict[str, Value]:
    return {
        "phone": event.phone,
        "device": event.device,
        "state": event.state.value,
        "attempt": event.attempt,
        "message_id": event.message_id,
        "reason": event.reason,
    }


def _finished(event: RunFinished) -> dict[str, Value]:
    tally = event.tally
    return {
        "pending": tally[State.PENDING],
        "sent": tally[State.SENT],
        "delivered": tally[State.DELIVERED],
        "read": tally[State.READ],
        "failed": tally[State.FAILED],
        "suppressed": tally[State.SUPPRESSED],
        "expired": tally[State.EXPIRED],
        # A run that ended has nothing in flight; were it ever otherwise, it may have left.
        "uncertain": tally[State.UNCERTAIN] + tally[State.SENDING],
        "seconds": round(event.seconds, 3),
        "exit_code": int(event.exit_code),
    }
