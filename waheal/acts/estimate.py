"""How long a campaign takes at the set pace and hours, at best; knows no device's history."""

from math import inf

from waheal.policy.chat_limits import ChatBudget
from waheal.policy.pacing import DAY, MINUTE, Limits, Rate
from waheal.policy.windows import MIDNIGHT, Window

_ALWAYS = Window()
_WEEK = 7


def seconds(
    recipients: int,
    devices: int,
    limits: Limits,
    window: Window | None = None,
    chats: ChatBudget | None = None,
) -> float | None:
    """Give the time that the limits alone ask for, from the window's opening; None without devices.

    Healing and the server's own time come on top. A rolling limit of N spreads them over its span,
    or with `burst` lets N go at once and then N in each of its spans; a day's are spread over the
    hours of the window, where it has an end, and begin at its opening. `chats`: every
    recipient is taken for a new chat, every device for one that was paired today.
    """
    if not devices:
        return None
    hours = window or _ALWAYS
    each = -(-recipients // devices)
    spread = not limits.burst
    spans = [_rolling(each, rate, hours, spread=spread) for rate in limits.device_rates]
    spans += [_rolling(recipients, rate, hours, spread=spread) for rate in limits.total_rates]
    gaps = (each - 1) * limits.gap * (1 + limits.jitter / 2) if each else 0.0
    begun = _beginning(each, chats or ChatBudget()) / _share(hours)
    return max([_within(gaps, hours), begun, *spans], default=0.0)


def _beginning(chats: int, budget: ChatBudget) -> float:
    """Tell how long a device takes to begin so many chats (seconds): whole days."""
    days, left = 0, chats
    while (most := budget.at(days * DAY)) is not None and left > most:
        left -= most
        days += 1
        if budget.grows_at(days * DAY) == inf:
            days += (left - 1) // (budget.at(days * DAY) or left)
            break
    return days * DAY


def _rolling(messages: int, rate: Rate, window: Window, *, spread: bool) -> float:
    count, span = rate
    after = max(0, messages - 1)
    if span < DAY:
        return _within(after * span / count if spread else after // count * span, window)
    spans, rest = divmod(after, count)
    opens = _opens(window)
    within = rest * opens / count if spread and opens < DAY else 0.0
    return spans * span / _share(window) + within


def _within(busy: float, window: Window) -> float:
    """Stretch so many seconds of sending to those of the clock, from an opening on."""
    opens = _opens(window)
    days, rest = divmod(busy, opens)
    return days * DAY / _share(window) + rest


def _opens(window: Window) -> float:
    """Tell for how many seconds a day it is open."""
    return (window.end - window.start) % MIDNIGHT * MINUTE or DAY


def _share(window: Window) -> float:
    return 1.0 if window.days is None else len(window.days) / _WEEK


def unlimited(limits: Limits) -> bool:
    """Whether nothing at all holds a device back."""
    return not (limits.device_rates or limits.total_rates or limits.gap)
