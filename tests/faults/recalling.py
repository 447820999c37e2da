"""A campaign taken back or amended by a run of the rig, and what the phones make of it."""

from collections.abc import Mapping
from contextlib import suppress
from queue import Queue
from threading import Thread

from tests.kit.rig import CAMPAIGN, PATIENCE, Rig
from waheal.errand_terms import LIMITS
from waheal.model import ErrandKind, Phone
from waheal.records import Recipient
from waheal.sandbox.control import ControlError
from waheal.sandbox.json_fields import Row
from waheal.store.errands import Which


def errand(made: Rig, kind: ErrandKind = ErrandKind.RECALL, name: str = CAMPAIGN) -> str:
    """Make everything that the campaign sent an errand; the name that they go by."""
    parent = made.ledger.campaigns.find(name)
    assert parent is not None
    now = made.clock()
    opened = made.ledger.errands.open(parent, kind, None, now)
    made.ledger.errands.enrol(parent, opened, Which(), LIMITS[kind], now, texts="new")
    return opened.name


def rows_of(made: Rig, name: str) -> Mapping[Phone, Recipient]:
    """Give a campaign's rows."""
    campaign = made.ledger.campaigns.find(name)
    assert campaign is not None
    return {row.phone: row for row in made.ledger.recipients.rows(campaign.id)}


def revoked(made: Rig) -> dict[Phone, int]:
    """Count the revokes that each phone has read of what it was sent."""
    return {Phone(each.phone): each.revoked for each in made.control.phones.received()}


class Watch:
    """What a server tells its watchers, in a thread that ends with the server; pairs a device."""

    def __init__(self, made: Rig) -> None:
        self._made = made
        self._told = Queue[Row]()
        Thread(target=self._follow, daemon=True).start()
        while self._told.empty():  # whether it watches yet, only something that happens tells
            made.pair(1)

    def _follow(self) -> None:
        with suppress(OSError, ControlError):  # the server's end
            for row in self._made.control.watch():
                self._told.put(row)

    def until(self, event: str) -> list[Row]:
        """Tell everything up to the next event of that name."""
        seen = [self._told.get(timeout=PATIENCE)]
        while seen[-1]["event"] != event:
            seen.append(self._told.get(timeout=PATIENCE))
        return seen
