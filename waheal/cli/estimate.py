"""How long a campaign takes at the set pace, at best; knows no device's history."""

from waheal.policy.pacing import Limits


def seconds(recipients: int, devices: int, limits: Limits) -> float | None:
    """Give the time that the limits alone ask for; None without devices.

    Windows, healing and the server's own time come on top. A rolling limit of N lets N go at
    once and then N in each of its spans.
    """
    if not devices:
        return None
    each = -(-recipients // devices)
    spans = [_rolling(each, *rate) for rate in limits.device_rates]
    spans += [_rolling(recipients, *rate) for rate in limits.total_rates]
    gaps = (each - 1) * limits.gap * (1 + limits.jitter / 2) if each else 0.0
    return max([gaps, *spans], default=0.0)


def _rolling(messages: int, count: int, span: float) -> float:
    return max(0, (messages - 1) // count) * span


def unlimited(limits: Limits) -> bool:
    """Whether nothing at all holds a device back."""
    return not (limits.device_rates or limits.total_rates or limits.gap)
