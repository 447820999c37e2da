"""What a send, a sync and a pairing tell as they go: plain values; no I/O.

The operators' JSON has some of them, by name and field (cli/README.md); the others are for a
display, or for the program that listens.
"""

from dataclasses import dataclass

from waheal.errand_terms import ErrandQuestion, ErrandsImpossible, RunAskedToEnd
from waheal.findings import Caution, Preview
from waheal.model import (
    ChatHold,
    DeviceId,
    ErrandKind,
    ExitCode,
    Phone,
    Quarantine,
    ReplyKind,
    State,
)
from waheal.records import Device, Tally
from waheal.waits import Standstill

# The documented ones (cli/README.md): `send --json` prints these, and nothing else.


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run has claimed the home and knows its work.

    `errand`: what is done to the campaign's messages, which is kept under the name `under`; None
    where they are sent. `machine`: whose part it is of what several machines send; None for all.

    The rest, where it is given, is for the display: where everybody stands before this run, which
    of the `devices` can't send from the start, how long the set pace takes at best (seconds), and
    from when on it sends (Unix s).
    """

    campaign: str
    total: int
    pending: int
    devices: int
    tally: Tally | None = None
    out: tuple[Device, ...] = ()
    at_best: float | None = None
    begins: float | None = None
    errand: ErrandKind | None = None
    under: str | None = None
    machine: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """One attempt ended, in this state, on a machine, where several send the campaign.

    `before`, where it is given, is for the display: the state it ended from, if not sending.
    """

    phone: Phone
    device: DeviceId
    state: State
    attempt: int
    message_id: str | None
    reason: str | None
    before: State | None = None
    machine: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The recipient's phone confirmed a message, which was `before`, where the display needs it."""

    phone: Phone
    message_id: str
    state: State
    before: State | None = None


@dataclass(frozen=True, slots=True)
class Replied:
    """A recipient sent something back, to this device; what it says is told by no event."""

    phone: Phone
    device: DeviceId
    kind: ReplyKind


@dataclass(frozen=True, slots=True)
class DeviceHealed:
    """A device that was lost is connected again."""

    device: DeviceId
    seconds: float
    cause: str


@dataclass(frozen=True, slots=True)
class DeviceQuarantined:
    """A device is not used until `until` (Unix seconds), or until the operator acts (None).

    `after`: why it began no new chat when this came, or lately: a ban often follows such a lock.
    """

    device: DeviceId
    reason: Quarantine
    until: float | None
    after: ChatHold | None = None


@dataclass(frozen=True, slots=True)
class NewChatsHeld:
    """A device begins no new chat until `until` (Unix seconds); it goes on with those it has."""

    device: DeviceId
    reason: ChatHold
    until: float


@dataclass(frozen=True, slots=True)
class HostRestarted:
    """A host process ended and a new one took its place; `in_doubt` messages were in flight."""

    host: int
    cause: str
    in_doubt: int


@dataclass(frozen=True, slots=True)
class Paused:
    """Nothing is sent for now, or any more in this run: why, what ends it, and when (Unix s)."""

    reason: str
    until: float | None = None
    way_out: str | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """Sending goes on."""

    reason: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The last event of every run that started and was not killed.

    `stop`: why somebody is left; None where all is settled.
    """

    tally: Tally
    seconds: float
    exit_code: ExitCode
    stop: Standstill | None = None


# What another process can tell of it.


@dataclass(frozen=True, slots=True)
class Running:
    """A campaign's run that is under way: its process, since when (Unix s), how fast it goes.

    `lately`: its messages of the last minute. `ends`: when it is over at that rate (Unix s), None
    where there is no telling.
    """

    pid: int
    since: float
    lately: int
    ends: float | None


# For the display only.


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message was committed as "sending" and given to its device."""

    phone: Phone
    device: DeviceId


@dataclass(frozen=True, slots=True)
class NextAt:
    """Nothing is under way, and the pace lets the next message go at `moment` (Unix seconds).

    A wait that is long enough for a word is `Paused`.
    """

    moment: float


@dataclass(frozen=True, slots=True)
class DeviceHealing:
    """A device is being connected or healed."""

    device: DeviceId
    cause: str


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A recipient asked not to be written to again; the number is None where only the LID came."""

    phone: Phone | None
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
    | Replied
    | DeviceHealed
    | DeviceQuarantined
    | NewChatsHeld
    | HostRestarted
    | Paused
    | Resumed
    | RunFinished
    | Claimed
    | NextAt
    | DeviceHealing
    | OptedOut
    | Draining
    | Note
)
"""What a run tells."""


# Before a run begins.


@dataclass(frozen=True, slots=True)
class KeyLost:
    """The home's key is gone, and is made anew: what earlier runs left in doubt can't be told."""


@dataclass(frozen=True, slots=True)
class SandboxPairing:
    """So many devices are being paired with the embedded sandbox."""

    devices: int


@dataclass(frozen=True, slots=True)
class RowsRead:
    """So many more rows of the file were read; or, `merged`, of these brought into the ledger."""

    rows: int
    merged: bool = False


@dataclass(frozen=True, slots=True)
class BadRowsLeftOut:
    """So many rows have problems, and are left out as the operator said."""

    rows: int


@dataclass(frozen=True, slots=True)
class FileDoubted:
    """The file can be sent, but what it says to everybody may not be what was meant."""

    warnings: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class RowsSwallowed:
    """A quote swallows rows: what stands in them is not enrolled, and nobody expires for it."""


@dataclass(frozen=True, slots=True)
class HiddenLeftOut:
    """So many rows and sheets of a workbook are hidden, and are left out."""

    rows: int
    sheets: int


@dataclass(frozen=True, slots=True)
class TextChanged:
    """So many were written to with another text; this one reaches none of them."""

    campaign: str
    recipients: int


@dataclass(frozen=True, slots=True)
class SentBefore:
    """So many of a new campaign had the same message just now, most of them in that campaign."""

    campaign: str
    recipients: int


@dataclass(frozen=True, slots=True)
class HomeMoved:
    """The home was last used elsewhere: in another folder, or on another machine.

    `folder` is where, None where it is the same; `there` tells whether a home is there still.
    """

    folder: str | None
    machine: bool
    there: bool


@dataclass(frozen=True, slots=True)
class StartsAt:
    """By `--start` the run begins at this moment (Unix seconds); `gone`: at once, it is past."""

    at: float
    gone: bool = False


@dataclass(frozen=True, slots=True)
class EndsAt:
    """By `--until` the run ends at this moment (Unix seconds)."""

    at: float


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """Nobody is left to send to, since then (Unix seconds); `uncertain` wait for the operator."""

    campaign: str
    since: float
    uncertain: int


@dataclass(slots=True)
class Question:
    """May it begin? To so many real recipients, through so many devices.

    `out`: those of them that can't send now. `seconds`: what the set pace and hours take, at best;
    None where nothing sets one, or nobody can send. `first`: one of the messages. Whoever listens
    may say no before going on; to go on is to say yes.
    """

    recipients: int
    devices: int
    out: tuple[Device, ...] = ()
    seconds: float | None = None
    first: Preview | None = None
    declined: bool = False

    def decline(self) -> None:
        """Say no: nothing is sent."""
        self.declined = True


@dataclass(frozen=True, slots=True)
class Ordered:
    """The campaign is ordered of these machines, which share the ledger."""

    campaign: str
    machines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would be sent: where everybody would stand before the run, and the first texts."""

    campaign: str
    tally: Tally
    devices: int
    first: tuple[Preview, ...]


@dataclass(frozen=True, slots=True)
class EndUntold:
    """The last run, of this campaign, was killed: its `--on-end` did not run."""

    campaign: str


Preparing = (
    KeyLost
    | EndUntold
    | HomeMoved
    | StartsAt
    | EndsAt
    | TextChanged
    | SentBefore
    | SandboxPairing
    | RowsRead
    | BadRowsLeftOut
    | RowsSwallowed
    | FileDoubted
    | HiddenLeftOut
    | NothingToDo
    | Question
    | ErrandQuestion
    | RunAskedToEnd
    | ErrandsImpossible
    | Ordered
    | DryRun
)
"""What is told before a run begins."""


# After a run has ended.


@dataclass(frozen=True, slots=True)
class OnEndBegins:
    """The command of `--on-end` is run now; the home is free again."""


@dataclass(frozen=True, slots=True)
class OnEndFailed:
    """The command of `--on-end` failed, or was cut; that changes nothing of how the run ended."""

    problem: str


Afterwards = OnEndBegins | OnEndFailed
"""What is told after a run's end."""


# While a device is paired.


@dataclass(frozen=True, slots=True)
class PairedAlready:
    """This device is linked, and is left alone."""

    device: DeviceId


@dataclass(frozen=True, slots=True)
class QrShown:
    """The text of a QR code to scan; the next one replaces it after `lasts` seconds.

    The device is the `number`th of `total` that are being paired.
    """

    device: DeviceId
    code: str
    lasts: float = 20.0
    number: int = 1
    total: int = 1


@dataclass(frozen=True, slots=True)
class CodeShown:
    """Eight characters to type on the phone."""

    device: DeviceId
    code: str


@dataclass(frozen=True, slots=True)
class DevicePaired:
    """The device is linked; `jid` is its session, user:n@server.

    `salt`: its phone has sent its history, so that first messages carry the token that WhatsApp
    asks for; else they go bare.
    """

    device: DeviceId
    jid: str
    salt: bool


@dataclass(frozen=True, slots=True)
class PairingFailed:
    """The pairing ended without success, and with it those that were to follow.

    `hint`: what helps.
    """

    device: DeviceId
    reason: str
    hint: str


PairingEvent = PairedAlready | QrShown | CodeShown | DevicePaired | PairingFailed
"""What a pairing tells."""
