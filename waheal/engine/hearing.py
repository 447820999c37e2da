"""What the hosts say, taken into the ledger; knows what is in flight, decides no claim."""

import time
from collections import Counter
from typing import assert_never

from waheal.engine.claims import Won
from waheal.engine.fleet import Fleet
from waheal.engine.flights import Flight, Landing
from waheal.engine.hosts import Died, Heard, Host, Message, Woken
from waheal.engine.inbound import Inbound
from waheal.engine.lanes import Lanes
from waheal.engine.recycling import Recycling
from waheal.events import DeviceHealed, DeviceHealing, Event, HostRestarted, Receipt, Settled
from waheal.model import Accepted, NotSent, ReceiptKind, State, Unknown
from waheal.records import Claim
from waheal.wire import (
    Answer,
    Healing,
    Health,
    InboundText,
    Offline,
    Online,
    ReceiptSeen,
    Report,
    Returned,
    Revoke,
    Send,
)

_Key = tuple[int, int]

_FOR_EVER = 5  # times the silence that ends a host
_SLOW = 2.0  # seconds; hosts give a place away after one
_MOST = 1000  # about as many as a host has threads for


class Hearing:
    """Follows each message from its dispatch to its end; call `hear` inside a transaction."""

    def __init__(
        self, landing: Landing, inbound: Inbound, lanes: Lanes, fleet: Fleet, recycling: Recycling
    ) -> None:
        self._landing = landing
        self._inbound = inbound
        self._lanes = lanes
        self._fleet = fleet
        self._recycling = recycling
        self._loose: dict[_Key, Flight] = {}  # cut loose by the watchdog, not returned yet
        self._heard: dict[Host, float] = {}  # monotonic seconds: when it last said something
        self._texts: Counter[Host] = Counter()  # heard of it: what its Sends are claimed knowing
        self.flights: dict[_Key, Flight] = {}
        self.unanswered: set[tuple[str, str]] = set()  # sent in this run, no receipt yet

    def dispatch(self, won: Won, now: float) -> None:
        """Give a committed claim to its device's host."""
        host = self._fleet.host(won.lane.host)
        flight = Flight(won.claim, won.lane, host, won.tries, now, time.monotonic())
        self.flights[flight.key] = flight
        host.send(_send(won.claim, won.not_after, self._texts[host]))

    def hear(self, message: Message, now: float, revoked: list[Revoke]) -> list[Event]:
        """Write what a message means. `revoked` gets what hosts must be told after the commit."""
        match message:
            case Heard(host, report):
                return self._report(host, report, now, revoked)
            case Died(host, cause):
                return self._bury(host, cause, now) if self._fleet.living(host) else []
            case Woken():
                return []
            case other:
                assert_never(other)

    def leave(self, why: str, now: float) -> list[Settled]:
        """Settle by evidence what is still in flight, once its hosts are reaped."""
        reaped = [flight for flight in self.flights.values() if flight.host.wait(0.0)]
        settled = [self._landing.lost(self.flights.pop(each.key), why, now) for each in reaped]
        for flight in [each for each in self._loose.values() if each.host.wait(0.0)]:
            self._landing.lost(self._loose.pop(flight.key), why, now)
        return [each for each in settled if each is not None]

    def places_taken(self) -> int:
        """Count the flights that keep others waiting: a host gives a slow one's place away."""
        if len(self.flights) >= _MOST:
            return len(self.flights)
        brisk = time.monotonic() - _SLOW
        return sum(flight.at > brisk for flight in self.flights.values())

    def hung(self, limit: float) -> set[Host]:
        """Tell which hosts owe an answer, and have said nothing for `limit` seconds.

        A flight may take longer: it waits behind a call that hangs, or for its device. But not
        for ever, whatever else its host says.
        """
        clock = time.monotonic()
        return {
            flight.host
            for flight in self.flights.values()
            if clock - max(flight.at, self._heard.get(flight.host, 0.0)) > limit
            or clock - flight.at > _FOR_EVER * limit
        }

    def _report(self, host: Host, report: Report, now: float, revoked: list[Revoke]) -> list[Event]:
        self._heard[host] = time.monotonic()
        match report:
            case Answer() | Returned():
                return self._ended(report, now)
            case ReceiptSeen():
                if report.kind is not ReceiptKind.RETRY:
                    self.unanswered -= {(report.device, each) for each in report.message_ids}
                return self._inbound.receipt(report, host.log.name, now)
            case InboundText():
                self._texts[host] += 1
                heeded = self._inbound.text(report, now)
                if heeded.revoked:
                    revoked.append(Revoke(phones=heeded.revoked))
                return list(heeded.events)
            case Health(_, _, connects):
                self._recycling.heard(host, connects)
                return []
            case _:
                return self._device(report, now)

    def _device(self, report: Report, now: float) -> list[Event]:
        match report:
            case Healing(device, cause):
                return [DeviceHealing(device, cause)]
            case Online(device, seconds, cause, _):
                self._lanes.online(device, now)
                return [DeviceHealed(device, seconds, cause)] if cause else []
            case Offline():
                return self._lanes.offline(report, now)
            case _:
                return []  # a host's first word, and what only pairing says

    def _ended(self, report: Answer | Returned, now: float) -> list[Event]:
        key = (report.delivery, report.attempt)
        if isinstance(report, Returned):
            late = self._loose.pop(key, None)
            if late is None:
                return []
            self._take_back(late, self._landing.returned(late, report.outcome, now))
            return self._overtaken()
        flight = self.flights.pop(key, None)
        return [] if flight is None else self._answer(flight, report, now)

    def _answer(self, flight: Flight, report: Answer, now: float) -> list[Event]:
        settled = self._landing.land(flight, report.outcome, now)
        told: list[Event] = [] if settled is None else [settled]
        match report.outcome:
            case Accepted(message_id) if settled and settled.state is State.SENT:
                self.unanswered.add((report.device, message_id))
            case Unknown(running=True):
                self._loose[flight.key] = flight
            case NotSent() as refusal:
                told += self._lanes.refused(flight.lane, refusal, now)
            case _:
                pass
        self._free(flight, settled, now)
        return told + self._overtaken()

    def _overtaken(self) -> list[Event]:
        """Tell of receipts that came before their message's id was known."""
        early = self._inbound.overtaken()
        if known := {each.message_id for each in early if isinstance(each, Receipt)}:
            self.unanswered = {each for each in self.unanswered if each[1] not in known}
        return early

    def _take_back(self, flight: Flight, settled: Settled | None) -> None:
        if settled is not None and settled.state is State.PENDING:
            self._lanes.came_back(flight.lane)

    def _free(self, flight: Flight, settled: Settled | None, now: float) -> None:
        """Give the device its next turn; what did not leave does not count against its pace."""
        unsent = settled is not None and settled.state is State.PENDING
        for pace in (flight.lane.pace, self._lanes.total):
            if unsent:
                pace.forget(flight.claimed)
            else:
                pace.shift(flight.claimed, now)
        if unsent:
            self._lanes.came_back(flight.lane)
        self._lanes.scheduler.done(flight.lane, now)

    def _bury(self, host: Host, cause: str, now: float) -> list[Event]:
        """Settle what a dead host had in flight, and start another in its place."""
        told: list[Event] = []
        lost = [flight for flight in self.flights.values() if flight.host is host]
        for flight in lost:
            del self.flights[flight.key]
            settled = self._landing.lost(flight, cause, now)
            told += [] if settled is None else [settled]
            self._free(flight, settled, now)
        for flight in [each for each in self._loose.values() if each.host is host]:
            self._take_back(flight, self._landing.lost(self._loose.pop(flight.key), cause, now))
        told += self._overtaken()
        self._heard.pop(host, None)
        self._texts.pop(host, None)
        recycled = self._recycling.finished(host)
        self._fleet.replace(host, cause, wanted=recycled)
        if self._fleet.failure is not None:
            return told
        self._recycling.release(host, now)
        return [*told, HostRestarted(host.number, "recycled" if recycled else cause, len(lost))]


def _send(claim: Claim, not_after: float | None, heard: int) -> Send:
    return Send(
        claim.delivery,
        claim.attempt,
        claim.device,
        claim.jid,
        claim.phone,
        claim.content,
        claim.witness,
        not_after,
        heard,
        claim.lid,
    )
