"""What comes from recipients: receipts and replies. The same for `send` and `sync`."""

from dataclasses import dataclass

from waheal.engine.ports import OptOuts, Receipts
from waheal.events import Event, OptedOut, Receipt, Settled
from waheal.model import DeviceId, Phone, State
from waheal.policy.optout import OptIntent, Words
from waheal.records import Dropped, ReceiptEffect
from waheal.store.sessions import Sessions
from waheal.wire import InboundText, ReceiptSeen

INBOUND = "reply"
"""The source of an opt-out that came from the recipient; only such a one is undone by START."""


@dataclass(frozen=True, slots=True)
class Heeded:
    """What to show of it, and whom no message may reach any more."""

    events: tuple[Event, ...] = ()
    revoked: frozenset[Phone] = frozenset()


def set_aside(dropped: Dropped, device: DeviceId) -> Settled:
    """Tell of a pending recipient that gets nothing; `device` would have sent, or heard why."""
    return Settled(
        dropped.phone,
        device,
        dropped.state,
        max(1, dropped.attempt),  # the one that was still to be made
        dropped.message_id,
        dropped.reason,
        before=State.PENDING,
    )


class Inbound:
    """Writes receipts and opt-outs into the ledger; call it inside a transaction."""

    def __init__(
        self,
        outcomes: Receipts,
        people: OptOuts,
        sessions: Sessions,
        words: Words,
        campaign: int | None,
    ) -> None:
        self._outcomes = outcomes
        self._people = people
        self._sessions = sessions
        self._words = words
        self._campaign = campaign

    def receipt(self, report: ReceiptSeen, host_log: str, now: float) -> list[Event]:
        """Let a receipt settle what it proves; shown for this run's campaign only."""
        return self._shown(
            self._outcomes.receipt(
                report.device, report.message_ids, report.kind, now, host_log=host_log
            )
        )

    def overtaken(self) -> list[Event]:
        """Tell of receipts that came before the id of their message was known."""
        return self._shown(self._outcomes.take_early())

    def _shown(self, moved: list[ReceiptEffect]) -> list[Event]:
        return [
            Receipt(effect.phone, effect.message_id, effect.state, before=effect.before)
            for effect in moved
            if effect.state in {State.DELIVERED, State.READ}
            and self._campaign in {None, effect.campaign_id}
        ]

    def text(self, report: InboundText, now: float) -> Heeded:
        """Heed an opt-out, or its undoing, by whoever wrote it, from any device."""
        found = self._words.classify(report.text)
        phone = report.phone or self._sessions.phone_of(report.sender)
        if found is None or phone is None:
            return Heeded()
        if found.intent is OptIntent.START:
            self._people.unsuppress(phone, source=INBOUND)
            return Heeded()
        lid = self._sessions.lid_of(phone)
        self._people.suppress(phone, now, source=INBOUND, lid=lid)
        dropped = self._people.suppress_pending([phone], now)
        shown: list[Event] = [OptedOut(phone, found.word)]
        shown += [
            set_aside(each, report.device) for each in dropped if each.campaign_id == self._campaign
        ]
        return Heeded(tuple(shown), frozenset({phone}))
