"""Two clocks: the ledger's, which all its machines go by, and this machine's, as its hosts do.

They are one, but where machines share a ledger and this one's clock is off. `ahead` is how many
seconds the ledger's is ahead of this machine's.
"""

from dataclasses import replace

from waheal.engine.hosts import Died, Heard
from waheal.wire import Answer, Offline, Send


def by_the_ledgers(message: Heard | Died, ahead: float) -> Heard | Died:
    """Tell what a host said by the ledger's clock; what WhatsApp said has WhatsApp's moments."""
    match message:
        case Heard(report=Answer(handed=float(moment)) as answer) if ahead:
            return replace(message, report=replace(answer, handed=moment + ahead))
        case Heard(report=Offline(until=float(moment)) as offline) if ahead:
            return replace(message, report=replace(offline, until=moment + ahead))
        case _:
            return message


def by_this_machines(send: Send, ahead: float) -> Send:
    """Let a host know by its own clock from when on a message must not leave."""
    if send.not_after is None or not ahead:
        return send
    return replace(send, not_after=send.not_after - ahead)
