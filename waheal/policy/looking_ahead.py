"""How many recipients a device is dealt at a time, so that they are looked up together; pure.

WhatsApp is asked for a batch what each send would ask by itself. So nobody is asked for who is not
about to be written to, and no device asks for more than it may write to: within a minute by its
pace, and one by one where new chats are counted or a run ends after so many.
"""

from waheal.policy.chat_limits import ChatBudget
from waheal.policy.pacing import MINUTE, Limits

MOST = 50
"""So many in one question: what was tried; the library sets no bound."""

_HORIZON = MINUTE


def most_ahead(limits: Limits, chats: ChatBudget, *, limit: int | None, devices: int) -> int:
    """Give how many recipients a device may be dealt at once; at least one.

    `limit` is the run's own, of all `devices` together.
    """
    if chats != ChatBudget():
        return 1
    bounds = [float(MOST)]
    bounds += [count * _HORIZON / seconds for count, seconds in limits.device_rates]
    bounds += [
        count * _HORIZON / seconds / max(1, devices) for count, seconds in limits.total_rates
    ]
    if limits.gap:
        bounds.append(_HORIZON / limits.gap)
    if limit is not None:
        bounds.append(limit / max(1, devices))
    return max(1, int(min(bounds)))
