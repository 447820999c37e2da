"""The end of a linked device, whoever ends it: the phone, the client or a fault."""

from dataclasses import dataclass

from waheal.sandbox.mail import Mail
from waheal.sandbox.registry import Companion, Registry
from waheal.sandbox.switchboard import Switchboard


@dataclass(frozen=True, slots=True)
class Unlinking:
    """Whoever forgets devices."""

    board: Switchboard
    registry: Registry
    mail: Mail

    def unlink(self, companion: Companion) -> None:
        """Forget a device: its next login is refused."""
        self.mail.forget(companion)
        self.registry.remove(companion)
        self.board.happened("logged-out", {"device": str(companion.jid)})
