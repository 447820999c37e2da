"""Takes the home's lock for a command that is no run; settles first what a killed run left."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from waheal.acts.workspace import Workspace
from waheal.engine.past import settle_killed_runs
from waheal.errors import HomeBusyError
from waheal.model import State
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock


@dataclass(frozen=True, slots=True)
class Held:
    """A home that nobody else uses meanwhile."""

    home: Home
    lock: HomeLock
    ledger: Ledger


def settle_unless_held(home: Home, ledger: Ledger, what: str) -> None:
    """Settle what a killed run left, for a command that may also work beside a living one.

    The lock is taken only where something is in flight, so that nobody else is kept from it.
    """
    if ledger.doubts.open(State.SENDING):
        with suppress(HomeBusyError), HomeLock.acquire(home, what=what):
            try:
                settle_killed_runs(home, ledger, ledger.now())
            finally:
                ledger.machines.let_go()


@contextmanager
def held(workspace: Workspace, what: str) -> Iterator[Held]:
    """Hold the home for the command `what`.

    What a killed run left in doubt is settled before anything can touch its evidence.
    Raises: HomeBusyError: a run holds it. HomeUnusableError: it can't be used.
    """
    home = workspace.home()
    with HomeLock.acquire(home, what=what) as lock, workspace.ledger(home) as ledger:
        settle_killed_runs(home, ledger, ledger.now())
        yield Held(home, lock, ledger)
