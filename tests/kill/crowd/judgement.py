"""Judges a crowd's campaign by what the phones have and the ledger says; pure.

The table of faults says what each may lead to, and the strikes say which attempts they fell upon.
What neither explains is wrong.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.faults.cases import Case
from tests.kill.crowd.plan import Blow, Strike
from tests.kill.disasters.disaster import IDENTITY, RECEIPT, SEAL
from tests.kill.harness import DOUBTED, disagreement
from waheal.model import Phone, State
from waheal.policy.doubt import LOG
from waheal.records import Recipient
from waheal.sandbox.control import FaultKind, InboxEntry
from waheal.sandbox.fault_orders import ON_MESSAGE


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, as the ledger keeps it. Times are Unix seconds."""

    phone: Phone
    number: int
    jid: str
    claimed: float
    ended: float | None
    outcome: State | None
    reason: str
    settled: bool  # in doubt when it ended, and settled since
    witness: str  # in hex digits
    host_log: str


@dataclass(frozen=True, slots=True)
class Struck:
    """A strike that fell: from when to when (Unix seconds), and at whose message."""

    strike: Strike
    began: float
    over: float
    jid: str = ""  # of the device, where it was at one
    phone: Phone | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is judged."""

    texts: Mapping[Phone, str]  # whom the campaign is for, and what they are to read
    rows: Sequence[Recipient]
    attempts: Sequence[Attempt]
    inbox: Sequence[InboxEntry]
    met: Mapping[Phone, Case]
    struck: Sequence[Struck]
    linked: Container[str]  # JIDs of devices that the server has not unlinked, for whatever reason
    unclean: Container[str]  # logs of hosts that tell of a row that could not be written


_UNSURE = frozenset(ON_MESSAGE) - {FaultKind.ACK_ERROR}
"""Faults after which nobody knows yet; where the message had arrived, its receipt tells.

So it is, for good, where a receipt ends the library's loop: it overtakes the ack, which is late.
"""


class Cause(StrEnum):
    """What explains a doubt."""

    TABLE = "a fault that the table has in doubt"
    DEVICE = "its device was struck in mid-send"
    CUT = "the network was cut"
    KILL = "a process was killed"


def judge(seen: Evidence) -> Iterator[str]:
    """Tell all that is wrong."""
    yield from _everybody_in(seen)
    yield from _once(seen)
    yield from _attributed(seen)
    yield from _doubted(seen)


def _everybody_in(seen: Evidence) -> Iterator[str]:
    """The ledger has each recipient once, in a state that their phone does not contradict."""
    rows = defaultdict[Phone, list[Recipient]](list)
    for row in seen.rows:
        rows[row.phone].append(row)
    yield from (f"{phone}: nobody asked for them" for phone in rows.keys() - seen.texts.keys())
    had = shown(seen)
    for phone in seen.texts:
        if len(rows[phone]) != 1:
            yield f"{phone}: {len(rows[phone])} rows in the ledger"
            continue
        yield from _standing(rows[phone][0], had[phone], seen.met.get(phone))


def _standing(row: Recipient, had: int, case: Case | None) -> Iterator[str]:
    word = f"{row.phone}: {row.state}, attempt {row.attempt} ({row.reason})"
    if row.unreadable and had == 0 and _asks_again(case):
        return  # too late for the library; the operator sends it once more
    if wrong := disagreement(row.state, had):
        yield f"{word}: {wrong}"
    if row.state is State.FAILED and (case is None or case.state is not State.FAILED):
        yield f"{word}: no fault of the table fails them"
    elif row.state is State.FAILED and case is not None and row.reason != case.reason:
        yield f"{word}: the table says {case.reason!r}"
    elif row.state in (State.SUPPRESSED, State.EXPIRED):
        yield f"{word}: nobody opted out, and nothing expires"


def _asks_again(case: Case | None) -> bool:
    return case is not None and any(f.kind is FaultKind.RETRY_INSTEAD for f in case.faults)


def shown(seen: Evidence) -> Counter[Phone]:
    """Count how often each phone was shown its own text."""
    found = Counter[Phone]()
    for entry in seen.inbox:
        phone = Phone(entry.phone)
        if entry.text == seen.texts.get(phone):
            found[phone] += entry.delivered
    return found


def _once(seen: Evidence) -> Iterator[str]:
    """Each phone has nobody else's text, and its own at most once."""
    for phone, times in shown(seen).items():
        if times > 1:
            yield f"{phone}: was shown its message {times} times"
    for entry in seen.inbox:
        if entry.delivered and entry.text != seen.texts.get(Phone(entry.phone)):
            yield f"{entry.phone}: was shown what is not theirs: {entry.text!r}"
        if entry.problem or entry.dropped:
            yield f"{entry.phone}: could not show it: {entry.problem or entry.dropped}"


def _attributed(seen: Evidence) -> Iterator[str]:
    """What a phone shows is an attempt's, by its witness, and none that never left."""
    known = {attempt.witness: attempt for attempt in seen.attempts}
    for entry in seen.inbox:
        if not entry.delivered:
            continue
        attempt = known.get(entry.message_secret or "")
        if attempt is None or (attempt.phone, attempt.jid) != (entry.phone, entry.device):
            yield f"{entry.phone}: has a message of {entry.device} that no attempt made"
        elif attempt.outcome in (State.PENDING, State.FAILED):
            yield f"{entry.phone}: attempt {attempt.number} was taken for unsent, and arrived"


def _doubted(seen: Evidence) -> Iterator[str]:
    """Every doubt has a cause, and a reason that the tables have for it."""
    for attempt, cause in causes(seen):
        if cause is None:
            word = f"{attempt.phone}: attempt {attempt.number} is in doubt ({attempt.reason})"
            yield f"{word}, and nothing that was done explains it"


def causes(seen: Evidence) -> Iterator[tuple[Attempt, Cause | None]]:
    """Give every attempt that was in doubt, with what explains that."""
    next_ones = _first_after(seen)
    for attempt in seen.attempts:
        if attempt.outcome is State.UNCERTAIN or attempt.ended is None:
            yield attempt, _cause(attempt, seen, next_ones)


def _first_after(seen: Evidence) -> set[tuple[Phone, int]]:
    """List the attempts that a strike at their device fell upon: the first that ended after it."""
    ended = defaultdict[str, list[Attempt]](list)
    for attempt in sorted(seen.attempts, key=lambda each: each.ended or 0.0):
        ended[attempt.jid].append(attempt)
    found = set[tuple[Phone, int]]()
    for struck in seen.struck:
        after = (each for each in ended[struck.jid] if (each.ended or 0.0) >= struck.began)
        if (first := next(after, None)) is not None:
            found.add((first.phone, first.number))
    return found


def _cause(attempt: Attempt, seen: Evidence, struck: set[tuple[Phone, int]]) -> Cause | None:
    if _by_the_table(attempt, seen.met.get(attempt.phone)):
        return Cause.TABLE
    overlapping = [each.strike.blow for each in seen.struck if _overlap(attempt, each)]
    if DOUBTED in attempt.reason:
        tails = _after_a_kill(attempt, seen, overlapping)
        fits = any(blow.kills for blow in overlapping) and _ends(attempt, *tails)
        return Cause.KILL if fits else None
    if (attempt.phone, attempt.number) in struck and _ends(attempt, RECEIPT, IDENTITY):
        return Cause.DEVICE
    if any(blow.cuts for blow in overlapping) and _ends(attempt, RECEIPT):
        return Cause.CUT
    return None


def _after_a_kill(attempt: Attempt, seen: Evidence, overlapping: Sequence[Blow]) -> Iterator[str]:
    """Give what may keep the evidence from telling."""
    yield RECEIPT
    if Blow.ALL in overlapping:
        yield SEAL
    if attempt.jid not in seen.linked:
        yield IDENTITY
    if attempt.host_log in seen.unclean:
        yield LOG.reason


def _by_the_table(attempt: Attempt, case: Case | None) -> bool:
    """Whether its fault leaves it in doubt, or did so until it was settled by evidence."""
    if case is None:
        return False
    if case.state is State.UNCERTAIN and attempt.reason in (case.reason, case.or_reason):
        return True
    kinds = {fault.kind for fault in case.faults}
    unsure = FaultKind.RECEIPT_TYPE in kinds or (attempt.settled and not kinds.isdisjoint(_UNSURE))
    return unsure and _ends(attempt, RECEIPT)


def _overlap(attempt: Attempt, struck: Struck) -> bool:
    ended = attempt.ended is None or attempt.ended >= struck.began
    return attempt.claimed <= struck.over and ended


def _ends(attempt: Attempt, *tails: str) -> bool:
    return attempt.reason.endswith(tails)
