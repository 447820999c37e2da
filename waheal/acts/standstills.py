"""Keeps why a campaign's run stopped before it was done, for whoever asks later; judges nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from waheal.errors import LedgerLostError
from waheal.events import Event, Paused, Resumed, RunFinished, RunStarted
from waheal.records import (
    Campaign,
)
from waheal.store.ledger import Ledger
from waheal.waits import Standstill


def note_stop(ledger: Ledger, campaign: Campaign, event: Event) -> None:
    """Keep what an event says of a stop: a pause does, a beginning or a resumption forgets it.

    So does an end in mid-wait, as where the operator asks for it.
    """
    with not_while_lost(event):
        _note_stop(ledger, campaign, event)


def _note_stop(ledger: Ledger, campaign: Campaign, event: Event) -> None:
    match event:
        case Paused(reason, until, way_out):
            ledger.notes.set(_key(campaign), json.dumps([reason, way_out, until]))
        case RunStarted() | Resumed():
            ledger.notes.set(_key(campaign), None)
        case RunFinished() if (stop := stop_of(ledger, campaign)) is not None and stop.is_wait:
            ledger.notes.set(_key(campaign), None)
        case _:
            pass


@contextmanager
def not_while_lost(event: Event) -> Iterator[None]:
    """Do without what is noted in the block of a run's event, where the ledger is lost just now.

    The run itself tells it, and waits; before its first word it has nothing to lose.
    """
    try:
        yield
    except LedgerLostError:
        if isinstance(event, RunStarted):
            raise


def stop_of(ledger: Ledger, campaign: Campaign) -> Standstill | None:
    """Give why the campaign's last run stopped; None where it did not, or goes on."""
    kept = ledger.notes.get(_key(campaign))
    if kept is None:
        return None
    reason, way_out, until = json.loads(kept)
    return Standstill(reason, way_out, until)


def _key(campaign: Campaign) -> str:
    return f"stopped {campaign.id}"
