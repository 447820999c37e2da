"""What became of an attempt that nobody can vouch for, by evidence alone; reads no database.

Theory of operation. The library commits two rows to the session database before a stanza leaves:
the Signal session with the recipient, then the attempt's own witness (its `messageSecret`) with
the message id. A row that is there proves how far the attempt came. A row that is absent proves
something only while nothing else can explain its absence; those are the conditions:

| witness | session | verdict                                                          |
|---------|---------|------------------------------------------------------------------|
| any     | none    | nothing left, under every condition                              |
| none    | there   | nothing left, under every condition                              |
| there   | there   | the id is known; it waits for a receipt                          |

While the coordinator lives it looks as soon as a host is reaped. Each run stamps the session
database before its hosts live, and each attempt names the stamp: a copy from before the run that
was put in the file's place has another one; the device's last accepted witness vouches for the
file within the run. After a run that was killed it may be long until somebody looks; then the seal
must be whole that was set when its last host had ended: see `waheal/seal.py`.

The session stands under the recipient's LID, which the library keeps in the same database. Where it
could not write that row, the session is there and not found; so the log is asked about either row.
A look-up ahead of a claim writes LIDs only, and so makes no row that is judged here; a witness that
is there names the LID that its message was for.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one attempt, its rows read together before the device connects again.

    `call_over`: the call has returned, or its process is reaped. `same_boot`: the machine has not
    restarted since the claim, and the home is no copy of the one that claimed. `stamp_same`: the
    database has the stamp of the run that claimed.
    `identity_same`: the device's row is there, with the identity key
    that it had at the claim. `untouched`: nobody wrote the database between the end of that run's
    hosts and this look. `last_witness_there`: of that device's last accepted attempt; None
    where it has none. `log_clean`: the host's log is there and tells of no lost row.
    `message_id`: the witness's, or else None. `signal_session`: with the recipient, under either
    of their addresses. `accepted`: the library said ok, and `message_id` is what it said.
    """

    call_over: bool
    same_boot: bool
    stamp_same: bool
    identity_same: bool
    untouched: bool
    last_witness_there: bool | None
    log_clean: bool
    message_id: str | None
    signal_session: bool
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class NothingLeft:
    """It surely never left: it may be sent again."""


@dataclass(frozen=True, slots=True)
class KnownId:
    """It may have left under this id; a receipt for it would tell.

    Of an accepted attempt: the ok stands, it was sent under this id.
    """

    message_id: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """It may have left; `reason` says what keeps the evidence from telling."""

    reason: str


Verdict = NothingLeft | KnownId | Undecided


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold for an absent row to prove something; `reason` tells that it does not."""

    holds: Callable[[Evidence], bool]
    reason: str


LOG = Condition(lambda seen: seen.log_clean, "the host's log is missing, or tells of a lost row")
"""The insert of a witness, or of a LID, may fail with no more than a line in the log."""

ABSENT = (
    Condition(lambda seen: seen.call_over, "its call has not returned"),
    Condition(lambda seen: seen.same_boot, "the machine has restarted, or the home is a copy"),
    Condition(lambda seen: seen.identity_same, "the device's session is gone or another"),
    Condition(lambda seen: seen.stamp_same, "the session database is not the one of that run"),
    Condition(
        lambda seen: seen.untouched,
        "the session database was written since the run that was killed",
    ),
    Condition(
        lambda seen: seen.last_witness_there is not False,
        "the session database was restored, replaced or logged out",
    ),
    LOG,
)
"""What an absent row needs in order to prove something."""

NEVER = Condition(lambda _: False, "it waits for a receipt")
"""Never holds: with both rows there, it was about to leave at the least."""

TABLE: dict[tuple[bool, bool], tuple[Condition, ...]] = {
    (False, False): ABSENT,
    (True, False): ABSENT,
    (False, True): ABSENT,
    (True, True): (NEVER,),
}
"""(witness there, Signal session there) to what must hold for it to be surely unsent."""


def verdict(seen: Evidence) -> Verdict:
    """Judge an attempt by the table.

    What the library accepted never left if no Signal session was made; with one, its ok stands,
    whatever else is missing.
    """
    if seen.accepted and seen.signal_session:
        return _known(seen, "the library accepted it")
    unmet = [
        condition.reason
        for condition in TABLE[seen.message_id is not None, seen.signal_session]
        if not condition.holds(seen)
    ]
    if not unmet:
        return NothingLeft()
    return Undecided(unmet[0]) if seen.accepted else _known(seen, unmet[0])


def _known(seen: Evidence, reason: str) -> Verdict:
    return Undecided(reason) if seen.message_id is None else KnownId(seen.message_id)
