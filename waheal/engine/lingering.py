"""How long a turn gathers what hosts say before it writes; decides nothing about a message.

A turn costs about as much for one answer as for ten: a transaction, a disk sync, a look around. So
it waits a moment for more of them, for as long as nobody waits for it: each device that could go
on at once has another claim in its host's hands, or the hosts have more than they can send.
"""

from collections import Counter
from collections.abc import Callable

from waheal.engine.flights import Flights
from waheal.engine.hosts import Heard, Message
from waheal.engine.link import Link
from waheal.model import DeviceId
from waheal.wire import Answer, Healing, Health, Online, ReceiptSeen

_LONGEST = 0.04  # seconds that a message waits for others
_STEP = 0.005  # seconds between looks
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
        messages = self._link.hear(patience)
        if not messages:
            return messages
        until = self._monotonic() + _LONGEST
        while self._monotonic() < until and not self._presses(messages, now()):
            messages += self._link.linger(_STEP)
        return messages

    def _presses(self, messages: list[Message], now: float) -> bool:
        """Whether somebody waits for what this turn does with these."""
        answered = Counter[DeviceId]()
        free = False
        for message in messages:
            match message:
                case Heard(_, Answer(delivery, attempt)):
                    flight = self._flights.find(delivery, attempt)
                    if flight is None:
                        return True
                    member = flight.member
                    answered[member.device] += 1
                    idle = member.in_flight <= answered[member.device]
                    free = free or (idle and member.usable and member.opens(now) <= now)
                case Heard(_, ReceiptSeen() | Healing() | Online() | Health()):
                    pass
                case _:
                    return True
        left = len(self._flights) - answered.total()
        return left <= 0 or (free and left < self._enough)
