"""What an earlier run left in doubt: settled by evidence before any device connects."""

from contextlib import closing
from pathlib import Path

from waheal.engine.inbound import Inbound
from waheal.engine.ports import PastLedger
from waheal.engine.reconciliation import Judged, Reconciler, boot_id
from waheal.engine.unwritten import Unwritten
from waheal.events import Event, Settled
from waheal.hearsay import Attempt
from waheal.identity import same_person
from waheal.model import Phone, State
from waheal.records import Confirmation, OwnMessage
from waheal.store.claim_journal import ClaimJournal
from waheal.store.home import Home
from waheal.store.session_writer import stamp
from waheal.store.sessions import STAMP, Sessions, stamp_number, user_of
from waheal.wire import InboundText

_ROWS = "foreign"  # marks: the session database's last row that was read, ...
_CLAIMS = "journal"  # ... and the claims in the journal
_WHY = "the run that sent it was killed"


def begin_a_run(ledger: PastLedger, database: Path) -> str:
    """Stamp the session database for a new run, and let the ledger know it; returns the stamp."""
    made = stamp(database)
    ledger.marks.set(ledger.marks.own(STAMP), stamp_number(made))
    return made


def tell_what_was_sent(ledger: PastLedger, sessions: Sessions, journal: ClaimJournal) -> None:
    """Let a ledger that went back know what was sent from here, all of it; others wait for that."""
    if ledger.machines.owes:
        with ledger.transaction():
            for mark in (_ROWS, _CLAIMS):
                ledger.marks.set(ledger.marks.own(mark), 0)
            _learn_rows(ledger, sessions)
            _learn_claims(ledger, journal)
            ledger.machines.has_told()


def learn_the_past(ledger: PastLedger, sessions: Sessions, journal: ClaimJournal) -> int:
    """Take in messages that an earlier ledger of this home made; returns how many were new.

    Only what came since the last look is read: a ledger that was kept knows all before. If the
    session database bears another stamp than that of the last run that the ledger knows of, one of
    the two was restored, and its row ids tell nothing: then it is read from the start.
    """
    with ledger.transaction():
        known = ledger.marks.kept(ledger.marks.own(_CLAIMS))
        rows, claims = _learn_rows(ledger, sessions), _learn_claims(ledger, journal)
        if known and claims:  # a ledger that others share forgot what they sent, too
            ledger.machines.went_back()
        return rows + claims


def _learn_rows(ledger: PastLedger, sessions: Sessions) -> int:
    same = ledger.marks.get(ledger.marks.own(STAMP)) == stamp_number(sessions.stamp())
    learned, mark, end = 0, -1, ledger.marks.get(ledger.marks.own(_ROWS)) if same else 0
    while end != mark:
        mark = end
        messages, end = sessions.messages_since(mark)
        learned += ledger.foreign.remember(messages)
    ledger.marks.set(ledger.marks.own(_ROWS), mark)
    return learned


def _learn_claims(ledger: PastLedger, journal: ClaimJournal) -> int:
    learned = 0
    for witnesses in journal.since(ledger.marks.get(ledger.marks.own(_CLAIMS))):
        learned += ledger.foreign.remember(OwnMessage(each) for each in witnesses)
    ledger.marks.set(ledger.marks.own(_CLAIMS), journal.count())
    return learned


def settle_killed_runs(
    home: Home, ledger: PastLedger, now: float, campaign: int | None = None
) -> list[Settled]:
    """Judge what killed runs left open, before anything else is done; needs the lock.

    Only `campaign`'s are returned.
    """
    with closing(Sessions(home.sessions_path)) as sessions:
        reconciler = Reconciler(sessions, home.logs, boot_id(home))
        unwritten = Unwritten(home)
        settled = settle_the_past(ledger, reconciler, unwritten, campaign, now)
        tell_what_was_sent(ledger, sessions, ClaimJournal(home.journal_path))
        return settled


def settle_the_past(
    ledger: PastLedger,
    reconciler: Reconciler,
    unwritten: Unwritten,
    campaign: int | None,
    now: float,
) -> list[Settled]:
    """Judge every attempt that a dead run left open; only `campaign`'s are returned.

    First comes what its hosts had said: it counts as if it were heard now. What somebody wrote to
    them waits for `hear_the_past`.

    Holding the home's lock proves that no process of an earlier run lives, so each call is over.
    Of a ledger that others share, the home's machine is taken first: its copy might be at work.
    What an earlier run already judged is left as it is: since then devices have connected, and
    rows that are absent now prove nothing.
    """
    if ledger.machines.mine:  # else nothing in it is this home's
        ledger.machines.take_epoch()
    settled: list[Settled] = []
    said = unwritten.read()
    with ledger.transaction():
        ledger.outcomes.receipts(
            [
                Confirmation(receipt.device, each, receipt.kind)
                for receipt in said.receipts
                for each in receipt.message_ids
            ],
            now,
        )
        ledger.outcomes.clear_running(now)
        untouched = reconciler.untouched()
        for doubt in ledger.doubts.open(State.SENDING):
            known = Attempt(doubt.origin.host_log, doubt.delivery, doubt.attempt)
            accepted, unsent = said.accepted.get(known), said.unsent.get(known)
            if accepted is None and unsent is not None:
                judged = Judged(State.PENDING, None, unsent)
            else:
                judged = reconciler.judge(doubt, _WHY, accepted=accepted, untouched=untouched)
            took = ledger.outcomes.settle(
                doubt.delivery,
                doubt.attempt,
                judged.state,
                now=now,
                message_id=judged.message_id,
                reason=judged.reason,
                due=now,
            )
            if took and doubt.campaign_id == campaign:
                settled.append(judged.settled(doubt))
    unwritten.leave(said.texts)
    return settled


def hear_the_past(
    ledger: PastLedger, unwritten: Unwritten, inbound: Inbound, now: float
) -> list[Event]:
    """Heed what people wrote to an earlier run that could not write it down any more."""
    told: list[Event] = []
    texts = unwritten.read().texts
    with ledger.transaction():
        for text in texts:
            told += inbound.text(text, now).events
    unwritten.clear()
    return told


def unheard(home: Home) -> bool:
    """Whether anything that people wrote to a dead run, or to one that lives, is not taken in."""
    return bool(Unwritten(home).read().texts)


def forget_unheard(home: Home, phone: Phone, lid: str | None) -> None:
    """Erase what a person wrote to a dead run; needs the lock, and that the past is settled."""
    person = same_person(phone)

    def theirs(text: InboundText) -> bool:
        by_number = text.phone is not None and same_person(text.phone) == person
        return by_number or f"{user_of(text.sender)}@lid" == lid

    unwritten = Unwritten(home)
    unwritten.leave([each for each in unwritten.read().texts if not theirs(each)])
