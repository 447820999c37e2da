"""What the options of pace and hours ask for; knows no campaign."""

from typing import TYPE_CHECKING

from waheal.cli import words
from waheal.policy.pacing import Limits, parse_frequency, parse_rate, parse_total_rate

if TYPE_CHECKING:
    from waheal.policy.windows import Window


def limits(
    rate: list[str],
    daily: int | None,
    gap: str | None,
    jitter: str | None,
    rate_total: str | None,
    per_recipient: str | None,
) -> Limits:
    """Give the pace that the options ask for; none by default.

    Raises:
        UsageError: one of them can't be read.
    """
    asked = Limits(
        per_day=daily,
        gap=words.duration(gap, "--gap") if gap else 0.0,
        jitter=words.share(jitter, "--jitter") if jitter else 0.0,
        per_recipient=parse_frequency(per_recipient) if per_recipient else None,
    )
    for each in rate:
        asked = asked.combined(parse_rate(each))
    return asked.combined(parse_total_rate(rate_total)) if rate_total else asked


def window(hours: str | None, days: str | None) -> "Window | None":
    """Give the hours in which messages may go out, in the recipient's zone."""
    # It loads phonenumbers, which the list of devices has no use for.
    from waheal.policy.windows import window_of  # noqa: PLC0415

    return window_of(hours, days)
