"""What a check is and what it looks at; knows no single check."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from waheal.findings import Result
from waheal.ledger_url import LedgerUrl
from waheal.records import Device
from waheal.store.home import Home
from waheal.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Probe:
    """What a child process that loaded the library told; `fault` where it could not."""

    library: str | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Situation:
    """What the checks look at. `now` is Unix seconds; `daily` the operator's limit a device.

    `described` gives each device with what the ledger does not know, such as its budget.

    `probe` starts the library in a child; `check_config` raises what is wrong with waheal.toml.
    `at`: the database that the ledger lies in, None for the home's own file.
    """

    root: Path
    now: float
    probe: Callable[[], Probe]
    check_config: Callable[[], None]
    daily: int | None = None
    described: Callable[[Ledger], Iterable[Device]] = lambda _ledger: ()
    at: LedgerUrl | None = None

    @property
    def home(self) -> Home:
        """The home, for a look inside.

        Raises: HomeUnusableError where it is another user's.
        """
        return Home.owned(self.root)


Look = Callable[[Situation], Result]
Mend = Callable[[Situation], str | None]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that can be wrong.

    `mend` puts it right under the home's lock and says what it did, None for nothing; a second
    call changes nothing.
    """

    id: str
    name: str
    explanation: str
    look: Look
    mend: Mend | None = None
