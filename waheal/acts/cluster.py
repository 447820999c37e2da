"""Several machines with one ledger: makes it; knows no campaign."""

from dataclasses import dataclass

from waheal.acts.workspace import Workspace
from waheal.errors import UsageError
from waheal.ledger_url import LedgerUrl
from waheal.store.ledger_place import set_up


@dataclass(frozen=True, slots=True)
class LedgerMade:
    """A ledger that is ready for machines to join. `new`: there was none before."""

    at: LedgerUrl
    new: bool


def initialise(workspace: Workspace) -> LedgerMade:
    """Make the ledger, or bring it to this version.

    Raises:
        UsageError: none is named.
        HomeUnusableError: it can't be made there.
    """
    at = shared(workspace)
    return LedgerMade(at, set_up(at))


def shared(workspace: Workspace) -> LedgerUrl:
    """Tell where the ledger is that machines share.

    Raises:
        UsageError: none is named.
    """
    if workspace.at is None:
        raise UsageError(
            "no ledger is named that machines could share",
            hint="name its database by --ledger, by WAHEAL_LEDGER, or as ledger in waheal.toml:"
            " postgresql://USER@HOST/DATABASE",
        )
    return workspace.at
