"""What an operator may ask of a run whatever it sends, as they write it; knows no file.

`20/min`, `2h`, `20%`: see `orders.py`. By itself, since the lists that scripts ask for often need
no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from waheal.acts import parsing
from waheal.acts.parsing import AUTO
from waheal.errors import UsageError
from waheal.model import Labels
from waheal.policy.chat_limits import ChatBudget, parse_new_chats, parse_ramp
from waheal.policy.pacing import Limits, parse_frequency, parse_rate, parse_total_rate
from waheal.sizing import Sizes, sizes, this_machine
from waheal.wire import HostSettings

if TYPE_CHECKING:
    from waheal.policy.optout import Words
    from waheal.policy.windows import Window

T = TypeVar("T")


def _read(text: str | None, read: Callable[[str], T]) -> T | None:
    return None if text is None else read(text)


@dataclass(frozen=True, slots=True)
class Pacing:
    """How fast and when; none by default."""

    rate: Sequence[str] = ()
    daily: int | None = None
    new_chats: str | None = None
    ramp: str | None = None
    gap: str | None = None
    jitter: str | None = None
    rate_total: str | None = None
    per_recipient: str | None = None
    window: str | None = None
    days: str | None = None
    expires: str | None = None
    burst: bool = False

    def limits(self) -> Limits:
        """Give the pace that is asked for."""
        # What is given and empty is refused, too: it must not stand for no limit.
        asked = Limits(
            per_day=self.daily,
            gap=0.0 if self.gap is None else parsing.duration(self.gap, "--gap"),
            jitter=0.0 if self.jitter is None else parsing.share(self.jitter, "--jitter"),
            per_recipient=_read(self.per_recipient, parse_frequency),
            burst=self.burst,
        )
        for each in self.rate:
            asked = asked.combined(parse_rate(each))
        total = _read(self.rate_total, parse_total_rate)
        return asked if total is None else asked.combined(total)

    def chats(self) -> ChatBudget:
        """Give how many chats a device may begin."""
        return ChatBudget(_read(self.new_chats, parse_new_chats), _read(self.ramp, parse_ramp))

    def hours(self) -> "Window | None":
        """Give the hours in which messages may go out, in the recipient's zone."""
        # It loads phonenumbers, which the list of devices has no use for.
        from waheal.policy.windows import window_of  # noqa: PLC0415

        return window_of(self.window, self.days)

    def expiry(self) -> float | None:
        """Give the moment after which nothing is sent (Unix s); a day is over at its end."""
        if self.expires is None:
            return None
        from waheal.campaign.dates import NotADateError, parse_date  # noqa: PLC0415 - seldom said

        try:
            return parse_date(self.expires, parsing.machine_zone(), end_of_day=True)
        except NotADateError as error:
            raise UsageError(
                f"--expires {self.expires!r}: {error}", hint="such as 2026-12-24"
            ) from error


@dataclass(frozen=True, slots=True)
class Machinery:
    """How many threads, processes and clients may be used: a number each, or `auto`.

    `auto`: by the devices, the cores and the limits of the machine.
    """

    senders: int | str = AUTO
    hosts: int | str = AUTO
    max_open: int | str = AUTO

    def sizes(self, devices: int) -> Sizes:
        """Give what a run through so many devices is given on this machine."""
        hosts, senders, most = self.read()
        return sizes(devices, this_machine(), hosts=hosts, senders=senders, max_open=most)

    def read(self) -> tuple[int | None, int | None, int | None]:
        """Give hosts, senders and clients; None where it says auto.

        Raises:
            UsageError: one is no number.
        """
        return (
            parsing.amount(self.hosts, "--hosts"),
            parsing.amount(self.senders, "--senders"),
            parsing.amount(self.max_open, "--max-open"),
        )

    def settings(self, host: HostSettings, devices: int) -> HostSettings:
        """Give what every host process is started with."""
        found = self.sizes(devices)
        return replace(
            host, senders=found.senders, connects=found.connects, max_open=found.max_open
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a run begins, and when it ends by itself."""

    limit: int | None = None
    max_runtime: str | None = None
    until: str | None = None
    pause_after_errors: str | None = None
    max_tries: int = 3
    max_wait: str = "15m"
    start: str | None = None
    ledger_wait: str = "5m"

    def moments(self) -> tuple[float | None, float | None]:
        """Give when the run begins, and when it ends at the latest (Unix s); None: nobody said so.

        Raises:
            UsageError: one can't be read, or it would end before it begins.
        """
        now = datetime.now(parsing.machine_zone())
        start = parsing.moment(self.start, "--start", now) if self.start else None
        until = parsing.moment(self.until, "--until", now) if self.until else None
        if start is not None and until is not None and until <= start:
            raise UsageError(
                f"--until {self.until} is not after --start {self.start}",
                hint="say a day with both, such as 2026-12-24T18:00",
            )
        return start, until


@dataclass(frozen=True, slots=True)
class Route:
    """Through which devices: a list of labels such as `a,b` or `shop-*`, or all of them."""

    devices: str | None = None
    sticky: bool = True
    failover: bool = True

    def labels(self) -> Labels | None:
        """Give the devices that are chosen; None for all."""
        return parsing.labels(self.devices)


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """Words that count in replies beside those that always do."""

    stop_words: Sequence[str] = ()
    start_words: Sequence[str] = ()

    def words(self) -> "Words":
        """Give them with those that always count."""
        from waheal.policy.optout import Words  # noqa: PLC0415 - few commands hear anybody

        return Words(self.stop_words, self.start_words)
