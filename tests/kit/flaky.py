"""A ledger on SQLite that is lost on command, as one on a server is, around a commit or in it."""

from enum import Enum, auto

from tests.kit.ledgers import file_of
from waheal.errors import LedgerLostError
from waheal.store.database import Parameters, Row
from waheal.store.ledger import Ledger


class Loss(Enum):
    """How the link is lost at a transaction."""

    AT_BEGIN = auto()
    BEFORE_COMMIT = auto()  # all that was done in it is taken back
    AT_COMMIT = auto()  # it is committed, and nobody hears of it


class Flaky:
    """Makes a ledger's link one that can be lost, once a run has hosts and is in its turns.

    `losses`: after so many transactions more, and how; each counts from the one before. `down`: so
    many tries to make it again fail.
    """

    def __init__(self, ledger: Ledger, *losses: tuple[int, Loss], down: float = 0) -> None:
        self._db = db = file_of(ledger)
        self.left = list(losses)
        self.down = down
        self.tries = 0
        self.lost = False
        self._armed = False
        self._committed = False
        self._begin, self._end, self._all = db.begin, db.end, db.all
        db.remote = True  # type: ignore[misc]  # of this one alone
        # A file's machine is its home, whose lock holds it.
        ledger.machines.take_epoch = lambda held=None: None  # type: ignore[method-assign]  # noqa: ARG005 - its name is the caller's
        for name in ("begin", "end", "all", "hurry", "relink"):
            setattr(db, name, getattr(self, name))

    def heal(self) -> None:
        """Lose it no more."""
        self.left, self.down = [], 0
        self.relink()

    def hurry(self, seconds: float) -> None:
        assert seconds > 0.0
        self._armed = True

    def relink(self) -> bool:
        self.tries += 1
        if self.down > 0:
            self.down -= 1
            raise gone()
        self.lost = False
        committed, self._committed = self._committed, False
        return committed

    def begin(self, *, turn: bool) -> None:
        self._see()
        if self._armed and self.left:
            (after, how), *rest = self.left
            self.left = [(after - 1, how), *rest]
        if self._due(Loss.AT_BEGIN):
            self._lose(committed=False)
        self._begin(turn=turn)

    def end(self, *, whole: bool) -> None:
        if not whole or self.lost:
            self._end(whole=False)
        elif self._due(Loss.BEFORE_COMMIT):
            self._end(whole=False)
            self._lose(committed=False)
        else:
            self._end(whole=True)
            if self._due(Loss.AT_COMMIT):
                self._lose(committed=True)

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        self._see()
        return self._all(sql, parameters)

    def _due(self, how: Loss) -> bool:
        return bool(self.left) and self.left[0][0] < 0 and self.left[0][1] is how

    def _lose(self, *, committed: bool) -> None:
        del self.left[0]
        self.lost, self._committed = True, committed
        raise gone()

    def _see(self) -> None:
        if self.lost:
            raise gone()


def gone() -> LedgerLostError:
    return LedgerLostError("postgresql://test can't be reached (cut)", hint="wait")
