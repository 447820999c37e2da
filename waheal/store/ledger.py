"""The ledger: parts that each keep one thing, over one database and in one transaction.

Knows nothing of hosts, pacing or screens, nor of the machine that it stands on: what only the
sending machine can judge it keeps as it was given (`records.Origin`).
"""

from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from waheal.errors import UsageError
from waheal.ledger_url import LedgerUrl
from waheal.store.campaigns import Campaigns
from waheal.store.chats import Chats
from waheal.store.database import Connection, News
from waheal.store.devices import Devices
from waheal.store.doubts import Doubts
from waheal.store.enrolment import Enrolment, queue_of
from waheal.store.errands import Errands
from waheal.store.foreign import Foreign
from waheal.store.history import History
from waheal.store.home import Home
from waheal.store.ledger_place import opened
from waheal.store.leftovers import Leftovers
from waheal.store.machines import Machines
from waheal.store.marks import Marks
from waheal.store.moves import Moves
from waheal.store.notes import Notes
from waheal.store.order_parts import OrderParts
from waheal.store.outcomes import Outcomes
from waheal.store.people import People
from waheal.store.recipients import Recipients
from waheal.store.replies import KeptReplies
from waheal.store.schedules import Schedules
from waheal.store.server_state import ServerState
from waheal.store.shares import Shares
from waheal.store.sightings import Sightings
from waheal.store.standing_orders import StandingOrders
from waheal.store.upkeep import Upkeep
from waheal.store.votes import Votes
from waheal.store.work import Work

WHATSAPP = "whatsapp"
"""What a home is bound to that is not a sandbox's."""

_TARGET = "target"


class Ledger:
    """Who is to get what, and what became of it: `deliveries` (now) and `attempts` (ever).

    Both move in one transaction. Safe to use from several threads: each call holds the ledger's
    lock for one transaction, and `transaction` groups calls of any parts in one.
    """

    def __init__(self, connection: Connection, home: Home) -> None:  # noqa: PLR0915 - a line a part
        self._db = connection
        self._home = home
        self.machines = Machines(connection, home)
        """Who shares it, and which of them this home is."""
        self.campaigns = Campaigns(connection)
        """Names, files, counts."""
        self.enrolment = Enrolment(connection)
        """How a file's rows become deliveries."""
        self.errands = Errands(connection)
        """What is to be done to messages that were sent."""
        self.recipients = Recipients(connection)
        """Every recipient of a campaign, as a stream."""
        self.work = Work(connection, cache(home.key))  # else one that is lost is made anew unseen
        """What is due, and the claim."""
        self.outcomes = Outcomes(connection)
        """How attempts end: answers, verdicts, receipts."""
        self.doubts = Doubts(connection)
        """Attempts that are not settled, with their evidence."""
        self.leftovers = Leftovers(connection)
        """The operator's word on what is left over."""
        self.history = History(connection)
        """What was claimed when, for limits that hold over runs."""
        self.chats = Chats(connection)
        """Which chats are new, were begun or refused."""
        self.devices = Devices(connection)
        """Labels, logins' ids, quarantine."""
        self.moves = Moves(connection)
        """Devices that go from one machine to another."""
        self.server = ServerState(connection)
        """The server that it lies on, for doctor."""
        self.shares = Shares(connection)
        """What each machine has of it."""
        self.orders = StandingOrders(connection)
        """What is to be sent by several machines."""
        self.parts = OrderParts(connection)
        """How far each is with it."""
        self.schedules = Schedules(connection)
        """When which campaign is to be sent by them."""
        self.sightings = Sightings(connection)
        """How attempts end, as it comes."""
        self.replies = KeptReplies(connection)
        """Who replied, to what, and when."""
        self.votes = Votes(connection)
        """What recipients voted."""
        self.people = People(connection)
        """Opt-outs, and forgetting."""
        self.foreign = Foreign(connection)
        """Witnesses that an earlier ledger must have made."""
        self.marks = Marks(connection)
        """Small numbers that outlive a run."""
        self.notes = Notes(connection)
        """Short texts that outlive a run."""
        self.upkeep = Upkeep(connection)
        """The file itself, for doctor."""
        self._whole: bool | None = None  # what was lost, where it could not be told yet
        self._seen = connection.engine.writes_by_others()  # guarded by the connection's lock

    @classmethod
    def open(
        cls,
        home: Home,
        *,
        at: str | Path | LedgerUrl | None = None,
        readonly: bool = False,
        make: bool = True,
    ) -> "Ledger":
        """Open a ledger, bringing it to this version: the home's own, or the one `at` a place.

        `readonly`: writes nothing but the migrations; a home without a ledger has an empty one.
        `make`: where a database on a server has none, make it.
        Raises: HomeUnusableError where it is newer, corrupt, locked, read-only, or the disk is
        full. UsageError where `at` is no place for a ledger.
        """
        place = home.ledger_path if at is None else at
        connection = opened(place, readonly=readonly, make=make)
        try:
            return cls(connection, home)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Close it; of a file, the last one to do so folds the WAL into it."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Group calls in one commit, under the ledger's lock; inner ones join the outer.

        An exception rolls all of them back. Inside, nothing waits for a host, a network or a
        person; evidence may be read, and the campaign file that is being enrolled.
        """
        return self._db.transaction()

    def enrolling(self, name: str, *, rehearsal: bool = False) -> AbstractContextManager[None]:
        """Group what enrols a campaign of this name; who enrols the same one waits for its end.

        In a file it is one commit. Where machines share the ledger it is several, beside turns. A
        `rehearsal` ends with an exception, which takes all of it back.
        """
        return self._db.engine.queue(queue_of(name), rehearsal=rehearsal)

    def turn(self) -> AbstractContextManager[None]:
        """Do the same for a run's turn, which other machines' turns go beside.

        What is read for a claim, an ending or a receipt holds until the end; of anything else only
        what this machine alone writes.
        """
        return self._db.transaction(turn=True)

    @property
    def remote(self) -> bool:
        """Whether the way to it may be lost: then any call raises LedgerLostError."""
        return self._db.remote

    @property
    def ahead(self) -> float:
        """By how many seconds its clock is ahead of this machine's, as far as that matters."""
        return self._db.ahead

    def now(self, own: float | None = None) -> float:
        """Tell the time (Unix s) by its clock, as all do that share it.

        `own`: what this machine's clock says, if that is known.
        """
        return self._db.now() if own is None else own + self._db.ahead

    def hurry(self, seconds: float) -> None:
        """Take the way to it for lost where it does not answer in so many seconds."""
        self._db.hurry(seconds)

    def relink(self) -> bool:
        """Connect anew after a LedgerLostError; `changed` tells then that others have written.

        Tells whether the transaction that was lost with the link is committed: that is sure by
        then. Who held this home's machine holds it again.
        Raises: LedgerLostError: it can't be reached yet. HomeBusyError: another has taken it.
        """
        whole = self._db.relink()
        if self._whole is None:  # else what was lost since is the taking of the machine
            self._whole = whole
        elif whole and self._db.fence is not None:  # it was taken, and nobody heard of it
            self._db.fence = replace(self._db.fence, epoch=self._db.fence.epoch + 1)
        if (fence := self._db.fence) is not None:
            try:
                self.machines.take_epoch(fence)
            except BaseException:
                self._db.fence = fence  # for the next time
                raise
        whole, self._whole = self._whole, None
        return whole

    def changed(self) -> frozenset[News]:
        """Tell what other processes have changed since the last call, as far as it is known."""
        with self._db.lock:
            before, self._seen = self._seen, self._db.engine.writes_by_others()
            return frozenset() if before == self._seen else self._db.engine.news()

    def bind(self, target: str) -> None:
        """Bind the home to what it is first used with: "whatsapp", or a sandbox's noise root.

        Raises: UsageError (2) where it belongs to another.
        """
        with self._db.transaction():
            self.see_it_may(target)
            if self.bound() is None:
                self._db.run("INSERT INTO meta (key, value) VALUES (?, ?)", (_TARGET, target))

    def see_it_may(self, target: str) -> None:
        """Let the home be used with what it is bound to, or with anything before its first use.

        Raises: UsageError (2) where it belongs to another.
        """
        if (bound := self.bound()) is not None and bound != target:
            shared = self._db.remote
            it = f"the ledger {self._db.name}" if shared else f"the home {self._home.root}"
            raise UsageError(
                f"{it} belongs to {_named(bound)}, and can't be used with {_named(target)}",
                hint=f"name another one with {'--ledger URL' if shared else '--home DIR'}",
            )

    def bound(self) -> str | None:
        """Tell what the home belongs to; None before its first use."""
        rows = self._db.all("SELECT value FROM meta WHERE key = ?", (_TARGET,))
        return str(rows[0][0]) if rows else None


def _named(target: str) -> str:
    return "WhatsApp" if target == WHATSAPP else f"the sandbox {target[:12]}…"
