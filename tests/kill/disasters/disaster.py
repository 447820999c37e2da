"""A disaster by its name, and the doubt that it may leave."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.kill.disasters.ordeal import Ordeal
from waheal.policy.doubt import ABSENT, NEVER
from waheal.records import Reason

RECEIPT = NEVER.reason.removeprefix("it ")
"""Of a message that was about to leave, or had left, when its sender was lost."""

CALL, BOOT, IDENTITY, STAMP, SEAL, RESTORED, ROW = (each.reason for each in ABSENT)
KNOWN = Reason.SENT_BEFORE.value
"""Of a message that the journal or the session database knows, and the ledger does not."""


@dataclass(frozen=True)
class Disaster:
    """What happens, and which reasons for doubt the store's tables have for it.

    `fault`: a command may end with 70 and say why, as where no host can be kept alive.
    """

    name: str
    befall: Callable[[Ordeal], None]
    doubt: tuple[str, ...] = ()
    fault: bool = False
