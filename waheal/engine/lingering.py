"""How long a turn gathers what hosts say before it writes; decides nothing about a message.

A turn costs about as much for one answer as for ten: a transaction, a disk sync, a look around. So
it waits a moment for more of them, for as long as nobody waits for it: each device that could go
on at once has another claim in its host's hands, or the hosts have more than they can send. What
is gathered lies on file meanwhile (`unwritten.py`).
"""

from collections import Counter
from collections.abc import Callable

from waheal.engine.flights import Flights
from waheal.engine.hosts import Heard, Message
from waheal.engine.link import Link
from waheal.engine.scheduler import Member
from waheal.model import DeviceId
from waheal.wire import Answer, Healing, Health, Online, ReceiptSeen

_LONGEST = 0.02  # seconds that a message waits for others
_STEP = 0.01  # seconds between looks
_AHEAD = 1.5  # times what hosts can send at once: so many claims keep them busy meanwhile


class Lingering:
    """Hears what hosts say, a turn's worth at a time. `places`: so many sends go on at once."""

    def __init__(
        self, link: Link, flights: Flights, places: int, monotonic: Callable[[], float]
    ) -> None:
        self._link = link
        self._flights = flights
        self._enough = _AHEAD * places
        self._monotonic = monotonic

    def hear(self, patience: float, now: Callable[[], float]) -> list[Message]:
        """Wait up to `patience` seconds for a message, and gather what may wait for others.

        `now` gives Unix seconds, by which devices rest.
        """
        messages = news = self._link.hear(patience)
        if not messages:
            return messages
        heard = _Heard(self._flights, self._enough)
        until = self._monotonic() + _LONGEST
        while self._monotonic() < until and not heard.presses(news, now()):
            news = self._link.linger(_STEP)
            messages = [*messages, *news]
        return messages


class _Heard:
    """What a turn has gathered so far, as far as somebody may wait for it."""

    def __init__(self, flights: Flights, enough: float) -> None:
        self._flights = flights
        self._enough = enough
        self._answered = Counter[DeviceId]()
        self._idle = False  # a device could go on, and has no claim left

    def presses(self, news: list[Message], now: float) -> bool:
        """Whether somebody waits for what the turn does with these and those before."""
        for message in news:
            match message:
                case Heard(_, Answer(delivery, attempt)):
                    flight = self._flights.find(delivery, attempt)
                    if flight is None:
                        return True
                    self._count(flight.member, now)
                case Heard(_, ReceiptSeen() | Healing() | Online() | Health()):
                    pass
                case _:
                    return True
        left = len(self._flights) - self._answered.total()
        return left <= 0 or (self._idle and left < self._enough)

    def _count(self, member: Member, now: float) -> None:
        self._answered[member.device] += 1
        if member.in_flight <= self._answered[member.device]:
            self._idle = self._idle or (member.usable and member.opens(now) <= now)
