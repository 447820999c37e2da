"""The claims that hosts have in their hands, from dispatch to landing; knows no ledger."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile

from waheal.engine.claims import Won
from waheal.engine.clocks import by_this_machines
from waheal.engine.fleet import Fleet
from waheal.engine.hosts import Host
from waheal.engine.scheduler import Member
from waheal.model import DeviceId
from waheal.records import Claim
from waheal.wire import Connect, Send

_FOR_EVER = 5  # times the silence that ends a host
_SLOW = 6.0  # seconds; hosts give a place away after five
_MOST = 1000  # about as many as a host has threads for


@dataclass(frozen=True, slots=True)
class Flight:
    """One claimed delivery on its way through a host."""

    claim: Claim
    member: Member
    host: Host
    tries: int
    claimed: float  # Unix seconds
    at: float  # monotonic

    @property
    def key(self) -> tuple[int, int]:
        """Delivery and attempt."""
        return self.claim.delivery, self.claim.attempt


class InHand:
    """What hosts have in their hands, as it can be marked and taken back."""

    def __init__(self) -> None:
        self.awaited: dict[tuple[int, int], Flight] = {}  # in the order of their dispatch
        self.loose: dict[tuple[int, int], Flight] = {}
        self.texts: Counter[Host] = Counter()  # taken in: what a Send is claimed knowing

    def mark(self) -> Callable[[], None]:
        """Give what lets all of it be as it is now."""
        marked = dict(self.awaited), dict(self.loose), Counter(self.texts)

        def take_back() -> None:
            self.awaited, self.loose, self.texts = marked

        return take_back

    def claimed(self) -> tuple[list[tuple[DeviceId, float]], list[tuple[DeviceId, float]]]:
        """Tell each one's device and when it was claimed: of those awaited, and those cut loose."""
        awaited, loose = (
            [(flight.member.device, flight.claimed) for flight in table.values()]
            for table in (self.awaited, self.loose)
        )
        return awaited, loose

    def reseat(self, member: Callable[[DeviceId], Member | None]) -> None:
        """Let each flight be of the device's part by now; of those that have one."""
        for table in (self.awaited, self.loose):
            for key, flight in table.items():
                table[key] = replace(flight, member=member(flight.member.device) or flight.member)


class Flights:
    """Every flight whose end is awaited, and those that the watchdog cut loose.

    A call that was cut loose has been answered for, in doubt; how it ends may still be told.
    """

    def __init__(
        self,
        fleet: Fleet,
        monotonic: Callable[[], float],
        ahead: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._fleet = fleet
        self._monotonic = monotonic
        self._ahead = ahead  # seconds, of the ledger's clock: the hosts go by this machine's
        self.in_hand = InHand()
        self._heard: dict[Host, float] = {}  # monotonic: when it last said something
        self._listening: set[tuple[Host, DeviceId]] = set()  # for what their accounts are told

    def __iter__(self) -> Iterator[Flight]:
        return iter(self.in_hand.awaited.values())

    def __len__(self) -> int:
        return len(self.in_hand.awaited)

    def find(self, delivery: int, attempt: int) -> Flight | None:
        """Give a flight that is awaited, if this is one."""
        return self.in_hand.awaited.get((delivery, attempt))

    def dispatch(self, won: Won, now: float) -> None:
        """Give a committed claim to its device's host."""
        host = self._fleet.host(won.member.host)
        flight = Flight(won.claim, won.member, host, won.tries, now, self._monotonic())
        self.in_hand.awaited[flight.key] = flight
        listener = host, won.member.device
        if won.member.chats.shutter.until > now and listener not in self._listening:
            # Held by an earlier run, or in an earlier host: WhatsApp may tell when that ends.
            self._listening.add(listener)
            host.send(Connect(won.member.device, won.member.jid, overhear=True))
        send = _send(won, self.in_hand.texts[host])
        host.send(by_this_machines(send, self._ahead()))

    def heard(self, host: Host) -> None:
        """Note that a host said something."""
        self._heard[host] = self._monotonic()

    def took_in(self, host: Host) -> None:
        """Note that a recipient's text was taken in: later claims know of it."""
        self.in_hand.texts[host] += 1

    def answered(self, delivery: int, attempt: int) -> Flight | None:
        """Take out a flight that is awaited, if this is one."""
        return self.in_hand.awaited.pop((delivery, attempt), None)

    def cut_loose(self, flight: Flight) -> None:
        """Keep a flight that was answered for while its call still runs."""
        self.in_hand.loose[flight.key] = flight

    def returned(self, delivery: int, attempt: int) -> Flight | None:
        """Take out a flight that was cut loose, if this is one."""
        return self.in_hand.loose.pop((delivery, attempt), None)

    def loose_since(self) -> float | None:
        """Tell for how many seconds a call that was cut loose is under way, the latest one."""
        begun = max((flight.at for flight in self.in_hand.loose.values()), default=None)
        return None if begun is None else self._monotonic() - begun

    def hosts(self) -> set[Host]:
        """Tell which hosts have a flight, awaited or cut loose."""
        return {
            each.host
            for table in (self.in_hand.awaited, self.in_hand.loose)
            for each in table.values()
        }

    def lost(self, host: Host) -> tuple[list[Flight], list[Flight]]:
        """Take out all flights of a dead host: those awaited, and those cut loose."""
        self._heard.pop(host, None)
        self.in_hand.texts.pop(host, None)
        return _pop(self.in_hand.awaited, host), _pop(self.in_hand.loose, host)

    def places_taken(self) -> int:
        """Count the flights that keep others waiting: a host gives a slow one's place away."""
        if len(self) >= _MOST:
            return len(self)
        brisk = self._monotonic() - _SLOW
        latest_first = reversed(self.in_hand.awaited.values())
        return sum(1 for _ in takewhile(lambda flight: flight.at > brisk, latest_first))

    def hung(self, limit: float) -> set[Host]:
        """Tell which hosts owe an answer, and have said nothing for `limit` seconds.

        A flight may take longer: it waits behind a call that hangs, or for its device. But not
        for ever, whatever else its host says.
        """
        clock = self._monotonic()
        old = takewhile(lambda flight: clock - flight.at > limit, self)  # the oldest come first
        return {
            flight.host
            for flight in old
            if clock - max(flight.at, self._heard.get(flight.host, 0.0)) > limit
            or clock - flight.at > _FOR_EVER * limit
        }


def _pop(table: dict[tuple[int, int], Flight], host: Host) -> list[Flight]:
    theirs = [flight for flight in table.values() if flight.host is host]
    for flight in theirs:
        del table[flight.key]
    return theirs


def _send(won: Won, heard: int) -> Send:
    claim = won.claim
    return Send(
        claim.delivery,
        claim.attempt,
        claim.device,
        claim.jid,
        claim.phone,
        claim.content,
        claim.witness,
        won.not_after,
        heard,
        claim.lid,
        unless=claim.earlier,
        ask_lid=claim.ask_lid,
        ahead=won.ahead,
    )
