"""What befalls a crowd, drawn from a seed: which faults, whom, and when; does nothing.

A moment is a number of messages that have arrived at the server, so that a plan is the same one
however fast the machine is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle, islice
from random import Random

from tests.faults.cases import LOGIN, QUICK, SILENT, Case
from waheal.model import State
from waheal.sandbox.control import FaultKind, FaultOrder

# Shares of all messages, or of all devices.
_MET = 0.06  # meet a fault of the table
_SILENT = 0.002  # likewise, one that the library takes 75 s over
_STRUCK = 0.02  # are in mid-send when their device is struck
_LOGIN = 0.03  # can't log in, for a while or for good
_SLOW = 0.1  # take their time to log in
_LONGEST_LOGIN = 4.0  # seconds
_HOLE = 3.0  # seconds for which nothing passes
_CUT = (1.0, 3.0)  # seconds for which nobody reaches the server
_KILLS = (2, 2_000)  # so many at least, and one more for each so many messages
_CUTS = (1, 5_000)
_EARLIEST, _LATEST = 0.05, 0.85  # of the messages: between them kills and cuts fall
_LAST = 0.95  # likewise, the last strike at a device: some message must come after it


class Blow(StrEnum):
    """What strikes at a moment."""

    DROP = "connection dropped"
    REPLACED = "conflict: replaced"
    STREAM_ERROR = "stream error"
    LOGOUT = "logged out"
    HOLE = "black hole for a device"
    GONE = "server gone"
    DARK = "black hole for all"
    HOST = "a host killed"
    COORDINATOR = "the coordinator killed"
    ALL = "the coordinator and its hosts killed"

    @property
    def kills(self) -> bool:
        """Whether it is a SIGKILL."""
        return self in _KILLING

    @property
    def cuts(self) -> bool:
        """Whether it cuts all devices off."""
        return self in _CUTTING


_KILLING = (Blow.HOST, Blow.COORDINATOR, Blow.ALL)
_CUTTING = (Blow.GONE, Blow.DARK)
_AT_A_DEVICE = (Blow.DROP, Blow.DROP, Blow.REPLACED, Blow.STREAM_ERROR, Blow.HOLE)


@dataclass(frozen=True, slots=True)
class Strike:
    """A blow once so many messages have arrived: at the device of the last one, where it is at one.

    `code` of a stream error, `seconds` of a hole or a cut; `part` (0..1) picks one host of several.
    """

    after: int
    blow: Blow
    code: int = 0
    seconds: float = 0.0
    part: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it: recipients and devices by their places in the file and in the home."""

    met: Mapping[int, Case]
    logins: Mapping[int, FaultOrder]
    strikes: Sequence[Strike]


def ends(case: Case) -> bool:
    """Whether who meets it comes to an end within minutes: nobody has to wait for hours or a day.

    Nor is there an end to a promise where a chat is dropped: its device can't know it.
    """
    if not all(fault.kind.names_a_recipient for fault in case.faults):
        return False
    if any(fault.kind in _NEW_CHATS for fault in case.faults):
        return False
    for_ever = any(fault.count is None for fault in case.faults)
    return case.state is not State.PENDING or not for_ever


_NEW_CHATS = (FaultKind.NEW_CHAT_REFUSED, FaultKind.NEW_CHAT_DROPPED)


def draw(seed: int, *, devices: int, messages: int) -> Plan:
    """Draw a plan; the same one for the same three numbers."""
    random = Random(f"{seed} {devices} {messages}")  # noqa: S311 - to be repeated, no secret
    quick, silent = round(_MET * messages), round(_SILENT * messages)
    cases = [*_dealt(random, QUICK, quick), *_dealt(random, SILENT, silent)]
    met = dict(zip(random.sample(range(messages), len(cases)), cases, strict=True))
    strikes = sorted(_strikes(random, devices, messages), key=lambda strike: strike.after)
    return Plan(met, dict(_logins(random, devices)), strikes)


def _dealt(random: Random, table: Sequence[Case], count: int) -> Iterator[Case]:
    """Deal out the table's cases, each about as often as another."""
    cases = [case for case in table if ends(case)]
    random.shuffle(cases)
    return islice(cycle(cases), count)


def _logins(random: Random, devices: int) -> Iterator[tuple[int, FaultOrder]]:
    refused, slow = max(1, round(_LOGIN * devices)), round(_SLOW * devices)
    chosen = random.sample(range(devices), refused + slow)
    faults = (fault for case in cycle(LOGIN) for fault in case.faults)
    yield from zip(chosen[:refused], faults, strict=False)
    for device in chosen[refused:]:
        seconds = _LONGEST_LOGIN * random.random()
        yield device, FaultOrder(FaultKind.SLOW_LOGIN, seconds=seconds)


def _strikes(random: Random, devices: int, messages: int) -> Iterator[Strike]:
    struck, last = max(len(_AT_A_DEVICE), round(_STRUCK * messages)), round(_LAST * messages)
    for blow in islice(cycle(_AT_A_DEVICE), struck):
        code = random.choice((503, 515)) if blow is Blow.STREAM_ERROR else 0
        seconds = _HOLE if blow is Blow.HOLE else 0.0
        yield Strike(random.randrange(1, last), blow, code, seconds)
    for _ in range(max(1, round(_LOGIN * devices / 3))):
        yield Strike(random.randrange(1, last), Blow.LOGOUT)
    often = [
        *islice(cycle(_CUTTING), _count(_CUTS, messages)),
        *islice(cycle(_KILLING), _count(_KILLS, messages)),
    ]
    random.shuffle(often)
    part = (_LATEST - _EARLIEST) / len(often)
    for place, blow in enumerate(often):  # apart: five deaths of hosts in a minute end a run
        after = messages * (_EARLIEST + part * (place + random.random()))
        seconds = random.uniform(*_CUT) if blow.cuts else 0.0
        yield Strike(round(after), blow, seconds=seconds, part=random.random())


def _count(many: tuple[int, int], messages: int) -> int:
    least, each = many
    return least + messages // each
