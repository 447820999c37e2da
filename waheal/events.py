"""What a run tells its views: the documented events, and a few more for the display."""

from dataclasses import dataclass

from waheal.model import DeviceId, ExitCode, Phone, Quarantine, State
from waheal.records import Tally

# The documented ones, by the operators' contract (cli/README.md): `send --json` prints these and
# nothing else.


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run has claimed the home and knows its work.

    `tally`, where it is given, is for the display: where everybody stands before this run.
    """

    campaign: str
    total: int
    pending: int
    devices: int
    tally: Tally | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """One attempt ended, in this state.

    `before`, where it is given, is for the display: the state it ended from, if not sending.
    """

    phone: Phone
    device: DeviceId
    state: State
    attempt: int
    message_id: str | None
    reason: str | None
    before: State | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The recipient's phone confirmed a message: delivered or read.

    `before`, where it is given, is for the display: the state it moved on from.
    """

    phone: Phone
    message_id: str
    state: State
    before: State | None = None


@dataclass(frozen=True, slots=True)
class DeviceHealed:
    """A device that was lost is connected again."""

    device: DeviceId
    seconds: float
    cause: str


@dataclass(frozen=True, slots=True)
class DeviceQuarantined:
    """A device is not used until `until` (Unix seconds), or until the operator acts (None)."""

    device: DeviceId
    reason: Quarantine
    until: float | None


@dataclass(frozen=True, slots=True)
class HostRestarted:
    """A host process ended and a new one took its place; `in_doubt` messages were in flight."""

    host: int
    cause: str
    in_doubt: int


@dataclass(frozen=True, slots=True)
class Paused:
    """Nothing is sent for now."""

    reason: str
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """Sending goes on."""

    reason: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The last event of every run that started and was not killed."""

    tally: Tally
    seconds: float
    exit_code: ExitCode


# For the display only.


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message was committed as "sending" and given to its device."""

    phone: Phone
    device: DeviceId


@dataclass(frozen=True, slots=True)
class DeviceHealing:
    """A device is being connected or healed."""

    device: DeviceId
    cause: str


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A recipient asked not to be written to again."""

    phone: Phone
    word: str


@dataclass(frozen=True, slots=True)
class Draining:
    """The run was asked to end; so many messages are still in flight."""

    in_flight: int
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth a line: said once, in words."""

    text: str


Event = (
    RunStarted
    | Settled
    | Receipt
    | DeviceHealed
    | DeviceQuarantined
    | HostRestarted
    | Paused
    | Resumed
    | RunFinished
    | Claimed
    | DeviceHealing
    | OptedOut
    | Draining
    | Note
)
