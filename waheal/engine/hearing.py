"""What the hosts say, taken into the ledger; decides no claim."""

from collections.abc import Sequence
from typing import assert_never

from waheal.engine.fleet import Fleet
from waheal.engine.flights import Flight, Flights
from waheal.engine.hosts import Died, Heard, Host
from waheal.engine.inbound import Heeded, Inbound
from waheal.engine.landing import Landing
from waheal.engine.new_chats import NewChats
from waheal.engine.recycling import Recycling
from waheal.engine.roster import Ending, Roster
from waheal.engine.scheduler import Member
from waheal.engine.suspects import Suspects
from waheal.events import DeviceHealed, DeviceHealing, Event, HostRestarted, Receipt, Settled
from waheal.model import (
    Accepted,
    DeviceId,
    NotSent,
    Outcome,
    ReceiptKind,
    Rejected,
    State,
    Unknown,
)
from waheal.wire import (
    Answer,
    ChatLock,
    ChatQuota,
    Connect,
    Healing,
    Health,
    InboundText,
    NotServed,
    Offline,
    Online,
    ReceiptSeen,
    Report,
    Returned,
    Revoke,
)


class Hearing:
    """Takes in what hosts report, and that they died; call it inside a transaction."""

    def __init__(
        self,
        flights: Flights,
        landing: Landing,
        inbound: Inbound,
        roster: Roster,
        chats: NewChats,
        fleet: Fleet,
        recycling: Recycling,
        suspects: Suspects,
    ) -> None:
        self._flights = flights
        self._landing = landing
        self._inbound = inbound
        self._roster = roster
        self._chats = chats
        self._fleet = fleet
        self._recycling = recycling
        self._suspects = suspects
        self.unanswered: set[tuple[str, str]] = set()  # sent in this run, no receipt yet
        self.spoilt: str | None = None  # why what is sent is no longer what was checked

    def weighs(self, message: Heard | Died) -> bool:
        """Tell whether somebody opts out by it, or in again."""
        match message:
            case Heard(_, InboundText() as report):
                return self._inbound.weighs(report)
            case _:
                return False

    def hear(
        self, messages: Sequence[Heard | Died], now: float, revoked: list[Revoke]
    ) -> list[Event]:
        """Write what messages mean. `revoked` gets what hosts must be told after the commit.

        The answers among them are settled together, in the place of the first; so are receipts
        that follow each other, with none but answers between them.
        """
        answers = _answers(messages)
        receipts: list[tuple[Host, ReceiptSeen]] = []
        told: list[Event] = []
        for message in messages:
            match message:
                case Heard(host, ReceiptSeen() as report):
                    receipts.append((host, report))
                    continue
                case Heard(_, Answer()) if not answers:
                    continue
            told += self._confirmed(receipts, now, revoked)
            receipts = []
            if isinstance(message, Heard) and isinstance(message.report, Answer):
                told += self._answered(answers, now, revoked)
                answers = []
            else:
                told += self._hear(message, now, revoked)
        return told + self._confirmed(receipts, now, revoked)

    def _hear(self, message: Heard | Died, now: float, revoked: list[Revoke]) -> list[Event]:
        match message:
            case Heard(host, report):
                return self._report(host, report, now, revoked)
            case Died(host, cause):
                if self._fleet.living(host):
                    return self._bury(message, now)
                # Replaced by a turn that could not be written, unless all are ended for good.
                return [] if self._fleet.ended else self._settle_flights_of(host, cause, now)[0]
            case other:
                assert_never(other)

    def _report(self, host: Host, report: Report, now: float, revoked: list[Revoke]) -> list[Event]:
        self._flights.heard(host)
        match report:
            case Answer():
                return self._answered([(host, report)], now, revoked)
            case Returned():
                return self._returned(report, now)
            case InboundText():
                self._roster.outage.reached(now)
                self._flights.took_in(host)
                under_way = [flight.claim for flight in self._flights]
                return _heed(self._inbound.text(report, now, under_way), revoked)
            case Health():
                self._recycling.heard(host, report.leaked)
                return []
            case _:
                return self._device(host, report, now, revoked)

    def _device(self, host: Host, report: Report, now: float, revoked: list[Revoke]) -> list[Event]:
        match report:
            case Healing(device, cause):
                self._suspects.connecting(host, device)
                return [DeviceHealing(device, cause)]
            case Online(device, seconds, cause, _):
                self._suspects.settled(host, device, now)
                told: list[Event] = [DeviceHealed(device, seconds, cause)] if cause else []
                return told + self._roster.online(device, now)
            case Offline(device):
                told = self._roster.offline(report, now)
                self._suspects.settled(host, device, now)
                return told
            case ChatLock(device) | ChatQuota(device):
                return self._told_of_chats(device, report, now, revoked)
            case NotServed():
                self._fleet.refused(report)
                return []
            case _:
                return []  # a host's first word, and what only pairing says

    def _returned(self, report: Returned, now: float) -> list[Event]:
        late = self._flights.returned(report.delivery, report.attempt)
        if late is None:
            return []
        settled = self._landing.returned(late, report.outcome, now)
        self._over(late, _ending(settled, report.outcome), now)
        return self._overtaken()

    def _confirmed(
        self, receipts: Sequence[tuple[Host, ReceiptSeen]], now: float, revoked: list[Revoke]
    ) -> list[Event]:
        if not receipts:
            return []
        self._roster.outage.reached(now)
        for host, report in receipts:
            self._flights.heard(host)
            if report.kind is not ReceiptKind.RETRY:
                self.unanswered -= {(report.device, each) for each in report.message_ids}
        heard = (report for _, report in receipts)
        return _heed(self._inbound.receipts(heard, now), revoked)

    def _answered(
        self, answers: Sequence[tuple[Host, Answer]], now: float, revoked: list[Revoke]
    ) -> list[Event]:
        ended: list[tuple[Flight, Answer]] = []
        for host, report in answers:
            self._flights.heard(host)
            flight = self._flights.answered(report.delivery, report.attempt)
            if flight is not None:
                ended.append((flight, report))
        found = self._landing.land([(flight, each.outcome) for flight, each in ended], now)
        told: list[Event] = []
        for (flight, report), settled in zip(ended, found, strict=True):
            told += self._landed_as(flight, report, settled, now, revoked)
        return told + self._overtaken()

    def _landed_as(
        self,
        flight: Flight,
        report: Answer,
        settled: Settled | None,
        now: float,
        revoked: list[Revoke],
    ) -> list[Event]:
        told: list[Event] = [] if settled is None else [settled]
        if isinstance(report.outcome, Accepted | Rejected):
            self._roster.outage.reached(now)
        match report.outcome:
            case Accepted(message_id) if settled and settled.state is State.SENT:
                self.unanswered.add((report.device, message_id))
            case Unknown(running=True):
                self._flights.cut_loose(flight)
            case NotSent(refused_chat=True) if flight.claim.new_chat:
                told += self._chat_refused(flight.member, now, revoked)
            case NotSent() as refusal:
                if refusal.stops:
                    self.spoilt = self.spoilt or refusal.reason
                told += self._roster.refused(flight.member, refusal, now)
            case _:
                pass
        self._landed(flight, _ending(settled, report.outcome, report.handed), now)
        return told + self._inbound.landed(flight.claim)

    def _chat_refused(self, member: Member, now: float, revoked: list[Revoke]) -> list[Event]:
        """Where it is the account's, call back the new chats that are not begun yet."""
        told = self._chats.refused(member, now)
        if told:
            self._roster.scheduler.refresh()
            self._call_back(member, revoked)
            # WhatsApp may tell when that ends.
            self._fleet.host(member.host).send(Connect(member.device, member.jid, overhear=True))
        return told

    def _told_of_chats(
        self, device: DeviceId, told: ChatLock | ChatQuota, now: float, revoked: list[Revoke]
    ) -> list[Event]:
        member = self._roster.get(device)
        if member is None:
            return []
        events = self._chats.told(member, told, now)
        self._roster.scheduler.refresh()
        if member.chats.shutter.until > now:
            self._call_back(member, revoked)
        return events

    def _call_back(self, member: Member, revoked: list[Revoke]) -> None:
        """Take back the new chats of a device's account that no host has begun yet."""
        chats = frozenset(
            flight.claim.delivery
            for flight in self._flights
            if flight.claim.new_chat and flight.member.chats.shutter is member.chats.shutter
        )
        if chats:
            revoked.append(Revoke(chats=chats))

    def _overtaken(self) -> list[Event]:
        """Tell of receipts that came before their message's id was known."""
        early = self._inbound.overtaken()
        if known := {each.message_id for each in early if isinstance(each, Receipt)}:
            self.unanswered = {each for each in self.unanswered if each[1] not in known}
        return early

    def _landed(self, flight: Flight, end: Ending, now: float) -> None:
        new_chat = flight.claim.new_chat
        self._roster.landed(flight.member, flight.claimed, now, end, new_chat=new_chat)

    def _over(self, flight: Flight, end: Ending, now: float) -> None:
        """Let limits count what was cut loose, now that its call is over."""
        self._roster.landed(flight.member, flight.claimed, now, end, new_chat=False, claims=0)

    def _bury(self, death: Died, now: float) -> list[Event]:
        """Settle what a dead host had in flight, and start another in its place."""
        host, cause = death.host, death.cause
        found = self._suspects.found(death, now)
        told: list[Event] = found or []
        settled, in_doubt = self._settle_flights_of(host, cause, now)
        told += settled
        recycled = self._recycling.finished(host)
        self._fleet.replace(host, cause, wanted=recycled or found is not None)
        if self._fleet.failure is not None:
            return told
        self._recycling.release(host, now)
        self._suspects.replaced(host, now)
        return [*told, HostRestarted(host.number, "recycled" if recycled else cause, in_doubt)]

    def _settle_flights_of(self, host: Host, cause: str, now: float) -> tuple[list[Event], int]:
        """Settle what a dead host had in flight; tells how many were awaited, too."""
        told: list[Event] = []
        awaited, loose = self._flights.lost(host)
        for flight in awaited:
            settled = self._landing.lost(flight, cause, now)
            told += [] if settled is None else [settled]
            told += self._inbound.landed(flight.claim)
            self._landed(flight, _ending(settled), now)
        for flight in loose:
            self._over(flight, _ending(self._landing.lost(flight, cause, now)), now)
        return told + self._overtaken(), len(awaited)


def _ending(
    settled: Settled | None, outcome: Outcome | None = None, handed: float | None = None
) -> Ending:
    """Tell what a claim's end means for its device; without an outcome its host is gone.

    Settled None: it was settled before, or is not over.
    """
    return Ending(
        left=settled is None or settled.state is not State.PENDING,
        counts=isinstance(outcome, NotSent) and outcome.counts,
        over=not (isinstance(outcome, Unknown) and outcome.running),
        handed=handed,
    )


def _answers(messages: Sequence[Heard | Died]) -> list[tuple[Host, Answer]]:
    return [
        (each.host, each.report)
        for each in messages
        if isinstance(each, Heard) and isinstance(each.report, Answer)
    ]


def _heed(heeded: Heeded, revoked: list[Revoke]) -> list[Event]:
    if heeded.revoked:
        revoked.append(Revoke(phones=heeded.revoked))
    return list(heeded.events)
