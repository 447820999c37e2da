"""What an earlier run left in doubt: settled by evidence before any device connects."""

from contextlib import closing

from waheal.engine.ports import PastLedger
from waheal.engine.reconciliation import Reconciler, boot_id
from waheal.events import Settled
from waheal.model import State
from waheal.store.home import Home
from waheal.store.sessions import Sessions

_WHY = "the run that sent it was killed"


def learn_the_past(ledger: PastLedger, sessions: Sessions) -> int:
    """Take in messages that an earlier ledger of this home sent; returns how many were new.

    Only rows since the last look are read: a ledger that was kept knows them all.
    """
    messages, mark = sessions.messages_since(ledger.foreign.mark())
    return ledger.foreign.remember(messages, mark)


def settle_killed_runs(home: Home, ledger: PastLedger, now: float) -> None:
    """Judge what killed runs left open, for a command that connects nobody; needs the lock."""
    with closing(Sessions(home.sessions_path)) as sessions:
        reconciler = Reconciler(sessions, home.logs, boot_id())
        settle_the_past(ledger, reconciler, None, now)


def settle_the_past(
    ledger: PastLedger, reconciler: Reconciler, campaign: int | None, now: float
) -> list[Settled]:
    """Judge every attempt that a dead run left open; only `campaign`'s are returned.

    Holding the home's lock proves that no process of an earlier run lives, so each call is over.
    What an earlier run already judged is left as it is: since then devices have connected, and
    rows that are absent now prove nothing.
    """
    settled: list[Settled] = []
    with ledger.transaction():
        ledger.outcomes.clear_running()
        for doubt in ledger.doubts.open(State.SENDING):
            judged = reconciler.judge(doubt, _WHY)
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
    return settled
